"""The line to city hall as a WebSocket of aiohttp's client."""

import asyncio
import time
from typing import Final

from aiohttp import ClientError, ClientWebSocketResponse, WSMsgType

from appliance.uplink.sockets import Path
from sync.line import Line

# Time for a polite end; afterwards the socket is shut, whatever lies in its buffers.
CLOSE_S: Final = 2.0


class WebLine:
    """A `sync.line.Line` over one open WebSocket."""

    def __init__(self, web: ClientWebSocketResponse) -> None:
        self._web = web
        self.path = Path(web.get_extra_info("socket"), time.monotonic)

    async def receive(self) -> bytes | None:
        """Return the next message, or None once city hall has closed; raises OSError."""
        try:
            message = await self._web.receive()
        except ClientError as error:
            raise ConnectionError(str(error)) from error
        if message.type is not WSMsgType.BINARY:
            return None
        data: bytes = message.data
        return data

    async def send(self, message: bytes) -> None:
        """Return once the message is in the kernel's hands or close to it; raises OSError."""
        try:
            await self._web.send_bytes(message)
        except ClientError as error:
            raise ConnectionError(str(error)) from error

    async def close(self) -> None:
        """Say goodbye; a hall that does not read is left without."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._web.close()
        except TimeoutError:
            self.abandon()

    def abandon(self) -> None:
        """Leave at once and without a word, because nobody would hear it; whoever waits on the line is told."""
        self.path.shut()


def is_stranded(line: Line) -> bool:
    """Tell whether a line's own address has left this box; a line without an address never is."""
    return isinstance(line, WebLine) and line.path.is_stranded()


def abandon(line: Line) -> None:
    """Leave a line without a word where it is a real one."""
    if isinstance(line, WebLine):
        line.abandon()
