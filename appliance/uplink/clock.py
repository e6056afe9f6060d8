"""The uplink's clock: the box's own reading in the agreement's words, and city hall's signed time carried on."""

from datetime import datetime
from threading import Lock

from hardware.protocols import Clock as BoxClock
from sync.clock import Clock, ClockQuality, HeardTime, Instant
from sync.shape import EPOCH
from sync.timekeeping import Kept, look


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


class HeardClock:
    """A `sync.clock.Clock` that goes by city hall's signed time since `hear` was told it in this boot.

    `issued` is when the city signed the key bundle this process began with: it is later than that.
    """

    def __init__(
        self, own: Clock, heard: HeardTime | None = None, issued: datetime = EPOCH
    ) -> None:
        self._own = own
        self._heard = heard
        self._issued = issued
        self._kept = Kept()
        self._turn = Lock()

    def hear(self, heard: HeardTime) -> None:
        """Take a newer signed time."""
        self._heard = heard

    def now(self) -> Instant:
        """Return this moment as well as the box can vouch for it."""
        with self._turn:
            seen = look(self._kept, self._own.now(), self._heard, None, self._issued)
            self._kept = seen.kept
        return seen.at

    def monotonic(self) -> float:
        """Return seconds that never step."""
        return self._own.monotonic()
