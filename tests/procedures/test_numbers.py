"""Check digits: the law's own rules against numbers whose digits are known to be right or wrong."""

from collections.abc import Callable

import pytest

from procedures import numbers


@pytest.mark.parametrize(
    "number",
    [
        "123456789018",
        "000000000000",
    ],
)
def test_ok__individual_no(number: str) -> None:
    """A number whose last digit follows from the first eleven holds."""
    assert numbers.individual_no_holds(number)


@pytest.mark.parametrize("digit", [digit for digit in "0123456789" if digit != "8"])
def test_fail__individual_no_digit(digit: str) -> None:
    """Every other last digit is refused."""
    assert not numbers.individual_no_holds(f"12345678901{digit}")


@pytest.mark.parametrize(
    "number",
    [
        "",
        "12345678901",
        "1234567890188",
        "12345678901a",
        "１２３４５６７８９０１８",
        " 123456789018",
        "123456789018\n",
    ],
)
def test_fail__individual_no_shape(number: str) -> None:
    """Anything but twelve plain digits is refused."""
    assert not numbers.individual_no_holds(number)


def test_individual_rest_of_one_gives_zero() -> None:
    """A remainder of 0 or 1 gives the check digit 0, as the ordinance says."""
    bodies = [f"{number:011}" for number in range(200)]
    zeros = [body for body in bodies if numbers.individual_check_digit(body) == 0]
    assert zeros
    assert all(numbers.individual_no_holds(body + "0") for body in zeros)


def test_individual_transposition_is_seen() -> None:
    """Two neighbours that changed places are found, which is what the digit is for."""
    assert not numbers.individual_no_holds("213456789018")


@pytest.mark.parametrize(
    "number",
    [
        "33120015",
        "032011",
        "131011",
        "141002",
        "39030010",
    ],
)
def test_ok__insurer_no(number: str) -> None:
    """Published insurer numbers hold."""
    assert numbers.insurer_no_holds(number)


@pytest.mark.parametrize(
    "number",
    [
        "032018",
        "032012",
        "131012",
        "33120014",
        "0320111",
        "03201",
        "",
        "03201a",
        "０３２０１１",
    ],
)
def test_fail__insurer_no(number: str) -> None:
    """A wrong digit, a wrong length or another sign is refused; 032018 is the municipal code."""
    assert not numbers.insurer_no_holds(number)


@pytest.mark.parametrize(
    "number",
    [
        "2374501514",
        "3771601154",
        "2794900205",
    ],
)
def test_ok__office_no(number: str) -> None:
    """Published office numbers hold."""
    assert numbers.office_no_holds(number) is True


def test_fail__office_no_that_is_in_use() -> None:
    """A number printed by a real office misses its digit; that is why it may only warn."""
    assert numbers.office_no_holds("2372100034") is False


@pytest.mark.parametrize("number", ["03A0100001", "03B0100001"])
def test_office_no_without_digit(number: str) -> None:
    """For the kinds A and B nothing can be said."""
    assert numbers.office_no_holds(number) is None


@pytest.mark.parametrize("number", ["", "237450151", "23C4501514", "A374501514", "23745015144"])
def test_fail__office_no_shape(number: str) -> None:
    """A number of another shape does not hold."""
    assert numbers.office_no_holds(number) is False


def test_ok__corporate_no() -> None:
    """The tax agency's own example holds."""
    assert numbers.corporate_no_holds("7000012050002")


@pytest.mark.parametrize("first", [first for first in "0123456789" if first != "7"])
def test_fail__corporate_no(first: str) -> None:
    """Every other first digit is refused."""
    assert not numbers.corporate_no_holds(f"{first}000012050002")


def test_fail__corporate_no_shape() -> None:
    """Twelve digits are no corporate number."""
    assert not numbers.corporate_no_holds("000012050002")


@pytest.mark.parametrize(
    ("compute", "body"),
    [
        (numbers.individual_check_digit, "1234567890"),
        (numbers.individual_check_digit, "1234567890x"),
        (numbers.corporate_check_digit, "1"),
        (numbers.insurer_check_digit, "０３２０１"),
        (numbers.insurer_check_digit, ""),
    ],
)
def test_fail__body(compute: Callable[[str], int], body: str) -> None:
    """A body of the wrong length or with other signs is our own mistake and raises."""
    with pytest.raises(ValueError, match="check digit"):
        compute(body)


@pytest.mark.parametrize("body", ["03201", "13101", "14100"])
def test_insurer_digit_completes(body: str) -> None:
    """A body and its computed digit make a number that holds."""
    assert numbers.insurer_no_holds(body + str(numbers.insurer_check_digit(body)))
