"""Whatever is written, read or scanned: no text of this world makes a reading method fall over."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures import fields, numbers, text, wareki
from procedures.codes import SHARED
from procedures.definition import ProcedureError, read
from tests.support.forms import CLEAN, SMALL_FORM, renewal

KINDS = (*fields.known_types(), *(f"code:{name}" for name in SHARED))
NEAR_DATES = st.text(
    alphabet="明治大正昭和平成令和元年月日MTSHR0123456789.-/〇一二十 　０９", max_size=20
)


@given(kind=st.sampled_from(KINDS), written=st.text(max_size=60))
@settings(deadline=None)
def test_any_answer(kind: str, written: str) -> None:
    """Any text can be normalised, twice the same, and has a problem or none."""
    once = fields.normalise(kind, written)
    assert fields.normalise(kind, once) == once
    assert fields.problem(kind, once) is None or fields.problem(kind, once, "en")


@given(written=NEAR_DATES | st.text(max_size=45))
@settings(deadline=None)
def test_any_date(written: str) -> None:
    """A text is a date or raises the one error."""
    try:
        found = wareki.parse(written)
    except wareki.WarekiError:
        return
    assert found.era_text == written.strip()


@given(day=st.dates(date(1873, 1, 1), date(2100, 12, 31)))
@settings(deadline=None)
def test_any_day(day: date) -> None:
    """Every day is written in its era and read back as itself, without a question."""
    found = wareki.parse(wareki.format_ja(day))
    assert (found.date, found.warning) == (day, None)


@given(written=st.text(max_size=60))
@settings(deadline=None)
def test_any_text_travels(written: str) -> None:
    """Every text can be sent in CP932, and the report explains every difference."""
    data, changes = text.to_cp932(written)
    signs = list(written)
    for change in changes:
        assert signs[change.place] == change.before
        signs[change.place] = change.after
    assert data.decode("cp932") == "".join(signs)


@given(written=st.text(max_size=60))
@settings(deadline=None)
def test_comparing_is_stable(written: str) -> None:
    """A text is like itself, folded or not."""
    folded = text.for_comparison(written)
    assert text.for_comparison(folded) == folded
    assert text.alike(written, folded)


@given(body=st.from_regex(r"[0-9]{11}", fullmatch=True))
@settings(deadline=None)
def test_any_individual_number(body: str) -> None:
    """Exactly one last digit makes a number hold."""
    assert [numbers.individual_no_holds(f"{body}{digit}") for digit in range(10)].count(True) == 1


@given(
    body=st.from_regex(r"[0-9]{5}|[0-9]{7}", fullmatch=True),
    place=st.integers(0, 4),
    digit=st.integers(0, 9),
)
@settings(deadline=None)
def test_one_misread_digit_is_seen(body: str, place: int, digit: int) -> None:
    """An insurer number with one misread digit never holds."""
    good = body + str(numbers.insurer_check_digit(body))
    wrong = f"{good[:place]}{digit}{good[place + 1 :]}"
    assert numbers.insurer_no_holds(wrong) is (wrong == good)


@given(start=st.integers(0, len(SMALL_FORM)), length=st.integers(0, 40), added=st.text(max_size=10))
@settings(max_examples=150, deadline=None)
def test_any_form(start: int, length: int, added: str) -> None:
    """A spoiled form file is read, or told what is wrong with it; nothing else happens."""
    spoiled = SMALL_FORM[:start] + added + SMALL_FORM[start + length :]
    told = "spoiled.toml"
    try:
        read(spoiled, told)
    except ProcedureError as error:
        told = error.place
    assert told.startswith("spoiled.toml")


@given(key=st.sampled_from(sorted(CLEAN)), written=st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_case(key: str, written: str) -> None:
    """A renewal with any answer can be examined, and every finding has words and somebody to mend it."""
    for finding in renewal({key: written}):
        assert finding.sentence_ja
        assert finding.remedy_en
        assert finding.mend in {"bus", "provider", "city"}


@pytest.mark.parametrize("sign", ["\ud800", "\U0010ffff", "\x00", "\u202e"])
def test_odd_signs(sign: str) -> None:
    """Broken and invisible signs travel as a filler or as nothing, never as a crash."""
    data, changes = text.to_cp932(sign)
    assert data.decode("cp932") in {"〓", sign}
    assert len(changes) <= 1
