import pytest

from cityhall.office.names import masked_name, masked_number


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("髙﨑　𠮷雄", "髙﨑　○○"),
        ("東海林 澄子", "東海林 ○○"),
        ("佐々木", "佐○○"),
        ("李", "李"),
        ("", ""),
        ("　太郎", "　○○"),
        ("佐藤　", "佐○○"),
    ],
)
def test_masked_name_shows_the_family_name_only(name: str, shown: str) -> None:
    """The given name is circles; without a separator only the first sign is shown."""
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [("1234567890", "••••••7890"), ("1234", "1234"), ("", "")]
)
def test_masked_number_shows_the_last_four(number: str, shown: str) -> None:
    """Enough to tell two people of a list apart, not enough to write it down."""
    assert masked_number(number) == shown
