"""One USB device as it stands in its socket: what it says, and what the kernel says about it."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

PORT: Final = re.compile(r"\d{1,3}-\d{1,3}(\.\d{1,3}){0,6}")
"""A socket as sysfs names it: bus, then the way through the hubs, e.g. "1-1.2"."""


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """A device in socket `port`. `number` is new whenever it is found anew; `raw` is what it says of itself."""

    port: str
    number: int
    serial: str
    raw: bytes
    configuration: int = 1
    authorized: bool = True

    @property
    def fingerprint(self) -> str:
        """Tell it apart by all it says; the socket and the kernel's numbers are not part of it."""
        said = len(self.raw).to_bytes(4, "big") + self.raw + self.serial.encode("utf-8", "replace")
        return hashlib.sha256(said).hexdigest()
