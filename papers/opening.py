"""Opens a foreign picture within bounds and gives it as an RGB array; only bounded worker processes may call this."""

import io
import warnings
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from papers.limits import BYTE_LIMIT, LONG_SIDE_LIMIT, PIXEL_LIMIT

Picture = npt.NDArray[np.uint8]
Reason = Literal["not_a_picture", "broken_picture", "too_large", "too_many_bytes"]

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "PPM")
# What the decoders raise for broken bytes; AVIF's says RuntimeError.
BROKEN = (OSError, ValueError, SyntaxError, EOFError, MemoryError, RuntimeError)

BAND = 256
"""Rows of a decoded picture that are copied at a time."""


class PictureRefusedError(Exception):
    """The picture cannot be used: `reason` in a word, `size` the bytes or pixels it claims (0 without a claim)."""

    def __init__(self, reason: Reason, size: int = 0) -> None:
        super().__init__(
            f"picture: {reason}, {size}; a page is one of {', '.join(FORMATS)} within papers/limits.py"
        )
        self.reason: Reason = reason
        self.size = size


def open_picture(
    data: bytes, formats: tuple[str, ...] = FORMATS, pixel_limit: int = PIXEL_LIMIT
) -> Picture:
    """Decode to RGB (height, width, 3), long side at most `LONG_SIDE_LIMIT`; raises PictureRefusedError.

    The header is read first: nothing is decoded when it promises more than `pixel_limit` pixels.
    """
    if len(data) > BYTE_LIMIT:
        raise PictureRefusedError("too_many_bytes", len(data))
    image = _open_header(data, formats)
    pixels = image.width * image.height
    if pixels > pixel_limit:
        raise PictureRefusedError("too_large", pixels)
    try:
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        return _array(_bounded(image if image.mode == "RGB" else image.convert("RGB")))
    except BROKEN as fault:
        raise PictureRefusedError("broken_picture") from fault


def _open_header(data: bytes, formats: tuple[str, ...]) -> Any:
    """Open without decoding; Pillow's own bomb check is replaced by ours, which stands in front of it."""
    Image.MAX_IMAGE_PIXELS = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Image.open(io.BytesIO(data), formats=formats)
    except BROKEN as fault:
        raise PictureRefusedError("not_a_picture") from fault


def _bounded(image: Image.Image) -> Image.Image:
    longest = max(image.width, image.height)
    if longest > LONG_SIDE_LIMIT:
        scale = LONG_SIDE_LIMIT / longest
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        return image.resize(size, Image.Resampling.LANCZOS)
    return image


def _array(image: Image.Image) -> Picture:
    """Copy an RGB image band by band: in one go Pillow would hold it three times."""
    picture = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, BAND):
        bottom = min(image.height, top + BAND)
        picture[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return picture
