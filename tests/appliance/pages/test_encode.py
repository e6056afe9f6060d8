"""The two pictures that leave the worker."""

import cv2
import numpy as np

from appliance.desk.pages.encode import PREVIEW_LIMIT, encode_page, encode_preview, type_of
from papers import showable
from papers.tones import LONG_SIDE
from tests.support.drawn_pages import paper, with_table
from tests.support.written_page import written_page


def noise(height: int = 700, width: int = 500) -> "np.typing.NDArray[np.uint8]":
    """Make a picture that is no page."""
    return np.random.default_rng(3).integers(0, 255, (height, width, 3), np.uint8)


def test_page_is_tones_of_its_own_size() -> None:
    """The working copy of a small page has as many spots as the page has pixels."""
    data = encode_page(written_page(600, 800))
    assert (type_of(data), showable.open_any(data).shape) == (showable.TONES, (800, 600, 3))


def test_page_long_side_is_bounded() -> None:
    """No page leaves with more spots along its side than the limit."""
    assert max(showable.open_any(encode_page(paper(100, LONG_SIDE + 200))).shape) == LONG_SIDE


def test_a_photograph_stays_a_picture() -> None:
    """Tones would spoil what is no writing on paper."""
    assert type_of(encode_page(noise())) == showable.AVIF


def test_a_soft_page_stays_a_picture() -> None:
    """Out of focus: four tones would take what is left."""
    sharp = written_page()
    soft = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 3.0), np.uint8)
    assert [type_of(encode_page(page)) for page in (sharp, soft)] == [showable.TONES, showable.AVIF]


def test_preview_is_a_first_look() -> None:
    """A page of no known form leaves with its values sharp and the rest coarse."""
    page = with_table(paper(), (100, 500, 900), tuple(range(100, 1300, 40)))
    data = encode_preview(page, [(100, 100, 400, 40)], [(500, 100, 400, 40)])
    assert type_of(data) == showable.LOOK
    assert len(data) <= PREVIEW_LIMIT


def test_preview_of_noise_still_fits() -> None:
    """Even the worst picture is made small enough for the worst link."""
    assert len(encode_preview(noise(), [(0, 0, 500, 700)])) <= PREVIEW_LIMIT
