"""An individual number where no box hides it keeps the original on paper; other numbers do not."""

import pytest

from appliance.desk.pages.leftover import holds_number, number_left, numbers_left
from procedures.numbers import individual_no_holds
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


SURE = "234567890121"
"""Its check digit is right; an individual number that nobody has."""


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("2345 6789 0123", 300, 692),
        ("2345-6789-0123", 300, 692),
        ("本人の番号は2345-6789-0123です", 468, 860),
        ("番号234567890123", 356, 692),
        ("234-567-890-121", 300, 720),
    ],
)
def test_a_number_is_painted_where_it_stands(text: str, left: int, right: int) -> None:
    """Its digits and little else."""
    ((x, y, width, height),) = numbers_left([piece(text, 300, 100)], [])
    assert (x < left, right < x + width, width < right - left + 60) == (True, True, True)
    assert (y < 100, y + height > 130, height < 60) == (True, True, True)


def test_groups_that_stand_apart_are_each_painted() -> None:
    """Three boxes found one by one: three grey boxes."""
    row = [piece(text, x, 100) for text, x in (("2345", 100), ("67B9", 260), ("O123", 420))]
    assert len(numbers_left(row, [])) == 3


def test_loose_digits_need_the_right_check_digit() -> None:
    """Twelve squares with a digit each may be anything; with a right check digit they are taken for the number."""
    loose, sure = (
        [piece(sign, 100 + 50 * at, 100) for at, sign in enumerate(text)]
        for text in ("234567890123", SURE)
    )
    assert individual_no_holds(SURE)
    assert numbers_left(loose, []) == []
    assert len(numbers_left(sure, [])) == 12


def test_what_is_painted_over_is_painted_once() -> None:
    """The number in its own box is not looked for again."""
    assert numbers_left([piece("2345 6789 0123", 300, 100)], [(290, 90, 420, 50)]) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("連絡先のほか 2345-6789-0123", True),
        ("２３４５６７８９０１２３", True),
        ("090-0950-7205", False),
        ("〒756-5214 0756-81-2839", False),
        ("令和8年3月24日", False),
    ],
)
def test_a_value_with_a_number_in_it_is_known(text: str, told: bool) -> None:  # noqa: FBT001 - a parameter
    """Such a value is given to nobody."""
    assert holds_number(text) is told
