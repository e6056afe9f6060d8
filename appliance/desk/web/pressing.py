"""A button press: do it, then go on; refused, show the same page with the reason at its top."""

from collections.abc import Awaitable, Callable
from functools import wraps

from aiohttp import web
from aiohttp.typedefs import Handler

from appliance.desk.partners import Refused
from appliance.desk.web.room import ROOM, UNPROCESSABLE, Room
from appliance.mail.store import ShelfFull

Press = Callable[[Room, web.Request], Awaitable[str]]
Show = Callable[[Room, web.Request, list[str], int], Awaitable[web.Response]]


def button(press: Press, show: Show) -> Handler:
    """Return the handler of a POST: `press` gives the address to go on to."""

    @wraps(press)
    async def pressed(request: web.Request) -> web.StreamResponse:
        room = request.app[ROOM]
        room.here(request)
        room.counter.opened().counting.pressed()
        room.counter.notice = ""
        try:
            await _of_this_page(room, request)
            target = await press(room, request)
        except Refused as refused:
            said = room.say(request, refused.key, **refused.values)
            return await _say_no(room, request, show, said)
        except ShelfFull as full:
            said = room.say(request, "refused.room", room=full.room)
            return await _say_no(room, request, show, said)
        answer = web.HTTPSeeOther(target)
        if room.counter.spent:
            # The process begins anew: the next page is asked for on a line the new one answers.
            answer.force_close()
        raise answer

    return pressed


async def _of_this_page(room: Room, request: web.Request) -> None:
    """Raise Refused where the page was drawn for a batch that is no longer the one in work: another tab went on."""
    if request.content_type != "application/x-www-form-urlencoded":
        return  # a file is read in bounds by its own page
    drawn_for, batch = (await request.post()).get("batch_here"), room.counter.opened().batch
    if drawn_for and (batch is None or batch.batch_id != drawn_for):
        raise Refused("refused.form_other")


async def _say_no(room: Room, request: web.Request, show: Show, said: str) -> web.Response:
    try:
        return await show(room, request, [said], UNPROCESSABLE)
    except Refused:
        # The page of that button belongs to a step that is not reached: say it on a bare page.
        return await room.draw(request, "refused.html", {"errors": [said]}, status=UNPROCESSABLE)


def page(show: Show) -> Handler:
    """Return the handler of a GET that needs a session."""

    @wraps(show)
    async def shown(request: web.Request) -> web.StreamResponse:
        room = request.app[ROOM]
        room.here(request)
        try:
            return await show(room, request, [], web.HTTPOk.status_code)
        except Refused as refused:
            # The page belongs to a step that is not reached yet, or to a thing that is gone.
            room.counter.notice = refused.key if not refused.values else room.counter.notice
            raise web.HTTPSeeOther(step_path(room)) from refused

    return shown


def poll(show: Show) -> Handler:
    """Return the handler of a part that redraws itself: no touch of a person, the door when shut."""

    @wraps(show)
    async def shown(request: web.Request) -> web.StreamResponse:
        room = request.app[ROOM]
        if room.sessions.of(request) is None or room.counter.visit is None:
            return web.Response(headers={"HX-Redirect": "/visit"})
        try:
            return await show(room, request, [], web.HTTPOk.status_code)
        except Refused:
            return web.Response(headers={"HX-Redirect": step_path(room)})

    return shown


def step_path(room: Room) -> str:
    """Return the page where a person goes on."""
    phase = room.counter.phase
    if phase in ("closed", "locked"):
        return "/visit"
    if phase in ("stop", "open", "declared"):
        return {"stop": "/visit/stop", "open": "/batch/declare", "declared": "/batch/feed"}[phase]
    batch = room.counter.opened().current()
    if phase in ("feeding", "reading") or batch.trouble is not None or batch.retake:
        return "/batch/camera" if under_camera(room) else "/batch/feed"
    if batch.single and phase != "handed_in":
        return "/forms" if batch.dropped else "/form/papers" if batch.wanted else "/form"
    return "/receipts" if phase == "handed_in" else "/batch"


def under_camera(room: Room) -> bool:
    """Whether pages are being taken under the camera now."""
    camera, tray = room.counter.partners.camera, room.counter.tray
    return tray is not None and tray.work.feeding and tray.work.feeder is camera
