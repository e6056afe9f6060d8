"""The front door: who stands in it without a word is let go, and nobody crowds the others out."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from appliance.uplink.dial import client_context
from cityhall.intake.door import Limits
from tests.support.houses import Bus, Hall, make_houses, until

QUICK = Limits(handshake_s=0.3, first_word_s=0.3)


@asynccontextmanager
async def open_house(folder: Path, limits: Limits) -> AsyncIterator[tuple[Hall, Bus]]:
    """Give a hall that serves with these limits, and a box that may knock."""
    hall, bus = make_houses(folder)
    hall.limits = limits
    await hall.start()
    try:
        yield hall, bus
    finally:
        await hall.stop()
        bus.mail.close()


def tls(bus: Bus) -> ssl.SSLContext:
    """Return the box's own TLS."""
    return client_context(bus.folder / "ca.pem", bus.folder / "tls.pem", bus.folder / "tls.key")


def open_files() -> int:
    """Count this process's descriptors."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def ended(reader: asyncio.StreamReader, seconds: float = 3.0) -> bool:
    """Tell whether the far end hangs up within the time."""
    async with asyncio.timeout(seconds):
        try:
            while await reader.read(1_000):
                pass
        except (ConnectionError, ssl.SSLError):
            return True
    return True


async def test_a_client_that_never_shakes_hands_is_let_go(tmp_path: Path) -> None:
    """A bare TCP connection that says nothing."""
    async with open_house(tmp_path, QUICK) as (hall, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", hall.port)
        assert await ended(reader)
        writer.close()


async def test_a_client_that_drips_its_request_is_let_go(tmp_path: Path) -> None:
    """One byte at a time, with a good certificate: the first request's head has a deadline."""
    async with open_house(tmp_path, QUICK) as (hall, bus):
        reader, writer = await asyncio.open_connection("127.0.0.1", hall.port, ssl=tls(bus))
        writer.write(b"GET /bus HTTP/1.1\r\nX: ")
        assert await ended(reader)
        writer.close()


async def test_a_websocket_without_hello_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upgrade is done, the hello never comes."""
    monkeypatch.setattr("sync.receiver.HELLO_DEADLINE_S", 0.3)
    async with open_house(tmp_path, QUICK) as (hall, bus):
        reader, writer = await asyncio.open_connection("127.0.0.1", hall.port, ssl=tls(bus))
        writer.write(
            b"GET /bus HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        assert await reader.readline() == b"HTTP/1.1 101 Switching Protocols\r\n"
        assert await ended(reader, 5.0)
        writer.close()


@pytest.mark.parametrize("limits", [Limits(connections=2), Limits(per_address=2)])
async def test_one_visitor_beyond_the_limit_is_turned_away(tmp_path: Path, limits: Limits) -> None:
    """Two may stand in the door; the third is closed at once; when one leaves there is room again."""
    async with open_house(tmp_path, limits) as (hall, bus):
        standing = [
            await asyncio.open_connection("127.0.0.1", hall.port, ssl=tls(bus)) for _ in range(2)
        ]
        reader, writer = await asyncio.open_connection("127.0.0.1", hall.port)
        assert await ended(reader, 1.0)
        writer.close()
        standing.pop()[1].close()
        await asyncio.sleep(0)

        async def again() -> bool:
            with contextlib.suppress(OSError, ssl.SSLError):
                _, one = await asyncio.open_connection("127.0.0.1", hall.port, ssl=tls(bus))
                one.close()
                return True
            return False

        async with asyncio.timeout(60):
            while not await again():  # noqa: ASYNC110 - the condition is a knock at the door
                await asyncio.sleep(0.05)
        standing.pop()[1].close()


async def test_fifty_connections_leave_nothing_behind(tmp_path: Path) -> None:
    """Opened and closed, with and without a handshake: no descriptor stays."""
    async with open_house(tmp_path, QUICK) as (hall, bus):
        before = open_files()
        for n in range(50):
            context = tls(bus) if n % 2 else None
            _, writer = await asyncio.open_connection("127.0.0.1", hall.port, ssl=context)
            writer.close()
        await until(lambda: open_files() <= before + 2)


async def test_tls_1_2_is_not_spoken(tmp_path: Path) -> None:
    """The oldest version is 1.3."""
    async with open_house(tmp_path, QUICK) as (hall, bus):
        context = tls(bus)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", hall.port, ssl=context)


async def test_the_watch_page_tells_what_is_there(tmp_path: Path) -> None:
    """Buses, filings and the bundle's version; nothing of anybody."""
    async with open_house(tmp_path, Limits()) as (hall, bus):
        reader, writer = await asyncio.open_connection("127.0.0.1", hall.port, ssl=tls(bus))
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        assert answer.endswith(
            b'{"process": "intake", "buses": 0, "bundle": 1, "log": 0, "losses": 0}'
        )
        writer.close()
