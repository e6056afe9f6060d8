"""A clock that stands still until somebody moves it: for tests and for telling a day in a minute."""

from datetime import datetime, timedelta

from hardware.protocols import Reading


class SimulatedClock:
    """Starts where it is told; `advance` moves wall and monotonic time, `step` the wall alone."""

    def __init__(self, wall: datetime, boot: int = 1) -> None:
        if wall.tzinfo is None:
            raise ValueError("simulated clock: the wall time needs a time zone; give UTC")
        self._wall = wall
        self._monotonic_ms = 0
        self._boot = boot
        self.quality = "synced"
        self.uncertainty_s = 1

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        if seconds < 0:
            raise ValueError("simulated clock: time passes forwards only; use step for the wall")
        self._wall += timedelta(seconds=seconds)
        self._monotonic_ms += round(seconds * 1000)

    def step(self, seconds: float) -> None:
        """Set the wall clock forth or back, as a person or a time service does."""
        self._wall += timedelta(seconds=seconds)

    def reboot(self) -> None:
        """Start the monotonic time anew under the next boot number."""
        self._boot += 1
        self._monotonic_ms = 0

    def now(self) -> Reading:
        """Read the clock."""
        return Reading(self._wall, self.uncertainty_s, self.quality, self._boot, self._monotonic_ms)

    def monotonic(self) -> float:
        """Return the seconds that were let pass since boot."""
        return self._monotonic_ms / 1000
