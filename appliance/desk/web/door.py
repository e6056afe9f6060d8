"""The door: staff id and PIN, which stop this is, and the lock."""

from datetime import timedelta

from aiohttp import web

from appliance.desk.clock import japan_day
from appliance.desk.decisions import decisions
from appliance.desk.guarding import lock_now
from appliance.desk.partners import Refused
from appliance.desk.readiness import readiness
from appliance.desk.web.closingpages import show_close
from appliance.desk.web.pressing import button, page, step_path
from appliance.desk.web.room import ROOM, UNPROCESSABLE, Room

STOP_KEPT = timedelta(hours=24)
"""A stop stands on the list until a day after its end: buses are late, never that late."""


async def go_on(request: web.Request) -> web.StreamResponse:
    """Send the browser to where the person goes on."""
    room = request.app[ROOM]
    raise web.HTTPSeeOther("/visit" if room.sessions.of(request) is None else step_path(room))


async def door(request: web.Request) -> web.StreamResponse:
    """Show the door, or go on when this browser is inside."""
    room = request.app[ROOM]
    if room.sessions.of(request) is not None and room.counter.visit is not None:
        raise web.HTTPSeeOther(step_path(room))
    return await _show_door(room, request, [], 200)


async def open_door(request: web.Request) -> web.StreamResponse:
    """Open or unlock the visit with staff id and PIN; a `stop_id` chooses the stop at once."""
    room = request.app[ROOM]
    form = await request.post()
    staff_id, pin = str(form.get("staff_id", "")).strip(), str(form.get("pin", ""))
    room.counter.notice = ""
    try:
        await room.counter.sign_in(staff_id, pin)
    except Refused as refused:
        said = room.say(request, refused.key, **refused.values)
        return await _show_door(room, request, [said], UNPROCESSABLE, staff_id)
    try:
        await _choose_at_once(room, str(form.get("stop_id", "")))
        answer = web.Response(status=303, headers={"Location": step_path(room)})
    except Refused as refused:
        room.counter.notice = refused.key
        answer = web.Response(status=303, headers={"Location": "/visit/stop"})
    room.sessions.begin(answer)
    return answer


async def _choose_at_once(room: Room, stop_id: str) -> None:
    if room.counter.opened().pack is None and stop_id:
        await room.counter.choose_stop(stop_id)


async def _show_door(
    room: Room,
    request: web.Request,
    errors: list[str],
    status: int,
    staff_id: str = "",
) -> web.Response:
    ready = await readiness(room.counter.partners)
    fault = room.counter.disk_fault
    if fault and not errors:
        errors = [room.say(request, "refused.visit_unreadable", fact=fault)]
    values = {
        "errors": errors,
        "ready": ready,
        "decisions": decisions(room.counter.partners.policy),
        "opener": room.counter.opener,
        "staff": room.counter.partners.keyring.staff,
        "staff_id": room.counter.opener or staff_id,
        "locked": room.counter.standing != "closed",
    }
    return await room.draw(request, "door.html", values, status=status)


async def show_stops(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show today's stops out of the visit packs, and below them those of later days."""
    now = room.counter.partners.clock.now().wall
    packs = [pack for pack in await room.counter.packs() if pack.content.ends_at > now - STOP_KEPT]
    day = japan_day(now)
    today = [pack for pack in packs if japan_day(pack.content.starts_at) <= day]
    later = [pack for pack in packs if japan_day(pack.content.starts_at) > day]
    values = {"errors": errors, "packs": packs, "today": today, "later": later}
    return await room.draw(request, "stops.html", values, status=status)


async def _choose(room: Room, request: web.Request) -> str:
    form = await request.post()
    await room.counter.choose_stop(str(form.get("stop_id", "")))
    return step_path(room)


async def _lock(room: Room, _request: web.Request) -> str:
    # While a stack is read the screen alone is shut; the watch over it locks the visit after that.
    if room.counter.on_tray().work.busy:
        room.sessions.end()
        room.counter.lock_due = True
    else:
        await lock_now(room.counter, room.sessions, "button")
    return "/visit"


def door_routes() -> list[web.RouteDef]:
    """Return the routes of the door."""
    return [
        web.get("/", go_on),
        web.get("/visit", door),
        web.post("/visit", open_door),
        web.get("/visit/stop", page(show_stops)),
        web.post("/visit/stop", button(_choose, show_stops)),
        web.post("/visit/lock", button(_lock, show_close)),
    ]
