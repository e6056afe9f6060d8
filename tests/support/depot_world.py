"""A depot with its door open on loopback, an operator who compares words, and boxes that call it, for tests."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from provisioning.boxkeys import Bus, StaffMember
from provisioning.city import City
from provisioning.joining.answer import HallAddress
from provisioning.joining.code import Code
from provisioning.joining.depot import Depot, open_depot
from provisioning.joining.door import Operator
from provisioning.joining.offer import Standing
from provisioning.joining.visit import Visitor, join

NOW = datetime(2026, 8, 25, 3, 0, tzinfo=UTC)
HALL = HallAddress("hall.example.jp", 8443, 8444)
DEADLINE_S = 60.0


@dataclass
class Screen:
    """A box's screen: the words it showed, oldest first."""

    shown: list[tuple[str, ...]] = field(default_factory=list)
    lit: threading.Event = field(default_factory=threading.Event)

    def show(self, words: tuple[str, ...]) -> None:
        """Keep the words."""
        self.shown.append(words)
        self.lit.set()

    def wait(self) -> None:
        """Return once it shows something."""
        assert self.lit.wait(DEADLINE_S)


@dataclass
class Comparing:
    """An operator who says yes only to the words that the screen in front of the technician shows."""

    screen: Screen
    seen: list[tuple[str, ...]] = field(default_factory=list)

    async def agrees(self, _device: str, words: tuple[str, ...]) -> bool:
        """Wait until the box shows something, then compare."""
        self.seen.append(words)
        async with asyncio.timeout(DEADLINE_S):
            while not self.screen.shown:  # noqa: ASYNC110  # the screen belongs to another thread
                await asyncio.sleep(0.01)
        return self.screen.shown[-1] == words


@dataclass
class Absent:
    """An operator who never answers."""

    async def agrees(self, _device: str, _words: tuple[str, ...]) -> bool:
        """Wait for ever."""
        await asyncio.Event().wait()
        return False


@dataclass
class Denying:
    """An operator in front of whom no box shows words, and who therefore says no."""

    asked: threading.Event = field(default_factory=threading.Event)

    async def agrees(self, _device: str, _words: tuple[str, ...]) -> bool:
        """Say no."""
        self.asked.set()
        return False


class Steady:
    """A clock that never steps, and that a test sets ahead."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        """Read it."""
        return time.monotonic() + self.ahead


@dataclass
class Open:
    """A depot whose door is open; `ended` says how, once it is closed."""

    depot: Depot
    ended: Future[Standing]

    @property
    def code(self) -> Code:
        """The code on its screen."""
        return self.depot.code

    def end(self) -> Standing:
        """Wait until the offer has ended."""
        return self.ended.result(DEADLINE_S)


@contextmanager
def depot_of(
    city: City,
    device: str,
    operator: Operator,
    *,
    typed: bool = False,
    steady: Callable[[], float] = time.monotonic,
) -> Iterator[Open]:
    """Open a depot on a free port in a thread of its own; an offer that has not ended is given up."""
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"127.0.0.1:{listening.getsockname()[1]}"
    depot = open_depot(city, device, address, HALL, typed=typed, steady=steady, wall=lambda: NOW)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    ended = asyncio.run_coroutine_threadsafe(depot.serve(listening, operator), loop)
    try:
        yield Open(depot, ended)
    finally:
        ended.cancel()
        try:
            asyncio.run_coroutine_threadsafe(_quiet(), loop).result(DEADLINE_S)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(DEADLINE_S)
            loop.close()


async def _quiet() -> None:
    """Return when nothing but this runs in the loop."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)


def call(
    code: Code, folder: Path, screen: Screen, staff: tuple[StaffMember, ...] = ()
) -> tuple[str, HallAddress]:
    """Let a box in this folder join under this code."""
    return join(Visitor(code, Bus(folder), staff, screen.show, pause=lambda _: None))
