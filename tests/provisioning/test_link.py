"""The relay between bus and city hall, with a real server behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from provisioning.demo.link import Link

PATIENCE = 60.0


@asynccontextmanager
async def echo_behind_a_link() -> AsyncIterator[tuple[Link, int]]:
    """An echo server, and the link in front of it."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    link = Link(("127.0.0.1", server.sockets[0].getsockname()[1]))
    port = await link.listen(0)
    try:
        yield link, port
    finally:
        await link.close()
        server.close()
        await server.wait_closed()


async def test_bytes_come_through_unchanged() -> None:
    """100 kB there and back are the same 100 kB."""
    async with echo_behind_a_link() as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        data = bytes(range(256)) * 400
        writer.write(data)
        back = await asyncio.wait_for(reader.readexactly(len(data)), PATIENCE)
        writer.close()
    assert back == data


async def test_nothing_passes_while_the_link_is_gone_and_nothing_is_lost_after() -> None:
    """Bytes sent into a gone link arrive once it is back."""
    async with echo_behind_a_link() as (link, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"before")
        assert await asyncio.wait_for(reader.readexactly(6), PATIENCE) == b"before"
        link.switch("gone")
        writer.write(b"during")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(6), 0.2)
        link.switch("good")
        assert await asyncio.wait_for(reader.readexactly(6), PATIENCE) == b"during"
        writer.close()


async def test_a_cut_breaks_the_connections_that_stand() -> None:
    """As an address change does: the far end sees its connection end."""
    async with echo_behind_a_link() as (link, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x")
        await asyncio.wait_for(reader.readexactly(1), PATIENCE)
        link.cut()
        with suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        writer.close()


async def test_both_directions_are_counted() -> None:
    """The bytes relayed are known for the report."""
    async with echo_behind_a_link() as (link, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"12345")
        await asyncio.wait_for(reader.readexactly(5), PATIENCE)
        writer.close()
        assert (link.bytes_up, link.bytes_down) == (5, 5)
