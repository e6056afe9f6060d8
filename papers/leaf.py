"""A page as a file of tones: what its tiles are, which inks it has, and the tones themselves (docs/envelope.md).

    "MBT1", width, height (2 bytes each), table (1), length of the map of tiles (4), length of the inks (2)
    map of tiles, inks, tones

A tile of 8 x 8 spots without ink is one bit. Nothing is lost here: what is lost is lost where tones are told.
"""

import struct
import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from papers import tables
from papers.coder import Active, CodeError, Spots, Tones, decode, encode, guessed_bytes, spots_of
from papers.tones import INK_TILE, Inks, Toned

MEDIA_TYPE: Final = "image/vnd.madobus.tones"
MARK: Final = b"MBT1"
TILE: Final = 8
SIDE_MOST: Final = 4300
MASK: Final = tables.NAMES.index("mask")
PAGE_TABLES: Final = (tables.NAMES.index("scan"), tables.NAMES.index("photo"))
COARSE_TABLES: Final = (tables.NAMES.index("coarse"), tables.NAMES.index("scan"))
_HEAD: Final = struct.Struct(">4sHHBIH")
_WITH_TILES: Final = 1.04
"""A page with its map of tiles over its tones alone."""


class LeafError(ValueError):
    """The bytes are no page of tones."""


def write_leaf(page: Toned, choice: Sequence[int] = PAGE_TABLES) -> bytes:
    """Write a page of tones by the cheapest of the tables."""
    tiles, active = tiles_of(page.tones)
    spots = spots_of(page.tones, active)
    number = choice[0]
    if spots is not None:
        number = min(choice, key=lambda one: spots.bytes_by(tables.table(one)))
    mask = encode(_spots_of_tiles(tiles), tables.table(MASK))
    inks = zlib.compress(page.inks.tobytes(), 9) if page.inks.any() else b""
    height, width = page.tones.shape
    head = _HEAD.pack(MARK, width, height, number, len(mask), len(inks))
    return head + mask + inks + encode(spots, tables.table(number))


def bytes_of(tones: Tones) -> float:
    """Guess the bytes of a page of tones without writing it."""
    _, active = tiles_of(tones)
    return guessed_bytes(tones, active, tables.table(PAGE_TABLES[0])) * _WITH_TILES


def read_leaf(data: bytes) -> Toned:
    """Read a page of tones; raises LeafError."""
    try:
        mark, width, height, number, of_mask, of_inks = _HEAD.unpack_from(data)
        if mark != MARK or not (0 < width <= SIDE_MOST and 0 < height <= SIDE_MOST):
            raise LeafError(f"leaf: begins with {MARK!r} and two sides up to {SIDE_MOST}")
        body = data[_HEAD.size :]
        inks = _inks(body[of_mask : of_mask + of_inks], width, height)
        tiles = decode(
            body[:of_mask], np.ones(_tiled(height, width, TILE), bool), tables.table(MASK)
        )
        tones = decode(
            body[of_mask + of_inks :], _spread(tiles > 0, height, width), tables.table(number)
        )
    except (struct.error, CodeError, KeyError, zlib.error) as fault:
        raise LeafError(f"leaf: the bytes are no page of tones: {fault}") from fault
    return Toned(tones, inks)


def _tiled(height: int, width: int, side: int) -> tuple[int, int]:
    return -(-height // side), -(-width // side)


def tiles_of(tones: Tones) -> tuple[Active, Active]:
    """Tell which tiles have ink, and the same for every spot."""
    height, width = tones.shape
    rows, columns = _tiled(height, width, TILE)
    padded = np.zeros((rows * TILE, columns * TILE), np.uint8)
    padded[:height, :width] = tones
    some = np.bitwise_or.reduce(padded.reshape(rows, TILE, -1), axis=1)
    # The eight spots of a tile's row are one number.
    inky = np.ascontiguousarray(some).view(np.uint64) != 0
    return inky, _spread(inky, height, width)


def _spots_of_tiles(tiles: Active) -> Spots | None:
    """Look at a map of tiles as if it were tones: full ink or paper."""
    return spots_of(tiles * np.uint8(3), np.ones(tiles.shape, bool))


def _spread(tiles: Active, height: int, width: int) -> Active:
    wide = np.repeat(tiles, TILE, axis=1)[:, :width]
    return np.repeat(wide, TILE, axis=0)[:height]


def _inks(data: bytes, width: int, height: int) -> Inks:
    shape = _tiled(height, width, INK_TILE)
    if not data:
        return np.zeros(shape, np.uint8)
    opened = zlib.decompressobj().decompress(data, shape[0] * shape[1] + 1)
    if len(opened) != shape[0] * shape[1]:
        raise LeafError("leaf: the inks have another shape than the page")
    return np.minimum(np.frombuffer(opened, np.uint8), 3).reshape(shape)
