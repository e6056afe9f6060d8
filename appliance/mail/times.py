"""Moments as the shelf's tables hold them: whole milliseconds or microseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """Return an aware moment as milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """Return the moment as UTC."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def to_us(moment: datetime) -> int:
    """Return an aware moment as microseconds since 1970, without loss."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_us(microseconds: int) -> datetime:
    """Return the moment as UTC."""
    return EPOCH + timedelta(microseconds=microseconds)
