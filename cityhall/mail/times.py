"""Moments as the shelf's tables hold them, and the year a filing number carries."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Japan has had one offset and no summer time since 1951.
JAPAN = timedelta(hours=9)
REIWA_BEFORE = 2018
FISCAL_MONTH = 4


def to_ms(moment: datetime) -> int:
    """Return an aware moment as milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """Return the moment as UTC."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def fiscal_year(moment: datetime) -> int:
    """Return the Reiwa fiscal year (年度, April to March) of a moment, as Japan counts its days."""
    local = moment.astimezone(UTC) + JAPAN
    return local.year - REIWA_BEFORE - (1 if local.month < FISCAL_MONTH else 0)
