"""Writes the two pictures of a page that travel: the working copy, and the first look that goes before everything."""

import io
from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image

from papers import look, residual, showable
from papers.blank import Blank
from papers.leaf import tiles_of, write_leaf
from papers.opening import Picture
from papers.tones import LONG_SIDE, flattened, sharpness, toned_flat, within

PREVIEW_LIMIT: Final = look.BYTES_MOST
"""Bytes; the first look is sent before everything else, over the worst link."""
PICTURE_SHARE: Final = 0.6
"""Share of tiles with ink from which a page is a photograph and no writing; tones would spoil it."""
COPY_LIMIT: Final = 120_000
PICTURE_QUALITY, PICTURE_SPEED = 30, 8
SOFT: Final = 0.4
"""Sharpness below which steps between tones would cost more reading than a picture's own softness."""
SOFT_QUALITY, SOFT_SPEED = 44, 9
Box = tuple[int, int, int, int]


def encode_page(picture: Picture) -> bytes:
    """Write the working copy: a page in tones, about 45 KB for A4; what is soft or no writing as AVIF."""
    return _copy_of(picture, flattened(within(picture, LONG_SIDE)))


def encode_both(
    picture: Picture,
    areas: Sequence[Box] = (),
    more: Sequence[Box] = (),
    blank: Blank | None = None,
) -> tuple[bytes, bytes]:
    """Write the working copy and the first look of one page, as `encode_page` and `encode_preview` do."""
    flat = flattened(within(picture, LONG_SIDE))
    copy = _copy_of(picture, flat)
    if blank is not None:
        del flat
        return copy, encode_preview(picture, areas, more, blank)
    return copy, _look_of(flat, flat.shape[1] / picture.shape[1], areas, more)


def _copy_of(picture: Picture, flat: Picture) -> bytes:
    page = toned_flat(flat)
    if sharpness(flat, page.tones) < SOFT:
        return _as_photograph(picture, SOFT_QUALITY, SOFT_SPEED)
    if float(tiles_of(page.tones)[0].mean()) < PICTURE_SHARE:
        data = write_leaf(page)
        if len(data) <= COPY_LIMIT:
            return data
    return _as_photograph(picture, PICTURE_QUALITY, PICTURE_SPEED)


def encode_preview(
    picture: Picture,
    areas: Sequence[Box] = (),
    more: Sequence[Box] = (),
    blank: Blank | None = None,
) -> bytes:
    """Write the first look, at most `PREVIEW_LIMIT` bytes.

    `areas` are boxes (x, y, width, height) in pixels of the picture that must stay readable, the most important
    first; `more` stay readable where bytes are left. `blank` is given when the picture lies on that blank's grid:
    then only what was added to it is written.
    """
    if blank is not None:
        data = residual.write_residual(picture, blank)
        if data is not None:
            return data
    flat = flattened(within(picture, LONG_SIDE))
    return _look_of(flat, flat.shape[1] / picture.shape[1], areas, more)


def _look_of(flat: Picture, scale: float, areas: Sequence[Box], more: Sequence[Box]) -> bytes:
    return look.write_look(flat, _scaled(areas, scale), _scaled(more, scale))


def _scaled(boxes: Sequence[Box], scale: float) -> list[Box]:
    return [
        (round(x * scale), round(y * scale), round(width * scale), round(height * scale))
        for x, y, width, height in boxes
    ]


def type_of(data: bytes) -> str:
    """Tell the media type of a picture written here."""
    return showable.type_of(data)


def _as_photograph(picture: Picture, quality: int, speed: int) -> bytes:
    out = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(within(picture, LONG_SIDE)))
    image.save(out, "AVIF", quality=quality, speed=speed, max_threads=1)
    return out.getvalue()
