"""The first look at a page of a known form: only what was added to the blank, and where print of the blank is missing.

    "MBR1", SHA-256 of the blank's file (32 bytes), length of the map of missing print (2)
    map of missing print (deflated, one bit a tile of 8 x 8 spots), the added ink as a file of tones (papers/leaf.py)

Print that the paper does not show is taken out of the blank: a blank never supplies a sign the paper did not have.
"""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np

from papers.blank import BLANKS_LIMIT, Blank, Grey
from papers.coder import Active, Tones
from papers.leaf import TILE, LeafError, bytes_of, read_leaf, write_leaf
from papers.opening import Picture
from papers.tones import Toned, coloured, flattened, grey_of, inks_of, toned_flat

MEDIA_TYPE: Final = "image/vnd.madobus.residual"
TYPE_MARK: Final = b"MBR1"
BYTES_MOST: Final = 12_000
SCALES: Final = (1.0, 0.9, 0.8, 0.7, 0.6)
"""Sizes tried against the blank's 200 dpi, until the bytes fit."""
_BYTES_TO_SCALE: Final = 0.7
_HEAD: Final = struct.Struct(">4s32sH")
_PRINT: Final = 70
"""Darkness of a blank from which a spot is print."""
_REACH: Final = 2
"""Spots at 200 dpi by which print may lie beside its place."""
_OVER: Final = 70
"""Levels by which ink beside print must be darker than all print near it."""
_SPECK: Final = 14
"""Spots of ink beside print below which it is the print's own rough edge."""
_GONE: Final = 45
"""Darkness a page stays under where print of the blank is missing."""
_GONE_SPOTS: Final = 10


class ResidualError(ValueError):
    """The bytes are no residual."""


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """A page put together again; without its blank (`blank_known` False) only the added ink, on white."""

    picture: Picture
    blank_known: bool


def write_residual(page: Picture, blank: Blank) -> bytes | None:
    """Write what a page on its blank's grid (RGB, any size) has and its blank has not, within `BYTES_MOST`.

    None where it does not fit at a readable size: so much is new that it is hardly this form.
    """
    height, width = blank.picture.shape
    flat = flattened(
        np.asarray(cv2.resize(page, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    )
    print_ = _print_of(blank)
    missing = _missing(_darkness(flat), print_)
    packed = zlib.compress(np.packbits(missing).tobytes(), 9) if missing.any() else b""
    head = _HEAD.pack(TYPE_MARK, bytes.fromhex(blank.sha256), len(packed)) + packed
    added = _added(flat, print_, 1.0)
    guess = len(head) + bytes_of(added.tones)
    fits = (BYTES_MOST / guess) ** _BYTES_TO_SCALE if guess > BYTES_MOST else 1.0
    for scale in (one for one in SCALES if one <= fits):
        data = head + write_leaf(added if scale == 1 else _added(flat, print_, scale))
        if len(data) <= BYTES_MOST:
            return data
    return None


@lru_cache(maxsize=BLANKS_LIMIT)
def _print_of(blank: Blank) -> Grey:
    """Tell the darkness of a blank's print; a form comes by the hundred."""
    return _darkness(
        flattened(np.asarray(cv2.cvtColor(blank.picture, cv2.COLOR_GRAY2RGB), np.uint8))
    )


def compose(data: bytes, blanks: Mapping[bytes, Blank]) -> Composed:
    """Lay a residual on its blank, found by SHA-256; raises ResidualError."""
    try:
        mark, digest, length = _HEAD.unpack_from(data)
        if mark != TYPE_MARK:
            raise ResidualError(f"residual: begins with {TYPE_MARK!r}")
        added = read_leaf(data[_HEAD.size + length :])
        blank = blanks.get(digest)
        if blank is None:
            return Composed(coloured(grey_of(added.tones), added.inks), blank_known=False)
        missing = _unpacked(data[_HEAD.size : _HEAD.size + length], blank.picture)
    except (struct.error, zlib.error, LeafError) as fault:
        raise ResidualError(f"residual: the bytes are none: {fault}") from fault
    height, width = added.tones.shape
    printed = cv2.resize(
        _without(blank.picture, missing), (width, height), interpolation=cv2.INTER_AREA
    )
    picture = coloured(grey_of(added.tones), added.inks)
    return Composed(np.minimum(picture, printed[:, :, None]), blank_known=True)


def _darkness(flat: Picture) -> Grey:
    return np.asarray(255 - cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY), np.uint8)


def _near(grey: Grey) -> Grey:
    side = 2 * _REACH + 1
    return np.asarray(cv2.dilate(grey, np.ones((side, side), np.uint8)), np.uint8)


def _added(flat: Picture, print_: Grey, scale: float) -> Toned:
    """Tell the tones of the ink that is not print, at a share of the blank's size."""
    near = _near(print_)
    dark = _darkness(flat)
    over = (near < _PRINT) | (dark.astype(np.int16) - near > _OVER)
    if scale < 1:
        size = (round(flat.shape[1] * scale), round(flat.shape[0] * scale))
        flat = np.asarray(cv2.resize(flat, size, interpolation=cv2.INTER_AREA), np.uint8)
        over = cv2.resize(over.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        near = np.asarray(cv2.resize(near, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    tones = np.where(over, toned_flat(flat).tones, 0).astype(np.uint8)
    tones = _without_edges(tones, near, scale)
    return Toned(tones, inks_of(flat, tones))


def _without_edges(tones: Tones, near: Grey, scale: float) -> Tones:
    """Take out slivers along print: what registration left of its rough edges."""
    _, labels, facts, _ = cv2.connectedComponentsWithStats(
        (tones > 0).astype(np.uint8), connectivity=8
    )
    beside = cv2.dilate((near >= _PRINT).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    touching = np.zeros(len(facts), bool)
    touching[np.unique(labels[beside])] = True
    thin = np.minimum(facts[:, cv2.CC_STAT_WIDTH], facts[:, cv2.CC_STAT_HEIGHT]) <= max(
        1, round(2 * scale)
    )
    small = facts[:, cv2.CC_STAT_AREA] <= _SPECK * scale * scale
    gone = touching & (small | thin)
    gone[0] = False
    return np.where(gone[labels], 0, tones).astype(np.uint8)


def _missing(dark: Grey, print_: Grey) -> Active:
    """Tell the tiles in which the blank has print and the paper has none."""
    gone = (print_ >= _PRINT) & (_near(dark) < _GONE)
    kept = (print_ >= _PRINT) & ~gone
    lost, held = _counted(gone), _counted(kept)
    surely = (lost >= _GONE_SPOTS) & (lost >= held)
    beside = cv2.dilate(surely.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.asarray(surely | (beside & (lost > held)), bool)


def _counted(spots: Active) -> "np.typing.NDArray[np.int64]":
    height, width = spots.shape
    rows, columns = -(-height // TILE), -(-width // TILE)
    padded = np.zeros((rows * TILE, columns * TILE), bool)
    padded[:height, :width] = spots
    return np.asarray(padded.reshape(rows, TILE, columns, TILE).sum(axis=(1, 3)), np.int64)


def _unpacked(data: bytes, picture: Grey) -> Active:
    height, width = picture.shape
    shape = (-(-height // TILE), -(-width // TILE))
    if not data:
        return np.zeros(shape, bool)
    most = -(-shape[0] * shape[1] // 8)
    bits = zlib.decompressobj().decompress(data, most + 1)
    if len(bits) != most:
        raise ResidualError("residual: the map of missing print has another shape than the blank")
    return np.unpackbits(np.frombuffer(bits, np.uint8))[: shape[0] * shape[1]].reshape(shape) > 0


def _without(picture: Grey, missing: Active) -> Grey:
    height, width = picture.shape
    spread = np.repeat(np.repeat(missing, TILE, axis=0), TILE, axis=1)[:height, :width]
    return np.where(spread, 255, picture).astype(np.uint8)
