"""The clocks of a simulated day: the truth, and what box and city hall believe."""

import asyncio
from datetime import datetime, timedelta

from provisioning.simulate.pool import DAWN
from sync.clock import ClockQuality, Instant


class BoxClock:
    """A `sync.clock.Clock` that may be wrong by `astray_s`, honestly (`knows`) or not."""

    def __init__(self) -> None:
        self.astray_s = 0.0
        self.knows = True
        self.boot = 1
        self._loop = asyncio.get_running_loop()
        self._on_since = 0.0

    def boot_again(self) -> None:
        """Begin a new count of monotonic time, as after a power cut."""
        self.boot += 1
        self._on_since = self._loop.time()

    def now(self) -> Instant:
        """Return this moment as the box believes it."""
        seconds = self._loop.time()
        honest = self.knows and abs(self.astray_s) > 1
        return Instant(
            DAWN + timedelta(seconds=seconds + self.astray_s),
            min(2**31, int(abs(self.astray_s)) + 2) if honest else 2,
            ClockQuality.UNSYNCED if honest else ClockQuality.SYNCED,
            self.boot,
            int(self.monotonic() * 1000),
        )

    def wall(self) -> datetime:
        """Return the wall time the box believes."""
        return DAWN + timedelta(seconds=self._loop.time() + self.astray_s)

    def monotonic(self) -> float:
        """Return seconds since this boot."""
        return self._loop.time() - self._on_since


class HallTime:
    """A `cityhall.intake.clock.Time` that may be wrong by `astray_s`."""

    def __init__(self) -> None:
        self.astray_s = 0.0
        self._loop = asyncio.get_running_loop()

    def now(self) -> datetime:
        """Return this moment as city hall believes it."""
        return DAWN + timedelta(seconds=self._loop.time() + self.astray_s)

    def monotonic(self) -> float:
        """Return seconds that never step."""
        return self._loop.time()
