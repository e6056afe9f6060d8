"""Canonical bytes read and written without our code, from docs/envelope.md section 1 alone."""

import re
from typing import Any, Final

MALFORMED: Final = "not well formed"
HEADER: Final = "header failure"
SIGNATURE: Final = "signature failure"
NO_MATCH: Final = "no match"
PAYLOAD: Final = "payload failure"

LAST_SECOND: Final = 32_503_679_999
COUNT: Final = 2**63 - 1
DEEPEST: Final = 16


class Refused(Exception):  # noqa: N818 - it is the outcome of a vector, not a mistake
    """What is not opened; `word` is one of docs/envelope.md section 13."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def need(fact: object, word: str = MALFORMED) -> None:
    """Raise Refused with this word unless the fact is true."""
    if not fact:
        raise Refused(word)


def read(data: bytes, limit: int = 1 << 26) -> Any:
    """Return the value of canonical bytes."""
    need(len(data) <= limit)
    value, rest = _value(data, 0)
    need(rest == len(data))
    return value


def _number(data: bytes, at: int) -> tuple[int, int, int]:
    need(at < len(data))
    major, short = data[at] >> 5, data[at] & 31
    if short <= 23:
        return major, short, at + 1
    need(short <= 27)
    width = 1 << (short - 24)
    need(at + 1 + width <= len(data))
    number = int.from_bytes(data[at + 1 : at + 1 + width], "big")
    need(number > 23 and number.bit_length() > (0 if width == 1 else 4 * width))
    return major, number, at + 1 + width


def _value(data: bytes, at: int, depth: int = 0) -> tuple[Any, int]:
    need(depth <= DEEPEST and at < len(data))
    if data[at] in (0xF4, 0xF5, 0xF6):
        return {0xF4: False, 0xF5: True, 0xF6: None}[data[at]], at + 1
    major, number, at = _number(data, at)
    need(major not in (6, 7))
    if major in (0, 1):
        return (number if major == 0 else -1 - number), at
    if major in (2, 3):
        need(at + number <= len(data))
        content = data[at : at + number]
        return (content if major == 2 else _text(content)), at + number
    return _many(data, at, number, depth) if major == 4 else _pairs(data, at, number, depth)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(MALFORMED) from None


def _many(data: bytes, at: int, count: int, depth: int) -> tuple[list[Any], int]:
    items: list[Any] = []
    while len(items) < count:
        item, at = _value(data, at, depth + 1)
        items.append(item)
    return items, at


def _pairs(data: bytes, at: int, count: int, depth: int) -> tuple[dict[int, Any], int]:
    found: dict[int, Any] = {}
    last = -1
    for _ in range(count):
        major, key, at = _number(data, at)
        need(major == 0 and key > last)
        found[key], at = _value(data, at, depth + 1)
        last = key
    return found, at


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes((major << 5 | number,))
    extra = next(n for n in range(4) if number < 1 << (8 << n))
    return bytes((major << 5 | 24 + extra,)) + number.to_bytes(1 << extra, "big")


def write(value: Any) -> bytes:
    """Return the canonical bytes of numbers, bytes, text, lists, maps, true, false and null."""
    if value is None or isinstance(value, bool):
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(write(item) for item in value)
    pairs = [write(key) + write(value[key]) for key in sorted(value)]
    return _head(5, len(value)) + b"".join(pairs)


def number(value: Any, low: int = 0, high: int = COUNT) -> None:
    """Refuse what is no number from `low` to `high`."""
    need(type(value) is int and low <= value <= high)


def blob(value: Any, low: int, high: int | None = None) -> None:
    """Refuse what is not `low` (to `high`) bytes."""
    need(type(value) is bytes and low <= len(value) <= (low if high is None else high))


def text(value: Any, limit: int) -> None:
    """Refuse what is no text of at most `limit` signs."""
    need(type(value) is str and len(value) <= limit)


def word(value: Any, pattern: str) -> None:
    """Refuse what is no text that fits the pattern as a whole."""
    need(type(value) is str and re.fullmatch(pattern, value, re.ASCII))


def row(value: Any, count: int) -> list[Any]:
    """Return a list of exactly `count`."""
    need(type(value) is list and len(value) == count)
    return list(value)


def rows(value: Any, limit: int) -> list[Any]:
    """Return a list of at most `limit`."""
    need(type(value) is list and len(value) <= limit)
    return list(value)


def micros(value: Any) -> None:
    """Refuse what is no moment in microseconds."""
    number(value, 0, LAST_SECOND * 1_000_000)


def seconds(value: Any) -> None:
    """Refuse what is no moment in whole seconds."""
    number(value, 0, LAST_SECOND)
