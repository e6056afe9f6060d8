"""Comings and goings of devices."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from hardware.hotplug.simulated import SimulatedHotplug
from hardware.hotplug.udev import UdevHotplug, difference, plugged
from hardware.protocols import Change, Plugged

SCANNER = Plugged("/devices/usb1/1-1", "usb", "/dev/bus/usb/001/002", "04c5", "fi-8170", "A1")
CAMERA = Plugged("/devices/usb1/1-2", "video4linux", "/dev/video0", "046d", "C920", "B2")


class Facts:
    """A udev device as the library shows it."""

    device_path = SCANNER.path
    subsystem = "usb"
    device_node = None
    properties = {"ID_VENDOR_ID": "04c5", "ID_MODEL_ID": "15ff"}  # noqa: RUF012  # read only


def test_ok__a_udev_device_is_known_by_its_facts() -> None:
    """What it does not tell is empty, the model falls back to its number."""
    assert plugged(Facts()) == Plugged(SCANNER.path, "usb", "", "04c5", "15ff", "")


def test_ok__the_difference_tells_leavers_first() -> None:
    """A device that changed its socket left before it came."""
    told = difference({SCANNER.path: SCANNER}, {CAMERA.path: CAMERA})
    assert told == [Change("remove", SCANNER), Change("add", CAMERA)]


async def test_ok__plugging_is_told_and_listed() -> None:
    """One comes, another leaves."""
    hotplug = SimulatedHotplug([SCANNER])
    async with aclosing(hotplug.changes()) as changes:  # type: ignore[type-var]
        first = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0)
        hotplug.plug(CAMERA)
        hotplug.unplug(SCANNER.path)
        assert [await first, await anext(changes)] == [
            Change("add", CAMERA),
            Change("remove", SCANNER),
        ]
    assert hotplug.present() == (CAMERA,)


@pytest.mark.skipif(not Path("/sys/class/net").is_dir(), reason="no sysfs: no udev facts to list")
def test_ok__the_real_list_is_ordered_and_named() -> None:
    """Every machine has one network device at least, and no device twice."""
    devices = UdevHotplug(subsystems=("net",)).present()
    paths = [d.path for d in devices]
    assert paths == sorted(set(paths))
    assert {d.subsystem for d in devices} == {"net"}


async def test_ok__watching_can_be_given_up() -> None:
    """The reader leaves the event loop with its watcher."""
    changes = UdevHotplug(subsystems=("net",)).changes()
    waiting = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await changes.aclose()  # type: ignore[attr-defined]
