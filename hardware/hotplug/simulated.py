"""Devices that are plugged and unplugged by hand."""

from collections.abc import AsyncIterator, Sequence

from hardware.changing import Changing
from hardware.protocols import Change, Plugged


class SimulatedHotplug:
    """Starts with the given devices; `plug` and `unplug` tell every watcher."""

    def __init__(self, devices: Sequence[Plugged] = ()) -> None:
        self._devices = {d.path: d for d in devices}
        self._news: Changing[Change | None] = Changing(None)

    def plug(self, device: Plugged) -> None:
        """Put a device in."""
        self._devices[device.path] = device
        self._news.set(Change("add", device))

    def unplug(self, path: str) -> None:
        """Take a device out."""
        self._news.set(Change("remove", self._devices.pop(path)))

    def present(self) -> tuple[Plugged, ...]:
        """List what is in."""
        return tuple(self._devices[path] for path in sorted(self._devices))

    async def changes(self) -> AsyncIterator[Change]:
        """Give each coming and going from now on."""
        async for change in self._news.watch():
            if change is not None:
                yield change
