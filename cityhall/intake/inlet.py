"""What one session waits for: a message of its bus, a nudge from inside the house, or the end of the line."""

import asyncio
from enum import Enum, auto
from typing import Final

from sync.line import Line

# Messages read ahead of the session; behind them the bus is held by TCP itself.
AHEAD_LIMIT: Final = 8


class Sign(Enum):
    """What came when it was no message."""

    NUDGE = auto()
    TIMER = auto()
    GONE = auto()


class Inlet:
    """Reads a line in the background, so that a nudge never cuts a message in half."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._messages: asyncio.Queue[bytes] = asyncio.Queue(AHEAD_LIMIT)
        self._wanted = asyncio.Event()
        self._nudged = False
        self._gone = False
        self._reader = asyncio.create_task(self._read())

    def nudge(self) -> None:
        """Wake the session: something inside the house changed."""
        self._nudged = True
        self._wanted.set()

    async def next(self, seconds: float) -> bytes | Sign:
        """Return the next message, or why there is none; waits at most `seconds`."""
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                while self._messages.empty() and not self._nudged and not self._gone:
                    self._wanted.clear()
                    await self._wanted.wait()
        except TimeoutError:
            return Sign.TIMER
        if self._nudged:
            self._nudged = False
            return Sign.NUDGE
        return Sign.GONE if self._messages.empty() else self._messages.get_nowait()

    async def close(self) -> None:
        """Stop reading."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        try:
            while (message := await self._line.receive()) is not None:
                await self._messages.put(message)
                self._wanted.set()
        finally:
            # A flag, not a message: there may be no room, and nobody who will ever make some.
            self._gone = True
            self._wanted.set()
