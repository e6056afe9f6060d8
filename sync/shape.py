"""What a decoded value must be before it is believed: type first, then shape, then size.

Every function takes the value and a word for the place, and raises ValueError naming both.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
COUNT_MAX: Final = (1 << 63) - 1
TEXT_MAX: Final = 4096
SLACK_MAX: Final = (1 << 32) - 1
"""The longest uncertainty in seconds; with the last second below, adding or taking it never overflows."""
_LAST_SECOND: Final = int((datetime(2999, 12, 31, 23, 59, 59, tzinfo=UTC) - EPOCH).total_seconds())
_MICRO: Final = 1_000_000


def mapping(value: Any, last_key: int, place: str) -> dict[int, Any]:
    """Return a map whose keys are exactly 1 to `last_key`."""
    if not isinstance(value, dict):
        raise ValueError(f"{place}: must be a map")  # noqa: TRY004 - garbage of any type is one family
    if set(value) != set(range(1, last_key + 1)):
        raise ValueError(f"{place}: must have the keys 1 to {last_key} and no others")
    return value


def row(value: Any, count: int, place: str) -> list[Any]:
    """Return a list of exactly `count` values."""
    if not isinstance(value, list) or len(value) != count:
        raise ValueError(f"{place}: must be a list of {count}")
    return value


def rows(value: Any, limit: int, place: str) -> list[Any]:
    """Return a list of at most `limit` values."""
    if not isinstance(value, list) or len(value) > limit:
        raise ValueError(f"{place}: must be a list of at most {limit}")
    return value


def number(value: Any, place: str, low: int = 0, high: int = COUNT_MAX) -> int:
    """Return an integer from `low` to `high`; a bool is none."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{place}: must be a number from {low} to {high}")
    return value


def truth(value: Any, place: str) -> bool:
    """Return a bool."""
    if not isinstance(value, bool):
        raise ValueError(f"{place}: must be true or false")  # noqa: TRY004 - garbage of any type is one family
    return value


def blob(value: Any, place: str, low: int, high: int | None = None) -> bytes:
    """Return bytes of exactly `low` bytes, or of `low` to `high`."""
    top = low if high is None else high
    if not isinstance(value, bytes) or not low <= len(value) <= top:
        raise ValueError(f"{place}: must be {low} to {top} bytes")
    return value


def text(value: Any, place: str, limit: int = TEXT_MAX) -> str:
    """Return text of at most `limit` characters."""
    if not isinstance(value, str) or len(value) > limit:
        raise ValueError(f"{place}: must be text of at most {limit} characters")
    return value


def word(value: Any, pattern: re.Pattern[str], place: str) -> str:
    """Return text that matches the pattern as a whole."""
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise ValueError(f"{place}: must match {pattern.pattern}")
    return value


def micros_of(moment: datetime, place: str) -> int:
    """Return an aware moment as microseconds since 1970, UTC."""
    if moment.tzinfo is None:
        raise ValueError(f"{place}: a moment must know its time zone")
    return number((moment - EPOCH) // timedelta(microseconds=1), place)


def moment_of_micros(value: Any, place: str) -> datetime:
    """Return the UTC moment of microseconds since 1970."""
    micros = number(value, place, high=_LAST_SECOND * _MICRO)
    return EPOCH + timedelta(microseconds=micros)


def seconds_of(moment: datetime, place: str) -> int:
    """Return an aware moment as whole seconds since 1970, rounded down."""
    return micros_of(moment, place) // _MICRO


def moment_of_seconds(value: Any, place: str) -> datetime:
    """Return the UTC moment of whole seconds since 1970."""
    return EPOCH + timedelta(seconds=number(value, place, high=_LAST_SECOND))


def day(value: Any, place: str) -> date:
    """Return the date of its ISO text, e.g. 2026-11-23, and of no other spelling."""
    written = text(value, place, 10)
    found = date.fromisoformat(written)
    if found.isoformat() != written:
        raise ValueError(f"{place}: must be a date like 2026-11-23")
    return found
