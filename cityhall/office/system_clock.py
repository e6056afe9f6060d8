"""City hall's clock: the machine's own, kept right by its network; the one place of this room that reads it."""

import time
from datetime import UTC, datetime

from sync.clock import ClockQuality, Instant

# A server with chrony is within a second; the figure is printed beside every instant it gives.
UNCERTAINTY_S = 1


class SystemClock:
    """The machine's clock as `sync.clock.Clock`."""

    def now(self) -> Instant:
        """Return this moment."""
        return Instant(
            wall=datetime.now(UTC),
            uncertainty_s=UNCERTAINTY_S,
            quality=ClockQuality.SYNCED,
            boot=0,
            monotonic_ms=int(time.monotonic() * 1000),
        )

    def monotonic(self) -> float:
        """Return seconds that never step, for timers only."""
        return time.monotonic()
