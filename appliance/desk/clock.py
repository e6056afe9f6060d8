"""The desk's clock: the box's own reading in the agreement's words, and the city's calendar day."""

from datetime import date, datetime, timedelta, timezone

from hardware.protocols import Clock as BoxClock
from sync.clock import ClockQuality, Instant

JST = timezone(timedelta(hours=9), "JST")
"""Japan has one time zone and no summer time."""


class DeskClock:
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


def japan_day(moment: datetime) -> date:
    """Return the calendar day in Japan, the day a filing counts for."""
    return moment.astimezone(JST).date()


def japan_minute(moment: datetime) -> str:
    """Return `14:05` as the clock on the wall shows it."""
    return moment.astimezone(JST).strftime("%H:%M")
