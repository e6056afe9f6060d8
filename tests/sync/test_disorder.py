"""Orders of hand-ins that cannot be."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.clock import ClockQuality
from sync.disorder import Disorder, disorder
from tests.support.makers import instant

DAY = 86_400


def test_a_day_goes_by_in_order() -> None:
    """One boot, then the next."""
    assert disorder(instant(0), instant(DAY)) is None
    assert disorder(instant(DAY), replace(instant(2 * DAY, boot=2), monotonic_ms=5)) is None


def test_an_earlier_boot_cannot_follow() -> None:
    """The number only grows."""
    assert disorder(instant(0, boot=2), instant(9, boot=1)) is Disorder.BOOT_BACK


@pytest.mark.parametrize(("seconds", "found"), [(-1.0, None), (-1.001, Disorder.MONOTONIC_BACK)])
def test_monotonic_time_cannot_go_back(seconds: float, found: Disorder | None) -> None:
    """Up to what lies between taking a moment and writing it."""
    after = replace(instant(100), monotonic_ms=instant(100).monotonic_ms + round(seconds * 1000))
    assert disorder(instant(100), after) is found


@pytest.mark.parametrize(
    ("seconds", "found"),
    [
        (5, None),
        (-5, None),
        (6, Disorder.WALL_STEPPED),
        (-6, Disorder.WALL_STEPPED),
        (-3600, Disorder.WALL_STEPPED),
        (40 * DAY, Disorder.WALL_STEPPED),
    ],
)
def test_backdating_between_two_hand_ins(seconds: int, found: Disorder | None) -> None:
    """The wall moved by more than both doubted (two seconds each, and one of slack)."""
    after = instant(60)
    assert (
        disorder(instant(0), replace(after, wall=after.wall + timedelta(seconds=seconds))) is found
    )


def test_a_crystal_may_stray() -> None:
    """Eight seconds and more in a day."""
    after = instant(DAY)
    assert disorder(instant(0), replace(after, wall=after.wall + timedelta(seconds=13))) is None


@pytest.mark.parametrize(("seconds", "found"), [(-5, None), (-6, Disorder.WALL_BACK)])
def test_the_next_boot_is_not_before_the_last(seconds: int, found: Disorder | None) -> None:
    """How long it was dark nobody knows, but not less than nothing."""
    assert disorder(instant(100), instant(100 + seconds, boot=2)) is found


@pytest.mark.parametrize("which", [0, 1])
def test_a_clock_nobody_vouched_for_claims_nothing(which: int) -> None:
    """That it was unsynced is said on its own."""
    pair = [instant(100), instant(0, boot=2)]
    pair[which] = replace(pair[which], quality=ClockQuality.UNSYNCED)
    assert disorder(*pair) is None
