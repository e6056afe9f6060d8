"""Records, letters and forms read without our code, from docs/envelope.md section 11 alone."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from tests.support.second_cbor import (
    HEADER,
    NO_MATCH,
    Refused,
    blob,
    micros,
    need,
    number,
    read,
    row,
    rows,
    text,
    word,
)
from tests.support.second_keys import need_both

Check = Callable[[Any], Any]
_LIMIT: Final = 262_144


def _word(value: Any) -> None:
    text(value, 128)


def _long(value: Any) -> None:
    text(value, 4096)


def _blob(low: int, high: int | None = None) -> Check:
    return lambda value: blob(value, low, high)


def _list(limit: int, check: Check) -> Check:
    return lambda value: [check(one) for one in rows(value, limit)]


def _row(*checks: Check) -> Check:
    def check(value: Any) -> None:
        for one, rule in zip(row(value, len(checks)), checks, strict=True):
            rule(one)

    return check


def _confidence(value: Any) -> None:
    if value is not None:
        number(value, 0, 10_000)


def _slack(value: Any) -> None:
    number(value, 0, 2**32 - 1)


def _truth(value: Any) -> None:
    need(type(value) is bool)


def _day(value: Any) -> None:
    word(value, r"\d{4}-\d\d-\d\d")
    try:
        date.fromisoformat(value)
    except ValueError:
        need(False)


def _original(value: Any) -> None:
    if value != []:
        _row(_HASH, number, _word)(value)


def _last(value: Any) -> None:
    if value != []:
        _row(_day, _TOLD)(value)


def _sheets(value: Any) -> None:
    _list(255, _SHEET)(value)
    need(len({one[11] == [] for one in value}) < 2)


def _form(which: int) -> Check:
    return lambda value: number(value, which, which)


_ID, _HASH, _CASE = _blob(16), _blob(32), _blob(0, 32)
_FILING: Final = _row(micros, _slack, _word, _word, _word, _word)
_ANSWER: Final = _row(_word, _long, _word, _confidence)
_DEFECT: Final = _row(_word, _word, _word, _long, _long, _word)
_SHEET: Final = _row(
    number, _word, number, _HASH, _HASH, number, _HASH, number, _word, _word, _list(32, _word),
    _original,
)  # fmt: skip
_RECORD: Final[Mapping[int, Check]] = {
    1: _form(1),
    2: _ID,
    3: _word,
    4: _word,
    5: _ID,
    6: number,
    7: number,
    8: _word,
    9: _word,
    10: _word,
    11: _long,
    12: _FILING,
    13: _list(512, _ANSWER),
    14: _list(256, _DEFECT),
    15: _sheets,
    16: _long,
    17: _CASE,
}
_TOLD: Final = _list(512, _row(_word, _long))
_DUE: Final = _row(_word, _word, _TOLD, _word, _last)
_LETTERS: Final[Mapping[int, Check]] = {
    1: _row(
        _form(1), _ID, _word, _word, _word, _word, _long, micros, micros, _truth, _word,
        _list(256, _DUE), _list(256, _word),
    ),
    2: _row(
        _form(2), _ID, _CASE, _ID, _word, _word, _word, _long, _list(128, _word),
        _list(128, _word), _day, micros, _word, _long, _word,
    ),
    3: _row(_form(3), _ID, _CASE, _word, _word, _long, _long, micros),
}  # fmt: skip


def record(data: bytes) -> dict[int, Any]:
    """Return the values of a record."""
    found = read(data, _LIMIT)
    need(type(found) is dict and set(found) == set(_RECORD))
    for key, check in _RECORD.items():
        check(found[key])
    return dict(found)


def letter(data: bytes) -> list[Any]:
    """Return the values of a letter."""
    values = rows(read(data, _LIMIT), 15)
    need(values and type(values[0]) is int and values[0] in _LETTERS)
    _LETTERS[values[0]](values)
    return values


def form(data: bytes, keys: Mapping[bytes, bytes]) -> list[Any]:
    """Return the values of a form that one of these keys (by id) signed."""
    try:
        body, key, short, long = row(read(data, 270_336), 4)
        blob(body, 1, 270_336)
        for value, size in ((key, 8), (short, 64), (long, 2420)):
            blob(value, size)
        values = row(read(body, 270_336), 5)
        number(values[0], 1, 1)
        word(values[1], "[a-z0-9_-]{1,24}")
        need(type(values[2]) is str)
        need(re.fullmatch(r"\d{4}-\d\d-\d\d(\.\d{1,4})?", values[2], re.ASCII))
        _day(values[3])
        text(values[4], _LIMIT)
    except Refused:
        raise Refused(HEADER) from None
    need(key in keys, NO_MATCH)
    need_both(keys[key], "form/v1", body, short, long)
    return values
