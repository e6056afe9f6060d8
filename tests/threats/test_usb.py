"""Devices that pretend (T3): nothing forged is used, by the real porter process and by the real usbguard daemon."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.usb.descriptors import BadDescriptors, read_shape
from hardware.usb.device import UsbDevice
from hardware.usb.sysfs import SYSFS
from hardware.usb.usbguard import usbguard_rules
from tests.support.played_udev import PRESENT as PLAYED
from tests.support.played_udev import WITHOUT as WITHOUT_UMOCKDEV
from tests.support.played_udev import Played
from tests.support.porter_process import Porter
from tests.support.usb_devices import (
    CAMERA,
    FORGED,
    HONEST,
    KEYBOARD,
    KEYPAD,
    LIST,
    SCANNER,
    STICK,
    TOUCHSCREEN,
    raw,
)
from tests.support.usbguard_daemon import PRESENT, WITHOUT, Usbguard

SERIAL = "CITY-STICK-01"
# Each in a socket of its own, so that all can be plugged in at once; those that need the box's own socket keep it.
STRANGERS = {
    (device.port if device.port != "3-1" else f"3-{n}"): (name, device)
    for n, (name, device) in enumerate(FORGED, 1)
    if device.port == "3-1"
}
IN_OWN_SOCKET = {name: device for name, device in FORGED if device.port != "3-1"}


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
    porter.tree.plug(TOUCHSCREEN, used=False)
    porter.start(settle_s=0)
    porter.until(porter.closed)
    assert porter.tree.is_used(TOUCHSCREEN.port)
    porter.tree.plug(KEYPAD, used=False)
    porter.tree.plug(TOUCHSCREEN, used=False)
    porter.until(lambda: porter.tree.is_used(TOUCHSCREEN.port))
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
    """The real daemon with the shipped configuration and the rules of the list; keys stand there, not in use."""
    strangers = {port: device for port, (_, device) in STRANGERS.items() if is_plain(device)}
    everything = [*HONEST, *(replace(one, port=port) for port, one in strangers.items())]
    daemon = Usbguard(tmp_path, usbguard_rules(LIST), everything)
    try:
        keys = {TOUCHSCREEN.port, KEYPAD.port}
        for port in (one.port for one in HONEST):
            assert daemon.decided(port) == ("block" if port in keys else "allow")
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


@pytest.mark.skipif(not PLAYED, reason=WITHOUT_UMOCKDEV)
def test_kernel_news_of_a_stranger_take_it_out_of_use(porter: Porter) -> None:
    """Plugged while the porter runs: the keyboard and the grown camera are out, camera and scanner stay in use."""
    porter.write_config(0, SYSFS)
    played = Played(porter.config)
    try:
        porter.until_file(porter.closed)
        for device in (SCANNER, CAMERA):
            played.plug(device)
        played.plug(KEYPAD)
        played.plug(KEYPAD, "3-1")
        assert played.ask("refused", KEYPAD.port) is not None
        assert played.ask("refused", "3-1") is not None
        assert [played.ask("used", one.port) for one in (SCANNER, CAMERA)] == [True, True]
        played.ask("unplug", CAMERA.port)
        played.plug(replace(CAMERA, raw=raw(0x046D, 0x0825, "0e:01:00", "0e:02:00", KEYBOARD)))
        assert played.ask("refused", CAMERA.port) is not None
    finally:
        played.end()
