"""One simulated connection: two streams of whole messages that may be cut at any byte, in one direction or both."""

import asyncio
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Final

# What the sending kernel holds for us before `send` waits.
BUFFER: Final = 64 * 1024


class Cut(Enum):
    """How a connection ends; `BUS_GONE` is an address change: what is on its way up arrives, late."""

    RESET = "reset"
    SILENT = "silent"
    UP_DEAD = "up dead"
    DOWN_DEAD = "down dead"
    BUS_GONE = "bus gone"
    HALL_GONE = "hall gone"


class Pipe:
    """One direction. `rate` in bytes a second, `delay` in seconds; `on_limit` hears when the byte limit is reached."""

    def __init__(self, rate: float, delay: float, on_limit: Callable[[], None]) -> None:
        self.carried = 0
        self.waiting_since: float | None = None
        self._loop = asyncio.get_running_loop()
        self._rate = rate
        self._delay = delay
        self._on_limit = on_limit
        self._limit: int | None = None
        self._free_at = 0.0
        self._held_until = 0.0
        self._flying: deque[bytes | None] = deque()
        self._landed: deque[bytes | None] = deque()
        self._news = asyncio.Event()
        self._dead = False
        self._broken = False

    def cut_at(self, byte: int) -> None:
        """Let `byte` more bytes pass; the message that holds the next one never arrives."""
        self._limit = self.carried + byte

    def die(self) -> None:
        """Lose everything from now on, and what is on its way; nobody is told."""
        self._dead = True
        self._flying.clear()

    def break_here(self) -> None:
        """Tell both ends of this direction that it is over."""
        self._broken = True
        self._news.set()

    def stall(self, seconds: float) -> None:
        """Hold what is on its way for a while."""
        self._held_until = self._loop.time() + seconds

    async def send(self, message: bytes) -> None:
        """Put a message on its way; waits while more than the buffer lies before it."""
        if self._broken:
            raise ConnectionResetError("the line broke")
        self.carried += len(message)
        if self.waiting_since is None:
            self.waiting_since = self._loop.time()
        if self._limit is not None and self.carried > self._limit and not self._dead:
            self._limit = None
            self._on_limit()
            if self._broken:
                raise ConnectionResetError("the line broke")
        self._free_at = max(self._loop.time(), self._free_at) + len(message) / self._rate
        if not self._dead:
            self._fly(message, self._free_at + self._delay)
        ahead = self._free_at - BUFFER / self._rate
        if self._dead and ahead > self._loop.time():
            await (
                asyncio.Event().wait()
            )  # the buffer is full and nobody takes anything: a timer must end this
        if ahead > self._loop.time():
            await asyncio.sleep(ahead - self._loop.time())

    def end(self) -> None:
        """Say politely that nothing more comes."""
        if not self._dead:
            self._fly(None, max(self._loop.time(), self._free_at) + self._delay)

    async def receive(self) -> bytes | None:
        """Return the next message; None after the polite end, ConnectionResetError after a broken one."""
        while not self._landed:
            if self._broken:
                raise ConnectionResetError("the line broke")
            self._news.clear()
            await self._news.wait()
        return self._landed.popleft()

    def _fly(self, message: bytes | None, lands_at: float) -> None:
        self._flying.append(message)
        self._loop.call_at(lands_at, self._land)

    def _land(self) -> None:
        if not self._flying:
            return
        if self._loop.time() < self._held_until:
            self._loop.call_at(self._held_until, self._land)
            return
        self._landed.append(self._flying.popleft())
        self.waiting_since = self._loop.time() if self._flying else None
        self._news.set()


class Path:
    """What the kernel below a line would know: for how long bytes wait for a sign that they arrived."""

    def __init__(self, sends: Pipe) -> None:
        self._sends = sends

    def silence(self) -> float:
        """Return the seconds."""
        since = self._sends.waiting_since
        return 0.0 if since is None else asyncio.get_running_loop().time() - since


class End:
    """One end of a connection: a `sync.line.Line`. `said` keeps what was sent from here, `path` is asked by races."""

    def __init__(self, sends: Pipe, hears: Pipe) -> None:
        self.said: list[bytes] = []
        self.path: Path | None = None
        self._sends = sends
        self._hears = hears
        self._gone = False

    async def receive(self) -> bytes | None:
        """Return the next message, None at the polite end; raises ConnectionResetError."""
        return await self._hears.receive()

    async def send(self, message: bytes) -> None:
        """Put a message on its way; raises ConnectionResetError."""
        if self._gone:
            raise ConnectionResetError("the line is gone here")
        self.said.append(message)
        await self._sends.send(message)

    async def close(self) -> None:
        """End the line politely."""
        if not self._gone:
            self._gone = True
            self._sends.end()

    def lose(self) -> None:
        """Let this end know that the line is gone; what it sent before may still arrive."""
        self._gone = True
        self._hears.break_here()


class Wire:
    """Both directions of one connection. `rate` up in bytes a second (down is twice that), `delay` one way."""

    def __init__(self, rate: float, delay: float) -> None:
        self.over = False
        self._planned = Cut.RESET
        self._stall_s = 0.0
        self.up = Pipe(rate, delay, self._limit_reached)
        self.down = Pipe(rate * 2, delay, self._limit_reached)
        self.bus = End(self.up, self.down)
        self.hall = End(self.down, self.up)

    def plan(self, how: Cut, byte: int, stall_s: float, *, down: bool) -> None:
        """End in a certain way once `byte` more bytes went up (or down)."""
        self._planned, self._stall_s = how, stall_s
        (self.down if down else self.up).cut_at(byte)

    def cut(self, how: Cut, stall_s: float = 0.0) -> None:
        """End now; `stall_s` is how late the half that was on its way arrives."""
        self.over = True
        if how in _UP_LOST:
            self.up.die()
        if how in _DOWN_LOST:
            self.down.die()
        if how in (Cut.RESET, Cut.BUS_GONE):
            self.bus.lose()
        if how in (Cut.RESET, Cut.HALL_GONE):
            self.hall.lose()
        if how is Cut.BUS_GONE:
            self.up.stall(stall_s)
        if how is Cut.HALL_GONE:
            self.down.stall(stall_s)

    def _limit_reached(self) -> None:
        self.cut(self._planned, self._stall_s)


_UP_LOST: Final = frozenset({Cut.RESET, Cut.SILENT, Cut.UP_DEAD, Cut.HALL_GONE})
_DOWN_LOST: Final = frozenset({Cut.RESET, Cut.SILENT, Cut.DOWN_DEAD, Cut.BUS_GONE})
