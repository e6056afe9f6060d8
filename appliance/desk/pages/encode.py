"""Writes the two pictures of a page: the page (AVIF) for the caseworker, the preview (WebP) for the first look."""

import io

from PIL import Image

from papers.opening import Picture

PAGE_TYPE = "image/avif"
PREVIEW_TYPE = "image/webp"
PAGE_LONG_SIDE = 3508
"""A4 at 300 dpi."""
PAGE_QUALITY = 30
PAGE_SPEED = 8
PREVIEW_LIMIT = 15_000
"""Bytes; the preview is sent before everything else, over the worst link."""
PREVIEW_STEPS = ((1000, 22), (900, 16), (800, 12), (640, 10), (480, 8), (320, 5))
"""(long side in pixels, quality), tried in order until the preview fits."""


def encode_page(picture: Picture) -> bytes:
    """Write the page as AVIF, about 85 KB for A4 at 300 dpi."""
    image = _within(Image.fromarray(picture), PAGE_LONG_SIDE)
    out = io.BytesIO()
    image.save(out, "AVIF", quality=PAGE_QUALITY, speed=PAGE_SPEED, max_threads=1)
    return out.getvalue()


def encode_preview(picture: Picture) -> bytes:
    """Write the preview as WebP of at most `PREVIEW_LIMIT` bytes."""
    data = b""
    image = Image.fromarray(picture)
    for side, quality in PREVIEW_STEPS:
        image = _within(image, side)
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality, method=4)
        data = out.getvalue()
        if len(data) <= PREVIEW_LIMIT:
            break
    return data


def _within(image: Image.Image, side: int) -> Image.Image:
    longest = max(image.width, image.height)
    if longest <= side:
        return image
    scale = side / longest
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
