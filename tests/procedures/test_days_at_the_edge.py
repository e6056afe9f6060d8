"""Days nobody can count from: software writes 9999-12-31 for "no end", a misreading gives the year 1."""

import pytest

from procedures import fields
from procedures.checks import examine
from procedures.deadlines import FIRST_DAY, LAST_DAY, day_of
from procedures.definition import load, names
from procedures.facts import Facts

EDGES = ("0001-01-01", "0001-01", "1867-12-31", "2200-01-01", "9999-12-31", "9999-12")


@pytest.mark.parametrize("written", EDGES)
@pytest.mark.parametrize("name", names())
def test_no_day_ends_the_examination_of_any_form(name: str, written: str) -> None:
    """Whatever day stands in every question, the checks say something and go on."""
    form = load(name)
    answers = {field.key: written for field in form.fields}
    filed = LAST_DAY.replace(year=2026)
    found = examine(form, Facts(answers, filed, "032011"))
    dates = {field.key for field in form.fields if field.type == "era_date"}
    assert dates <= {one.field for one in found if one.check == "field_invalid"} or (
        written.count("-") == 1
    )


def test_a_day_is_known_between_the_first_and_the_last() -> None:
    """Both ends count; the day before and the day after are no days of an answer."""
    assert day_of(FIRST_DAY.isoformat()) == FIRST_DAY
    assert day_of(LAST_DAY.isoformat()) == LAST_DAY
    assert day_of("1867-12-31") is day_of("2200-01-01") is day_of("tomorrow") is None


def test_a_year_that_no_certificate_has_is_told() -> None:
    """The sentence asks to look at the year; the value stays as it is written."""
    assert fields.normalise("era_date", "9999/12/31") == "9999-12-31"
    assert fields.problem("era_date", "9999-12-31") == "この年は使えません。年を確かめてください。"
