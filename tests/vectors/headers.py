"""Vectors of slip and header (docs/envelope.md sections 2 and 3), read without looking at signatures."""

from typing import Any, Final

from sync import canonical
from tests.vectors import recipe
from tests.vectors.bricks import DIVISION, HEADER, RECOVERY, Shelf, fixed
from tests.vectors.forging import ENV_ID, MOMENT, unsigned

_WRAPPED: Final = bytes(1168)
_GOOD: Final[dict[int, Any]] = {
    1: 1,
    2: 1,
    3: ENV_ID,
    4: "bus-07",
    5: fixed("box key", 8),
    6: b"",
    7: "application",
    8: 0,
    9: bytes(32),
    10: [MOMENT, 2, "synced", 3, 60_000],
    11: [[DIVISION.key_id, 1, _WRAPPED], [RECOVERY.key_id, 2, _WRAPPED]],
    12: [1129, bytes(32)],
    13: [[0, 1, 1129, bytes(32)], [1, 2, 67_108_864, bytes(32)]],
    14: 1,
    15: b"",
}
_RECIPIENTS: Final = [[fixed(f"key {n}", 8), 3, _WRAPPED] for n in range(9)]
_PARTS: Final = [[n, 2, 1, bytes(32)] for n in range(257)]

_GOOD_CHANGES: Final[dict[str, dict[int, Any]]] = {
    "a header": {},
    "the longest sender": {4: "b" * 32},
    "city hall's office": {4: "office", 7: "visit_pack"},
    "a visit of 32 bytes": {6: bytes(32)},
    "the highest journal number": {8: 2**63 - 1},
    "1970": {10: [0, 0, "unsynced", 0, 0]},
    "the last microsecond": {10: [32_503_679_999_000_000, 2**32 - 1, "holdover", 1, 1]},
    "one recipient": {11: _RECIPIENTS[:1]},
    "eight recipients": {11: _RECIPIENTS[:8]},
    "the longest sealed record": {12: [270_336, bytes(32)]},
    "no parts": {13: []},
    "256 parts": {13: _PARTS[:256]},
    "a beacon of 128 bytes": {15: bytes(128)},
}
_BAD_CHANGES: Final[dict[str, dict[int, Any]]] = {
    "version 2": {1: 2},
    "version true": {1: True},
    "suite 0": {2: 0},
    "suite 2": {2: 2},
    "an id of 15 bytes": {3: bytes(15)},
    "an id that is text": {3: "x" * 16},
    "no sender": {4: ""},
    "a sender with a capital": {4: "Bus-07"},
    "a sender with a line's end": {4: "bus-07\n"},
    "a sender of 33 signs": {4: "b" * 33},
    "a sender with full-width digits": {4: "bus-\uff10\uff17"},
    "a key id of 7 bytes": {5: bytes(7)},
    "a visit of 33 bytes": {6: bytes(33)},
    "no kind": {7: ""},
    "a kind with a hyphen": {7: "visit-pack"},
    "a kind of 33 signs": {7: "k" * 33},
    "a negative journal number": {8: -1},
    "a journal number of 2^63": {8: 2**63},
    "a journal head of 31 bytes": {9: bytes(31)},
    "time without boot": {10: [MOMENT, 2, "synced", 3]},
    "time after 2999": {10: [32_503_679_999_000_001, 2, "synced", 3, 0]},
    "a negative time": {10: [-1, 2, "synced", 3, 0]},
    "an uncertainty of 2^32": {10: [MOMENT, 2**32, "synced", 3, 0]},
    "an unknown clock quality": {10: [MOMENT, 2, "perfect", 3, 0]},
    "a clock quality that is a number": {10: [MOMENT, 2, 3, 3, 0]},
    "a boot counter that is true": {10: [MOMENT, 2, "synced", True, 0]},
    "a boot counter of 2^63": {10: [MOMENT, 2, "synced", 2**63, 0]},
    "no recipient": {11: []},
    "nine recipients": {11: _RECIPIENTS},
    "a recipient twice": {11: _RECIPIENTS[:1] * 2},
    "a recipient of role 0": {11: [[bytes(8), 0, _WRAPPED]]},
    "a recipient of role 4": {11: [[bytes(8), 4, _WRAPPED]]},
    "a wrapped key of 1,167 bytes": {11: [[bytes(8), 1, bytes(1167)]]},
    "an empty wrapped key": {11: [[bytes(8), 1, b""]]},
    "a recipient without role": {11: [[bytes(8), _WRAPPED]]},
    "a recipient that is a map": {11: [{1: bytes(8)}]},
    "an empty sealed record": {12: [0, bytes(32)]},
    "a sealed record over its limit": {12: [270_337, bytes(32)]},
    "a record's hash of 31 bytes": {12: [1129, bytes(31)]},
    "257 parts": {13: _PARTS},
    "parts that are a map": {13: {}},
    "parts out of order": {13: [_PARTS[1], _PARTS[0]]},
    "a part's number twice": {13: [_PARTS[0], _PARTS[0]]},
    "a part of role 0": {13: [[0, 0, 1, bytes(32)]]},
    "a part of role 4": {13: [[0, 4, 1, bytes(32)]]},
    "an empty part": {13: [[0, 2, 0, bytes(32)]]},
    "a part over its limit": {13: [[0, 2, 67_108_865, bytes(32)]]},
    "a part's root of 31 bytes": {13: [[0, 2, 1, bytes(31)]]},
    "a negative bundle version": {14: -1},
    "a bundle version that is null": {14: None},
    "a beacon of 129 bytes": {15: bytes(129)},
    "a beacon that is text": {15: ""},
    "a key 16": {16: 0},
    "a key 0": {0: 0},
}


def shelf() -> Shelf:
    """Return the vectors of slips whose header is read and nothing else."""
    made = Shelf("headers", "The slip's frame and its header; signatures are not looked at.")
    for name, change in _GOOD_CHANGES.items():
        values = _GOOD | change
        data = recipe.packed(unsigned(canonical.encode(values)))
        made.good(name, "header", {"slip": data}, recipe.plain(values))
    for name, change in _BAD_CHANGES.items():
        data = recipe.packed(unsigned(canonical.encode(_GOOD | change)))
        made.bad(name, "header", {"slip": data}, HEADER)
    _not_canonical(made)
    _frames(made)
    return made


def _not_canonical(made: Shelf) -> None:
    good = canonical.encode(_GOOD)
    values = [
        ("a list of the values", canonical.encode(list(_GOOD.values()))),
        ("no key 15", canonical.encode({key: _GOOD[key] for key in range(1, 15)})),
        ("a version written too long", good[:2] + b"\x18\x01" + good[3:]),
        ("a byte behind the header's value", good + b"\x00"),
        ("a header cut off", good[:-1]),
        ("a header that is a float", b"\xf9\x3c\x00"),
        ("an empty header", b""),
    ]
    for name, header in values:
        made.bad(name, "header", {"slip": recipe.packed(unsigned(header))}, HEADER)


def _frames(made: Shelf) -> None:
    data = unsigned(canonical.encode(_GOOD))
    size = int.from_bytes(data[8:12], "big")
    good = made.blob("slip", data)
    frames = {
        "an empty slip": "",
        "a mark alone": recipe.cut(good, 8),
        "another mark": recipe.flipped(good, 0),
        "a mark whose line end was mended": recipe.put(good, 4, 2, "0a"),
        "the mark of version 2": recipe.put(good, 7, 1, "02"),
        "a slip cut in its header": recipe.cut(good, 12 + size // 2),
        "a slip cut before the signatures": recipe.cut(good, 12 + size),
        "a slip cut in the second signature": recipe.cut(good, 12 + size + 1000),
        "a slip cut a byte before the signatures end": recipe.cut(good, 2500 + size),
        "a header longer than the slip": recipe.put(good, 8, 4, "00007fff"),
        "a header's length of 4 GiB": recipe.put(good, 8, 4, "ffffffff"),
        "a header a byte shorter than it is": recipe.put(good, 8, 4, f"{size - 1:08x}"),
        "one signature": recipe.put(good, 12 + size, 1, "01"),
        "three signatures": recipe.put(good, 12 + size, 1, "03"),
        "a first signature of 65": recipe.put(good, 13 + size, 2, "0041"),
        "a second signature of 2,419": recipe.put(good, 79 + size, 2, "0973"),
        "a slip a byte over its limit": [good, {"repeat": "00", "times": 305_606 - len(data)}],
    }
    for name, spec in frames.items():
        made.bad(name, "header", {"slip": spec}, HEADER)
    long = recipe.packed(unsigned(b"\x40" * 32_769))
    made.bad("a header a byte over its limit", "header", {"slip": long}, HEADER)
    longest = [good, {"repeat": "00", "times": 305_605 - len(data)}]
    made.good("a slip as long as its limit", "header", {"slip": longest}, recipe.plain(_GOOD))
