"""Peers that take their time: a hall that reads a byte a second, and a crowd at the door that never says a word."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cityhall.intake.door import Limits
from tests.support.houses import Bus, Hall, make_houses, until
from tests.support.makers import instant, make_envelope, make_parts

CROWD = 40
ONE_BYTE_S = 1.0
# The handshake and the first words pass, so that a session comes to stand.
FREELY = 6_000


class SleepyRelay:
    """Passes one byte a second upward on its first `sleepy` connections, everything on those after them."""

    def __init__(self, target: int, sleepy: int) -> None:
        self._target = target
        self._sleepy = sleepy
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", 0, limit=1)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Let go of everybody."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        pause = ONE_BYTE_S if self._sleepy > 0 else 0.0
        self._sleepy -= 1
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            with contextlib.suppress(OSError):
                await asyncio.gather(
                    _copy(reader, far_writer, pause), _copy(far_reader, writer, 0.0)
                )
        finally:
            far_writer.transport.abort()
            writer.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pause: float) -> None:
    """Pass bytes on, with a pause after each byte once the first have passed freely."""
    passed = 0
    while data := await reader.read(1 if pause and passed > FREELY else 65_536):
        passed += len(data)
        writer.write(data)
        await writer.drain()
        if pause and passed > FREELY:
            await asyncio.sleep(pause)
    writer.transport.abort()


@asynccontextmanager
async def city(folder: Path, limits: Limits | None = None) -> AsyncIterator[tuple[Hall, Bus]]:
    """Give a hall that serves and a bus with one application."""
    hall, bus = make_houses(folder)
    hall.limits = limits or hall.limits
    envelope = make_envelope(0, parts=make_parts(2, page_bytes=100_000))
    bus.mail.keep(envelope, deadline=None, at=instant(), receipt_for=lambda _entry: b"box")
    await hall.start()
    bus.port = hall.port
    try:
        yield hall, bus
    finally:
        await bus.stop()
        await hall.stop()


async def test_a_hall_that_reads_one_byte_a_second(tmp_path: Path) -> None:
    """The bus leaves the session that does not move and carries everything in the next."""
    async with city(tmp_path) as (hall, bus):
        relay = SleepyRelay(hall.port, sleepy=1)
        await relay.start()
        bus.port, bus.heartbeat_s = relay.port, 0.5
        await bus.start()
        try:
            await until(bus.all_are("complete"))
        finally:
            await relay.stop()
        assert [one.complete for one in hall.mail.arrivals()] == [True]


async def test_a_crowd_at_the_door_that_says_nothing(tmp_path: Path) -> None:
    """Twice as many silent strangers as handshakes are allowed at a time: the bus does not wait behind them."""
    limits = Limits(handshakes=CROWD // 2, handshake_s=600.0)
    async with city(tmp_path, limits) as (hall, bus):
        crowd = [await asyncio.open_connection("127.0.0.1", hall.port) for _ in range(CROWD)]
        try:
            await bus.start()
            await until(bus.all_are("complete"))
            assert [one.complete for one in hall.mail.arrivals()] == [True]
        finally:
            for _, writer in crowd:
                writer.transport.abort()
