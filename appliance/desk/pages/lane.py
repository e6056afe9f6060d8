"""One lane: a process that reads one sheet at a time, and the reader's end of its socket."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from appliance.desk.pages import exchange
from appliance.desk.pages.sheet import QrCode, ReadSheet

LaneGone = (OSError, asyncio.IncompleteReadError, exchange.ExchangeError)
"""What is raised where a lane's process ended or babbles."""
Deep = bool | Callable[[QrCode | None], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """The way to one worker. Hanging up ends it, whatever it does; `pid` is only told to people."""

    pid: int
    source: asyncio.StreamReader
    sink: asyncio.StreamWriter

    @property
    def ended(self) -> bool:
        """Whether its process is known to have ended."""
        return self.source.at_eof()

    async def read(self, request: bytes, deep: Deep) -> ReadSheet:
        """Have one sheet read, and answer what the worker asks meanwhile; raises what `LaneGone` names."""
        await self._send(request)
        head, blob = await received(self.source)
        while "ask" in head:
            code = exchange.read_code(head["ask"])
            said = deep if isinstance(deep, bool) else deep(code)
            await self._send(exchange.pack({"deep": said}))
            head, blob = await received(self.source)
        return exchange.read_sheet(head, blob)

    async def close(self) -> None:
        """Hang up."""
        self.sink.close()
        with suppress(OSError):
            await self.sink.wait_closed()

    async def _send(self, message: bytes) -> None:
        self.sink.write(message)
        await self.sink.drain()


async def received(source: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    """Read one message; raises what `LaneGone` names."""
    text, blob = exchange.lengths(await source.readexactly(exchange.PREFIX))
    head = exchange.read_head(await source.readexactly(text))
    return head, await source.readexactly(blob)
