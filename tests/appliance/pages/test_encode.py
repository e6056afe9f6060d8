"""Pictures that leave the worker."""

import io

import numpy as np
from PIL import Image

from appliance.desk.pages.encode import (
    PAGE_LONG_SIDE,
    PREVIEW_LIMIT,
    encode_page,
    encode_preview,
)
from tests.support.drawn_pages import paper, with_table


def test_page_is_avif() -> None:
    """The page opens as AVIF of its own size."""
    image = Image.open(io.BytesIO(encode_page(paper(300, 200))))
    assert (image.format, image.size) == ("AVIF", (300, 200))


def test_page_long_side_is_bounded() -> None:
    """No page leaves with more pixels than A4 at 300 dpi has along its side."""
    image = Image.open(io.BytesIO(encode_page(paper(100, PAGE_LONG_SIDE + 200))))
    assert max(image.size) == PAGE_LONG_SIDE


def test_preview_is_webp() -> None:
    """The preview opens as WebP."""
    page = with_table(paper(), (100, 500, 900), tuple(range(100, 1300, 40)))
    assert Image.open(io.BytesIO(encode_preview(page))).format == "WEBP"


def test_preview_of_noise_still_fits() -> None:
    """Even the worst picture is made small enough for the worst link."""
    noise = np.random.default_rng(3).integers(0, 255, (1400, 1000, 3), np.uint8)
    assert len(encode_preview(noise)) <= PREVIEW_LIMIT
