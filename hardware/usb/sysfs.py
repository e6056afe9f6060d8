"""The machine's real USB sockets: read from sysfs, news from udev.

https://docs.kernel.org/usb/authorization.html
"""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from hardware.errors import DeviceFault
from hardware.protocols import Change, Hotplug
from hardware.usb.descriptors import MAX_BYTES
from hardware.usb.device import PORT, UsbDevice

SYSFS: Final = Path("/sys/bus/usb/devices")
MAX_TEXT: Final = 256
"""USB strings hold 126 characters at most; sysfs writes each in up to three bytes, cut here to what can be matched."""

TRIES: Final = 3
"""A device that is just leaving loses its attributes one by one before its folder."""


class SysfsUsb:
    """The sockets below `folder`; `hotplug` opens the watcher whose news say when to look again."""

    def __init__(self, hotplug: Callable[[], Hotplug], folder: Path = SYSFS) -> None:
        self._hotplug = hotplug
        self._folder = folder

    def present(self) -> tuple[UsbDevice, ...]:
        """Look at every socket; a device that leaves while it is read is not there."""
        if not self._folder.is_dir():
            return ()
        names = sorted(one.name for one in self._folder.iterdir() if PORT.fullmatch(one.name))
        # The kernel gives 127 addresses on each of the machine's controllers and no more.
        found = (self._read(name) for name in names)
        return tuple(one for one in found if one is not None)

    def refuse(self, port: str) -> None:
        """Write 0 to its `authorized`: the kernel lets every driver go and configures it no more."""
        self._authorize(port, b"0")

    def allow(self, port: str) -> None:
        """Write 1 to its `authorized`: the kernel configures it and gives it its drivers."""
        self._authorize(port, b"1")

    def _authorize(self, port: str, value: bytes) -> None:
        if not PORT.fullmatch(port):
            raise ValueError(f"usb: {port[:40]!r} is no socket")
        place = self._folder / port / "authorized"
        try:
            with place.open("r+b", buffering=0) as file:
                file.write(value)
        except FileNotFoundError:
            return
        except OSError as error:
            if not place.exists():
                return  # it left between opening and writing: ENODEV
            raise DeviceFault(
                "usb",
                "io",
                f"{place}: {error.strerror}",
                "the porter's unit and 70-madobus.rules give it the right to write there",
                ja="USB機器の使用を切り替えられません。",
                en="The USB device can be neither used nor stopped.",
            ) from error

    async def changes(self) -> AsyncIterator[None]:
        """Give a sign for each of udev's news about USB."""
        changes: AsyncIterator[Change] = self._hotplug().changes()
        async for _ in changes:
            yield None

    def _read(self, port: str) -> UsbDevice | None:
        """Read one socket; what stays there and cannot be read has said nothing, which no list allows."""
        folder = self._folder / port
        for _ in range(TRIES):
            with suppress(OSError, ValueError):
                return UsbDevice(
                    port,
                    int(_text(folder / "devnum")),
                    _text(folder / "serial"),
                    _bytes(folder / "descriptors", MAX_BYTES + 1),
                    int(_text(folder / "bConfigurationValue") or 0),
                    _text(folder / "authorized") != "0",
                )
            if not folder.exists():
                return None
        return UsbDevice(port, 0, "", b"")


def _bytes(place: Path, limit: int) -> bytes:
    with place.open("rb") as file:
        return file.read(limit)


def _text(place: Path) -> str:
    """Read an attribute; one the device does not have is empty."""
    try:
        return _bytes(place, MAX_TEXT).decode("utf-8", "replace").removesuffix("\n")
    except FileNotFoundError:
        return ""
