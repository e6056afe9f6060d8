"""Names that never repeat: ids made from randomness, and filing numbers a person can read aloud."""

import re
from collections.abc import Callable
from typing import Final

Random = Callable[[int], bytes]

ID_BYTES: Final = 16
YEAR_MAX: Final = 99
SERIAL_MAX: Final = 999_999

_FILING_NUMBER: Final = re.compile(r"R([1-9][0-9]?)-([0-9]{6})-([0-9])", re.ASCII)


def new_id(random: Random) -> bytes:
    """Return 16 bytes from `random`; raises ValueError if the source gives another length."""
    made = random(ID_BYTES)
    if len(made) != ID_BYTES:
        raise ValueError(f"ids: the random source must give {ID_BYTES} bytes, it gave {len(made)}")
    return made


def filing_number(year_reiwa: int, serial: int) -> str:
    """Return e.g. "R8-000123-6": year of the era, serial within it, check digit (ISO/IEC 7064 MOD 11,10)."""
    if not 1 <= year_reiwa <= YEAR_MAX:
        raise ValueError(f"filing number: the year runs from 1 to {YEAR_MAX}, not {year_reiwa}")
    if not 0 <= serial <= SERIAL_MAX:
        raise ValueError(f"filing number: the serial runs to {SERIAL_MAX}, not {serial}")
    return f"R{year_reiwa}-{serial:06}-{_check_digit(f'{year_reiwa:02}{serial:06}')}"


def check_filing_number(text: str) -> bool:
    """Tell whether this is a filing number whose check digit is right; every single wrong digit is found."""
    found = _FILING_NUMBER.fullmatch(text)
    return found is not None and text == filing_number(int(found[1]), int(found[2]))


def filing_parts(text: str) -> tuple[int, int]:
    """Return (year of the era, serial) of a filing number; raises ValueError."""
    if not check_filing_number(text):
        raise ValueError(f"filing number: {text!r} is none; compare it with the receipt")
    year, serial, _ = text[1:].split("-")
    return int(year), int(serial)


def _check_digit(digits: str) -> int:
    carried = 10
    for digit in digits:
        carried = ((carried + int(digit)) % 10 or 10) * 2 % 11
    return (11 - carried) % 10
