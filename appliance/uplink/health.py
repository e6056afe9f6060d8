"""The uplink's own page on loopback: how the link is, and the button that says "try now"."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from appliance.uplink.status import Status

LOOPBACK: Final = "127.0.0.1"


def application(status: Status, hint: Callable[[], None]) -> web.Application:
    """Return GET /health (JSON) and POST /hint."""

    async def health(_request: web.Request) -> web.Response:
        return web.json_response(status.view())

    async def hinted(_request: web.Request) -> web.Response:
        hint()
        return web.json_response({"hinted": True})

    found = web.Application()
    found.router.add_get("/health", health)
    found.router.add_post("/hint", hinted)
    return found


@asynccontextmanager
async def serving(status: Status, hint: Callable[[], None], port: int) -> AsyncIterator[int]:
    """Serve on loopback while entered; gives the port, also when `port` is 0."""
    runner = web.AppRunner(application(status, hint), access_log=None, handle_signals=False)
    await runner.setup()
    try:
        listening = socket.create_server((LOOPBACK, port))
        await web.SockSite(runner, listening).start()
        yield int(listening.getsockname()[1])
    finally:
        await runner.cleanup()
