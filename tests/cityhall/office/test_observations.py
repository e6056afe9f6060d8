from dataclasses import replace
from datetime import date

import pytest

from cityhall.office.filing import FilingDate, FilingNote
from cityhall.office.observations import Fact, Observation, Severity, observe
from procedures.deadlines import RENEWAL

DAY = date(2026, 11, 24)


def seen(
    *,
    day: date = DAY,
    notes: tuple[FilingNote, ...] = (),
    expiry: date | None = date(2026, 12, 31),
    insurer: str = "032011",
    duplicates: tuple[str, ...] = (),
) -> tuple[Observation, ...]:
    """Return what is observed of an ordinary case with something changed."""
    return observe(
        filing=FilingDate(day, "bus_receipt", "1", "bus_receipt", notes),
        expiry=expiry,
        insurer_no=insurer,
        own_insurer_no="032011",
        duplicates=duplicates,
    )


def test_a_clean_case_has_nothing_to_say() -> None:
    """Within the window, our own insurer, no other case: silence."""
    assert seen() == ()


def test_another_citys_number_is_shown_loudest() -> None:
    """A wrong insurer (住所地特例) stands first."""
    found = seen(insurer="032037", expiry=None)
    assert (found[0].fact, found[0].severity) == (Fact.WRONG_INSURER, Severity.BLOCK)


def test_an_empty_insurer_is_no_other_insurer() -> None:
    """A number nobody could read is not another city's."""
    assert seen(insurer="") == ()


def test_a_duplicate_names_the_other_cases() -> None:
    """The caseworker gets the way to the other case."""
    assert seen(duplicates=("aa", "bb")) == (
        Observation(Fact.DUPLICATE, Severity.WARN, ("aa", "bb")),
    )


@pytest.mark.parametrize(
    ("day", "facts"),
    [
        (date(2026, 10, 31), [Fact.BEFORE_WINDOW]),
        (date(2026, 11, 1), []),
        (date(2026, 12, 31), []),
        (date(2027, 1, 1), [Fact.AFTER_EXPIRY]),
    ],
)
def test_the_window_of_sixty_days(day: date, facts: list[Fact]) -> None:
    """Sixty days before the expiry it opens; the expiry itself is inside."""
    assert [one.fact for one in seen(day=day)] == facts


def test_an_unreadable_expiry_is_said() -> None:
    """Without an expiry the order of the inbox is a guess; it says so."""
    assert [one.fact for one in seen(expiry=None)] == [Fact.EXPIRY_UNKNOWN]


@pytest.mark.parametrize("note", FilingNote)
def test_every_doubt_about_the_date_is_shown(note: FilingNote) -> None:
    """No note of the filing date gets lost on the way to the screen."""
    assert [one.fact.value for one in seen(notes=(note,))] == [note.value]


@pytest.mark.parametrize(("rule", "facts"), [("none", [Fact.AFTER_EXPIRY]), ("next_open_day", [])])
def test_a_closed_last_day_is_the_citys_to_decide(rule: str, facts: list[Fact]) -> None:
    """31 October 2026 is a Saturday: what was filed on Monday is late only where the city moves nothing."""
    found = observe(
        filing=FilingDate(date(2026, 11, 2), "bus_receipt", "1", "bus_receipt", ()),
        expiry=date(2026, 10, 31),
        insurer_no="032011",
        own_insurer_no="032011",
        duplicates=(),
        rule=replace(RENEWAL, closed_day_rule=rule),
    )
    assert [one.fact for one in found] == facts
