"""The box's own WebSocket (RFC 6455): what it says, what it takes, and what it never takes."""

import asyncio
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from appliance.uplink.webline import WebLine, upgrade
from sync.frames import FRAME_MAX

URL = urlsplit("wss://hall.example:8443/bus")
# Section 1.3 of the RFC.
RFC_KEY, RFC_ACCEPT = b"dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@asynccontextmanager
async def line() -> AsyncIterator[tuple[WebLine, StreamReader, StreamWriter]]:
    """Give a line and city hall's end of its connection."""
    met: asyncio.Future[tuple[StreamReader, StreamWriter]] = asyncio.Future()
    server = await asyncio.start_server(lambda *ends: met.set_result(ends), "127.0.0.1", 0)
    made = WebLine(*await asyncio.open_connection(*server.sockets[0].getsockname()))
    reader, writer = await met
    try:
        async with asyncio.timeout(60):
            yield made, reader, writer
    finally:
        writer.transport.abort()
        await made.close()
        made.abandon()
        server.close()
        await server.wait_closed()


async def heard(reader: StreamReader) -> tuple[int, bytes]:
    """Read one frame of a client as a server must: its mask is taken off."""
    first, second = await reader.readexactly(2)
    assert second & 0x80
    length = second & 0x7F
    if length == 126:
        (length,) = struct.unpack(">H", await reader.readexactly(2))
    elif length == 127:
        (length,) = struct.unpack(">Q", await reader.readexactly(8))
    mask = await reader.readexactly(4)
    data = await reader.readexactly(length)
    return first, bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))


def told(opcode: int, data: bytes) -> bytes:
    """Return a server's frame, whose length takes as few bytes as it can."""
    head = bytes((0x80 | opcode,))
    if len(data) < 126:
        return head + bytes((len(data),)) + data
    if len(data) < 1 << 16:
        return head + b"\x7e" + struct.pack(">H", len(data)) + data
    return head + b"\x7f" + struct.pack(">Q", len(data)) + data


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
async def test_messages_of_every_length_go_both_ways(size: int) -> None:
    """One frame each, masked upwards."""
    data = bytes(at % 251 for at in range(size))
    async with line() as (mine, reader, writer):
        sending = asyncio.create_task(mine.send(data))
        assert await heard(reader) == (0x82, data)
        await sending
        writer.write(told(0x2, data))
        assert await mine.receive() == data


async def test_a_ping_is_answered_and_nothing_is_said_of_it() -> None:
    """The next message is the next message; an unasked pong is passed over."""
    async with line() as (mine, reader, writer):
        writer.write(told(0x9, b"are you there") + told(0xA, b"") + told(0x2, b"word"))
        assert await mine.receive() == b"word"
        assert await heard(reader) == (0x8A, b"are you there")


@pytest.mark.parametrize("last", [told(0x8, b"\x03\xe8"), b"", b"\x82\x05wor"])
async def test_an_end_is_an_end_also_inside_a_message(last: bytes) -> None:
    """Said or not."""
    async with line() as (mine, _, writer):
        writer.write(last)
        writer.write_eof()
        assert await mine.receive() is None


@pytest.mark.parametrize(
    "frame",
    [
        b"\x02\x01a",  # a message in pieces
        b"\xc2\x01a",  # an extension
        b"\x82\x81\x00\x00\x00\x00a",  # a mask downwards
        told(0x1, b"text"),
        told(0x9, bytes(126)),
        b"\x82\x7f" + struct.pack(">Q", FRAME_MAX + 1),
        b"\x82\x7f" + bytes([255] * 8),
    ],
)
async def test_fail__frames_city_hall_never_sends(frame: bytes) -> None:
    """The line breaks before anything is kept of them."""
    async with line() as (mine, _, writer):
        writer.write(frame)
        with pytest.raises(ConnectionError):
            await mine.receive()


async def test_a_goodbye_is_said_once_and_nothing_after_it() -> None:
    """Closing twice is harmless, sending afterwards is an error."""
    async with line() as (mine, reader, _):
        await mine.close()
        assert await heard(reader) == (0x88, b"\x03\xe8")
        await mine.close()
        with pytest.raises(ConnectionError):
            await mine.send(b"late")


def answered(status: str, accept: str) -> bytes:
    """Return a server's answer to the request."""
    return f"HTTP/1.1 {status}\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode()


async def ask(answer: bytes) -> bytes:
    """Let the box ask a hall that answers this; returns what it asked."""
    async with line() as (mine, reader, writer):
        writer.write(answer)
        writer.write_eof()
        await upgrade(URL, mine.reader, mine.writer, RFC_KEY)
        return await reader.readuntil(b"\r\n\r\n")


async def test_the_request_is_a_web_sockets() -> None:
    """The example of the RFC."""
    asked = await ask(answered("101 Switching Protocols", RFC_ACCEPT))
    assert asked.startswith(b"GET /bus HTTP/1.1\r\nHost: hall.example:8443\r\n")
    assert b"Sec-WebSocket-Key: " + RFC_KEY in asked


@pytest.mark.parametrize(
    "answer",
    [
        answered("403 Forbidden", RFC_ACCEPT),
        answered("101 Switching Protocols", RFC_ACCEPT[::-1]),
        answered("101 Switching Protocols", RFC_ACCEPT.lower()),
        b"HTTP/1.1 101",
        b"\r\n\r\n",
        b"x" * 40_000,
    ],
)
async def test_fail__another_answer_opens_no_line(answer: bytes) -> None:
    """A page, a proxy, noise."""
    with pytest.raises(ConnectionError):
        await ask(answer)


async def test_a_hall_that_does_not_read_is_left_also_by_a_task_that_is_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The polite end has its limit there, too: what lies in the socket's buffers is given up."""
    monkeypatch.setattr("appliance.uplink.webline.CLOSE_S", 0.2)
    async with line() as (made, reader, _):
        reader._transport.pause_reading()  # type: ignore[attr-defined]  # nobody reads at the far end
        made.writer.write(bytes(32 << 20))

        async def serve() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                await made.close()

        serving = asyncio.create_task(serve())
        await asyncio.sleep(0)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        assert made.writer.transport.get_write_buffer_size() == 0
