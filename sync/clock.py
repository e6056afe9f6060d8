"""What time it is, and how far that may be wrong. Nothing here asks a real clock."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol


class ClockQuality(Enum):
    """How a box knows the time (reliability: unsynced, holdover, synced)."""

    UNSYNCED = "unsynced"
    HOLDOVER = "holdover"
    SYNCED = "synced"


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment as a box knows it: UTC wall time, its proven error, and the box's own monotonic time."""

    wall: datetime
    uncertainty_s: int
    quality: ClockQuality
    boot: int
    monotonic_ms: int


DRIFT_PPM = 100
"""A cheap crystal between -20 and 60 degrees: how far a box strays from the time it once heard."""

BEACON_MS = 1000
"""A beacon has whole seconds: the hall's true time lies up to this much after it."""


@dataclass(frozen=True, slots=True)
class HeardTime:
    """City hall's signed time `told`, heard at a moment of this boot, `waited_ms` after it was asked for."""

    told: datetime
    boot: int
    monotonic_ms: int
    waited_ms: int


def by_heard_time(own: Instant, heard: HeardTime | None) -> Instant:
    """Return the better of the box's own clock and city hall's word carried on by the crystal.

    Only a word heard in this boot counts: across a power cut nobody knows how long the box was dark. A clock that
    contradicts the signed word is wrong, however sure it is of itself.
    """
    if heard is None or heard.boot != own.boot or own.monotonic_ms < heard.monotonic_ms:
        return own
    since_ms = own.monotonic_ms - heard.monotonic_ms
    doubt_ms = BEACON_MS + heard.waited_ms + since_ms * DRIFT_PPM // 1_000_000
    doubt_s = -(-doubt_ms // 1000)
    wall = heard.told + timedelta(milliseconds=since_ms)
    agrees = abs(own.wall - wall) <= timedelta(seconds=own.uncertainty_s + doubt_s)
    if own.quality is not ClockQuality.UNSYNCED and own.uncertainty_s <= doubt_s and agrees:
        return own
    return replace(own, wall=wall, uncertainty_s=doubt_s, quality=ClockQuality.HOLDOVER)


FILING_DOUBT_MAX_S = 600
"""A clock that may be further off than this cannot fix a filing date; bus and city hall use the same number."""


def fixes_a_date(quality: ClockQuality, uncertainty_s: int) -> bool:
    """Tell whether a clock is sound enough to say on which day an application was handed in."""
    return quality is not ClockQuality.UNSYNCED and uncertainty_s <= FILING_DOUBT_MAX_S


class Clock(Protocol):
    """The only way any room learns the time."""

    def now(self) -> Instant:
        """Return this moment."""

    def monotonic(self) -> float:
        """Return seconds that never step, for timers only."""
