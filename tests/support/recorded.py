"""A session of a real uplink, recorded message by message, and played again with the box's own certificate."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from appliance.uplink.dial import Dialler
from sync.line import Line

QUIET_S = 0.25


class RecordingDialler:
    """Dials as `inner` does and keeps a copy of each message that goes up."""

    def __init__(self, inner: Dialler) -> None:
        self._inner = inner
        self.sent: list[bytes] = []

    @asynccontextmanager
    async def dial(self) -> AsyncIterator[Line]:
        """Return a line that is recorded."""
        async with self._inner.dial() as line:
            yield _RecordedLine(line, self.sent)


class _RecordedLine:
    """A line whose sent messages are kept."""

    def __init__(self, line: Line, sent: list[bytes]) -> None:
        self._line, self._sent = line, sent

    async def receive(self) -> bytes | None:
        """Pass on."""
        return await self._line.receive()

    async def send(self, message: bytes) -> None:
        """Keep and pass on."""
        self._sent.append(message)
        await self._line.send(message)

    async def close(self) -> None:
        """Pass on."""
        await self._line.close()


async def play(dialler: Dialler, messages: Sequence[bytes]) -> bytes:
    """Send these messages in a new session; returns all that came back until nothing came any more."""
    heard: list[bytes] = []
    async with dialler.dial() as line:
        with contextlib.suppress(OSError):
            for message in messages:
                await line.send(message)
        with contextlib.suppress(TimeoutError, OSError):
            while True:
                async with asyncio.timeout(QUIET_S):
                    message = await line.receive()
                if message is None:
                    break
                heard.append(message)
    return b"".join(heard)
