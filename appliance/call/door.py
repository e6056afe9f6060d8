"""The loopback door of the call: its state as JSON, and the verbs of the desk's screen."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from appliance.call.line import Line
from appliance.call.phone import Phone
from sync.callwords import Message
from sync.errors import LocalError, PeerError
from sync.mediabinding import BINDING_MAX

BODY_MAX = 8 * 1024
_CALL = re.compile(r"[0-9a-f]{32}", re.ASCII)
OUR_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Door:
    """Everything the desk may ask of the call."""

    def __init__(
        self,
        phone: Phone,
        line: Line,
        *,
        steady: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._phone = phone
        self._line = line
        self._steady = steady
        self._wall = wall

    def application(self) -> web.Application:
        """Build the routes."""
        app = web.Application(client_max_size=BODY_MAX, middlewares=[only_our_own])
        app.add_routes(
            [
                web.get("/healthz", self._health),
                web.get("/state.json", self._state),
                web.post("/ring", self._ring),
                web.post("/answer", self._answer),
                web.post("/hang-up", self._hang_up),
                web.post("/text", self._text),
                web.post("/hint", self._hint),
            ]
        )
        return app

    async def _health(self, _request: web.Request) -> web.Response:
        return _json({"process": "call", "ok": True, "reachable": self._phone.reachable})

    async def _state(self, _request: web.Request) -> web.Response:
        return _json(self._phone.state(self._steady()))

    async def _ring(self, request: web.Request) -> web.Response:
        body = await _body(request)
        call_id, binding = _words(body, "call_id"), _words(body, "binding")
        if call_id and not _CALL.fullmatch(call_id):
            raise web.HTTPBadRequest(text="a call_id has 32 hexadecimal digits")
        return await self._do(lambda: self._phone.ring(self._steady(), call_id, binding))

    async def _answer(self, request: web.Request) -> web.Response:
        binding = _words(await _body(request), "binding")
        return await self._do(lambda: self._phone.answer(self._steady(), binding))

    async def _hang_up(self, _request: web.Request) -> web.Response:
        return await self._do(lambda: self._phone.hang_up(self._steady()))

    async def _text(self, request: web.Request) -> web.Response:
        text = _words(await _body(request), "text")
        if not text:
            raise web.HTTPBadRequest(text='POST /text takes {"text": "..."}')
        return await self._do(lambda: self._phone.say(text, int(self._wall())))

    async def _hint(self, _request: web.Request) -> web.Response:
        self._line.hint()
        return _json({"ok": True})

    async def _do(self, verb: Callable[[], list[Message]]) -> web.Response:
        try:
            messages = verb()
        except (LocalError, PeerError) as error:
            refusal = json.dumps({"sentence": str(error)})
            raise web.HTTPConflict(text=refusal, content_type="application/json") from error
        await self._line.say(messages)
        return _json(self._phone.state(self._steady()))


@web.middleware
async def only_our_own(
    request: web.Request, handler: Callable[[web.Request], Any]
) -> web.StreamResponse:
    """Refuse what a page in the kiosk's browser could send here; the desk speaks for its own page."""
    host = request.host.rpartition(":")[0] if request.url.explicit_port else request.host
    foreign = "Origin" in request.headers or "Sec-Fetch-Site" in request.headers
    if foreign or host not in OUR_NAMES:
        raise web.HTTPForbidden(text="the call's door is for the desk on this box only")
    response: web.StreamResponse = await handler(request)
    return response


async def _body(request: web.Request) -> dict[str, Any]:
    """Return the JSON object of a request; none is an empty one."""
    try:
        body = await request.json() if request.can_read_body else {}
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="send a JSON object, or nothing")
    return body


def _words(body: dict[str, Any], name: str) -> str:
    found = body.get(name, "")
    if not isinstance(found, str) or len(found) > BINDING_MAX:
        raise web.HTTPBadRequest(text=f"{name} is text of at most {BINDING_MAX} characters")
    return found


def _json(body: dict[str, Any]) -> web.Response:
    return web.json_response(body, headers={"Cache-Control": "no-store"})
