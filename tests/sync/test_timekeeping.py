"""The box's clocks against each other and against city hall's word: the state machine, moment by moment."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sync.clock import ClockQuality, HeardTime, Instant
from sync.clockvote import Sighting, Source, ms_of
from sync.timekeeping import (
    CLOCK_DOUBT,
    CLOCK_STEP,
    KERNEL,
    NEXT,
    Found,
    Kept,
    Look,
    News,
    look,
)

TOLD = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
HEARD = HeardTime(TOLD, boot=5, monotonic_ms=100_000, waited_ms=200)
WRONG = datetime(1970, 1, 1, tzinfo=UTC)
SYNCED, HOLDOVER, UNSYNCED = ClockQuality.SYNCED, ClockQuality.HOLDOVER, ClockQuality.UNSYNCED
ROLLOVER = timedelta(weeks=1024)


def own(
    monotonic_ms: int,
    wall: datetime = WRONG,
    *,
    boot: int = 5,
    quality: ClockQuality = UNSYNCED,
    uncertainty_s: int = 86_400,
) -> Instant:
    """Return what the kernel's clock says; by itself that of a box without a clock battery."""
    return Instant(wall, uncertainty_s, quality, boot, monotonic_ms)


def kept(monotonic_ms: int, off: timedelta = timedelta(0), *, boot: int = 5) -> Instant:
    """Return what a clock says that a time service keeps, `off` the truth."""
    wall = TOLD + timedelta(milliseconds=monotonic_ms - 100_000) + off
    return own(monotonic_ms, wall, boot=boot, quality=SYNCED, uncertainty_s=1)


def satellite(monotonic_ms: int, off: timedelta = timedelta(0)) -> Sighting:
    """Return a satellite's word, `off` the truth."""
    wall = TOLD + timedelta(milliseconds=monotonic_ms - 100_000) + off
    return Sighting(Source.GNSS, wall, 1000, monotonic_ms)


def looks(*readings: Instant, heard: HeardTime | None = None) -> Look:
    """Look at one reading after the other and return the last look."""
    last = look(Kept(), readings[0], heard)
    for reading in readings[1:]:
        last = look(last.kept, reading, heard)
    return last


def named(news: Sequence[News]) -> set[tuple[str, str]]:
    """Return what the journal would say."""
    return {(one.kind, one.source) for one in news}


def test_every_state_and_finding_has_its_line() -> None:
    """The table is whole."""
    assert set(NEXT) == {(state, found) for state in ClockQuality for found in Found}


def test_without_a_word_the_box_stays_as_it_is() -> None:
    """Nothing was ever heard."""
    assert looks(own(1)).at == own(1)


def test_a_word_heard_in_this_boot_is_carried_on() -> None:
    """An hour after 07:00 it is 08:00, whatever the box's own clock says."""
    now = looks(own(100_000 + 3_600_000), heard=HEARD).at
    assert (now.wall, now.quality) == (TOLD + timedelta(hours=1), HOLDOVER)


@pytest.mark.parametrize(("hours", "doubt"), [(0, 2), (1, 2), (10, 5), (100, 38)])
def test_the_doubt_grows_with_the_crystal(hours: int, doubt: int) -> None:
    """A second for the beacon's whole seconds, the wait, and 100 millionths of the time since."""
    assert looks(own(100_000 + hours * 3_600_000), heard=HEARD).at.uncertainty_s == doubt


def test_a_long_wait_is_part_of_the_doubt() -> None:
    """A beacon that came after 30 s may be 30 s old."""
    late = replace(HEARD, waited_ms=30_000)
    assert looks(own(100_000), heard=late).at.uncertainty_s == 31


def test_of_an_earlier_boot_only_a_bound_is_left() -> None:
    """Nobody knows how long the box was dark; it is not before city hall's last word."""
    now = looks(own(200_000, boot=6), heard=HEARD).at
    assert (now.quality, now.wall) == (UNSYNCED, TOLD)
    assert now.uncertainty_s >= (TOLD - WRONG).total_seconds()


def test_a_word_from_the_future_of_this_boot_does_not_count() -> None:
    """A restored database may hold one."""
    assert looks(own(99_999), heard=HEARD).at.quality is UNSYNCED


def test_a_clock_that_knows_better_stays() -> None:
    """A time service with less doubt wins."""
    assert looks(kept(200_000), heard=HEARD).at == kept(200_000)


def test_a_kept_clock_with_more_doubt_gives_way() -> None:
    """City hall's fresh word is narrower; the service still bears it out."""
    now = looks(replace(kept(200_000), uncertainty_s=60), heard=HEARD).at
    assert (now.uncertainty_s, now.quality) == (2, SYNCED)


@pytest.mark.parametrize(
    "off",
    [timedelta(days=-40), timedelta(days=40), timedelta(days=-1), -ROLLOVER, timedelta(hours=1)],
)
def test_a_clock_that_contradicts_city_hall_is_outvoted_and_named(off: timedelta) -> None:
    """A time service that jumps is wrong, however sure it is."""
    seen = looks(kept(200_000, off), heard=HEARD)
    assert (seen.at.wall, seen.at.quality) == (TOLD + timedelta(seconds=100), HOLDOVER)
    assert named(seen.news) == {(CLOCK_DOUBT, "ntp")}


def test_a_liar_is_named_once() -> None:
    """And again after it came to its senses."""
    bad, good = timedelta(days=1), timedelta(0)
    first = look(Kept(), kept(200_000, bad), HEARD)
    second = look(first.kept, kept(201_000, bad), HEARD)
    healed = look(second.kept, kept(202_000, good), HEARD)
    again = look(healed.kept, kept(203_000, bad), HEARD)
    assert [(CLOCK_DOUBT, "ntp") in named(one.news) for one in (first, second, healed, again)] == [
        True,
        False,
        False,
        True,
    ]


def test_city_hall_ten_minutes_off_is_gone_by_and_bounded() -> None:
    """Nobody can say which of two is wrong: the moment is city hall's, the doubt reaches the other clock."""
    seen = looks(kept(200_000, timedelta(minutes=-5)), heard=HEARD)
    assert seen.at.wall == TOLD + timedelta(seconds=100)
    assert seen.at.uncertainty_s == 301
    assert named(seen.news) == {(CLOCK_DOUBT, "ntp")}


def test_a_satellite_that_bears_city_hall_out_ends_the_doubt() -> None:
    """Two against one: the network's time is the liar."""
    seen = look(Kept(), kept(200_000, timedelta(minutes=-5)), HEARD, satellite(200_000))
    assert (seen.at.uncertainty_s, seen.at.quality) == (1, SYNCED)


def test_a_corrected_city_hall_is_followed() -> None:
    """Its newest word counts; that the time moved is news."""
    before = look(Kept(), own(150_000), HEARD)
    corrected = HeardTime(TOLD - timedelta(minutes=10), 5, 200_000, 0)
    after = look(before.kept, own(200_000, WRONG + timedelta(seconds=50)), corrected)
    assert after.at.wall == corrected.told
    assert named(after.news) == {(CLOCK_STEP, "beacon")}


def test_two_of_three_outvote_a_satellite_before_the_first_contact() -> None:
    """1,024 weeks back, without any word of city hall: network and battery clock agree."""
    first = look(Kept(), own(50_000, TOLD - timedelta(seconds=50)))
    seen = look(first.kept, kept(60_000), None, satellite(60_000, -ROLLOVER))
    assert (seen.at, seen.found) == (kept(60_000), Found.LIVE)
    assert named(seen.news) == {(CLOCK_DOUBT, "gnss")}


def test_two_that_contradict_each_other_vouch_for_nothing() -> None:
    """A box that cannot tell says so, and how far apart they are."""
    seen = look(Kept(), kept(60_000), None, satellite(60_000, timedelta(days=2)))
    assert (seen.found, seen.at.quality) == (Found.SPLIT, UNSYNCED)
    assert seen.at.uncertainty_s >= 2 * 86_400


def test_the_last_boots_word_shuts_out_what_lies_before_it() -> None:
    """A network that says last year is no time at all, also alone."""
    seen = look(Kept(), kept(200_000, timedelta(days=-300), boot=6), HEARD)
    assert (seen.at.quality, seen.at.wall) == (UNSYNCED, TOLD)


def test_a_moment_lifted_to_the_floor_doubts_the_lift() -> None:
    """The box's own clock stands before the bundle: how far it was lifted is part of what it does not know."""
    floor = TOLD + timedelta(hours=3)
    at = look(Kept(), own(60_000, TOLD, uncertainty_s=60), None, None, floor).at
    assert (at.wall, at.quality) == (floor, UNSYNCED)
    assert at.uncertainty_s == 3 * 3600 + 60


def test_the_citys_bundle_shuts_out_what_lies_before_it() -> None:
    """A receiver 1,024 weeks back on a box that never reached city hall."""
    lie = satellite(60_000, -ROLLOVER)
    assert look(Kept(), own(60_000), None, lie, TOLD).at.quality is UNSYNCED
    assert look(Kept(), own(60_000), None, lie).at.quality is SYNCED


def test_city_halls_word_of_this_boot_is_newer_than_its_bundle() -> None:
    """Whoever signed the bundle had a clock that was ahead."""
    ahead = TOLD + timedelta(hours=5)
    assert look(Kept(), own(100_000), HEARD, None, ahead).at.wall == TOLD


def test_the_battery_clock_alone_vouches_for_nothing() -> None:
    """However right it looks."""
    assert looks(own(5_000, TOLD, uncertainty_s=10)).at.quality is UNSYNCED


@pytest.mark.parametrize("off", [timedelta(days=-1), timedelta(days=40), TOLD - WRONG])
def test_a_battery_clock_that_is_off_is_outvoted(off: timedelta) -> None:
    """By the first service that keeps the time."""
    first = look(Kept(), own(50_000, TOLD - off - timedelta(minutes=20), uncertainty_s=60))
    seen = look(first.kept, kept(60_000))
    assert (seen.at.quality, seen.at.wall) == (SYNCED, kept(60_000).wall)
    assert (CLOCK_DOUBT, "rtc") in named(seen.news)


def test_when_the_service_leaves_the_crystal_carries_on() -> None:
    """And what is set by hand then is not believed."""
    held = replace(kept(200_000), quality=HOLDOVER)
    assert looks(kept(100_000), held).at.quality is HOLDOVER
    moved = replace(kept(200_000, timedelta(days=-3)), quality=HOLDOVER)
    seen = looks(kept(100_000), moved)
    assert seen.at.wall == TOLD + timedelta(seconds=100)
    assert named(seen.news) == {(CLOCK_STEP, KERNEL), (CLOCK_DOUBT, "held")}


def test_a_service_that_leaps_after_it_was_believed_is_believed_no_more() -> None:
    """A spoofed network: one says this, one says that, until city hall decides."""
    before, leap = look(Kept(), kept(100_000)), kept(110_000, timedelta(days=40))
    after = look(before.kept, leap)
    assert (after.found, after.at.quality) == (Found.SPLIT, UNSYNCED)
    told = look(after.kept, leap, HeardTime(TOLD, 5, 100_000, 0))
    assert told.at.wall == TOLD + timedelta(seconds=10)


def test_a_leap_second_parts_nobody() -> None:
    """The kernel says one second twice."""
    seen = looks(kept(100_000), kept(110_000, timedelta(seconds=-1)), heard=HEARD)
    assert (seen.at.quality, seen.news) == (SYNCED, ())


@pytest.mark.parametrize("seconds", [-40 * 86_400, -3600, -2, 2, 3600, 40 * 86_400])
def test_a_clock_that_is_set_is_news(seconds: int) -> None:
    """Before and after, by the crystal."""
    moved = replace(own(20_000, TOLD), wall=TOLD + timedelta(seconds=10 + seconds))
    seen = looks(own(10_000, TOLD), moved)
    expected = News(CLOCK_STEP, KERNEL, TOLD + timedelta(seconds=10), moved.wall)
    assert expected in seen.news


def test_small_steps_add_up() -> None:
    """Half a second, again and again, is told once it is more than one."""
    readings = [own(10_000 + n * 1000, TOLD + timedelta(seconds=n * 1.5)) for n in range(4)]
    assert named(looks(*readings[:3]).news) == set()
    assert named(looks(*readings).news) == {(CLOCK_STEP, KERNEL)}


def test_an_old_satellites_word_is_over() -> None:
    """After a minute without a new one."""
    fix = satellite(100_000)
    assert look(Kept(), own(160_000), None, fix).at.quality is SYNCED
    assert look(Kept(), own(160_001), None, fix).at.quality is UNSYNCED
    assert look(Kept(), own(99_999), None, fix).at.quality is UNSYNCED


@pytest.mark.parametrize(
    "wall", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)]
)
def test_a_broken_clock_gives_a_moment_that_can_be_written(wall: datetime) -> None:
    """The year 9999 and the year 1."""
    now = looks(own(1, wall), heard=replace(HEARD, boot=1)).at
    assert 1970 <= now.wall.year < 3000


def test_the_hash_of_news_binds_all_of_it() -> None:
    """Before, after and the source."""
    one = News(CLOCK_STEP, KERNEL, TOLD, WRONG)
    others = [replace(one, before=WRONG), replace(one, after=TOLD), replace(one, source="ntp")]
    assert len({each.object_hash for each in [one, *others]}) == 4


def test_ok__a_vote_counts_whole_milliseconds() -> None:
    """What is left below a millisecond is cut off, and integers are compared."""
    assert repr(ms_of(datetime(1970, 1, 2, 0, 0, 1, 1999, tzinfo=UTC))) == "86401001"
