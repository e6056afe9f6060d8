"""Server-sent events: a screen hears that something changed and asks again for what it shows."""

import json

from aiohttp import web

from cityhall.office.board import BoardFull
from cityhall.office.web.door import cookie_name
from cityhall.office.web.office import Office, aside, office_of
from screens.guard import dress_stream

HEARTBEAT_S = 10.0
# A browser that lost the stream comes back after this many milliseconds.
RETRY_MS = 1000


async def events(request: web.Request) -> web.StreamResponse:
    """Stream `changed` with the board's number, a heartbeat, and `ended` when the session is over."""
    office = office_of(request)
    token = request.cookies.get(cookie_name(office), "")
    answer = web.StreamResponse()
    answer.content_type = "text/event-stream"
    dress_stream(answer)
    numbers = office.board.numbers(heartbeat_s=HEARTBEAT_S)
    try:
        first = await anext(numbers)
    except BoardFull as refusal:
        raise web.HTTPServiceUnavailable(text="Too many screens are open.") from refusal
    await answer.prepare(request)
    try:
        await answer.write(f"retry: {RETRY_MS}\n".encode() + _event("hello", first))
        async for number in numbers:
            if not await _still_signed_in(office, token):
                await answer.write(_event("ended", number))
                break
            await answer.write(_event("changed", number))
    except ConnectionResetError:
        pass  # the browser went away; it comes back by itself
    finally:
        await numbers.aclose()
    return answer


async def _still_signed_in(office: Office, token: str) -> bool:
    return await aside(lambda: office.sessions.find(token, touch=False)) is not None


def _event(name: str, number: int) -> bytes:
    return f"event: {name}\nid: {number}\ndata: {json.dumps({'number': number})}\n\n".encode()
