"""Writes the picture of a sheet as it was fed, for the depot: full resolution, as it lay, within a limit."""

import io
from typing import Final

from PIL import Image

from papers.opening import Picture

ORIGINAL_TYPE: Final = "image/jpeg"
BYTES_MOST: Final = 3_000_000
_QUALITIES: Final = (90, 85, 80, 70, 60, 50, 35, 20)
_SMALLER: Final = 0.7


def encode_original(picture: Picture) -> bytes:
    """Write an RGB picture as JPEG of at most `BYTES_MOST` bytes: first less quality, then fewer pixels."""
    image = Image.fromarray(picture)
    while True:
        for quality in _QUALITIES:
            out = io.BytesIO()
            image.save(out, "JPEG", quality=quality)
            if out.tell() <= BYTES_MOST:
                return out.getvalue()
        image = image.resize(
            (max(1, int(image.width * _SMALLER)), max(1, int(image.height * _SMALLER)))
        )
