"""The line to a bus as a WebSocket of aiohttp's server."""

import asyncio
from typing import Final

from aiohttp.web import WebSocketResponse, WSMsgType

# Time for a polite end; afterwards the connection is torn down, whatever waits in its buffers.
CLOSE_S: Final = 3.0


class WebLine:
    """A `sync.line.Line` over one prepared WebSocket; `transport` is the connection below it, if it is known."""

    def __init__(self, web: WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self._web = web
        self._transport = transport

    async def receive(self) -> bytes | None:
        """Return the next message, or None once the bus has closed."""
        message = await self._web.receive()
        if message.type is not WSMsgType.BINARY:
            return None
        data: bytes = message.data
        return data

    async def send(self, message: bytes) -> None:
        """Return once the kernel took the message or has room for it; raises OSError when the bus is gone."""
        await self._web.send_bytes(message)

    async def close(self) -> None:
        """Say goodbye; a bus that does not read is left without."""
        # Not `asyncio.timeout`: in a task that is being cancelled Python 3.11 lets no TimeoutError out of it.
        ending = asyncio.create_task(self._goodbye())
        try:
            await asyncio.wait({ending}, timeout=CLOSE_S)
        finally:
            if not ending.done() and self._transport is not None:
                self._transport.abort()
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)

    async def _goodbye(self) -> None:
        await self._web.close()
