"""The uplink's own page on loopback: how the link is, and the button that says "try now"."""

from collections.abc import Callable

from aiohttp import web

from appliance.uplink.status import Status


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
