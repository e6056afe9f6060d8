"""A real PostgreSQL for tests: one cluster in a temporary folder on a unix socket, one empty database a test."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest

DEADLINE_S = 60.0
# A server for tests forgets everything when the power goes, and is faster for it.
CARELESS = ("fsync=off", "full_page_writes=off", "autovacuum=off")


@dataclass
class Postgres:
    """A running cluster."""

    folder: Path
    binaries: Path
    durable: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _emptied: str = ""

    def database(self) -> str:
        """Make an empty database; returns its URL."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        return self.url(name)

    def emptied(self) -> str:
        """Return the URL of a database whose tables, if an earlier test made any, are empty and count from 1."""
        if not self._emptied:
            self._emptied = self.database()
        with psycopg.connect(self._emptied, autocommit=True) as connection:
            names = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_number'"
            ).fetchall()
            if names:
                tables = ", ".join(f'"{name[0]}"' for name in names)
                connection.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE".encode())
        return self._emptied

    def url(self, name: str) -> str:
        """Return the address of a database."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def restart(self) -> None:
        """Stop the server as an operator would, cutting every connection, and start it again."""
        self.stop()
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = [
            f"unix_socket_directories={self.folder}",
            "listen_addresses=",
            "max_connections=120",
        ]
        options += [] if self.durable else CARELESS
        settings = [word for one in options for word in ("-c", one)]
        command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), *settings]
        with (self.folder / "server.log").open("ab") as told:
            self.process = subprocess.Popen(as_nobody_special(command), stdout=told, stderr=told)
        self._wait()

    def stop(self) -> None:
        """Stop the server at once and cleanly."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(DEADLINE_S)
            self.process = None

    def _wait(self) -> None:
        until = time.monotonic() + DEADLINE_S
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                if (
                    time.monotonic() > until
                    or self.process is None
                    or self.process.poll() is not None
                ):
                    raise RuntimeError((self.folder / "server.log").read_text()) from None
                time.sleep(0.05)
            else:
                return


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """Give a cluster of its own; skips the test where PostgreSQL is not installed."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    # A unix socket's path has 107 characters at most, and the server's own user must reach it.
    folder = Path(tempfile.mkdtemp(prefix="madobus-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, *_user())
        made = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "postgres"]
        careless = ["-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"]
        done = subprocess.run(
            as_nobody_special([*made, *careless]), capture_output=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        server = Postgres(folder, binaries, durable)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_nobody_special(command: Sequence[str]) -> list[str]:
    """Return the command as a user whom PostgreSQL accepts; it ends with whoever started it."""
    if shutil.which("setpriv") is None:
        return list(command)
    drop = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        user, group = _user()
        drop += ["--reuid", user, "--regid", group, "--clear-groups"]
    return [*drop, *command]


def _user() -> tuple[str, str]:
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return ("postgres", "postgres") if "postgres" in names else ("nobody", "nogroup")


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if on_path is not None:
        found.append(Path(on_path).resolve())
    return found[-1].parent if found else None
