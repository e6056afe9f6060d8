"""What happens to the desk's clock stands in the journal: starts, steps, sources that contradict each other."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.desk.clock import DeskClock
from appliance.desk.clockjournal import ENTRIES_AN_HOUR, ClockJournal
from appliance.mail.store import MailStore
from hardware.clock.simulated import SimulatedClock
from hardware.location.simulated import SimulatedLocation
from hardware.protocols import Fix
from keeping.away import DatabaseAwayError
from sync.clock import ClockQuality, HeardTime
from tests.support.houses import until

MORNING = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


class Desk:
    """A box's clock, the desk's over it, and the journal it writes."""

    def __init__(self, folder: Path) -> None:
        self.box = SimulatedClock(MORNING)
        self.heard: HeardTime | None = None
        self.clock = DeskClock(self.box, lambda: self.heard)
        self.mail = MailStore(folder)
        self.journal = ClockJournal(self.clock, self.mail, "a boot")

    def kinds(self) -> list[str]:
        """Return what the journal says."""
        return [one.kind for one in self.mail.entries()]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk in the morning."""
    made = Desk(tmp_path)
    with closing(made.mail):
        yield made


def test_a_start_is_written_once(desk: Desk) -> None:
    """However often the desk itself is started."""
    desk.journal.look()
    desk.journal.look()
    ClockJournal(desk.clock, desk.mail, "a boot").look()
    assert desk.kinds() == ["boot"]


@pytest.mark.parametrize("seconds", [-40 * 86_400, -2, 3600])
def test_a_step_is_written(desk: Desk, seconds: int) -> None:
    """A person or a time service set the clock."""
    desk.journal.look()
    desk.box.advance(60)
    desk.box.step(seconds)
    desk.journal.look()
    assert desk.kinds()[:2] == ["boot", "clock_step"]


def test_a_liar_among_the_sources_is_written(desk: Desk) -> None:
    """City hall says otherwise."""
    desk.journal.look()
    desk.heard = HeardTime(MORNING - timedelta(days=3), 1, 0, 0)
    desk.journal.look()
    assert "clock_doubt" in desk.kinds()


async def test_a_satellite_settles_the_time(desk: Desk) -> None:
    """The receiver's word is a source like the others, and an old one fades."""
    desk.box.quality = "unsynced"
    located = SimulatedLocation(Fix(39.7, 141.1, 5.0, MORNING + timedelta(hours=5)))
    fix = await located.fix()
    assert fix is not None
    desk.clock.take_fix(fix)
    assert desk.clock.now().wall == MORNING + timedelta(hours=5)
    desk.box.advance(120)
    assert desk.clock.now().quality is ClockQuality.HOLDOVER


def test_a_flapping_clock_does_not_fill_the_journal(desk: Desk) -> None:
    """Twelve entries an hour; an hour later it may speak again."""
    desk.box.quality = "unsynced"
    for turn in range(100):
        desk.box.advance(1)
        desk.box.step(3600 if turn % 2 else -3600)
        desk.journal.look()
    assert desk.kinds().count("clock_step") == ENTRIES_AN_HOUR
    desk.box.advance(3600)
    desk.box.step(50)
    desk.journal.look()
    assert desk.kinds().count("clock_step") == ENTRIES_AN_HOUR + 1


def test_what_the_disk_does_not_take_is_written_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full card forgets no step."""
    desk.journal.look()
    desk.box.step(500)

    def full(*_: object) -> None:
        raise DatabaseAwayError(28, "the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(desk.mail, "append", full)
        with pytest.raises(DatabaseAwayError):
            desk.journal.look()
    desk.journal.look()
    assert "clock_step" in desk.kinds()


async def test_the_watch_outlives_a_full_disk(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It says so, and goes on."""

    def full(*_: object) -> None:
        raise DatabaseAwayError(28, "the disk is full")

    monkeypatch.setattr(desk.mail, "begin_boot", full)
    watching = asyncio.create_task(desk.journal.watch())
    await until(lambda: "clock.unwritten" in caplog.text)
    assert not watching.done()
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
