"""The desk's clock: what its sources agree upon, what happened to it, and the city's calendar day."""

from collections import deque
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from threading import Lock
from typing import Final

from hardware.protocols import Clock as BoxClock
from hardware.protocols import Fix
from sync.clock import ClockQuality, HeardTime, Instant
from sync.clockvote import Sighting, Source
from sync.shape import EPOCH
from sync.timekeeping import Kept, News, look

NEWS_LIMIT: Final = 64
"""What happened to the clock and was not written down yet; the oldest is forgotten."""
FIX_DOUBT_MS: Final = 1000
"""A satellite receiver's sentence is this late at most."""

JST = timezone(timedelta(hours=9), "JST")
"""Japan has one time zone and no summer time."""


class DeskClock:
    """A `sync.clock.Clock` over the hardware's clock.

    `heard` gives city hall's latest signed time, `issued` when its newest key bundle was signed: it is later than both.
    """

    def __init__(
        self,
        box: BoxClock,
        heard: Callable[[], HeardTime | None],
        issued: Callable[[], datetime] = lambda: EPOCH,
    ) -> None:
        self._box = box
        self._heard = heard
        self._issued = issued
        self._fix: Sighting | None = None
        self._kept = Kept()
        self._news: deque[News] = deque(maxlen=NEWS_LIMIT)
        self._turn = Lock()

    def now(self) -> Instant:
        """Return this moment as well as the box can vouch for it."""
        heard, issued = self._heard(), self._issued()
        with self._turn:
            read = self._box.now()
            quality = ClockQuality(read.quality)
            own = Instant(read.wall, read.uncertainty_s, quality, read.boot, read.monotonic_ms)
            seen = look(self._kept, own, heard, self._fix, issued)
            self._kept = seen.kept
            self._news.extend(seen.news)
        return seen.at

    def take_fix(self, fix: Fix) -> None:
        """Hear a satellite receiver's time, now."""
        at = self._box.now().monotonic_ms
        self._fix = Sighting(Source.GNSS, fix.time, FIX_DOUBT_MS, at)

    def next_news(self) -> News | None:
        """Take the oldest of what happened to the clock; None when all of it was taken."""
        return self._news.popleft() if self._news else None

    def put_back(self, news: News) -> None:
        """Give back what could not be written down."""
        self._news.appendleft(news)

    def monotonic(self) -> float:
        """Return seconds that never step."""
        return self._box.monotonic()


def japan_day(moment: datetime) -> date:
    """Return the calendar day in Japan, the day a filing counts for."""
    return moment.astimezone(JST).date()


def japan_minute(moment: datetime) -> str:
    """Return `14:05` as the clock on the wall shows it."""
    return moment.astimezone(JST).strftime("%H:%M")
