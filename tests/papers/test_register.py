"""A page is laid on the blank it was printed from, to a fraction of a millimetre, and on no other."""

from functools import cache

import cv2
import numpy as np
import pytest

from papers.blank import DPI, MM
from papers.register import Registered, register
from tests.support.blank_forms import PAGE_MM, blank, drawn, filled, photographed

SLANTED = ((90.0, 75.0), (750.0, 45.0), (800.0, 1025.0), (45.0, 1005.0))
OVERTURNED = (SLANTED[2], SLANTED[3], SLANTED[0], SLANTED[1])


def off_mm(registered: Registered, corners: tuple[tuple[float, float], ...]) -> float:
    """Farthest any corner of the page is laid from where it belongs, in millimetres."""
    width, height = (v / MM * DPI for v in PAGE_MM)
    wanted = np.array([(0, 0), (width, 0), (width, height), (0, height)])
    seen = np.array([corners], np.float64)
    moved = cv2.perspectiveTransform(seen, registered.matrix)[0]
    return float(np.abs(moved - wanted).max() * MM / DPI)


@cache
def laid(corners: tuple[tuple[float, float], ...]) -> Registered | None:
    """Register a filled page seen from the side."""
    return register(photographed(filled(1), corners), (blank(2), blank(1)))


@pytest.mark.parametrize("corners", [SLANTED, OVERTURNED])
def test_a_slanted_page_is_laid_on_its_blank(corners: tuple[tuple[float, float], ...]) -> None:
    """A filled page seen from the side, either way round, is found to a millimetre at its corners."""
    found = laid(corners)
    assert found is not None
    assert found.blank.id == "drawn-1"
    assert off_mm(found, corners) < 1.0


def test_the_warped_picture_lies_on_the_print_of_the_blank() -> None:
    """Where the blank has ink, the registered page is dark at the same pixels."""
    found = laid(SLANTED)
    assert found is not None
    ink = drawn(1) < 100
    page = cv2.erode(cv2.cvtColor(found.picture, cv2.COLOR_RGB2GRAY), np.ones((3, 3), np.uint8))
    assert np.median(page[ink]) < 0.6 * np.median(page[drawn(1) > 250])


def test_another_resolution_gives_another_size() -> None:
    """The picture comes at the resolution asked for."""
    found = register(photographed(drawn(1), SLANTED), (blank(1),), dpi=100)
    assert found is not None
    assert found.picture.shape == (585, 413, 3)
    assert found.box_px((25.4, 50.8, 25.4, 25.4)) == (100, 200, 100, 100)


def test_a_page_of_another_layout_is_refused() -> None:
    """Shared words at other places make no registration."""
    assert register(photographed(filled(4), SLANTED), (blank(1), blank(2))) is None


def test_an_empty_picture_is_refused() -> None:
    """Nothing to match is no error."""
    assert register(np.full((500, 400, 3), 250, np.uint8), (blank(1),)) is None


def test_a_covered_place_does_not_agree() -> None:
    """Under a hand the print is not found again; elsewhere it is."""
    page = filled(1).copy()
    page[150:400, 50:450] = 120
    found = register(photographed(page, SLANTED), (blank(1),))
    if found is not None:
        assert not found.agrees_at((20, 30, 20, 10))
        assert found.agrees_at((15, 100, 30, 10))
