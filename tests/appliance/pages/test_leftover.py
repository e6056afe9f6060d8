"""An individual number where no box hides it keeps the original on paper; other numbers do not."""

import pytest

from appliance.desk.pages.leftover import number_left
from tests.support.drawn_pages import piece


@pytest.mark.parametrize(
    "text",
    [
        "2345 6789 0123",
        "2345-6789-0123",
        "本人の番号は2345-6789-0123です",
        "２３４５６７８９０１２３",
    ],
)
def test_a_number_in_one_line(text: str) -> None:
    """In groups, in a sentence, in wide digits."""
    assert number_left([piece(text, 100, 100)], [])


def test_groups_that_stand_apart() -> None:
    """Three boxes of four digits, found one by one, one of them misread as letters that look like digits."""
    row = [piece(text, x, 100) for text, x in (("2345", 100), ("67B9", 260), ("O123", 420))]
    assert number_left(row, [])


def test_digit_by_digit() -> None:
    """Twelve squares with a digit each."""
    row = [piece(sign, 100 + 50 * at, 100) for at, sign in enumerate("234567890123")]
    assert number_left(row, [])


def test_what_is_painted_over_counts_no_more() -> None:
    """Only when the box covers it from end to end."""
    number = piece("2345 6789 0123", 300, 100)
    assert not number_left([number], [(290, 90, 420, 50)])
    assert number_left([number], [(290, 90, 200, 50)])
    assert number_left([number], [(290, 300, 420, 50)])


def test_other_numbers() -> None:
    """Telephone, postal code, date, insured number in squares, and numbers below each other."""
    page = [
        piece("〒756-5214", 100, 100),
        piece("0756-81-2839", 600, 100),
        piece("090-0950-7205", 100, 200),
        piece("令和8年3月24日", 100, 300),
        *(piece(sign, 100 + 50 * at, 400) for at, sign in enumerate("0016682095")),
        piece("123456", 100, 500),
        piece("789012", 100, 600),
        piece("1234", 100, 700),
        piece("56789012", 800, 700),
        piece("39609870", 1181, 800, 186),
        piece("0651-78-5194", 1194, 790, 290),
    ]
    assert not number_left(page, [])
