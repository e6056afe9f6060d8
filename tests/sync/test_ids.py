"""sync.ids: names that never repeat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.ids import SERIAL_MAX, check_filing_number, filing_number, filing_parts, new_id

YEARS = st.integers(1, 99)
SERIALS = st.integers(0, SERIAL_MAX)


def test_ok__an_id_is_sixteen_bytes_of_the_given_randomness() -> None:
    """The id is what the source gave, nothing else."""
    assert new_id(lambda size: bytes(range(size))) == bytes(range(16))


def test_fail__a_short_source_is_a_bug() -> None:
    """A source that gives fewer bytes than asked is refused."""
    with pytest.raises(ValueError, match="must give 16"):
        new_id(lambda size: bytes(size - 1))


@pytest.mark.parametrize(
    ("year", "serial", "text"),
    [(8, 123, "R8-000123-6"), (8, 0, "R8-000000-6"), (12, 999_999, "R12-999999-0")],
)
def test_ok__filing_numbers_are_as_documented(year: int, serial: int, text: str) -> None:
    """Era year, six digits of serial, check digit."""
    assert filing_number(year, serial) == text


@given(YEARS, SERIALS)
def test_ok__every_made_number_checks(year: int, serial: int) -> None:
    """A number that was made is a number that holds."""
    assert check_filing_number(filing_number(year, serial))


@given(YEARS, SERIALS, st.data())
def test_fail__every_single_wrong_digit_is_found(
    year: int, serial: int, data: st.DataObject
) -> None:
    """One digit read wrongly never gives another valid number."""
    text = filing_number(year, serial)
    places = [place for place, sign in enumerate(text) if sign.isdigit()]
    place = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != text[place]]))
    assert not check_filing_number(text[:place] + digit + text[place + 1 :])


@pytest.mark.parametrize(
    "text",
    ["", "R8-123-6", "R08-000123-6", "8-000123-6", "R8-000123-6 ", "R8-000123", "R8-000123-\uff16"],
)
def test_fail__other_spellings_are_no_numbers(text: str) -> None:
    """Spaces, missing zeros and full-width digits are refused."""
    assert not check_filing_number(text)


@pytest.mark.parametrize(("year", "serial"), [(0, 1), (100, 1), (8, -1), (8, SERIAL_MAX + 1)])
def test_fail__year_and_serial_have_limits(year: int, serial: int) -> None:
    """Beyond its digits a number is refused, not widened."""
    with pytest.raises(ValueError, match="filing number"):
        filing_number(year, serial)


def test_a_filing_number_tells_its_year_and_serial() -> None:
    """So that a counter can be raised above a number that was given before."""
    assert filing_parts(filing_number(8, 123)) == (8, 123)


def test_fail__the_parts_of_what_is_no_filing_number() -> None:
    """A wrong check digit is no number."""
    with pytest.raises(ValueError, match="is none"):
        filing_parts("R8-000123-7")
