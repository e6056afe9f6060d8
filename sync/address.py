"""A receipt as the address on paper: one decimal number behind `#`, which never leaves the reader's phone.

A QR code packs three digits into ten bits, so digits cost half a percent more than the bytes themselves and are safe
in every address; base64url costs a third more, and a long host would need the next larger code.
"""

import re
from typing import Final

BYTES_MAX: Final = 200
# With this host and the longest receipt the code is still of version 11 at level M: 2,032 bits.
HOST_MAX: Final = 37

_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,64}(:[0-9]{1,5})?", re.ASCII)
_ADDRESS: Final = re.compile(r"https://[A-Za-z0-9.:-]{1,70}/r#([0-9]{1,482})", re.ASCII)


def checked_host(host: str) -> str:
    """Return the host (with its port) if it may stand in the address; raises ValueError with what to do."""
    if _HOST.fullmatch(host) is None:
        raise ValueError(f"receipt: '{host}' is not a host name; write HOST or HOST:PORT")
    if len(host) > HOST_MAX:
        raise ValueError(
            f"receipt: a host has at most {HOST_MAX} signs, so that the QR code stays readable; "
            f"'{host}' has {len(host)}: choose a shorter name"
        )
    return host


def to_text(data: bytes, host: str) -> str:
    """Return the address printed as QR; raises ValueError for a host that is none or is too long."""
    number = int.from_bytes(data, "big")
    return f"https://{checked_host(host)}/r#{number:0{_digits(len(data))}}"


def from_text(text: str) -> bytes:
    """Return the receipt's bytes out of its printed address, any host; raises ValueError."""
    found = _ADDRESS.fullmatch(text.strip())
    if found is None:
        raise ValueError("receipt: the text must be https://HOST/r#DIGITS; scan the code again")
    length = next((n for n in range(1, BYTES_MAX + 1) if _digits(n) == len(found[1])), 0)
    number = int(found[1])
    if not length or number >> 8 * length:
        raise ValueError("receipt: the text is cut off or damaged; scan the code again")
    return number.to_bytes(length, "big")


def _digits(length: int) -> int:
    """Return how many digits `length` bytes take: as many as the largest of them needs."""
    return len(str((1 << 8 * length) - 1))
