"""The newest session of a box wins; what the house knows of each box."""

import asyncio
import os
from pathlib import Path

from appliance.uplink.dial import HallDialler
from cityhall.intake.door import Limits
from cityhall.intake.sessions import Sessions
from sync.events import Ended, Event
from sync.line import Line
from sync.refusals import Refused
from sync.sender import Sender
from tests.cityhall.intake.test_door import open_house
from tests.support.houses import Bus, Hall, until


class Noted:
    """A session that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def nudge(self) -> None:
        """Note it."""
        self.told.append("nudge")

    def supersede(self) -> None:
        """Note it."""
        self.told.append("supersede")


def test_an_older_session_ends_when_a_newer_one_enters() -> None:
    """Two attempts may race; nudges reach the newest only."""
    sessions, older, newer = Sessions(), Noted(), Noted()
    sessions.enter("bus-07", older)
    sessions.enter("bus-07", newer)
    sessions.leave(older)
    sessions.nudge_all()
    assert (older.told, newer.told, sessions.has("bus-07")) == (["supersede"], ["nudge"], True)


def test_entering_twice_and_leaving_twice_is_harmless() -> None:
    """The same session is not its own successor."""
    sessions, one = Sessions(), Noted()
    sessions.enter("bus-07", one)
    sessions.enter("bus-07", one)
    sessions.leave(one)
    sessions.leave(one)
    assert (one.told, len(sessions)) == ([], 0)


async def hello(line: Line) -> Sender:
    """Say hello by hand and wait for the welcome."""
    sender = Sender("bus-07", "", random=os.urandom, heartbeat_s=30.0)
    sender.start(0.0)
    for message in sender.data_to_send():
        await line.send(message)
    await heard(line, sender)
    return sender


async def heard(line: Line, sender: Sender) -> Event:
    """Return the next event over the line."""
    async with asyncio.timeout(60):
        while (event := sender.next_event()) is None:
            sender.receive(await line.receive() or b"", 0.0)
    return event


def dialler(hall: Hall, bus: Bus) -> HallDialler:
    """Return the box's own way to the hall."""
    url = f"wss://127.0.0.1:{hall.port}/bus"
    files = (bus.folder / "ca.pem", bus.folder / "tls.pem", bus.folder / "tls.key")
    return HallDialler(url, *files)


async def test_the_newest_connection_of_a_box_wins(tmp_path: Path) -> None:
    """The first one hears number 106 and stays away."""
    async with open_house(tmp_path, Limits()) as (hall, bus), dialler(hall, bus).dial() as first:
        older = await hello(first)
        async with dialler(hall, bus).dial() as second:
            await hello(second)
            event = await heard(first, older)
            while not isinstance(event, Ended):
                event = await heard(first, older)
            assert event.code == Refused.NEWER_SESSION
            await until(lambda: hall.mail.buses()[0].connected)


async def test_the_office_sees_who_is_connected(tmp_path: Path) -> None:
    """Connected with what waits; gone after the line is cut; and gone when the intake starts anew."""
    async with open_house(tmp_path, Limits()) as (hall, bus):
        async with dialler(hall, bus).dial() as line:
            await hello(line)
            [seen] = await asyncio.to_thread(hall.mail.buses)
            assert (seen.device, seen.connected, seen.facts) == ("bus-07", True, {"waiting": 0})
        await until(lambda: not hall.mail.buses()[0].connected)
        hall.mail.bus_seen("bus-07", seen.seen_at, {"rtt_ms": 40})
        await hall.stop()
        await hall.start()
        [seen] = hall.mail.buses()
        assert (seen.connected, seen.facts) == (False, {"waiting": 0, "rtt_ms": 40})
