"""How a box knows the time: the state machine over its sources. Pure; the reading of this moment is an argument.

Everything is measured on the line of boot number and monotonic time, which nobody can set: each source's word is an
interval on it, `sync.clockvote` says whom to believe, and the table below what the box may call its clock. A clock is
never a reason to refuse anybody: an unsynced box takes applications and says that it is unsynced. docs/time.md tells it
in words.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from sync import canonical
from sync.clock import BEACON_MS, DRIFT_PPM, ClockQuality, HeardTime, Instant
from sync.clockvote import HALL_DOUBT_MS, LIVE, Sighting, Source, Span, Vote, ms_of, vote
from sync.shape import EPOCH, SLACK_MAX, micros_of

STEP_MS: Final = 1000
"""A wall clock that moves by more than this against the crystal was set; a leap second is no more than this."""
FIX_KEPT_MS: Final = 60_000
"""A satellite's word counts as live for so long after it was heard."""
LAST_DAY: Final = datetime(2999, 12, 31, tzinfo=EPOCH.tzinfo)
KERNEL: Final = "kernel"
CLOCK_STEP: Final = "clock_step"
CLOCK_DOUBT: Final = "clock_doubt"


class Found(Enum):
    """What one look at all sources found."""

    LIVE = "live"
    CARRIED = "carried"
    SPLIT = "split"
    NOTHING = "nothing"
    REBOOT = "reboot"


_UNSYNCED, _HOLDOVER, _SYNCED = ClockQuality.UNSYNCED, ClockQuality.HOLDOVER, ClockQuality.SYNCED

NEXT: Final = {
    (_UNSYNCED, Found.LIVE): _SYNCED,
    (_UNSYNCED, Found.CARRIED): _HOLDOVER,
    (_UNSYNCED, Found.SPLIT): _UNSYNCED,
    (_UNSYNCED, Found.NOTHING): _UNSYNCED,
    (_UNSYNCED, Found.REBOOT): _UNSYNCED,
    (_HOLDOVER, Found.LIVE): _SYNCED,
    (_HOLDOVER, Found.CARRIED): _HOLDOVER,
    (_HOLDOVER, Found.SPLIT): _UNSYNCED,
    (_HOLDOVER, Found.NOTHING): _UNSYNCED,
    (_HOLDOVER, Found.REBOOT): _UNSYNCED,
    (_SYNCED, Found.LIVE): _SYNCED,
    (_SYNCED, Found.CARRIED): _HOLDOVER,
    (_SYNCED, Found.SPLIT): _UNSYNCED,
    (_SYNCED, Found.NOTHING): _UNSYNCED,
    (_SYNCED, Found.REBOOT): _UNSYNCED,
}
"""The state after a look, by the state before it and what was found."""


@dataclass(frozen=True, slots=True)
class News:
    """Something to write into the journal: `source` moved, or contradicts, from `before` to `after`."""

    kind: str
    source: str
    before: datetime
    after: datetime

    @property
    def object_hash(self) -> bytes:
        """SHA-256 of the canonical array [before µs, after µs, source]."""
        return hashlib.sha256(
            canonical.encode(
                [micros_of(self.before, "before"), micros_of(self.after, "after"), self.source]
            )
        ).digest()


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered from look to look, of one boot only; `boot` -1 remembers nothing.

    `rtc` is the battery clock as it stood at the first look, `crystal` the last time that was vouched for, `read` the
    kernel's clock when it was last set: small steps add up against it.
    """

    boot: int = -1
    state: ClockQuality = ClockQuality.UNSYNCED
    rtc: Sighting | None = None
    crystal: Sighting | None = None
    read: Instant | None = None
    told: Instant | None = None
    doubted: frozenset[Source] = frozenset()


@dataclass(frozen=True, slots=True)
class Look:
    """What one look gave: the memory for the next, the moment, what was found, and what the journal should know."""

    kept: Kept
    at: Instant
    found: Found
    news: tuple[News, ...]


def look(
    kept: Kept,
    own: Instant,
    heard: HeardTime | None = None,
    fix: Sighting | None = None,
    not_before: datetime = EPOCH,
) -> Look:
    """Return this moment out of the kernel's reading `own`, city hall's latest word and a satellite's latest.

    Of an earlier boot nothing is carried but one bound: it is not before city hall's last word, nor before another
    moment the city signed (`not_before`: its key bundle's).
    """
    own = replace(own, wall=_within(own.wall))
    if kept.boot != own.boot:
        kept = Kept(own.boot, NEXT[kept.state, Found.REBOOT], rtc=_battery(own))
    floor = not_before if heard is None else max(not_before, heard.told)
    spans = _spans(kept, own, heard, fix)
    voted = vote(spans, ms_of(floor))
    found = _found(voted, spans)
    state = NEXT[kept.state, found]
    if found in {Found.LIVE, Found.CARRIED}:
        at, chosen = _decided(own, voted, state)
        crystal = kept.crystal if chosen.source is Source.CRYSTAL else _kept_on(chosen, own)
        source = chosen.source.value
    else:
        at, crystal = _unvouched(own, voted, floor, state), kept.crystal
        source = KERNEL
    doubted = frozenset(one.source for one in voted.outvoted)
    was_set = _was_set(kept, own)
    news = [*was_set, *_jumped(kept, at, source), *_doubts(kept, voted, at)]
    read = own if was_set or kept.read is None else kept.read
    memory = Kept(own.boot, state, kept.rtc, crystal, read, at, doubted)
    return Look(memory, at, found, tuple(news))


def _battery(own: Instant) -> Sighting | None:
    """Return what the battery clock says: the kernel starts with it, until a service keeps the time."""
    if own.quality is not ClockQuality.UNSYNCED:
        return None
    return Sighting(Source.RTC, own.wall, own.uncertainty_s * 1000, own.monotonic_ms)


def _spans(
    kept: Kept, own: Instant, heard: HeardTime | None, fix: Sighting | None
) -> tuple[Span, ...]:
    now_ms, said = own.monotonic_ms, []
    if heard is not None and heard.boot == own.boot and heard.monotonic_ms <= now_ms:
        doubt = BEACON_MS + heard.waited_ms
        said.append(Sighting(Source.BEACON, heard.told, doubt, heard.monotonic_ms))
    elif kept.crystal is not None:
        said.append(kept.crystal)
    if own.quality is not ClockQuality.UNSYNCED:
        source = Source.NTP if own.quality is ClockQuality.SYNCED else Source.HELD
        said.append(Sighting(source, own.wall, own.uncertainty_s * 1000, now_ms))
    if fix is not None and 0 <= now_ms - fix.monotonic_ms <= FIX_KEPT_MS:
        said.append(fix)
    if kept.rtc is not None:
        said.append(kept.rtc)
    return tuple(one.carried(now_ms) for one in said)


def _found(voted: Vote, spans: Sequence[Span]) -> Found:
    if voted.decided:
        live = any(one.source in LIVE for one in voted.agreeing)
        return Found.LIVE if live else Found.CARRIED
    return Found.SPLIT if any(one.source is not Source.RTC for one in spans) else Found.NOTHING


def _decided(own: Instant, voted: Vote, state: ClockQuality) -> tuple[Instant, Span]:
    """Go by the narrowest of those that agree.

    Where no live clock bears city hall out, one that is off by no more than city hall may be wrong is no liar yet: the
    moment stays city hall's, and the doubt reaches as far as the other clock.
    """
    chosen = voted.agreeing[0]
    beacon = next((one for one in voted.agreeing if one.source is Source.BEACON), None)
    near = []
    if beacon is not None and not any(one.source in LIVE for one in voted.agreeing):
        live = (one for one in voted.outvoted if one.source in LIVE)
        near = [one for one in live if one.apart(beacon) <= HALL_DOUBT_MS]
    if chosen.source in {Source.NTP, Source.HELD} and not near:
        return replace(own, quality=state), chosen
    half_ms = max([chosen.half_ms, *(chosen.reach(one) for one in near)])
    return _moment(own, chosen.mid_ms, half_ms, state), chosen


def _unvouched(own: Instant, voted: Vote, floor: datetime, state: ClockQuality) -> Instant:
    """Nobody can be believed: the box's own wall clock, not before city hall's last word, doubting all it heard."""
    wall_ms = max(ms_of(own.wall), ms_of(floor))
    here = Span(Source.RTC, wall_ms, own.uncertainty_s * 1000 + wall_ms - ms_of(own.wall))
    half_ms = max([here.half_ms, *(here.reach(one) for one in voted.agreeing + voted.outvoted)])
    return _moment(own, wall_ms, half_ms, state)


def _kept_on(chosen: Span, own: Instant) -> Sighting:
    return Sighting(Source.CRYSTAL, _wall(chosen.mid_ms), chosen.half_ms, own.monotonic_ms)


def _was_set(kept: Kept, own: Instant) -> list[News]:
    """Tell that somebody set the kernel's clock."""
    if kept.read is None:
        return []
    expected, moved_ms, stray_ms = _moved(kept.read, own)
    if abs(moved_ms) <= STEP_MS + stray_ms:
        return []
    return [News(CLOCK_STEP, KERNEL, expected, own.wall)]


def _jumped(kept: Kept, at: Instant, source: str) -> list[News]:
    """Tell that another source took over, and the time moved further than it had doubted itself."""
    if kept.told is None or source == KERNEL:
        return []
    expected, moved_ms, stray_ms = _moved(kept.told, at)
    if abs(moved_ms) <= STEP_MS + stray_ms + kept.told.uncertainty_s * 1000:
        return []
    return [News(CLOCK_STEP, source, expected, at.wall)]


def _doubts(kept: Kept, voted: Vote, at: Instant) -> list[News]:
    """Name each source that contradicts since this look."""
    return [
        News(CLOCK_DOUBT, one.source.value, at.wall, _wall(one.mid_ms))
        for one in voted.outvoted
        if one.source not in kept.doubted
    ]


def _moved(before: Instant, after: Instant) -> tuple[datetime, int, int]:
    """Return the wall time that was to be expected, how far it is from that, and how far a crystal strays meanwhile."""
    since = after.monotonic_ms - before.monotonic_ms
    expected = _wall(ms_of(before.wall) + since)
    return expected, ms_of(after.wall) - ms_of(expected), abs(since) * DRIFT_PPM // 1_000_000


def _moment(own: Instant, wall_ms: int, half_ms: int, state: ClockQuality) -> Instant:
    doubt_s = min(-(-half_ms // 1000), SLACK_MAX)
    return replace(own, wall=_wall(wall_ms), uncertainty_s=doubt_s, quality=state)


def _wall(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=min(max(ms, 0), ms_of(LAST_DAY)))


def _within(wall: datetime) -> datetime:
    """Return a wall time that can be written down: a broken clock may say the year 9999 or one before 1970."""
    return min(max(wall, EPOCH), LAST_DAY)
