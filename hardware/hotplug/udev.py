"""What udev knows: devices by their facts, and its news on the event loop.

The kernel's queue may overflow; then the list is read anew and the difference is told, so that a
watcher never misses a device for good. https://pyudev.readthedocs.io/
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pyudev

from hardware.protocols import Change, Plugged

SUBSYSTEMS = ("usb", "video4linux", "tty", "sound", "power_supply", "net")


class UdevHotplug:
    """Watches the given subsystems."""

    def __init__(self, subsystems: Sequence[str] = SUBSYSTEMS) -> None:
        self._subsystems = tuple(subsystems)
        self._context = pyudev.Context()

    def present(self) -> tuple[Plugged, ...]:
        """List what is plugged in now, ordered by path."""
        found = {}
        for subsystem in self._subsystems:
            for device in self._context.list_devices(subsystem=subsystem):
                found[device.device_path] = plugged(device)
        return tuple(found[path] for path in sorted(found))

    async def changes(self) -> AsyncIterator[Change]:
        """Give each coming and going from now on."""
        monitor = pyudev.Monitor.from_netlink(self._context)
        for subsystem in self._subsystems:
            monitor.filter_by(subsystem)
        monitor.start()
        known = {d.path: d for d in self.present()}
        arrived = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(monitor.fileno(), arrived.set)
        try:
            while True:
                await arrived.wait()
                arrived.clear()
                for change in self._drain(monitor, known):
                    yield change
        finally:
            loop.remove_reader(monitor.fileno())

    def _drain(self, monitor: Any, known: dict[str, Plugged]) -> list[Change]:
        told: list[Change] = []
        try:
            while (device := monitor.poll(timeout=0)) is not None:
                change = Change(device.action or "change", plugged(device))
                told.append(change)
                if change.action == "remove":
                    known.pop(change.device.path, None)
                else:
                    known[change.device.path] = change.device
        except OSError:
            now = {d.path: d for d in self.present()}
            told += difference(known, now)
            known.clear()
            known.update(now)
        return told


def difference(before: dict[str, Plugged], after: dict[str, Plugged]) -> list[Change]:
    """Tell what left and what came between two lists, leavers first."""
    left = [Change("remove", before[path]) for path in sorted(before.keys() - after.keys())]
    return left + [Change("add", after[path]) for path in sorted(after.keys() - before.keys())]


def plugged(device: Any) -> Plugged:
    """Take the facts we match by out of a udev device; what it does not tell is empty."""
    facts = device.properties
    return Plugged(
        path=device.device_path,
        subsystem=device.subsystem or "",
        node=device.device_node or "",
        vendor=facts.get("ID_VENDOR_ID", ""),
        model=facts.get("ID_MODEL", "") or facts.get("ID_MODEL_ID", ""),
        serial=facts.get("ID_SERIAL_SHORT", ""),
    )
