"""A bus whose own clock jumps: what may be removed is decided by city hall's signed time."""

import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.mail import notes
from appliance.mail.database import open_shelf
from appliance.uplink.clock import HeardClock
from sync.clock import ClockQuality, HeardTime, Instant
from tests.appliance.uplink.test_travel import keep, running
from tests.support.houses import Bus, until
from tests.support.makers import make_id

LEAP = timedelta(days=40)
NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


class BadClock:
    """A clock that is wrong by `off`; monotonic time goes on with `passed`."""

    def __init__(
        self,
        quality: ClockQuality = ClockQuality.UNSYNCED,
        *,
        off: timedelta = timedelta(0),
        boot: int = 1,
    ) -> None:
        self.off = off
        self.passed = timedelta(0)
        self._quality = quality
        self._boot = boot

    def now(self) -> Instant:
        """Return the wrong moment."""
        doubt = 86_400 if self._quality is ClockQuality.UNSYNCED else 1
        wall = datetime.now(UTC) + self.off + self.passed
        since_boot = timedelta(seconds=self.monotonic()) + self.passed
        return Instant(
            wall, doubt, self._quality, self._boot, since_boot // timedelta(milliseconds=1)
        )

    @staticmethod
    def monotonic() -> float:
        """Return seconds that never step."""
        return time.monotonic()


async def complete(bus: Bus) -> None:
    """File one application and wait for the time."""
    keep(bus, 0)
    await bus.start()
    await until(bus.all_are("complete"))
    await until(lambda: bus.mail.heard_beacon() is not None)


async def purged(bus: Bus) -> bool:
    """Let the uplink remove what is old; tells whether the application's payload has left the shelf."""
    assert bus.uplink is not None
    await bus.uplink.keeper.purge()
    row = bus.mail.find(make_id(0))
    assert row is not None
    return row.purged


@pytest.mark.parametrize("quality", [ClockQuality.UNSYNCED, ClockQuality.SYNCED])
async def test_a_clock_that_jumps_ahead_removes_nothing(
    tmp_path: Path, quality: ClockQuality
) -> None:
    """Forty days by the kernel or a mad time service, then a contact: by city hall's time no minute has passed."""
    async with running(tmp_path) as (_, bus, _relay):
        clock = bus.clock = BadClock(quality)
        await complete(bus)
        clock.off = LEAP
        await bus.stop()
        await bus.start()
        assert bus.uplink is not None
        status = bus.uplink.status
        await until(lambda: status.sessions == 1)
        assert not await purged(bus)


async def test_a_clock_that_was_ahead_from_the_start_proves_nothing(tmp_path: Path) -> None:
    """What city hall proved, it proved now and not in forty days; a new start in the same boot remembers its time."""
    async with running(tmp_path) as (hall, bus, _):
        bus.clock = BadClock(off=LEAP)
        await complete(bus)
        await until(lambda: proven_today(bus))
        assert not await purged(bus)
        await bus.stop()
        await hall.stop()
        await bus.start()
        assert not await purged(bus)


async def test_while_nobody_vouches_for_the_clock_nothing_is_old(tmp_path: Path) -> None:
    """After a power cut and without contact."""
    async with running(tmp_path) as (hall, bus, _):
        await complete(bus)
        await bus.stop()
        await hall.stop()
        bus.clock = BadClock(off=LEAP, boot=2)
        await bus.start()
        assert not await purged(bus)


def test_city_halls_days_pass_by_the_crystal() -> None:
    """What the wall clock says meanwhile does not matter."""
    bad = BadClock()
    clock = HeardClock(bad)
    assert clock.now().quality is ClockQuality.UNSYNCED
    clock.hear(HeardTime(NOON, boot=1, monotonic_ms=bad.now().monotonic_ms, waited_ms=0))
    bad.off = LEAP
    bad.passed = timedelta(hours=73)
    assert clock.now().wall - NOON >= timedelta(hours=73)
    assert clock.now().wall - NOON < timedelta(hours=74)


def proven_today(bus: Bus) -> bool:
    """Tell whether the head on the shelf was proven at the real time."""
    with closing(open_shelf(bus.folder / "mail")) as shelf, shelf.reading() as session:
        at = notes.hall_proven_at(session)
    return at is not None and abs(at - datetime.now(UTC)) < timedelta(hours=1)
