"""The front door: how many may stand in it, and for how long without a word (aiohttp has no such limits)."""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cityhall.intake.body import Pace

log = logging.getLogger("madobus.intake")

BACKLOG: Final = 128


@dataclass(frozen=True, slots=True)
class Limits:
    """What one visitor, one address and all together may take. Buses of one carrier share an address."""

    connections: int = 600
    per_address: int = 300
    handshakes: int = 64
    handshake_s: float = 8.0
    first_word_s: float = 8.0
    body: Pace = field(default_factory=Pace)


def server_context(certificate: Path, key: Path, client_ca: Path) -> ssl.SSLContext:
    """Return TLS 1.3 that asks every client for a certificate of our authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(client_ca)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


class _Watched(asyncio.Protocol):
    """Stands around the web server's protocol and ends a connection that does not finish its first request's head."""

    def __init__(self, inner: asyncio.Protocol, gone: asyncio.Event, first_word_s: float) -> None:
        self._inner = inner
        self._gone = gone
        self._first_word_s = first_word_s
        self._head = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the clock."""
        loop = asyncio.get_running_loop()
        if isinstance(transport, asyncio.Transport):
            self._timer = loop.call_later(self._first_word_s, transport.abort)
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Pass bytes on; the clock stops at the end of the first request's head."""
        if self._timer is not None:
            self._head = self._head[-3:] + data
            if b"\r\n\r\n" in self._head:
                self._timer.cancel()
                self._timer = None
        self._inner.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock and free the place."""
        if self._timer is not None:
            self._timer.cancel()
        self._gone.set()
        self._inner.connection_lost(exc)

    def eof_received(self) -> bool | None:
        """Pass on."""
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        """Pass on."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on."""
        self._inner.resume_writing()


class Door:
    """Accepts connections on `host`:`port` for the protocols that `factory` makes."""

    def __init__(
        self, factory: Callable[[], asyncio.Protocol], tls: ssl.SSLContext, limits: Limits
    ) -> None:
        self._factory = factory
        self._tls = tls
        self._limits = limits
        self._visitors: set[asyncio.Task[None]] = set()
        self._addresses: Counter[str] = Counter()
        self._handshakes = asyncio.Semaphore(limits.handshakes)
        self.turned_away = 0

    async def serve(self, listening: socket.socket) -> None:
        """Accept until cancelled; then let every visitor go."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                connection, address = await loop.sock_accept(listening)
                self._receive(connection, str(address[0]))
        finally:
            for visitor in list(self._visitors):
                visitor.cancel()
            await asyncio.gather(*self._visitors, return_exceptions=True)

    def _receive(self, connection: socket.socket, address: str) -> None:
        full = len(self._visitors) >= self._limits.connections
        if full or self._addresses[address] >= self._limits.per_address:
            self.turned_away += 1
            log.warning("door.full visitors=%d", len(self._visitors))
            connection.close()
            return
        self._addresses[address] += 1
        visitor = asyncio.create_task(self._visit(connection))
        self._visitors.add(visitor)
        visitor.add_done_callback(lambda task: self._leave(task, address))

    def _leave(self, visitor: asyncio.Task[None], address: str) -> None:
        self._visitors.discard(visitor)
        self._addresses[address] -= 1
        if not self._addresses[address]:
            del self._addresses[address]

    async def _visit(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        gone = asyncio.Event()
        transport: asyncio.Transport | None = None
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            # Who says nothing takes no place among the handshakes: a silent crowd keeps no bus waiting.
            await _first_byte(connection, self._limits.handshake_s)
            async with self._handshakes:
                transport, _ = await loop.connect_accepted_socket(
                    lambda: _Watched(self._factory(), gone, self._limits.first_word_s),
                    connection,
                    ssl=self._tls,
                    ssl_handshake_timeout=self._limits.handshake_s,
                )
            await gone.wait()
        except (OSError, ssl.SSLError) as error:
            log.info("door.handshake_failed cause=%s", _reason(error))
        finally:
            if transport is not None and not gone.is_set():
                transport.abort()
            with contextlib.suppress(OSError):
                connection.close()


async def _first_byte(connection: socket.socket, seconds: float) -> None:
    """Return once there is something to read, and leave it there; raises TimeoutError."""
    loop = asyncio.get_running_loop()
    spoken = asyncio.Event()
    loop.add_reader(connection, spoken.set)
    try:
        async with asyncio.timeout(seconds):
            await spoken.wait()
    finally:
        loop.remove_reader(connection)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one."""
    listening = socket.create_server((host, port), backlog=BACKLOG)
    listening.setblocking(False)
    return listening


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    return str(reason) if reason else type(error).__name__
