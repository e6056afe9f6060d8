"""Check digits of the numbers that carry one by law or by custom; all arithmetic, no judgement."""

import re

# The kinds of an office number's third sign for which no check digit is agreed.
_OFFICE_WITHOUT_CHECK = "AB"


def individual_check_digit(body: str) -> int:
    """Return the twelfth digit of an individual number (個人番号) for its first eleven digits."""
    _need(body, 11)
    total = 0
    for place, digit in enumerate(reversed(body), start=1):
        weight = place + 1 if place <= 6 else place - 5  # noqa: PLR2004 -- the ordinance's own bound
        total += int(digit) * weight
    rest = total % 11
    return 0 if rest <= 1 else 11 - rest


def individual_no_holds(text: str) -> bool:
    """Whether twelve digits end in the right check digit."""
    return bool(re.fullmatch(r"[0-9]{12}", text)) and int(text[-1]) == individual_check_digit(
        text[:-1]
    )


def insurer_check_digit(body: str) -> int:
    """Return the last digit of an insurer number (保険者番号) for its first five or seven digits.

    From the right the digits count double, single, double...; two-digit products count as their digit sum.
    """
    _need(body, len(body))
    total = 0
    for place, digit in enumerate(reversed(body)):
        product = int(digit) * (2 if place % 2 == 0 else 1)
        total += product // 10 + product % 10
    return (10 - total % 10) % 10


def insurer_no_holds(text: str) -> bool:
    """Whether six or eight digits end in the right check digit."""
    return bool(re.fullmatch(r"[0-9]{6}|[0-9]{8}", text)) and int(text[-1]) == insurer_check_digit(
        text[:-1]
    )


def office_no_holds(text: str) -> bool | None:
    """Whether an office number's (事業所番号) check digit fits; None where none is agreed.

    Numbers printed by real offices fail this, so a misfit is a question to ask and never a reason to stop.
    """
    if not re.fullmatch(r"[0-9]{2}[0-9AB][0-9]{7}", text):
        return False
    if text[2] in _OFFICE_WITHOUT_CHECK:
        return None
    return int(text[-1]) == insurer_check_digit(text[:-1])


def corporate_check_digit(body: str) -> int:
    """Return the first digit of a corporate number (法人番号) for the twelve digits that follow it."""
    _need(body, 12)
    total = sum(
        int(digit) * (1 if place % 2 == 0 else 2) for place, digit in enumerate(reversed(body))
    )
    return 9 - total % 9


def corporate_no_holds(text: str) -> bool:
    """Whether thirteen digits begin with the right check digit."""
    return bool(re.fullmatch(r"[0-9]{13}", text)) and int(text[0]) == corporate_check_digit(
        text[1:]
    )


def _need(body: str, length: int) -> None:
    if not (len(body) == length and body.isascii() and body.isdigit()):
        raise ValueError(f"check digit: {length} digits are needed, got {len(body)} signs")
