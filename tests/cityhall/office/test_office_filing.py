from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from cityhall.office.filing import (
    FilingNote,
    Instants,
    day_in_japan,
    filing_date,
)
from sync.clock import FILING_DOUBT_MAX_S
from tests.support.office_world import utc

NOON = utc(2026, 11, 24, 3)


def instants(
    handed_in: datetime = NOON,
    *,
    arrived: datetime | None = None,
    slack: int = 2,
    quality: str = "synced",
) -> Instants:
    """Return the instants of a case that arrives the day after."""
    return Instants(handed_in, slack, quality, arrived or handed_in + timedelta(days=1))


def test_bus_receipt_takes_the_day_of_the_hand_in() -> None:
    """Under bus_receipt the bus is the counter."""
    assert filing_date(instants(), "bus_receipt", "2026-04").day == date(2026, 11, 24)


def test_city_arrival_takes_the_day_of_the_arrival() -> None:
    """Under city_arrival the day of the record on city hall's computer counts."""
    assert filing_date(instants(), "city_arrival", "2026-04").day == date(2026, 11, 25)


def test_the_policy_and_its_version_stay_with_the_date() -> None:
    """A date without the rule that made it cannot be defended."""
    found = filing_date(instants(), "bus_receipt", "2026-04")
    assert (found.policy, found.policy_version) == ("bus_receipt", "2026-04")


def test_an_unknown_policy_falls_back_to_the_arrival_and_says_so() -> None:
    """No box can invent a policy that moves its own date."""
    found = filing_date(instants(), "last_week", "9")
    assert (found.day, found.notes) == (date(2026, 11, 25), (FilingNote.UNKNOWN_POLICY,))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (utc(2026, 11, 23, 14, 59), date(2026, 11, 23)),
        (utc(2026, 11, 23, 15, 0), date(2026, 11, 24)),
        (utc(2026, 12, 31, 15, 0), date(2027, 1, 1)),
    ],
)
def test_days_are_counted_in_japan(moment: datetime, day: date) -> None:
    """Midnight is Japan's, also across the year."""
    assert day_in_japan(moment) == day


@pytest.mark.parametrize(("slack", "noted"), [(0, False), (59, False), (60, True), (3600, True)])
def test_near_midnight_is_noted_by_the_clocks_error(slack: int, noted: bool) -> None:  # noqa: FBT001 - a table's cell
    """The date is doubtful as soon as the proven error reaches over midnight."""
    found = filing_date(instants(utc(2026, 11, 24, 14, 59), slack=slack), "bus_receipt", "1")
    assert (FilingNote.NEAR_MIDNIGHT in found.notes) is noted


def test_an_unsynced_clock_is_noted() -> None:
    """A clock that never was right is said aloud."""
    found = filing_date(instants(quality="unsynced"), "bus_receipt", "1")
    assert FilingNote.CLOCK_UNSYNCED in found.notes


def test_a_hand_in_after_its_arrival_is_noted() -> None:
    """Nothing arrives before it is handed in; the bus's clock was wrong."""
    found = filing_date(instants(arrived=NOON - timedelta(seconds=3)), "bus_receipt", "1")
    assert found.notes == (FilingNote.AFTER_ARRIVAL,)


def test_no_box_moves_a_date_behind_the_arrival() -> None:
    """A clock five days fast: the day is the arrival's, as on the countersigned receipt."""
    fast = instants(NOON + timedelta(days=5), arrived=NOON)
    assert filing_date(fast, "bus_receipt", "1").day == date(2026, 11, 24)


def test_a_hand_in_after_its_arrival_within_the_error_is_fine() -> None:
    """Within the proven error the order of the two instants means nothing."""
    found = filing_date(instants(arrived=NOON - timedelta(seconds=2)), "bus_receipt", "1")
    assert found.notes == ()


@pytest.mark.parametrize(
    ("beside", "notes"),
    [
        (timedelta(seconds=1), (FilingNote.BEFORE_CITY_TIME,)),
        (timedelta(0), ()),
        (-timedelta(days=3), ()),
    ],
)
def test_no_hand_in_before_city_halls_signed_time(
    beside: timedelta, notes: tuple[FilingNote, ...]
) -> None:
    """City hall's word was already on the bus when it sealed: an earlier hand-in counts from the arrival."""
    found = filing_date(replace(instants(), not_before=NOON + beside), "bus_receipt", "1")
    assert (found.day, found.notes) == (date(2026, 11, 25 if notes else 24), notes)


@pytest.mark.parametrize(
    ("quality", "slack", "weak"),
    [
        ("synced", FILING_DOUBT_MAX_S, False),
        ("holdover", FILING_DOUBT_MAX_S + 1, True),
        ("unsynced", 0, True),
    ],
)
def test_a_weak_clock_fixes_no_date(quality: str, slack: int, weak: bool) -> None:  # noqa: FBT001 - a table's cell
    """The bus claims to be the counter; by such a clock the arrival counts, and it is said."""
    found = filing_date(instants(slack=slack, quality=quality), "bus_receipt", "1")
    assert found.day == date(2026, 11, 25 if weak else 24)
    assert (FilingNote.WEAK_CLOCK in found.notes) is weak


def test_a_weak_clock_says_nothing_where_the_arrival_counts_anyway() -> None:
    """Only a claim to fix the date is refused."""
    found = filing_date(instants(slack=FILING_DOUBT_MAX_S + 1), "city_arrival", "1")
    assert found.notes == ()


@pytest.mark.parametrize(
    ("claimed", "quality", "used"),
    [
        ("bus_receipt", "synced", "bus_receipt"),
        ("bus_receipt", "unsynced", "city_arrival"),
        ("city_arrival", "synced", "city_arrival"),
        ("somebody_s_own", "synced", "city_arrival"),
    ],
)
def test_the_policy_that_was_used_is_told_beside_the_one_that_was_claimed(
    claimed: str, quality: str, used: str
) -> None:
    """The caseworker reads what the day really comes from."""
    found = filing_date(instants(quality=quality), claimed, "1")
    assert (found.policy, found.used) == (claimed, used)
