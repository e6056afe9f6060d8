"""A label that was blurred is known by the signs its reader thought of; what was read surely stays what it is."""

import pytest

from appliance.desk.pages.kind import kind_by_marks
from appliance.desk.pages.labels import find_labels
from appliance.desk.pages.ocr import Letter
from appliance.desk.pages.piece import Piece
from tests.support.drawn_pages import piece


def blurred(text: str, *others: str) -> Piece:
    """Make a piece whose letters are unsure and may each be one of some others."""
    letters = tuple(
        Letter(sign, 0.5, (i + 0.5) / len(text), other)
        for i, (sign, other) in enumerate(zip(text, others, strict=True))
    )
    return Piece(letters, 50, 100, 50 + 28 * len(text), 130)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (blurred("番琴", "", "号琵"), "番号"),
        (blurred("ブリガ子", "フプ", "", "", "ナ"), "フリガナ"),
        (blurred("雷活委号", "電", "話", "番香", ""), "電話番号"),
    ],
)
def test_a_blurred_label_is_known(seen: Piece, words: str) -> None:
    """Every sign is the label's or was thought of."""
    found, _ = find_labels("form_front", [seen])
    assert [words in each.label.words for each in found] == [True]


@pytest.mark.parametrize(
    "seen", [piece("番場", 50, 100), blurred("番場", "", "楊湯"), blurred("要介2", "", "", "度")]
)
def test_what_may_be_a_value_is_no_label(seen: Piece) -> None:
    """A surname that begins like a label, and a word with a number in it, answer labels."""
    found, values = find_labels("form_front", [seen])
    assert ([each.piece.text for each in found], len(values)) == ([], 1)


def test_a_label_blurred_on_one_line_with_its_number_is_cut_off() -> None:
    """The number behind it is the value."""
    seen = blurred("保陵者番号39653647", "", "険", *[""] * 11)
    found, values = find_labels("form_front", [seen])
    assert ([f.piece.text for f in found], [v.text for v in values]) == (
        ["保陵者番号"],
        ["39653647"],
    )


def test_a_title_lower_than_the_writing_is_read_as_a_title() -> None:
    """All lines are asked for a title, not only the tallest."""
    lines = [piece("要介護認定・要支援認定更新申請書", 50, 20), piece("石川　実", 50, 60)]
    assert kind_by_marks(lines) == "form_front"
