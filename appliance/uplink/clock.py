"""The uplink's clock: the box's own reading in the agreement's words."""

from hardware.protocols import Clock as BoxClock
from sync.clock import ClockQuality, Instant


class UplinkClock:
    """A `sync.clock.Clock` over the hardware's clock."""

    def __init__(self, box: BoxClock) -> None:
        self._box = box

    def now(self) -> Instant:
        """Return this moment as the box knows it."""
        read = self._box.now()
        quality = ClockQuality(read.quality)
        return Instant(read.wall, read.uncertainty_s, quality, read.boot, read.monotonic_ms)

    def monotonic(self) -> float:
        """Return seconds that never step."""
        return self._box.monotonic()
