"""The desk's clock: the box's own reading or city hall's word carried on, and the city's calendar day."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone

from hardware.protocols import Clock as BoxClock
from sync.clock import ClockQuality, HeardTime, Instant, by_heard_time

JST = timezone(timedelta(hours=9), "JST")
"""Japan has one time zone and no summer time."""


class DeskClock:
    """A `sync.clock.Clock` over the hardware's clock; `heard` gives city hall's latest signed time."""

    def __init__(self, box: BoxClock, heard: Callable[[], HeardTime | None]) -> None:
        self._box = box
        self._heard = heard

    def now(self) -> Instant:
        """Return this moment as well as the box can vouch for it."""
        read = self._box.now()
        quality = ClockQuality(read.quality)
        own = Instant(read.wall, read.uncertainty_s, quality, read.boot, read.monotonic_ms)
        return by_heard_time(own, self._heard())

    def monotonic(self) -> float:
        """Return seconds that never step."""
        return self._box.monotonic()


def japan_day(moment: datetime) -> date:
    """Return the calendar day in Japan, the day a filing counts for."""
    return moment.astimezone(JST).date()


def japan_minute(moment: datetime) -> str:
    """Return `14:05` as the clock on the wall shows it."""
    return moment.astimezone(JST).strftime("%H:%M")
