"""A ring about one of several words or digits, or a mark in one of several squares, is found wherever the row lies."""

import cv2
import pytest

from appliance.desk.pages.anchor import place
from appliance.desk.pages.choices import Choices
from appliance.desk.pages.labels import find_labels
from appliance.desk.pages.piece import Piece
from appliance.desk.pages.rules import Rule, Rules
from appliance.desk.pages.sheet import FieldReading
from papers.opening import Picture
from tests.support.drawn_pages import paper, piece, with_ring

RULES = Rules((Rule(80, 0, 1000), Rule(160, 0, 1000)), ())
LEVELS = ("要介護1", "要介護2", "要介護3", "要介護4", "要介護5")
SQUARE = 18


def level(page: Picture, pieces: list[Piece]) -> FieldReading | None:
    """Read the level of care from a drawn row."""
    found, loose = find_labels("form_front", pieces)
    spots = [s for s in place(found, loose, RULES, 1400) if s.key == "prev_result"]
    return Choices(page, pieces, RULES, "ocr").level(spots)


def words() -> list[Piece]:
    """Lay the row of a form that spells every level."""
    row = [piece(word, 200 + 150 * i, 105) for i, word in enumerate(LEVELS)]
    return [piece("要介護度", 50, 105), *row]


def with_squares(page: Picture, marked: tuple[int, ...]) -> Picture:
    """Print a square before every word and mark some."""
    drawn = page.copy()
    for i in range(len(LEVELS)):
        x, y = 200 + 150 * i - 24, 111
        cv2.rectangle(drawn, (x, y), (x + SQUARE, y + SQUARE), (40, 40, 40), 2)
        if i in marked:
            cv2.line(drawn, (x + 3, y + 8), (x + 8, y + 14), (20, 20, 20), 3)
            cv2.line(drawn, (x + 8, y + 14), (x + 17, y + 1), (20, 20, 20), 3)
    return drawn


def test_a_ringed_word() -> None:
    """The word inside the oval is the answer, though the reader placed it a little off."""
    found = level(with_ring(paper(), (200 + 300 + 62, 122), (74, 24)), words())
    assert found is not None
    assert (found.value, found.doubtful) == ("23", False)


def test_a_ring_that_hides_its_word() -> None:
    """A word the ring made unreadable stands where its neighbours say."""
    pieces = [p for p in words() if p.text != "要介護4"]
    found = level(with_ring(paper(), (200 + 450 + 56, 120), (74, 24)), pieces)
    assert found is not None
    assert found.value == "24"


@pytest.mark.parametrize("rings", [(), (0, 3)])
def test_no_ring_or_two_are_no_answer(rings: tuple[int, ...]) -> None:
    """An unclear row stays empty."""
    page = paper()
    for i in rings:
        page = with_ring(page, (200 + 150 * i + 56, 120), (74, 24))
    assert level(page, words()) is None


def test_a_ringed_digit() -> None:
    """Digits behind 要介護 and 要支援 are placed by their spacing; the ringed one need not be read."""
    pieces = [
        piece("前回の要介護", 20, 105),
        piece("要介護（1・2・3・", 200, 105),
        piece("・5）要支援（1・2）", 200 + 12 * 28, 105),
    ]
    x = round(200 + 28 * 4.5 + 3 * 56)
    found = level(with_ring(paper(), (x, 120), (20, 21)), pieces)
    assert found is not None
    assert found.value == "24"


def test_a_ticked_square() -> None:
    """The word behind the one marked square is the answer."""
    found = level(with_squares(paper(), (2,)), words())
    assert found is not None
    assert found.value == "23"


@pytest.mark.parametrize("marked", [(), (1, 4)])
def test_no_marked_square_or_two_are_no_answer(marked: tuple[int, ...]) -> None:
    """An unclear row stays empty."""
    assert level(with_squares(paper(), marked), words()) is None
