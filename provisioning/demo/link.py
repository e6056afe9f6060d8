"""The link between bus and city hall on one machine: a relay that is good, poor, gone, or plays a trace."""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Callable

from provisioning.demo.pace import Condition, Pace, condition

log = logging.getLogger("madobus.demo.link")

CHUNK = 4096
"""Bytes relayed at once: small, so that a slow link stays smooth."""

QUEUE = 64
"""Chunks on their way in one direction; behind that the sender is held, as a modem's queue would."""

SOCKET_BUFFER = 65536


class Link:
    """Relays TCP from one port to another under a condition that can be switched at any time."""

    def __init__(self, target: tuple[str, int], now: Callable[[], float] = time.monotonic) -> None:
        self._target = target
        self._now = now
        self._condition, self._up, self._down = condition("good")
        self._began = now()
        self._open = asyncio.Event()
        self._open.set()
        self._server: asyncio.Server | None = None
        self._streams: set[asyncio.Task[None]] = set()
        self.bytes_up = 0
        self.bytes_down = 0

    @property
    def name(self) -> str:
        """The condition's name: good, poor, gone, or the trace's."""
        return self._condition.name

    async def listen(self, port: int) -> int:
        """Begin to relay; port 0 takes a free one. Returns the port."""
        listening = socket.create_server(("127.0.0.1", port))
        # A wide buffer here would hide a slow link: the bus would believe bytes gone that still wait.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
        self._server = await asyncio.start_server(self._relay, sock=listening, limit=CHUNK)
        return int(listening.getsockname()[1])

    def switch(self, name: str) -> Condition:
        """Change the link's condition; raises TraceError for a name that is neither known nor a trace."""
        self._condition, self._up, self._down = condition(name)
        self._began = self._now()
        if self._condition.open:
            self._open.set()
        else:
            self._open.clear()
        log.info("link.switched to=%s", self._condition.name)
        return self._condition

    def cut(self) -> None:
        """Break every connection that stands, as an address change does."""
        for stream in self._streams:
            stream.cancel()

    async def close(self) -> None:
        """Stop relaying."""
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.gather(*self._streams, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._streams.add(task)
            task.add_done_callback(self._streams.discard)
        far: asyncio.StreamWriter | None = None
        try:
            await self._open.wait()
            far_reader, far = await asyncio.open_connection(*self._target, limit=CHUNK)
            ways = [
                asyncio.create_task(self._one_way(reader, far, up=True)),
                asyncio.create_task(self._one_way(far_reader, writer, up=False)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except OSError as failure:
            log.debug("link.refused kind=%s", type(failure).__name__)
        except asyncio.CancelledError:
            log.debug("link.cut")
        finally:
            for end in (writer, far):
                if end is not None:
                    end.transport.abort()

    async def _one_way(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        up: bool,
    ) -> None:
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(QUEUE)
        delivery = asyncio.create_task(self._deliver(on_the_way, writer))
        try:
            while chunk := await reader.read(CHUNK):
                await self._open.wait()
                pace: Pace = self._up if up else self._down
                wait = pace.wait(len(chunk), self._now() - self._began)
                await asyncio.sleep(wait)
                await self._open.wait()
                self._count(len(chunk), up=up)
                await on_the_way.put((self._now() + pace.delay_s, chunk))
            await on_the_way.put((self._now(), b""))
            await delivery
        finally:
            delivery.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await delivery

    async def _deliver(
        self,
        on_the_way: asyncio.Queue[tuple[float, bytes]],
        writer: asyncio.StreamWriter,
    ) -> None:
        while True:
            due, chunk = await on_the_way.get()
            await asyncio.sleep(max(0.0, due - self._now()))
            await self._open.wait()
            if not chunk:
                return
            writer.write(chunk)
            await writer.drain()

    def _count(self, size: int, *, up: bool) -> None:
        if up:
            self.bytes_up += size
        else:
            self.bytes_down += size
