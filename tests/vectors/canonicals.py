"""Vectors of canonical bytes (docs/envelope.md section 1): every form of every number, and what nobody may write."""

from typing import Any, Final

from sync import canonical
from tests.vectors import recipe
from tests.vectors.bricks import MALFORMED, Shelf

_VALUES: Final[dict[str, Any]] = {
    "zero": 0,
    "23, the largest in one byte": 23,
    "24, the smallest in two": 24,
    "255": 255,
    "256": 256,
    "65,535": 65_535,
    "65,536": 65_536,
    "2^32 - 1": 2**32 - 1,
    "2^32": 2**32,
    "2^64 - 1": 2**64 - 1,
    "minus one": -1,
    "minus 24": -24,
    "minus 25": -25,
    "minus 2^64": -(2**64),
    "no bytes": b"",
    "23 bytes": bytes(range(23)),
    "24 bytes": bytes(range(24)),
    "256 bytes": bytes(256),
    "no text": "",
    "a name whose signs are kept one by one": "髙﨑 𠮷雄",
    "text with a zero sign": "a\x00b",
    "no items": [],
    "24 items": list(range(24)),
    "items of every kind": [0, -1, b"x", "x", [], {}, False, True, None],
    "no pairs": {},
    "pairs in order": {0: 1, 23: 2, 24: 3, 65_536: 4},
    "false": False,
    "true": True,
    "null": None,
}

# Hexadecimal digits of what a reader refuses, and why.
_BAD: Final = {
    "nothing at all": "",
    "a number cut off": "18",
    "a long number cut off": "1b00000000ffffff",
    "5 in two bytes": "1805",
    "23 in two bytes": "1817",
    "255 in three bytes": "1900ff",
    "65,535 in five bytes": "1a0000ffff",
    "2^32 - 1 in nine bytes": "1b00000000ffffffff",
    "minus one in two bytes": "3800",
    "length 28, which is reserved": "1c",
    "length 30, which is reserved": "5e",
    "bytes without an end": "5f4100ff",
    "text without an end": "7f6161ff",
    "a list without an end": "9f01ff",
    "a map without an end": "bf0001ff",
    "the sign that ends": "ff",
    "bytes that are not there": "4401020304"[:8],
    "2^64 - 1 bytes that are not there": "5bffffffffffffffff",
    "2^64 - 1 items that are not there": "9bffffffffffffffff",
    "2^64 - 1 pairs that are not there": "bbffffffffffffffff",
    "a length written too long": "580101",
    "text that is not UTF-8": "62c328",
    "text with half a surrogate": "63eda080",
    "text in an overlong form": "62c080",
    "a list cut off": "8201",
    "a map cut off": "a101",
    "a value after the value": "0000",
    "a tag": "c000",
    "a date's tag": "c11a00000000",
    "a large number's tag": "c249010000000000000000",
    "a half float": "f93c00",
    "a float": "fa3f800000",
    "a double": "fb3ff0000000000000",
    "undefined": "f7",
    "a simple value": "e0",
    "false in two bytes": "f814",
    "a text key": "a1616100",
    "a negative key": "a12000",
    "a bytes key": "a1410000",
    "a true key": "a1f500",
    "keys out of order": "a201000000",
    "a key twice": "a200000001",
    "a key written too long": "a1180000",
    "keys whose order is that of their bytes backwards": "a218180017" + "00",
}


def shelf() -> Shelf:
    """Return the vectors of canonical bytes."""
    made = Shelf("canonical", "Canonical bytes, at most `limit` of them, and the value they mean.")
    for name, value in _VALUES.items():
        data = recipe.packed(canonical.encode(value))
        made.good(name, "canonical", {"data": data, "limit": 4096}, recipe.plain(value))
    for name, data in _BAD.items():
        made.bad(name, "canonical", {"data": data, "limit": 4096}, MALFORMED)
    _limits(made)
    return made


def _limits(made: Shelf) -> None:
    deepest: Any = []
    for _ in range(canonical.DEPTH_MAX):
        deepest = [deepest]
    data = canonical.encode(deepest).hex()
    made.good("nested 16 deep", "canonical", {"data": data, "limit": 64}, deepest)
    made.bad("nested 17 deep", "canonical", {"data": "81" + data, "limit": 64}, MALFORMED)
    many = {"repeat": "81", "times": 4000}
    made.bad("nested 4,000 deep", "canonical", {"data": many, "limit": 4096}, MALFORMED)
    at_limit = recipe.packed(canonical.encode(bytes(62)))
    made.good(
        "as long as the limit",
        "canonical",
        {"data": at_limit, "limit": 64},
        recipe.plain(bytes(62)),
    )
    made.bad("a byte over the limit", "canonical", {"data": at_limit, "limit": 63}, MALFORMED)
