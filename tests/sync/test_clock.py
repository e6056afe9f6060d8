"""What a clock's quality is worth."""

import pytest

from sync.clock import ClockQuality, fixes_a_date


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
