from datetime import date, timedelta

import pytest

from cityhall.office.deadlines import Urgency, answer_by, clocks, urgency

TODAY = date(2026, 11, 24)


def test_the_thirty_days_do_not_count_the_first() -> None:
    """An application of 24 November is due on 24 December."""
    assert clocks(expiry=None, filing_day=TODAY, today=TODAY).decision_due == date(2026, 12, 24)


def test_the_nearest_deadline_orders_the_inbox() -> None:
    """Whatever ends first, the validity or the thirty days, gives the place."""
    near = clocks(expiry=date(2026, 12, 1), filing_day=TODAY, today=TODAY)
    far = clocks(expiry=date(2027, 1, 31), filing_day=TODAY, today=TODAY)
    assert (near.nearest, far.nearest) == (date(2026, 12, 1), date(2026, 12, 24))


def test_each_clock_has_its_own_urgency() -> None:
    """An urgent expiry does not paint the thirty days red."""
    found = clocks(expiry=TODAY, filing_day=TODAY, today=TODAY)
    assert (found.expiry_urgency, found.decision_urgency) == (Urgency.URGENT, Urgency.CALM)


def test_without_an_expiry_only_the_thirty_days_run() -> None:
    """An expiry nobody could read leaves the legal clock."""
    found = clocks(expiry=None, filing_day=TODAY, today=TODAY)
    assert (found.expiry_days, found.decision_days) == (None, 30)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-1, Urgency.OVER),
        (0, Urgency.URGENT),
        (3, Urgency.URGENT),
        (4, Urgency.SOON),
        (10, Urgency.SOON),
        (11, Urgency.CALM),
    ],
)
def test_urgency_steps(days: int, expected: Urgency) -> None:
    """The last day is urgent, the day after is over."""
    assert urgency(days) is expected


@pytest.mark.parametrize(
    ("expiry", "expected"),
    [
        (None, TODAY + timedelta(days=14)),
        (TODAY + timedelta(days=30), TODAY + timedelta(days=14)),
        (TODAY + timedelta(days=5), TODAY + timedelta(days=5)),
        (TODAY, TODAY),
        (TODAY - timedelta(days=1), TODAY + timedelta(days=14)),
    ],
)
def test_a_correction_is_asked_for_before_the_expiry(expiry: date | None, expected: date) -> None:
    """Two weeks, or the expiry when that is nearer and not over yet."""
    assert answer_by(expiry=expiry, today=TODAY) == expected
