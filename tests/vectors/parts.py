"""Vectors of parts: opened (docs/envelope.md section 5), their pieces (section 6), and the padding alone (table 6)."""

import hashlib
from typing import Any, Final

from sync import merkle
from sync.padding import pad
from sync.verify import part_root, piece_leaves
from tests.vectors import recipe
from tests.vectors.bricks import DIVISION, NO_MATCH, PAYLOAD, READING, Shelf, seed
from tests.vectors.forging import Forged, close, close_part, close_record

_PIECE: Final = 262_144
_KEY: Final = DIVISION.seed.hex()


def shelf() -> Shelf:
    """Return the vectors of parts, pieces and padding."""
    made = Shelf("parts", "Sealed parts of a verified slip, single pieces of a part, and padding.")
    _opened(made)
    _promised_falsely(made)
    _pieces(made)
    _padding(made)
    return made


def _content(size: int) -> bytes:
    return hashlib.shake_256(f"content of {size}".encode()).digest(size)


def _opened(made: Shelf) -> None:
    sizes = [0, 1, 1020, 1021, 16_380]
    sealed = [close_part(_content(size), index) for index, size in enumerate(sizes)]
    forged = Forged(close_record(), parts=[(1 + n % 2, data) for n, data in enumerate(sealed)])
    slip = made.blob("slip", forged.slip())
    blobs = [made.blob(f"part {n}", data) for n, data in enumerate(sealed)]

    def given(index: int, data: Any, key: str = _KEY) -> dict[str, Any]:
        return {"slip": slip, "index": index, "data": data, "opening_seed": key}

    for index, size in enumerate(sizes):
        name = f"a part of {size:,} bytes"
        outcome = {"hex": recipe.shown(_content(size))}
        made.good(name, "part", given(index, blobs[index]), outcome)
    bad = {
        "a part in another's place": given(0, blobs[1]),
        "another part of the same length": given(1, blobs[0]),
        "a part cut off": given(2, recipe.cut(blobs[2], -1)),
        "no bytes at all": given(2, ""),
        "a byte behind a part": given(2, [blobs[2], "00"]),
        "a part's first bit": given(2, recipe.flipped(blobs[2], 0)),
        "a part's commitment": given(2, recipe.flipped(blobs[2], 24)),
        "a part's last bit": given(2, recipe.flipped(blobs[2], -1, 7)),
        "a part's second chunk": given(4, recipe.flipped(blobs[4], 56 + 16_400)),
        "a part number the header does not have": given(5, blobs[0]),
        "a negative part number": given(-1, blobs[4]),
    }
    for name, one in bad.items():
        made.bad(name, "part", one, PAYLOAD)
    stranger = given(0, blobs[0], READING.seed.hex())
    made.bad("a part for a key that is no recipient", "part", stranger, NO_MATCH)


def _promised_falsely(made: Shelf) -> None:
    """Length and root are those of the header, what is inside is not a part."""
    padded = pad(b"page", 1024)
    two = close(bytes(16_384 + 100), 1)
    inside = {
        "a part of zeros": bytes(1200),
        "a part sealed for another place": close(padded, 2),
        "a part sealed as the record": close(padded, 0),
        "a part sealed with another key": close(padded, 1, key=seed("data key 2")),
        "a part without its last chunk": two[: 56 + 16_400],
        "a part whose padding is not empty": close(padded[:-1] + b"\x01", 1),
        "a part a step longer than needed": close(padded + bytes(1024), 1),
        "a part whose length is beyond it": close(b"\x00\x00\x04\x00" + padded[4:], 1),
        "a part that is not padded": close(b"page", 1),
        "a part of three bytes": close(b"\x00\x00\x00", 1),
    }
    for name, data in inside.items():
        slip = Forged(close_record(), parts=[(2, data)]).slip()
        given = {
            "slip": recipe.packed(slip),
            "index": 0,
            "data": recipe.packed(data),
            "opening_seed": _KEY,
        }
        made.bad(name, "part", given, PAYLOAD)


def _pieces(made: Shelf) -> None:
    for size in (1, _PIECE, _PIECE + 1, 5 * _PIECE + 777):
        data = hashlib.shake_256(b"pieces").digest(size)
        name = f"the root of {size:,} bytes"
        made.good(name, "root", {"data": recipe.shake("pieces", size)}, part_root(data).hex())
    size = 5 * _PIECE + 777
    data = hashlib.shake_256(b"pieces").digest(size)
    leaves = list(piece_leaves(data))
    whole = recipe.shake("pieces", size)
    for number in range(6):
        one = _piece(whole, number, merkle.inclusion_proof(number, leaves), size, part_root(data))
        made.good(f"piece {number} of six", "piece", one, True)
    good = _piece(whole, 2, merkle.inclusion_proof(2, leaves), size, part_root(data))
    wrong: dict[str, dict[str, Any]] = {
        "a piece under another number": {"number": 3},
        "a piece beyond the last": {"number": 6},
        "a piece before the first": {"number": -1},
        "a piece whose bit is turned": {"data": recipe.flipped(good["data"], 5)},
        "a piece cut off": {"data": recipe.cut(good["data"], -1)},
        "a piece without proof": {"proof": []},
        "a proof with a step less": {"proof": good["proof"][:-1]},
        "a proof with a step more": {"proof": [*good["proof"], "00" * 32]},
        "a proof whose step has 31 bytes": {"proof": [*good["proof"][:-1], "00" * 31]},
        "a part one piece shorter": {"length": 4 * _PIECE},
        "another root": {"root": "00" * 32},
    }
    for name, change in wrong.items():
        made.good(name, "piece", good | change, False)


def _piece(
    whole: dict[str, Any], number: int, proof: list[bytes], size: int, root: bytes
) -> dict[str, Any]:
    cut = recipe.put(recipe.cut(whole, (number + 1) * _PIECE), 0, number * _PIECE, "")
    return {
        "data": cut,
        "number": number,
        "proof": [step.hex() for step in proof],
        "length": size,
        "root": root.hex(),
    }


def _padding(made: Shelf) -> None:
    for size in (0, 1, 1019, 1020, 1021, 2044):
        given = {"data": recipe.packed(pad(bytes(size), 1024))}
        made.good(f"{size:,} zeros, padded", "unpad", given, {"hex": recipe.shown(bytes(size))})
    good = pad(b"x", 1024)
    bad = {
        "no padding": b"",
        "three bytes": bytes(3),
        "a byte less": good[:-1],
        "a byte more": good + b"\x00",
        "a length without content": bytes(4),
        "a length one step too large": (1021).to_bytes(4, "big") + good[4:],
        "a last byte that is not zero": good[:-1] + b"\x80",
        "a first padding byte that is not zero": good[:5] + b"\x01" + good[6:],
    }
    for name, data in bad.items():
        made.bad(name, "unpad", {"data": recipe.packed(data)}, PAYLOAD)
