"""What the watch asks of the machine's USB sockets. Real ones are in `sysfs.py`, played ones in `simulated.py`."""

from collections.abc import AsyncIterator
from typing import Protocol

from hardware.usb.device import UsbDevice


class UsbPorts(Protocol):
    """The sockets of this machine."""

    def present(self) -> tuple[UsbDevice, ...]:
        """Look at every socket now, ordered by socket; the computer's own controllers are left out."""

    def refuse(self, port: str) -> None:
        """Take the device in this socket out of use; one that left meanwhile is no error.

        Raises DeviceFault when the kernel does not let us: then nobody keeps the gate.
        """

    def allow(self, port: str) -> None:
        """Bring the device in this socket into use; raises DeviceFault when the kernel does not let us."""

    def changes(self) -> AsyncIterator[None]:
        """Give a sign whenever something may have changed; looking again tells what."""
