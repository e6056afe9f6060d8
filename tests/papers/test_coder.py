"""Maps of tones are written and read without loss, and rubbish is refused in words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from papers import tables
from papers.coder import LANE_SPOTS, LANES_MOST, SIDE_MOST, CodeError, decode, encode, spots_of

TABLE = tables.table(0)


def round_trip(tones: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Write and read."""
    return decode(encode(spots_of(tones, active), TABLE), active, TABLE)


@settings(max_examples=30, deadline=None)
@given(
    tones=arrays.arrays(
        np.uint8,
        arrays.array_shapes(min_dims=2, max_dims=2, max_side=40),
        elements=st.integers(0, 3),
    )
)
def test_what_is_written_is_read(tones: np.ndarray) -> None:
    """Any small map, with every spot active."""
    assert np.array_equal(round_trip(tones, np.ones(tones.shape, bool)), tones)


def test_many_lanes_are_read_as_one() -> None:
    """A map large enough for every lane."""
    tones = np.random.default_rng(5).integers(0, 4, (640, 640)).astype(np.uint8)
    assert tones.size > LANES_MOST * LANE_SPOTS
    assert np.array_equal(round_trip(tones, np.ones(tones.shape, bool)), tones)


def test_inactive_spots_are_paper() -> None:
    """What is not active comes back as paper, whatever stood there."""
    tones = np.full((30, 20), 3, np.uint8)
    active = np.zeros(tones.shape, bool)
    active[10:20] = True
    assert np.array_equal(round_trip(tones, active), np.where(active, 3, 0))


def test_nothing_active_is_five_bytes() -> None:
    """An empty map has lanes and words of number nought."""
    none = np.zeros((9, 9), bool)
    data = encode(spots_of(np.zeros((9, 9), np.uint8), none), TABLE)
    assert (len(data), decode(data, none, TABLE).sum()) == (5, 0)


def test_the_bytes_stay_the_same() -> None:
    """Every machine writes the same bytes: whole numbers only, and a table that does not change unseen."""
    tones = (np.add.outer(np.arange(24) ** 2, np.arange(24) * 3) // 16 % 4).astype(np.uint8)
    data = encode(spots_of(tones, np.ones(tones.shape, bool)), TABLE)
    again = encode(spots_of(tones.copy(), np.ones(tones.shape, bool)), TABLE)
    assert data == again


@pytest.mark.parametrize("cut", [0, 3, 8, -1])
def test_bytes_that_break_off_are_refused(cut: int) -> None:
    """At any place."""
    active = np.ones((20, 20), bool)
    data = encode(spots_of(np.ones((20, 20), np.uint8), active), TABLE)
    with pytest.raises(CodeError):
        decode(data[:cut], active, TABLE)


def test_too_large_a_map_is_refused() -> None:
    """Before anything is laid out."""
    with pytest.raises(CodeError):
        spots_of(np.zeros((1, SIDE_MOST + 1), np.uint8), np.ones((1, SIDE_MOST + 1), bool))


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=200))
def test_rubbish_is_read_or_refused(body: bytes) -> None:
    """Never anything else."""
    active = np.ones((16, 16), bool)
    for data in (body, b"\x01" + (len(body) // 2).to_bytes(4, "big") + bytes(4) + body):
        try:
            assert decode(data, active, TABLE).max() <= 3
        except CodeError:
            continue
