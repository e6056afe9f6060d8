"""The porter as a real process, over sockets made of files or played by umockdev; its book and its log."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from hardware.usb.suggesting import suggest_rows
from tests.support.usb_devices import HONEST
from tests.support.usb_tree import UsbTree

PATIENCE_S = 60.0


def written_list() -> str:
    """The box's list: the devices as suggested, with what only a technician can know."""
    text = suggest_rows(HONEST)
    return text.replace('keys = "at-start"', 'keys = "returns"', 1)


class Porter:
    """The real process over sockets made of files."""

    def __init__(self, folder: Path) -> None:
        self.tree = UsbTree(folder / "usb")
        self.config = folder / "bus.toml"
        self.book = folder / "book"
        self._folder = folder
        self.book.mkdir()
        (folder / "usb.toml").write_text(written_list(), encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, settle_s: float) -> None:
        """Start it; returns when it keeps the gate."""
        self.write_config(settle_s, self.tree.folder)
        command = [sys.executable, "-m", "appliance.porter", "--config", str(self.config)]
        with (self._folder / "porter.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        assert self._process.stdout is not None
        assert self._process.stdout.readline().startswith(b"ready")

    def write_config(self, settle_s: float, sockets: Path) -> None:
        """Write the bus's settings: what every process needs, and the porter's own."""
        empty = self._folder / "x"
        tls = {name: str(empty) for name in ("folder", "ca", "certificate", "key")}
        settings = {
            "device": "bus-07",
            "mail": str(empty),
            "desk": {"folder": str(empty), "keys": str(empty), "bundle": str(empty)},
            "uplink": {**tls, "hall_url": "wss://h/", "bundle": str(empty), "root": str(empty)},
            "call": {**tls, "switchboard_url": "wss://h/"},
            "porter": {
                "allowed": str(self._folder / "usb.toml"),
                "folder": str(self.book),
                "sockets": str(sockets),
                "settle_s": settle_s,
            },
        }
        self.config.write_text(_toml(settings), encoding="utf-8")

    def end(self, *, kill: bool = False) -> int:
        """End it and return its code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        (process.kill if kill else process.terminate)()
        with process:
            return process.wait(PATIENCE_S)

    def refused(self) -> dict[str, str]:
        """What its book says stands refused: socket and reason."""
        path = self.book / "refused.json"
        told = json.loads(path.read_bytes()) if path.exists() else []
        return {one["port"]: one["reason"] for one in told}

    def closed(self) -> bool:
        """Whether the start is over."""
        path = self.book / "memory.json"
        return path.exists() and bool(json.loads(path.read_bytes())["closed"])

    def log(self) -> str:
        """What it wrote for the journal."""
        path = self._folder / "porter.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for a condition while it lives."""
        self.until_file(lambda: holds() or self._died())
        assert not self._died(), self.log()

    def until_file(self, holds: Callable[[], bool]) -> None:
        """Wait for a condition, whoever runs it."""
        until = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < until, self.log()
            time.sleep(0.02)

    def _died(self) -> bool:
        return self._process is None or self._process.poll() is not None


def _toml(settings: Mapping[str, object]) -> str:
    plain = [f"{k} = {json.dumps(v)}" for k, v in settings.items() if not isinstance(v, dict)]
    for name, part in settings.items():
        if isinstance(part, dict):
            plain += [f"[{name}]", *(f"{k} = {json.dumps(v)}" for k, v in part.items())]
    return "\n".join(plain) + "\n"
