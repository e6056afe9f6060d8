"""A page of tones as a file."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papers.leaf import MARK, LeafError, bytes_of, read_leaf, write_leaf
from papers.tones import INK_TILE, Toned, shown, toned
from tests.support.written_page import written_page


def test_a_page_is_read_as_written() -> None:
    """Tones and inks."""
    page = toned(written_page())
    again = read_leaf(write_leaf(page))
    assert np.array_equal(again.tones, page.tones)
    assert np.array_equal(again.inks, page.inks)


def test_an_empty_page_is_small() -> None:
    """White paper costs next to nothing."""
    assert len(write_leaf(toned(np.full((800, 600, 3), 250, np.uint8)))) < 60


def test_the_guess_is_near_the_bytes() -> None:
    """What chooses the size of a first look is no wild guess."""
    page = toned(written_page())
    assert 0.7 < bytes_of(page.tones) / len(write_leaf(page)) < 1.4


def test_red_stays_red() -> None:
    """The colour of an ink travels in a map of its own."""
    red = shown(read_leaf(write_leaf(toned(written_page(ink=(200, 30, 30))))))
    dark = red[red.min(axis=2) < 100]
    assert dark[:, 0].mean() > dark[:, 1].mean() + 60


def test_inks_of_another_shape_are_refused() -> None:
    """A map that does not fit its page."""
    data = write_leaf(Toned(np.full((64, 64), 3, np.uint8), np.ones((9, 9), np.uint8)))
    assert INK_TILE * 9 > 64
    with pytest.raises(LeafError):
        read_leaf(data)


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=120))
def test_rubbish_is_read_or_refused(body: bytes) -> None:
    """Never anything else, with and without the right mark."""
    for data in (body, MARK + body, MARK + bytes((0, 16, 0, 16, 0)) + body):
        try:
            read_leaf(data)
        except LeafError:
            continue
