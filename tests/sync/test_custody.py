"""sync.custody: the numbers of bags, however they are typed."""

import pytest

from sync.custody import bag_key, bag_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [(" ａ-０１４ ", "A-014"), ("14", "14"), ("袋14", ""), ("", ""), ("1" * 17, "")],
)
def test_a_bag_number_has_one_spelling(typed: str, number: str) -> None:
    """Full-width and small letters become plain ones; what is no number is nothing."""
    assert bag_number(typed) == number


@pytest.mark.parametrize(("one", "other"), [("014", "14"), ("A-014", "A-14"), ("0", "00")])
def test_leading_zeros_name_no_other_bag(one: str, other: str) -> None:
    """The label says 014, a tired hand types 14."""
    assert bag_key(one) == bag_key(other)


def test_a_zero_inside_counts() -> None:
    """104 is not 14."""
    assert bag_key("104") != bag_key("14")
