"""Which of several clocks to believe: the largest set whose intervals share a moment. Pure.

Each source says a moment and how far it may be off. Carried to now by the crystal, that is an interval; clocks that are
right all contain the true time, so they all overlap. K. Marzullo's idea (1984), as RFC 5905 section 11.2.1 uses it.
City hall's signed time stands above the vote: what contradicts it is outvoted, however many say it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from sync.clock import DRIFT_PPM
from sync.shape import EPOCH

HALL_DOUBT_MS: Final = 600_000
"""City hall's own clock is taken to be wrong by ten minutes at most: the bound of what its word can prove."""
FINEST_MS: Final = 1000
"""No interval is narrower on either side: a leap second must part nobody."""


class Source(Enum):
    """Who says what time it is; the words stand in the journal."""

    BEACON = "beacon"
    NTP = "ntp"
    GNSS = "gnss"
    CRYSTAL = "crystal"
    HELD = "held"
    RTC = "rtc"


LIVE: Final = frozenset({Source.NTP, Source.GNSS})
"""Sources that tell the time anew at each look; the others told it once and are carried on."""
SETTABLE: Final = frozenset({Source.HELD, Source.RTC})
"""Clocks that anybody at the box may have set: they help to outvote, and are gone by when there is nothing better."""
WEIGHT: Final = {
    Source.BEACON: 2,
    Source.NTP: 2,
    Source.GNSS: 2,
    Source.CRYSTAL: 2,
    Source.HELD: 1,  # the wall clock that a service kept before
    Source.RTC: 1,
}


@dataclass(frozen=True, slots=True)
class Sighting:
    """At `monotonic_ms` of the running boot it was `wall` (UTC), at most `doubt_ms` earlier or later, says `source`."""

    source: Source
    wall: datetime
    doubt_ms: int
    monotonic_ms: int

    def carried(self, now_ms: int) -> "Span":
        """Return what it says of monotonic time `now_ms`: the doubt grows as far as a cheap crystal may stray."""
        since = now_ms - self.monotonic_ms
        half = self.doubt_ms + abs(since) * DRIFT_PPM // 1_000_000
        return Span(self.source, ms_of(self.wall) + since, half)


@dataclass(frozen=True, slots=True)
class Span:
    """The true time lies within `half_ms` of `mid_ms` (milliseconds since 1970), says `source`."""

    source: Source
    mid_ms: int
    half_ms: int

    @property
    def low(self) -> int:
        """The earliest it may be."""
        return self.mid_ms - max(self.half_ms, FINEST_MS)

    @property
    def high(self) -> int:
        """The latest it may be."""
        return self.mid_ms + max(self.half_ms, FINEST_MS)

    def apart(self, other: "Span") -> int:
        """Return the milliseconds between two spans that do not touch, 0 where they do."""
        return max(self.low - other.high, other.low - self.high, 0)

    def reach(self, other: "Span") -> int:
        """Return how far the furthest end of another span is from the middle of this one."""
        return max(self.mid_ms - other.low, other.high - self.mid_ms)


@dataclass(frozen=True, slots=True)
class Vote:
    """Who agrees, the narrowest first, and who was outvoted; `decided` tells that the first may be gone by."""

    agreeing: tuple[Span, ...]
    outvoted: tuple[Span, ...]
    decided: bool


def vote(spans: Sequence[Span], floor_ms: int) -> Vote:
    """Let the sources vote; one that lies wholly before `floor_ms`, the city's last word, has no voice.

    City hall's word of this boot answers a nonce of ours and is newer than any other word of the city.

    Without city hall's word of this boot more than half of all weight must agree, and not the battery clock alone.
    """
    beacon = next((one for one in spans if one.source is Source.BEACON), None)
    earliest = floor_ms - HALL_DOUBT_MS
    sound = [one for one in spans if one is beacon or one.high >= earliest]
    chosen = _largest(sound) if beacon is None else [one for one in sound if not one.apart(beacon)]
    agreeing = sorted(chosen, key=lambda one: (one.source in SETTABLE, one.half_ms))
    enough = 2 * _weight(chosen) > _weight(sound)
    vouched = any(one.source is not Source.RTC for one in chosen)
    return Vote(
        agreeing=tuple(agreeing),
        outvoted=tuple(one for one in spans if one not in chosen),
        decided=beacon is not None or (enough and vouched),
    )


def ms_of(moment: datetime) -> int:
    """Return an aware moment as whole milliseconds since 1970."""
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def _largest(spans: Sequence[Span]) -> list[Span]:
    """Return the heaviest set that shares a moment: some span's low end lies in all of it."""
    sets = [[one for one in spans if one.low <= each.low <= one.high] for each in spans]
    return max(sets, key=_weight, default=[])


def _weight(spans: Sequence[Span]) -> int:
    return sum(WEIGHT[one.source] for one in spans)
