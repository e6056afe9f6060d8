"""Sockets of a machine as sysfs shows them, as plain files: devices are plugged by writing folders."""

from pathlib import Path

from hardware.usb.device import UsbDevice


class UsbTree:
    """A folder like /sys/bus/usb/devices; a device found anew gets the next number."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._number = 1
        (folder / "usb1").mkdir(parents=True)
        (folder / "1-0:1.0").mkdir()

    def plug(self, device: UsbDevice, *, used: bool = True) -> None:
        """Put a device in its socket: its attributes as the kernel writes them, allowed by usbguard or not."""
        self.unplug(device.port)
        self._number += 1
        place = self.folder / device.port
        place.mkdir()
        (place / "descriptors").write_bytes(device.raw)
        for name, value in (
            ("devnum", str(self._number)),
            ("bConfigurationValue", str(device.configuration)),
            ("authorized", str(int(used))),
        ):
            (place / name).write_text(f"{value}\n", encoding="utf-8")
        if device.serial:
            (place / "serial").write_text(f"{device.serial}\n", encoding="utf-8")

    def unplug(self, port: str) -> None:
        """Empty a socket."""
        place = self.folder / port
        if place.is_dir():
            for one in place.iterdir():
                one.unlink()
            place.rmdir()

    def is_used(self, port: str) -> bool:
        """Say whether the kernel would let a driver have it."""
        return (self.folder / port / "authorized").read_text(encoding="utf-8").strip() == "1"
