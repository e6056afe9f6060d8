"""The door for the office's side: JSON over a Unix socket that only city hall's own users can open."""

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from aiohttp import web

from cityhall.switchboard.board import Moment, reachable_again, worth_calling_back
from cityhall.switchboard.exchange import Exchange
from sync.calling import Call, CallRefused, Line
from sync.errors import PeerError
from sync.mediabinding import BINDING_MAX

BODY_MAX = 8 * 1024
_STATUS = {
    CallRefused.NO_SUCH_CALL: 404,
    CallRefused.TOO_MUCH: 413,
    CallRefused.NOT_UNDERSTOOD: 400,
}
CONFLICT = 409
_CALL = re.compile(r"[0-9a-f]{32}", re.ASCII)
T = TypeVar("T")


class OfficeDoor:
    """Presence to read; ring, answer, hang up and write."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def application(self) -> web.Application:
        """Build the routes."""
        app = web.Application(client_max_size=BODY_MAX)
        app.add_routes(
            [
                web.get("/healthz", self._health),
                web.get("/presence.json", self._presence),
                web.get("/calls.json", self._calls),
                web.post("/calls", self._ring),
                web.post("/calls/{call}/answer", self._answer),
                web.post("/calls/{call}/hang-up", self._hang_up),
                web.post("/calls/{call}/text", self._say),
            ]
        )
        return app

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"process": "switchboard", "ok": True})

    async def _presence(self, _request: web.Request) -> web.Response:
        return _json({"buses": [asdict(bus) for bus in self._exchange.board.presence()]})

    async def _calls(self, _request: web.Request) -> web.Response:
        now = self._exchange.moment().steady
        board = self._exchange.board
        return _json({"calls": [plain(c, board.lines(c.call_id), now) for c in board.calls()]})

    async def _ring(self, request: web.Request) -> web.Response:
        body = await _body(request)
        device, binding = str(body.get("device", "")), _binding(body)
        call_id = str(body.get("call_id") or secrets.token_hex(16))
        if not _CALL.fullmatch(call_id):
            raise _refused(400, CallRefused.NOT_UNDERSTOOD, "a call_id has 32 hexadecimal digits")
        call = self._act(lambda now: self._exchange.board.ring(device, call_id, now, binding))
        return self._told(call)

    async def _answer(self, request: web.Request) -> web.Response:
        call_id = request.match_info["call"]
        binding = _binding(await _body(request) if request.can_read_body else {})
        return self._told(self._act(lambda now: self._exchange.board.answer(call_id, now, binding)))

    async def _hang_up(self, request: web.Request) -> web.Response:
        call_id = request.match_info["call"]
        return self._told(self._act(lambda now: self._exchange.board.hang_up(call_id, now)))

    async def _say(self, request: web.Request) -> web.Response:
        call_id = request.match_info["call"]
        body = await _body(request)
        text, line_id = str(body.get("text", "")), str(body.get("line_id") or secrets.token_hex(16))
        self._act(lambda now: self._exchange.board.say(call_id, line_id, text, now))
        return _json({"line_id": line_id})

    def _act(self, action: Callable[[Moment], T]) -> T:
        try:
            return self._exchange.act(action)
        except PeerError as error:
            status = _STATUS.get(CallRefused(error.code), CONFLICT)
            raise _refused(status, error.code, str(error)) from error

    def _told(self, call: Call) -> web.Response:
        now = self._exchange.moment().steady
        return _json(plain(call, self._exchange.board.lines(call.call_id), now))


def plain(call: Call, lines: tuple[Line, ...], now: float) -> dict[str, Any]:
    """Write a call as JSON: its state, how long it has stood so, and its lines."""
    return {
        "call_id": call.call_id,
        "device": call.device,
        "caller": call.caller.value,
        "state": call.state.value,
        "outcome": call.outcome.value,
        "seconds": max(0, int(now - call.since)),
        "held_for_seconds": int(reachable_again(call, now)),
        "call_back": worth_calling_back(call),
        "bindings": {"ringing": call.ringing, "answering": call.answering},
        "lines": [
            {"line_id": x.line_id, "by": x.by.value, "text": x.text, "at": x.at} for x in lines
        ],
        "media": False,  # voice and picture are not carried yet, and no screen may pretend it
    }


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.json_response(body, status=status, headers={"Cache-Control": "no-store"})


def _refused(status: int, number: int, sentence: str) -> web.HTTPException:
    text = json.dumps({"number": number, "sentence": sentence})
    kinds: dict[int, type[web.HTTPException]] = {
        400: web.HTTPBadRequest,
        404: web.HTTPNotFound,
        409: web.HTTPConflict,
        413: web.HTTPUnprocessableEntity,
    }
    return kinds[status](text=text, content_type="application/json")


def _binding(body: dict[str, Any]) -> str:
    found = body.get("binding", "")
    if not isinstance(found, str) or len(found) > BINDING_MAX:
        sentence = f"a binding is text of at most {BINDING_MAX} characters"
        raise _refused(400, CallRefused.NOT_UNDERSTOOD, sentence)
    return found


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError as error:
        raise _refused(400, CallRefused.NOT_UNDERSTOOD, "send a JSON object") from error
    if not isinstance(body, dict):
        raise _refused(400, CallRefused.NOT_UNDERSTOOD, "send a JSON object")
    return body
