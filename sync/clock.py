"""What time it is, and how far that may be wrong. Nothing here asks a real clock."""

from dataclasses import dataclass
from datetime import datetime
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
