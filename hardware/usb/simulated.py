"""USB sockets that are filled and emptied by hand."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from hardware.changing import Changing
from hardware.usb.device import UsbDevice


class SimulatedUsb:
    """Starts with these devices; each found anew gets the next number, as the kernel gives them."""

    def __init__(self, devices: Sequence[UsbDevice] = ()) -> None:
        self._devices: dict[str, UsbDevice] = {}
        self._number = 0
        self._news = Changing(0)
        for device in devices:
            self.plug(device)

    def plug(self, device: UsbDevice) -> None:
        """Put a device in its socket; `device.authorized` says whether somebody has allowed it already."""
        self._number += 1
        self._devices[device.port] = replace(device, number=self._number)
        self._tell()

    def unplug(self, port: str) -> None:
        """Take a device out."""
        del self._devices[port]
        self._tell()

    def configure(self, port: str, configuration: int) -> None:
        """Choose another of its configurations, as a driver or a program may."""
        self._devices[port] = replace(self._devices[port], configuration=configuration)
        self._tell()

    def present(self) -> tuple[UsbDevice, ...]:
        """List what is in."""
        return tuple(self._devices[port] for port in sorted(self._devices))

    def refuse(self, port: str) -> None:
        """Take it out of use."""
        if port in self._devices:
            self._devices[port] = replace(self._devices[port], authorized=False, configuration=0)
            self._tell()

    def allow(self, port: str) -> None:
        """Bring it into use."""
        if port in self._devices:
            self._devices[port] = replace(self._devices[port], authorized=True)
            self._tell()

    async def changes(self) -> AsyncIterator[None]:
        """Give a sign for each change from now on, and one at the beginning."""
        async for _ in self._news.watch():
            yield None

    def _tell(self) -> None:
        self._news.set(self._news.value + 1)
