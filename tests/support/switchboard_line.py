"""A switchboard and phones on real TLS sockets in one loop, for tests of what goes over the wire."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiohttp import web

from appliance.call.line import Line, tls_context
from appliance.call.phone import Phone
from cityhall.switchboard import guests
from cityhall.switchboard.board import Board
from cityhall.switchboard.bus_door import BusDoor
from cityhall.switchboard.exchange import Exchange
from tests.support.tls import Pem, TlsCity

DEADLINE_S = 60.0


async def until(condition: Callable[[], object]) -> None:
    """Wait for a real condition, with a deadline."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110  # the condition is whatever a test looks at
            await asyncio.sleep(0.01)


@asynccontextmanager
async def switchboard(
    city: TlsCity, bundle: Path | None = None, port: int = 0
) -> AsyncIterator[tuple[Exchange, int]]:
    """Serve the bus door on a free loopback port; gives the exchange and the port."""
    exchange = Exchange(Board())
    door = BusDoor(exchange, guests.Guests(bundle)).application()
    runner = web.AppRunner(door, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    server = city.server()
    context = guests.tls_context(server.certificate, server.key, city.ca)
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=context).start()
    timer = asyncio.create_task(exchange.run())
    try:
        yield exchange, int(runner.addresses[0][1])
    finally:
        timer.cancel()
        with suppress(asyncio.CancelledError):
            await timer
        await runner.cleanup()


@asynccontextmanager
async def phone_of(
    name: str, pem: Pem, city: TlsCity, port: int
) -> AsyncIterator[tuple[Phone, Line]]:
    """Keep one bus's line to that port."""
    phone = Phone(name, os.urandom, int(time.time()))
    context = tls_context(pem.certificate, pem.key, city.ca)
    line = Line(phone, f"wss://127.0.0.1:{port}/bus", context)
    task = asyncio.create_task(line.run())
    try:
        yield phone, line
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
