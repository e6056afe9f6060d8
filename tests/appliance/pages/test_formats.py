"""Which scans lack a piece of their paper, and which are only of another size."""

import pytest

from appliance.desk.pages.formats import Shortened, shortened, size_mm


@pytest.mark.parametrize(
    ("size", "seen", "whole"),
    [
        ((214.0, 241.0), 241, 297),
        ((171.0, 301.0), 171, 210),
        ((210.0, 285.0), 285, 297),
        ((106.0, 277.0), 106, 128),
        ((132.0, 222.0), 222, 273),
        ((95.0, 106.0), 106, 128),
        ((186.0, 220.0), 220, 257),
    ],
)
def test_fail__a_piece_is_missing(size: tuple[float, float], seen: float, whole: float) -> None:
    """One side is that of a known paper, the other is too short for it."""
    assert shortened(size) == Shortened(seen, whole)


@pytest.mark.parametrize(
    "size",
    [
        (210.0, 297.0),
        (214.0, 301.0),
        (208.5, 295.5),
        (148.0, 210.0),
        (182.0, 257.0),
        (128.0, 273.0),
        (91.0, 128.0),
        (132.0, 95.0),
        (54.0, 86.0),
        (99.0, 210.0),
        (100.0, 148.0),
        (216.0, 356.0),
        (297.0, 420.0),
        (80.0, 200.0),
    ],
)
def test_ok__whole_papers_and_unknown_ones(size: tuple[float, float]) -> None:
    """A4, its halves and thirds, cards, postcards, receipts, a scan window larger than the sheet."""
    assert shortened((min(size), max(size))) is None


@pytest.mark.parametrize("true_dpi", [150, 200, 240, 400])
@pytest.mark.parametrize("paper", [(210, 297), (128, 273)])
def test_ok__a_wrong_resolution_cuts_nothing_off(true_dpi: int, paper: tuple[int, int]) -> None:
    """A folder of pictures, taken for 300 dpi: no whole A4 sheet or card seems to lack a piece."""
    shape = tuple(round(side / 25.4 * true_dpi) for side in paper)
    found = shortened(size_mm(shape, 300))
    assert found is None


def test_ok__a_photograph_has_no_size() -> None:
    """Nobody knows its scale."""
    assert size_mm((2000, 1500), 0) is None
    assert shortened(None) is None
