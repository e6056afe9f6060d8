"""The first look at a page of an unknown form: its written values sharp, the rest coarse, within 12,000 bytes.

    "MBL1", width, height of the page in the sharp map (2 bytes each), length of the coarse page (4)
    coarse page, sharp page: two files of tones (papers/leaf.py)

The coarse page is the whole page in few spots, shown pale, so that nobody takes it for readable. Where the sharp page
has ink, that is shown instead.
"""

import struct
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from papers.coder import Tones
from papers.leaf import COARSE_TABLES, PAGE_TABLES, TILE, LeafError, bytes_of, read_leaf, write_leaf
from papers.opening import Picture
from papers.tones import Toned, coloured, grey_of, shown, toned_flat, within

MEDIA_TYPE: Final = "image/vnd.madobus.look"
MARK: Final = b"MBL1"
BYTES_MOST: Final = 12_000
SHARP_SIDES: Final = (2000, 1700, 1450, 1300, 1150, 1000, 900, 800)
"""Long sides tried for the sharp map, most first: A4 at 171 to 68 dpi."""
COARSE_SIDES: Final = (420, 320, 240, 180)
"""Long sides tried for the coarse page."""
Box = tuple[int, int, int, int]
"""(x, y, width, height) in pixels of the page."""

_HEAD: Final = struct.Struct(">4sI")
_COARSE_SHARE: Final = 0.18
"""Share of the bytes the coarse page may take."""
_MARGIN: Final = 0.25
"""Share of its height a box is grown by on every side."""
_PALE: Final = 0.55
_SURELY: Final = 0.97
"""Guesses of bytes are so much too low at times."""


def write_look(flat: Picture, areas: Sequence[Box] = (), more: Sequence[Box] = ()) -> bytes:
    """Write the first look at a page whose light and tint were taken out (`papers.tones.flattened`).

    `areas`, in its pixels, stay sharp, the most important first, as many as fit; `more` too where bytes are left.
    Without either the whole page is as sharp as the bytes allow.
    """
    areas, more = (areas, more) if areas else (more, ())
    if not areas:
        return _packed(_whole(flat, BYTES_MOST - _HEAD.size), b"")
    coarse = _coarse(flat, areas)
    left = BYTES_MOST - _HEAD.size - len(coarse)
    if left < BYTES_MOST // 3:
        return _packed(_whole(flat, BYTES_MOST - _HEAD.size), b"")
    return _packed(coarse, _sharp(flat, areas, more, left))


def read_look(data: bytes) -> Picture:
    """Show a first look as an RGB picture; raises LeafError."""
    if len(data) < _HEAD.size or not data.startswith(MARK):
        raise LeafError(f"look: begins with {MARK!r}, and these bytes do not")
    _, length = _HEAD.unpack_from(data)
    body = data[_HEAD.size :]
    coarse = read_leaf(body[:length])
    if len(body) <= length:
        return shown(coarse)
    sharp = read_leaf(body[length:])
    height, width = sharp.tones.shape
    wide = cv2.resize(grey_of(coarse.tones), (width, height), interpolation=cv2.INTER_CUBIC)
    pale = (255 - (255 - wide.astype(np.int16)) * _PALE).astype(np.uint8)
    tiles = cv2.resize(
        (sharp.tones > 0).astype(np.float32),
        (-(-width // TILE), -(-height // TILE)),
        interpolation=cv2.INTER_AREA,
    )
    inky = cv2.dilate((tiles > 0).astype(np.uint8), np.ones((3, 3), np.uint8))
    here = cv2.resize(inky, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    return coloured(np.where(here, grey_of(sharp.tones), pale).astype(np.uint8), sharp.inks)


def _coarse(flat: Picture, areas: Sequence[Box]) -> bytes:
    """Write the whole page in few spots, in more of them where that is cheap; without what is sharp anyway."""
    page = Toned(np.zeros((1, 1), np.uint8), np.zeros((1, 1), np.uint8))
    # Brought down twice: many sides are tried, and from the whole page each costs as much as the first.
    smaller = within(flat, 2 * COARSE_SIDES[0])
    for side in COARSE_SIDES:
        page = toned_flat(within(smaller, side))
        for x, y, wide, high in _scaled(areas, flat, page.tones):
            page.tones[y : y + high, x : x + wide] = 0
        if bytes_of(page.tones) <= BYTES_MOST * _COARSE_SHARE:
            break
    return write_leaf(page, COARSE_TABLES)


def _packed(coarse: bytes, sharp: bytes) -> bytes:
    return _HEAD.pack(MARK, len(coarse)) + coarse + sharp


def _whole(flat: Picture, limit: int) -> bytes:
    """Write the whole page with as many spots as fit."""
    side = SHARP_SIDES[2]
    while True:
        data = write_leaf(toned_flat(within(flat, side)), (*PAGE_TABLES, COARSE_TABLES[0]))
        if len(data) <= limit:
            return data
        side = int(side * min(0.9, (limit / len(data)) ** 0.75))


def _sharp(flat: Picture, areas: Sequence[Box], more: Sequence[Box], limit: int) -> bytes:
    """Write the areas in the finest map that holds them all, and of `more` what then fits."""
    side, room = SHARP_SIDES[2], limit * _SURELY
    drawn = toned_flat(within(flat, side))
    whole = bytes_of(_only(drawn, _scaled(areas, flat, drawn.tones)).tones)
    fine = side * (room / max(1.0, whole)) ** 0.75
    for best in [one for one in SHARP_SIDES if one <= fine] or SHARP_SIDES[-1:]:
        if best != side:
            drawn, side = toned_flat(within(flat, best)), best
        whole = bytes_of(_only(drawn, _scaled(areas, flat, drawn.tones)).tones)
        if whole <= room:
            break
    boxes = _scaled([*areas, *more], flat, drawn.tones)
    costs = _costs(drawn.tones, boxes)
    scale = whole / max(1.0, sum(costs[: len(areas)]))
    return _filled(drawn, boxes, [cost * scale for cost in costs], limit)


def _filled(drawn: Toned, boxes: Sequence[Box], costs: Sequence[float], limit: int) -> bytes:
    """Write as many of the boxes, first ones first, as fit."""
    room = float(limit)
    while True:
        kept = _only(drawn, _fitting(boxes, costs, room))
        guess = bytes_of(kept.tones)
        if guess <= limit * _SURELY:
            data = write_leaf(kept)
            if len(data) <= limit:
                return data
            guess = len(data)
        room *= min(0.97, _SURELY * limit / guess)


def _fitting(boxes: Sequence[Box], costs: Sequence[float], room: float) -> list[Box]:
    chosen = []
    for box, cost in zip(boxes, costs, strict=True):
        if cost <= room:
            chosen.append(box)
            room -= cost
    return chosen


def _scaled(areas: Sequence[Box], flat: Picture, tones: Tones) -> list[Box]:
    """Bring boxes to a map's spots, grown by their margin."""
    scale = tones.shape[1] / flat.shape[1]
    height, width = tones.shape
    boxes = []
    for x, y, wide, high in areas:
        margin = min(wide, high) * _MARGIN
        left, top = max(0, int((x - margin) * scale)), max(0, int((y - margin) * scale))
        right, bottom = (
            min(width, int((x + wide + margin) * scale) + 1),
            min(height, int((y + high + margin) * scale) + 1),
        )
        boxes.append((left, top, max(0, right - left), max(0, bottom - top)))
    return boxes


def _costs(tones: Tones, boxes: Sequence[Box]) -> list[float]:
    """Guess the bytes of each box by its share of the page's changes of tone."""
    changes = np.zeros(tones.shape, np.uint8)
    changes[1:] |= tones[1:] != tones[:-1]
    changes[:, 1:] |= tones[:, 1:] != tones[:, :-1]
    summed = cv2.integral(changes)
    each = [
        float(summed[y + h, x + w] - summed[y, x + w] - summed[y + h, x] + summed[y, x])
        for x, y, w, h in boxes
    ]
    byte = bytes_of(tones) / max(1.0, float(changes.sum()))
    return [one * byte for one in each]


def _only(page: Toned, boxes: Sequence[Box]) -> Toned:
    kept = np.zeros_like(page.tones)
    for x, y, wide, high in boxes:
        kept[y : y + high, x : x + wide] = page.tones[y : y + high, x : x + wide]
    return Toned(kept, page.inks)
