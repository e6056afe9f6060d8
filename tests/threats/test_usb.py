"""Devices that pretend (T3): nothing forged is used, by the real porter process and by the real usbguard daemon."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.usb.descriptors import BadDescriptors, read_shape
from hardware.usb.device import UsbDevice
from hardware.usb.suggesting import suggest_rows
from hardware.usb.usbguard import usbguard_rules
from tests.support.usb_devices import (
    CAMERA,
    FORGED,
    HONEST,
    KEYBOARD,
    KEYPAD,
    LIST,
    STICK,
    TOUCHSCREEN,
    raw,
    row,
)
from tests.support.usb_tree import UsbTree
from tests.support.usbguard_daemon import PRESENT, WITHOUT, Usbguard

PATIENCE_S = 60.0
SERIAL = "CITY-STICK-01"
# Each in a socket of its own, so that all can be plugged in at once; those that need the box's own socket keep it.
STRANGERS = {
    (device.port if device.port != "3-1" else f"3-{n}"): (name, device)
    for n, (name, device) in enumerate(FORGED, 1)
    if device.port == "3-1"
}
IN_OWN_SOCKET = {name: device for name, device in FORGED if device.port != "3-1"}


def written_list() -> str:
    """The box's list: the devices as suggested, with what only a technician can know."""
    text = suggest_rows(HONEST)
    return text.replace('keys = "at-start"', 'keys = "returns"', 1)


class Porter:
    """The real process over sockets made of files."""

    def __init__(self, folder: Path) -> None:
        self.tree = UsbTree(folder / "usb")
        self.book = folder / "book"
        self._folder = folder
        self.book.mkdir()
        (folder / "usb.toml").write_text(written_list(), encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, settle_s: float) -> None:
        """Start it; the file of settings has what every process of the bus needs."""
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
                "sockets": str(self.tree.folder),
                "settle_s": settle_s,
            },
        }
        config = self._folder / "bus.toml"
        config.write_text(_toml(settings), encoding="utf-8")
        command = [sys.executable, "-m", "appliance.porter", "--config", str(config)]
        log = (self._folder / "porter.log").open("ab")
        with log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        assert self._process.stdout is not None
        assert self._process.stdout.readline().startswith(b"ready")

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
        return (self._folder / "porter.log").read_text(encoding="utf-8")

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for a condition while it lives."""
        until = time.monotonic() + PATIENCE_S
        while not holds():
            assert self._process is not None
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < until, self.log()
            time.sleep(0.02)


def _toml(settings: Mapping[str, object]) -> str:
    plain = [f"{k} = {json.dumps(v)}" for k, v in settings.items() if not isinstance(v, dict)]
    for name, part in settings.items():
        if isinstance(part, dict):
            plain += [f"[{name}]", *(f"{k} = {json.dumps(v)}" for k, v in part.items())]
    return "\n".join(plain) + "\n"


@pytest.fixture
def porter(tmp_path: Path) -> Iterator[Porter]:
    """A porter that is not started yet."""
    made = Porter(tmp_path)
    yield made
    made.end(kill=True)


def test_no_forged_device_is_used_and_every_honest_one_is(porter: Porter) -> None:
    """At the start, all at once: one process, real files of sysfs, more than thirty forgeries."""
    for device in HONEST:
        porter.tree.plug(device)
    for port, (_, device) in STRANGERS.items():
        porter.tree.plug(replace(device, port=port))
    porter.start(settle_s=0)
    porter.until(lambda: len(porter.refused()) == len(STRANGERS))
    assert [one.port for one in HONEST if not porter.tree.is_used(one.port)] == []
    assert [name for port, (name, _) in STRANGERS.items() if porter.tree.is_used(port)] == []
    assert len(STRANGERS) + len(IN_OWN_SOCKET) > 30
    assert porter.end() == 0


def test_forgeries_in_the_boxs_own_sockets_are_not_used(porter: Porter) -> None:
    """After the start, each in place of the device whose socket it is."""
    porter.start(settle_s=0)
    porter.until(porter.closed)
    for device in IN_OWN_SOCKET.values():
        porter.tree.plug(device)
        porter.until(lambda port=device.port: not porter.tree.is_used(port))  # type: ignore[misc]


def test_a_camera_that_grows_keys_is_taken_out_of_use(porter: Porter) -> None:
    """And stays so when it shows its old face again, also to a porter that was killed meanwhile."""
    porter.tree.plug(CAMERA)
    porter.start(settle_s=0)
    porter.until(porter.closed)
    grown = raw(0x046D, 0x0825, "0e:01:00", "0e:02:00", KEYBOARD)
    porter.tree.plug(replace(CAMERA, raw=grown))
    porter.until(lambda: porter.refused() == {CAMERA.port: "changed"})
    porter.end(kill=True)
    porter.tree.plug(CAMERA)
    porter.start(settle_s=0)
    porter.until(lambda: not porter.tree.is_used(CAMERA.port))


def test_keys_that_come_after_the_start_type_nothing(porter: Porter) -> None:
    """A keypad of the list is refused when it comes late; the touch screen of the start returns."""
    porter.tree.plug(TOUCHSCREEN)
    porter.start(settle_s=0)
    porter.until(porter.closed)
    porter.tree.plug(KEYPAD)
    porter.tree.plug(TOUCHSCREEN)
    porter.until(lambda: porter.refused() == {KEYPAD.port: "late_keys"})
    assert not porter.tree.is_used(KEYPAD.port)
    assert porter.tree.is_used(TOUCHSCREEN.port)


def test_the_journal_names_no_strangers_device(porter: Porter) -> None:
    """A passenger's telephone has a serial number, too: neither log nor book repeat it."""
    porter.tree.plug(replace(STICK, port="3-9", raw=raw(0x05AC, 0x12A8, "06:01:01")))
    porter.start(settle_s=0)
    porter.until(lambda: porter.refused() == {"3-9": "unknown"})
    assert "usb.refused port=3-9 reason=unknown" in porter.log()
    assert SERIAL not in porter.log() + (porter.book / "refused.json").read_text(encoding="utf-8")


@pytest.mark.skipif(not PRESENT, reason=WITHOUT)
def test_usbguard_refuses_the_same_before_a_driver_sees_them(tmp_path: Path) -> None:
    """The real daemon with the shipped configuration and the rules written from the list."""
    strangers = {port: device for port, (_, device) in STRANGERS.items() if is_plain(device)}
    everything = [*HONEST, *(replace(one, port=port) for port, one in strangers.items())]
    daemon = Usbguard(tmp_path, usbguard_rules(LIST), everything)
    try:
        assert [one.port for one in HONEST if daemon.decided(one.port) != "allow"] == []
        assert [port for port in strangers if daemon.decided(port) != "reject"] == []
        assert len(strangers) > 15
    finally:
        daemon.end()


def is_plain(device: UsbDevice) -> bool:
    """Say whether the played kernel can show it at all: a real one shows no broken configuration."""
    try:
        return bool(read_shape(device.raw))
    except BadDescriptors:
        return False


@pytest.mark.skipif(not PRESENT, reason=WITHOUT)
def test_usbguard_allows_no_second_keypad_beside_the_first(tmp_path: Path) -> None:
    """Two of one model at once, as a clone would be: one of both is refused."""
    anywhere = replace(row("keypad", KEYPAD), port="*")
    twins = [KEYPAD, replace(KEYPAD, port="1-5")]
    daemon = Usbguard(tmp_path, usbguard_rules([anywhere]), twins)
    try:
        assert sorted(daemon.decided(one.port) for one in twins) == ["allow", "reject"]
    finally:
        daemon.end()
