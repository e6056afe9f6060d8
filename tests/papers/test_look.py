"""The first look at a page of an unknown form."""

import cv2
import numpy as np
import pytest

from papers.leaf import LeafError
from papers.look import BYTES_MOST, MARK, read_look, write_look
from papers.tones import flattened
from tests.support.written_page import box_of, written_page


def likeness(look: np.ndarray, page: np.ndarray, row: int) -> float:
    """Tell how alike a line looks in both, from 0 to 1."""
    scale = look.shape[1] / page.shape[1]
    x, y, width, height = box_of(row)
    cut = look[
        round(y * scale) : round((y + height) * scale),
        round(x * scale) : round((x + width) * scale),
    ]
    seen = cv2.cvtColor(cv2.resize(cut, (width, height)), cv2.COLOR_RGB2GRAY)
    true = cv2.cvtColor(page[y : y + height, x : x + width], cv2.COLOR_RGB2GRAY)
    return float(np.corrcoef(seen.ravel(), true.ravel())[0, 1])


def test_values_are_sharp_and_the_rest_coarse() -> None:
    """The named line is like the paper, another is pale and soft."""
    page = written_page()
    look = read_look(write_look(flattened(page), [box_of(3)]))
    assert likeness(look, page, 3) > max(0.9, likeness(look, page, 9) + 0.05)
    x, y, width, height = box_of(9)
    assert look[y : y + height, x : x + width].min() > 80


def test_what_is_left_goes_to_more() -> None:
    """A line of the second rank is sharp, too, where bytes are left."""
    page = written_page()
    look = read_look(write_look(flattened(page), [box_of(3)], [box_of(9)]))
    assert likeness(look, page, 9) > 0.9


def test_without_areas_the_page_is_even() -> None:
    """Nothing is known of it: every line alike."""
    page = written_page()
    look = read_look(write_look(flattened(page)))
    assert min(likeness(look, page, row) for row in (1, 7, 13)) > 0.8


@pytest.mark.parametrize(
    "areas", [[], [(0, 0, 900, 1200)], [(-50, -50, 2000, 3000), (880, 1190, 90, 90)]]
)
def test_a_look_is_never_larger_than_allowed(areas: list[tuple[int, int, int, int]]) -> None:
    """Dense pages, and boxes that reach beyond the paper."""
    noise = np.random.default_rng(2).integers(0, 255, (1200, 900, 3), np.uint8)
    data = write_look(noise, areas)
    assert len(data) <= BYTES_MOST
    assert read_look(data).ndim == 3


@pytest.mark.parametrize("data", [b"", MARK, MARK + bytes(40), b"MBT1" + bytes(40)])
def test_rubbish_is_refused(data: bytes) -> None:
    """In words."""
    with pytest.raises(LeafError):
        read_look(data)
