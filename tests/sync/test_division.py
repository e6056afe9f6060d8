"""sync.division: which of the division's keys a box seals for, month by month and in a blackout."""

from datetime import datetime, timedelta

import pytest

from sync.division import (
    EPOCH_DAYS,
    GRACE_DAYS,
    OVERLAP_DAYS,
    Division,
    Standing,
    check_epochs,
    epoch_at,
    standing_at,
)
from tests.support.makers import EPOCH, make_epoch

MONTH = timedelta(days=EPOCH_DAYS)
FIRST = make_epoch(21, EPOCH)
SECOND = make_epoch(22, EPOCH + MONTH)
EPOCHS = (FIRST, SECOND)
FAR = EPOCH + timedelta(days=1000)


def at(days: float, expires: datetime = FAR) -> Division:
    """Return what a box seals for so many days after the first epoch began."""
    return epoch_at(EPOCHS, expires, EPOCH + timedelta(days=days))


@pytest.mark.parametrize(
    ("days", "epoch"), [(0, FIRST), (30.9, FIRST), (31, SECOND), (44, SECOND), (75.9, SECOND)]
)
def test_the_newest_valid_key_is_sealed_for(days: float, epoch: object) -> None:
    """From the moment a month begins; its forerunner is good for two weeks more, but not used."""
    assert at(days) == Division(epoch, Standing.FRESH)  # type: ignore[arg-type]
    assert FIRST.until - SECOND.since == timedelta(days=OVERLAP_DAYS)


@pytest.mark.parametrize(
    ("late", "standing"),
    [(0, Standing.GRACE), (GRACE_DAYS - 0.1, Standing.GRACE), (GRACE_DAYS, Standing.OVERDUE)],
)
def test_without_news_the_last_key_serves_on(late: float, standing: Standing) -> None:
    """45 days of grace, and after that still, but aloud."""
    ended = EPOCH_DAYS + EPOCH_DAYS + OVERLAP_DAYS
    assert at(ended + late) == Division(SECOND, standing)
    assert standing_at(SECOND, EPOCH + timedelta(days=ended + late)) is standing
    assert at(40 + late, EPOCH + timedelta(days=40)) == Division(SECOND, standing)


def test_a_clock_before_every_epoch_takes_the_oldest() -> None:
    """A box whose clock says 1970 still seals."""
    assert at(-10_000) == Division(FIRST, Standing.FRESH)


def test_fail__epochs_out_of_order_or_twice() -> None:
    """A bundle's list has one spelling."""
    check_epochs(EPOCHS)
    with pytest.raises(ValueError, match="oldest first"):
        check_epochs((SECOND, FIRST))
    with pytest.raises(ValueError, match="once"):
        check_epochs((FIRST, FIRST))
