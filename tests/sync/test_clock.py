"""The box's own clock against city hall's word, carried on by a crystal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sync.clock import ClockQuality, HeardTime, Instant, by_heard_time, fixes_a_date

TOLD = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
HEARD = HeardTime(TOLD, boot=5, monotonic_ms=100_000, waited_ms=200)
WRONG = datetime(1970, 1, 1, tzinfo=UTC)


def own(
    monotonic_ms: int,
    *,
    boot: int = 5,
    quality: ClockQuality = ClockQuality.UNSYNCED,
    uncertainty_s: int = 86_400,
) -> Instant:
    """Return what a box without a clock battery believes."""
    return Instant(WRONG, uncertainty_s, quality, boot, monotonic_ms)


def test_without_a_word_the_box_stays_as_it_is() -> None:
    """Nothing was ever heard."""
    assert by_heard_time(own(1), None) == own(1)


def test_a_word_heard_in_this_boot_is_carried_on() -> None:
    """An hour after 07:00 it is 08:00, whatever the box's own clock says."""
    now = by_heard_time(own(100_000 + 3_600_000), HEARD)
    assert (now.wall, now.quality) == (TOLD + timedelta(hours=1), ClockQuality.HOLDOVER)


@pytest.mark.parametrize(
    ("hours", "doubt"),
    [(0, 2), (1, 2), (10, 5), (100, 38)],
)
def test_the_doubt_grows_with_the_crystal(hours: int, doubt: int) -> None:
    """A second for the beacon's whole seconds, the wait, and 100 millionths of the time since."""
    now = by_heard_time(own(100_000 + hours * 3_600_000), HEARD)
    assert now.uncertainty_s == doubt


def test_a_word_from_before_the_power_cut_does_not_count() -> None:
    """Nobody knows how long the box was dark."""
    assert by_heard_time(own(200_000, boot=6), HEARD) == own(200_000, boot=6)


def test_a_word_from_the_future_of_this_boot_does_not_count() -> None:
    """A restored database may hold one."""
    assert by_heard_time(own(99_999), HEARD) == own(99_999)


def test_a_clock_that_knows_better_stays() -> None:
    """A time service with less doubt wins."""
    wall = TOLD + timedelta(seconds=102)
    kept = replace(own(200_000, quality=ClockQuality.SYNCED, uncertainty_s=1), wall=wall)
    assert by_heard_time(kept, HEARD) == kept


@pytest.mark.parametrize("days", [-40, 40])
def test_a_clock_that_contradicts_city_hall_gives_way(days: int) -> None:
    """A time service that jumps is wrong, however sure it is."""
    wall = TOLD + timedelta(days=days)
    jumped = replace(own(200_000, quality=ClockQuality.SYNCED, uncertainty_s=1), wall=wall)
    assert by_heard_time(jumped, HEARD).wall == TOLD + timedelta(seconds=100)


def test_a_kept_clock_with_more_doubt_gives_way() -> None:
    """After days without a time service the hall's fresh word is better."""
    stale = own(200_000, quality=ClockQuality.HOLDOVER, uncertainty_s=60)
    assert by_heard_time(stale, HEARD).uncertainty_s == 2


def test_a_long_wait_is_part_of_the_doubt() -> None:
    """A beacon that came after 30 s may be 30 s old."""
    late = replace(HEARD, waited_ms=30_000)
    assert by_heard_time(own(100_000), late).uncertainty_s == 31


@pytest.mark.parametrize(
    ("quality", "doubt", "sound"),
    [
        (ClockQuality.SYNCED, 600, True),
        (ClockQuality.SYNCED, 601, False),
        (ClockQuality.HOLDOVER, 600, True),
        (ClockQuality.UNSYNCED, 0, False),
    ],
)
def test_which_clock_fixes_a_date(*, quality: ClockQuality, doubt: int, sound: bool) -> None:
    """Kept, and within ten minutes."""
    assert fixes_a_date(quality, doubt) is sound
