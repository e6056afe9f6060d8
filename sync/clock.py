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


class Clock(Protocol):
    """The only way any room learns the time."""

    def now(self) -> Instant:
        """Return this moment."""

    def monotonic(self) -> float:
        """Return seconds that never step, for timers only."""
