"""The way down over the real wire: letters once, in order, across restarts; pages that were pulled."""

from pathlib import Path

import pytest

from appliance.mail import inbox
from tests.appliance.uplink.test_travel import keep, running
from tests.support.houses import until
from tests.support.makers import make_id


async def test_letters_go_down_exactly_once(tmp_path: Path) -> None:
    """A pack and a correction arrive, and the hall knows it; a new session brings nothing twice."""
    async with running(tmp_path) as (hall, bus, _):
        hall.mail.post_letter("bus-07", "visit_pack", b"p" * 100_000, make_id(1))
        hall.mail.post_letter("bus-07", "correction", b"c", make_id(2))
        hall.mail.post_letter("bus-08", "correction", b"for another bus", make_id(3))
        await bus.start()
        await until(lambda: len(bus.mail.letters()) == 2 and not hall.mail.letters_for("bus-07"))
        await bus.stop()
        await bus.start()
        await until(lambda: bus.mail.beacon() is not None)
        found = [(letter.kind, letter.letter_id, len(letter.body)) for letter in bus.mail.letters()]
        assert found == [("correction", make_id(2), 1), ("visit_pack", make_id(1), 100_000)]
        assert hall.mail.letters_for("bus-08") == [make_id(3)]


async def test_a_letter_posted_during_the_session_goes_down_at_once(tmp_path: Path) -> None:
    """The intake looks at its shelf twice a second."""
    async with running(tmp_path) as (hall, bus, relay):
        await bus.start()
        await until(lambda: bus.mail.beacon() is not None)
        hall.mail.post_letter("bus-07", "revocation", b"{}", make_id(1))
        await until(lambda: len(bus.mail.letters()) == 1)
        assert relay.connections == 1


async def test_a_letter_goes_on_after_both_sides_restart(tmp_path: Path) -> None:
    """New objects on the same folders: it arrives once."""
    async with running(tmp_path) as (hall, bus, relay):
        hall.mail.post_letter("bus-07", "visit_pack", b"p" * 3_000_000, make_id(1))
        await bus.start()
        await until(lambda: relay.connections == 1)
        await bus.stop()
        await hall.stop()
        await hall.start()
        await bus.start()
        await until(lambda: not hall.mail.letters_for("bus-07"))
        assert [len(letter.body) for letter in bus.mail.letters()] == [3_000_000]


async def test_a_letter_the_bus_cannot_keep_blocks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older bus does not know a kind: it refuses that letter with a number, the next one arrives."""
    monkeypatch.setattr(inbox, "KINDS", ("procedure",))
    async with running(tmp_path) as (hall, bus, _):
        hall.mail.post_letter("bus-07", "visit_pack", b"?", make_id(1))
        hall.mail.post_letter("bus-07", "procedure", b"c", make_id(2))
        await bus.start()
        await until(lambda: hall.mail.letters_for("bus-07") == [make_id(1)])
        assert [letter.kind for letter in bus.mail.letters()] == ["procedure"]


async def test_a_pulled_page_is_there_before_older_ones(tmp_path: Path) -> None:
    """A caseworker waits for the second application's last page: it overtakes."""
    async with running(tmp_path) as (hall, bus, relay):
        keep(bus, 0, pages=6, page_bytes=400_000)
        keep(bus, 1, pages=6, page_bytes=400_000)
        relay.slow_s = 0.002
        await bus.start()
        await until(lambda: len(hall.mail.arrivals()) == 2)
        hall.mail.pull(make_id(1), 11)

        def pulled() -> bool:
            arrival = hall.mail.arrival(make_id(1))
            return arrival is not None and arrival.parts[11].arrived

        await until(pulled)
        older = hall.mail.arrival(make_id(0))
        assert older is not None
        assert not older.complete
        relay.slow_s = 0.0
        await until(bus.all_are("complete"))
        assert hall.mail.pulls("bus-07") == []
