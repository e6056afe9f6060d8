"""The first look at a page of a known form: print comes from the blank, ink from the paper, and nothing else."""

from functools import cache

import cv2
import numpy as np
import pytest

from papers.blank import Blank, make_blank
from papers.opening import Picture
from papers.residual import BYTES_MOST, TYPE_MARK, ResidualError, compose, write_residual
from tests.support.written_page import LINES, box_of, written_page

MM = (900 * 25.4 / 200, 1200 * 25.4 / 200)
PRINT = range(0, LINES, 2)


@cache
def blank() -> Blank:
    """Make a blank whose every second line is printed."""
    grey = cv2.cvtColor(written_page(rows=PRINT, grain=0), cv2.COLOR_RGB2GRAY)
    return make_blank("a-form", "form_front", MM, np.asarray(grey, np.uint8), [])[0]


def composed(page: Picture) -> np.ndarray:
    """Send a page of that form and put it together again, as grey."""
    form = blank()
    data = write_residual(page, form)
    assert data is not None
    assert len(data) <= BYTES_MOST
    picture = compose(data, {bytes.fromhex(form.sha256): form}).picture
    return cv2.cvtColor(cv2.resize(picture, (900, 1200)), cv2.COLOR_RGB2GRAY)


def ink_in(grey: np.ndarray, row: int) -> float:
    """Return the share of dark spots in a line."""
    x, y, width, height = box_of(row)
    return float((grey[y : y + height, x : x + width] < 140).mean())


def test_what_was_written_stands_on_the_print() -> None:
    """All lines are there, the printed and the written."""
    grey = composed(written_page())
    assert min(ink_in(grey, row) for row in range(LINES)) > 0.05


def test_an_unwritten_form_is_a_few_bytes() -> None:
    """Print alone is nothing new."""
    data = write_residual(written_page(rows=PRINT, seed=7), blank())
    assert data is not None
    assert len(data) < 600


def test_the_blank_supplies_no_print_the_paper_did_not_have() -> None:
    """A printed line that is missing on the paper is missing in the picture."""
    grey = composed(written_page(rows=range(1, LINES)))
    assert ink_in(grey, 0) < 0.005
    assert ink_in(grey, 2) > 0.05


def test_without_the_blank_only_the_ink_is_shown() -> None:
    """On white, and said."""
    data = write_residual(written_page(), blank())
    assert data is not None
    shown = compose(data, {})
    grey = cv2.cvtColor(cv2.resize(shown.picture, (900, 1200)), cv2.COLOR_RGB2GRAY)
    assert not shown.blank_known
    assert ink_in(grey, 2) < 0.005
    assert ink_in(grey, 3) > 0.05


def test_another_form_altogether_is_no_residual() -> None:
    """What does not fit is sent as an unknown page."""
    noise = np.random.default_rng(4).integers(0, 255, (1200, 900, 3), np.uint8)
    assert write_residual(noise, blank()) is None


@pytest.mark.parametrize("data", [b"", TYPE_MARK, TYPE_MARK + bytes(60), b"MBL1" + bytes(60)])
def test_rubbish_is_refused(data: bytes) -> None:
    """In words."""
    with pytest.raises(ResidualError):
        compose(data, {})
