"""Legal days: the filing window, the decision's due day, ages and validities."""

from datetime import date

import pytest

from procedures import deadlines
from procedures.deadlines import RENEWAL, WindowRule, window


@pytest.mark.parametrize(
    ("expiry", "opens"),
    [
        (date(2026, 9, 30), date(2026, 8, 1)),
        (date(2027, 3, 31), date(2027, 1, 30)),
        (date(2028, 3, 31), date(2028, 1, 31)),
        (date(2026, 12, 31), date(2026, 11, 1)),
    ],
)
def test_window_opens(expiry: date, opens: date) -> None:
    """The window opens sixty days before the last day, leap years included."""
    assert window(expiry).opens == opens


@pytest.mark.parametrize(
    ("expiry", "duty"),
    [
        (date(2026, 9, 30), date(2026, 8, 30)),
        (date(2027, 3, 31), date(2027, 2, 28)),
        (date(2028, 3, 31), date(2028, 2, 29)),
        (date(2027, 1, 31), date(2026, 12, 31)),
    ],
)
def test_window_duty(expiry: date, duty: date) -> None:
    """The provider ought to file one month before the last day."""
    assert window(expiry).duty == duty


def test_window_closes_inclusive() -> None:
    """The last day of the validity is the last day for renewal."""
    assert window(date(2026, 9, 30)).closes == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("expiry", "closes"),
    [
        (date(2026, 9, 30), date(2026, 9, 30)),
        (date(2026, 10, 31), date(2026, 11, 2)),
        (date(2026, 5, 31), date(2026, 6, 1)),
        (date(2026, 12, 31), date(2027, 1, 4)),
    ],
)
def test_window_next_open_day(expiry: date, closes: date) -> None:
    """Where the city moves the limit, weekends and the turn of the year are skipped."""
    rule = WindowRule("prev_valid_to", 60, 0, 1, "next_open_day")
    assert window(expiry, rule).closes == closes


def test_window_skips_the_citys_closed_days() -> None:
    """A day of the city's own list is skipped as well."""
    closed = frozenset({date(2026, 9, 30), date(2026, 10, 1)})
    rule = WindowRule("prev_valid_to", 60, 0, 1, "next_open_day", closed)
    assert window(date(2026, 9, 30), rule).closes == date(2026, 10, 2)


def test_window_by_default_does_not_move() -> None:
    """Without a rule of the city a closed day is still the last day."""
    assert window(date(2026, 10, 31), RENEWAL).closes == date(2026, 10, 31)


def test_window_offset_is_the_city_s() -> None:
    """A city that counts one day differently changes a number, not code."""
    rule = WindowRule("prev_valid_to", 61, 1, 2)
    found = window(date(2026, 9, 30), rule)
    assert (found.opens, found.duty, found.closes) == (
        date(2026, 7, 31),
        date(2026, 7, 30),
        date(2026, 9, 29),
    )


@pytest.mark.parametrize(
    ("filed", "due"),
    [
        (date(2026, 8, 1), date(2026, 8, 31)),
        (date(2026, 1, 31), date(2026, 3, 2)),
        (date(2028, 2, 1), date(2028, 3, 2)),
        (date(2026, 12, 2), date(2027, 1, 1)),
    ],
)
def test_decision_due(filed: date, due: date) -> None:
    """A decision is due on the thirtieth day; the day of filing is not counted."""
    assert deadlines.decision_due(filed) == due


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1961, 9, 6), date(2026, 9, 4), 64),
        (date(1961, 9, 6), date(2026, 9, 5), 65),
        (date(1961, 9, 6), date(2026, 9, 6), 65),
        (date(1961, 1, 1), date(2025, 12, 31), 65),
        (date(1964, 2, 29), date(2029, 2, 28), 65),
        (date(1964, 2, 29), date(2029, 2, 27), 64),
        (date(1986, 9, 6), date(2026, 9, 5), 40),
        (date(2026, 9, 6), date(2026, 9, 6), 0),
    ],
)
def test_age_is_reached_the_day_before(born: date, day: date, age: int) -> None:
    """By law an age is reached at the end of the day before the birthday."""
    assert deadlines.age_at(born, day) == age


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2025, 10, 1), date(2026, 9, 30), 12),
        (date(2023, 10, 1), date(2026, 9, 30), 36),
        (date(2022, 10, 1), date(2026, 9, 30), 48),
        (date(2026, 4, 1), date(2026, 9, 30), 6),
        (date(2026, 4, 15), date(2026, 9, 30), 6),
    ],
)
def test_validity_months(start: date, end: date, months: int) -> None:
    """A started month counts as one."""
    assert deadlines.validity_months(start, end) == months


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 9, 30), True),
        (date(2026, 9, 29), False),
        (date(2026, 2, 28), True),
        (date(2028, 2, 28), False),
        (date(2028, 2, 29), True),
        (date(2026, 12, 31), True),
    ],
)
def test_month_end(day: date, end: bool) -> None:  # noqa: FBT001 -- a table's column
    """Only the last day of a month is a month's end."""
    assert deadlines.is_month_end(day) is end


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        (date(2026, 9, 4), False),
        (date(2026, 9, 5), True),
        (date(2026, 9, 6), True),
        (date(2026, 12, 28), False),
        (date(2026, 12, 29), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), True),
        (date(2024, 1, 3), True),
        (date(2024, 1, 4), False),
    ],
)
def test_closed_days(day: date, closed: bool) -> None:  # noqa: FBT001 -- a table's column
    """A town hall rests at weekends and from 29 December to 3 January."""
    assert deadlines.is_closed(day) is closed


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 9, 30), 1, date(2026, 8, 30)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 1, 15), 13, date(2024, 12, 15)),
        (date(2026, 1, 15), 0, date(2026, 1, 15)),
    ],
)
def test_months_before(day: date, months: int, before: date) -> None:
    """A month back is the same day, or the last one of a shorter month."""
    assert deadlines.months_before(day, months) == before
