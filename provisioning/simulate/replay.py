"""A connection that says once more what a bus said before: every message comes twice and must do no harm."""

import asyncio


class Replay:
    """A `sync.line.Line` for city hall: recorded messages, then the end. What city hall answers goes nowhere."""

    def __init__(self, messages: list[bytes], pause_s: float) -> None:
        self._messages = messages
        self._pause_s = pause_s

    async def receive(self) -> bytes | None:
        """Return the next recorded message, or None after the last."""
        await asyncio.sleep(self._pause_s)
        return self._messages.pop(0) if self._messages else None

    async def send(self, message: bytes) -> None:
        """Lose it."""

    async def close(self) -> None:
        """Do nothing."""
