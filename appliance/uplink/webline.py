"""The line to city hall: one WebSocket of our own (RFC 6455, the client's side), binary messages and nothing else.

Written out here because loading a web library takes the box longer than the whole handshake over a mobile link.
"""

import asyncio
import base64
import contextlib
import hashlib
import os
import ssl
import time
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader, StreamWriter
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import SplitResult

from appliance.uplink.reach import let_go, reach
from appliance.uplink.sockets import Path, tune
from sync.frames import FRAME_MAX
from sync.line import Line

HTTPS: Final = 443
# Time for a polite end; afterwards the socket is shut, whatever lies in its buffers.
CLOSE_S: Final = 2.0
HEAD_MAX: Final = 16 * 1024
# Handed to the kernel soon or not at all: what waits here cannot be overtaken by anything more urgent.
WRITE_HIGH: Final = 16 * 1024

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_FINAL, _MASKED = 0x80, 0x80
_BINARY, _CLOSE, _PING, _PONG = 0x2, 0x8, 0x9, 0xA
_LENGTH_16, _LENGTH_64, _CONTROL_MAX = 126, 127, 125
_NORMAL_END: Final = (1000).to_bytes(2, "big")


class WebLine:
    """A `sync.line.Line` over one open WebSocket."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._closed = False
        self.path = Path(writer.get_extra_info("socket"), time.monotonic)

    async def receive(self) -> bytes | None:
        """Return the next message, or None once city hall has closed; raises OSError."""
        while True:
            try:
                opcode, data = await self._frame()
            except IncompleteReadError:
                return None
            if opcode == _BINARY:
                return data
            if opcode == _PING:
                self.writer.write(_masked(_PONG, data))
            elif opcode == _CLOSE:
                return None
            elif opcode != _PONG:
                raise ConnectionError(f"web socket: opcode {opcode} is none of ours")

    async def send(self, message: bytes) -> None:
        """Return once the message is in the kernel's hands or close to it; raises OSError."""
        if self._closed:
            raise ConnectionError("web socket: closed")
        self.writer.write(_masked(_BINARY, message))
        await self.writer.drain()

    async def close(self) -> None:
        """Say goodbye; a hall that does not read is left without."""
        if self._closed:
            return
        self._closed = True
        # Not `asyncio.timeout`: in a task that is being cancelled Python 3.11 lets no TimeoutError out of it.
        ending = asyncio.create_task(self._goodbye())
        try:
            await asyncio.wait({ending}, timeout=CLOSE_S)
        finally:
            ending.cancel()
            (ended,) = await asyncio.gather(ending, return_exceptions=True)
            if isinstance(ended, OSError | asyncio.CancelledError):
                self.abandon()

    async def _goodbye(self) -> None:
        self.writer.write(_masked(_CLOSE, _NORMAL_END))
        self.writer.close()
        await self.writer.wait_closed()

    def abandon(self) -> None:
        """Leave at once and without a word, because nobody would hear it; whoever waits on the line is told."""
        self._closed = True
        self.path.shut()
        # asyncio's TLS transport fails on this word once it is closed (Python 3.11).
        with contextlib.suppress(AttributeError):
            self.writer.transport.abort()

    async def _frame(self) -> tuple[int, bytes]:
        first, second = await self.reader.readexactly(2)
        length = second
        if length == _LENGTH_16:
            length = int.from_bytes(await self.reader.readexactly(2), "big")
        elif length == _LENGTH_64:
            length = int.from_bytes(await self.reader.readexactly(8), "big")
        opcode = first & 0x0F
        # Whole messages, no extensions, no masks downwards, short control frames: city hall sends nothing else.
        most = FRAME_MAX if opcode == _BINARY else _CONTROL_MAX
        if first & 0xF0 != _FINAL or second & _MASKED or length > most:
            raise ConnectionError("web socket: a frame city hall never sends")
        return opcode, await self.reader.readexactly(length)


async def open_web_line(
    url: SplitResult, context: ssl.SSLContext, admit: Callable[[dict[str, Any]], None]
) -> WebLine:
    """Dial a wss:// address; raises OSError, ssl.SSLError among them. `admit` sees the certificate before we speak."""
    wire = await reach(url.hostname, url.port or HTTPS)
    try:
        reader, writer = await asyncio.open_connection(
            sock=wire, ssl=context, server_hostname=url.hostname, limit=HEAD_MAX
        )
    except BaseException:
        let_go(wire)
        raise
    try:
        admit(writer.get_extra_info("peercert"))
        tune(writer.get_extra_info("socket"))
        writer.transport.set_write_buffer_limits(high=WRITE_HIGH)
        await upgrade(url, reader, writer, base64.b64encode(os.urandom(16)))
    except BaseException:
        writer.transport.abort()
        raise
    return WebLine(reader, writer)


async def upgrade(url: SplitResult, reader: StreamReader, writer: StreamWriter, key: bytes) -> None:
    """Ask for a WebSocket; raises OSError when the answer is not the one to this key."""
    lines = (
        f"GET {url.path or '/'} HTTP/1.1",
        f"Host: {url.netloc}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key.decode()}",
    )
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    except (IncompleteReadError, LimitOverrunError) as error:
        raise ConnectionError("web socket: city hall did not answer the request") from error
    pairs = [line.partition(b":") for line in head[1:]]
    fields = {name.strip().lower(): value.strip() for name, _, value in pairs}
    digest = hashlib.sha1(key + _GUID, usedforsecurity=False).digest()
    told = fields.get(b"sec-websocket-accept")
    if head[0].split(b" ")[1:2] != [b"101"] or told != base64.b64encode(digest):
        status = head[0].decode("ascii", "replace")
        raise ConnectionError(f"web socket: city hall answered {status!r}")


def _masked(opcode: int, data: bytes) -> bytes:
    """Return one whole frame; its content is mixed with random bytes, which the other side takes out again."""
    length = len(data)
    if length < _LENGTH_16:
        head = bytes((_FINAL | opcode, _MASKED | length))
    elif length < 1 << 16:
        head = bytes((_FINAL | opcode, _MASKED | _LENGTH_16)) + length.to_bytes(2, "big")
    else:
        head = bytes((_FINAL | opcode, _MASKED | _LENGTH_64)) + length.to_bytes(8, "big")
    mask = os.urandom(4)
    stream = int.from_bytes((mask * (length // 4 + 1))[:length], "big")
    return head + mask + (int.from_bytes(data, "big") ^ stream).to_bytes(length, "big")


def is_stranded(line: Line) -> bool:
    """Tell whether a line's own address has left this box; a line without an address never is."""
    return isinstance(line, WebLine) and line.path.is_stranded()


def own_address(line: Line) -> str:
    """Return the address a line talks from; empty for a line without one."""
    return line.path.own_address() if isinstance(line, WebLine) else ""


def suit(line: Line, goodput: float) -> None:
    """Let a real line's kernel work as the measured bytes a second ask for."""
    if isinstance(line, WebLine):
        line.path.suit(goodput)


def abandon(line: Line) -> None:
    """Leave a line without a word where it is a real one."""
    if isinstance(line, WebLine):
        line.abandon()
