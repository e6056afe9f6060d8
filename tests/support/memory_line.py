"""A line inside one process: what the test puts in is heard, what is said is kept, and it may stop taking anything."""

import asyncio


class MemoryLine:
    """A `sync.line.Line` with the far end in the test's hands. `takes` = messages taken before it is full."""

    def __init__(self, *, takes: int | None = None) -> None:
        self.said: list[bytes] = []
        self.heard = 0
        self.closed = False
        self._takes = takes
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue()

    def put(self, message: bytes | None) -> None:
        """Let the near end hear a message, or the end."""
        self._inbox.put_nowait(message)

    async def receive(self) -> bytes | None:
        """Return what the test put in."""
        message = await self._inbox.get()
        self.heard += message is not None
        return message

    async def send(self, message: bytes) -> None:
        """Keep the message; a full line waits for ever."""
        if self._takes is not None and len(self.said) >= self._takes:
            await asyncio.Event().wait()
        self.said.append(message)

    async def close(self) -> None:
        """Note it."""
        self.closed = True
