"""The porter's book and its process."""

import json
import logging
import os
import signal
from pathlib import Path

import pytest

from appliance.config import PorterSettings
from appliance.porter.__main__ import serve
from appliance.porter.book import MEMORY, REFUSED, Book
from hardware.errors import DeviceFault
from hardware.usb.gate import Memory
from hardware.usb.reasons import Reason, Verdict
from hardware.usb.simulated import SimulatedUsb
from tests.support.usb_devices import SCANNER


def settings(folder: Path) -> PorterSettings:
    """A porter with everything in one folder, and no list."""
    return PorterSettings(
        allowed=folder / "usb.toml", folder=folder, sockets=folder / "usb", settle_s=0
    )


def test_ok__the_book_gives_back_what_it_kept(tmp_path: Path) -> None:
    """What stands refused is for everybody, the rest for the porter."""
    memory = Memory(closed=True, barred={("1-1", "04c5", "15ff", "A")})
    Book(tmp_path).keep(memory, [Verdict("1-1", Reason.CHANGED)])
    assert Book(tmp_path).memory() == memory
    told = json.loads((tmp_path / REFUSED).read_bytes())
    assert [(one["port"], one["reason"]) for one in told] == [("1-1", "changed")]
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in (MEMORY, REFUSED)]
    assert modes == [0o600, 0o644]


def test_ok__an_empty_book_is_a_new_start(tmp_path: Path) -> None:
    """Keys may come."""
    assert not Book(tmp_path).memory().closed


def test_fail__a_broken_book_takes_the_start_as_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Who breaks the porter's memory wins no keyboard."""
    (tmp_path / MEMORY).write_bytes(b"[")
    with caplog.at_level(logging.WARNING):
        assert Book(tmp_path).memory().closed
    assert "porter.memory_broken" in caplog.text


class Told(SimulatedUsb):
    """Sockets that end the porter when it refuses."""

    def refuse(self, port: str) -> None:
        """Refuse, and ask the process to end."""
        super().refuse(port)
        os.kill(os.getpid(), signal.SIGTERM)


async def test_ok__a_box_without_a_list_uses_nothing(tmp_path: Path) -> None:
    """The porter keeps the gate shut and ends when it is told."""
    ports = Told([SCANNER])
    assert await serve(settings(tmp_path), ports) == 0
    assert [one.authorized for one in ports.present()] == [False]


class Stuck(SimulatedUsb):
    """Sockets that obey nobody."""

    def refuse(self, port: str) -> None:
        """Fail."""
        raise DeviceFault("usb", "io", f"{port} is stuck", "none", ja="", en="")


async def test_fail__a_porter_that_cannot_refuse_dies(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Systemd starts it again; it does not sit at an open gate."""
    with caplog.at_level(logging.ERROR):
        assert await serve(settings(tmp_path), Stuck([SCANNER])) == 1
    assert "porter.died" in caplog.text


async def test_fail__a_wrong_list_stops_the_start(tmp_path: Path) -> None:
    """The technician hears which line."""
    (tmp_path / "usb.toml").write_text("[[device", encoding="utf-8")
    with pytest.raises(ValueError, match="not TOML"):
        await serve(settings(tmp_path), SimulatedUsb())
