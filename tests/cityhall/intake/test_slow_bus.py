"""A bus that does not read, and two sessions of one bus at once: city hall keeps little, and one session."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from cityhall.intake.door import Limits
from cityhall.intake.inlet import AHEAD_LIMIT
from cityhall.intake.pump import Pump
from cityhall.intake.sessions import Sessions
from sync.envelope import Envelope
from sync.frames import Hello, Offer, Piece, Ping, Pong, Refuse, Welcome, decode_frame, encode_frame
from sync.line import Line
from sync.refusals import Refused
from tests.cityhall.intake.test_door import open_house
from tests.cityhall.intake.test_filing import intake
from tests.cityhall.intake.test_sessions import dialler
from tests.support.houses import until
from tests.support.makers import make_envelope
from tests.support.memory_line import MemoryLine

SESSION = b"session "


def greeting(name: bytes = SESSION) -> bytes:
    """Return a bus's hello."""
    return encode_frame(Hello("bus-07", name, "", 0))


async def test_a_bus_that_reads_nothing_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The welcome does not leave; of a thousand messages city hall reads a handful ahead and no more."""
    monkeypatch.setattr("cityhall.intake.pump.SEND_S", 0.3)
    async with intake(tmp_path) as partners:
        sessions = Sessions()
        line = MemoryLine(takes=0)
        line.put(greeting())
        for token in range(1_000):
            line.put(encode_frame(Ping(token)))
        async with asyncio.timeout(60):
            await Pump(partners, sessions, line, "bus-07").run()
        assert line.heard <= AHEAD_LIMIT + 3
        assert len(sessions) == 0


async def test_a_stuck_session_makes_room_for_a_newer_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old line takes nothing any more; it is not waited for."""
    monkeypatch.setattr("cityhall.intake.pump.FAREWELL_S", 0.1)
    async with intake(tmp_path) as partners:
        sessions = Sessions()
        stuck, fresh = MemoryLine(takes=0), MemoryLine()
        older = asyncio.create_task(Pump(partners, sessions, stuck, "bus-07").run())
        stuck.put(greeting())
        await until(lambda: sessions.has("bus-07"))
        newer = asyncio.create_task(Pump(partners, sessions, fresh, "bus-07").run())
        fresh.put(greeting(b"another "))
        async with asyncio.timeout(60):
            await older
        await until(lambda: bool(fresh.said))
        assert isinstance(decode_frame(fresh.said[0]), Welcome)
        assert (len(sessions), sessions.has("bus-07")) == (1, True)
        fresh.put(None)
        await newer


async def test_two_racing_sessions_file_once_and_one_stays(tmp_path: Path) -> None:
    """Both bring the same slip at the same time, as a bus does whose first connection seemed dead."""
    sealed = make_envelope(parts=[])
    async with (
        open_house(tmp_path, Limits()) as (hall, bus),
        dialler(hall, bus).dial() as first,
        dialler(hall, bus).dial() as second,
    ):
        await asyncio.gather(bring(first, b"session1", sealed), bring(second, b"session2", sealed))
        ends = {asyncio.create_task(end_of(line)): line for line in (first, second)}
        async with asyncio.timeout(60):
            done, alive = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result() for task in done] == [Refused.NEWER_SESSION]
        for task in alive:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await answers(ends[task])
        await until(lambda: [one.complete for one in hall.mail.arrivals()] == [True])
        assert [one.connected for one in hall.mail.buses()] == [True]


async def bring(line: Line, name: bytes, sealed: Envelope) -> None:
    """Say hello, offer and the whole slip in one go."""
    with contextlib.suppress(OSError):
        await line.send(greeting(name))
        await line.send(encode_frame(Offer(sealed.env_id, len(sealed.slip), 0, fresh=True)))
        await line.send(encode_frame(Piece(sealed.env_id, 0, 0, sealed.slip)))


async def end_of(line: Line) -> int:
    """Return the number with which city hall ends this session."""
    while (message := await line.receive()) is not None:
        frame = decode_frame(message)
        if isinstance(frame, Refuse) and not frame.thing_id:
            return frame.code
    return 0


async def answers(line: Line) -> None:
    """Return once a ping is answered."""
    await line.send(encode_frame(Ping(7)))
    async with asyncio.timeout(60):
        while decode_frame(await line.receive() or b"") != Pong(7):
            pass
