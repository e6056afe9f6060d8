"""What city hall sent back: correction requests, completing one of them, and its answers to questions."""

from aiohttp import web

from appliance.desk.clock import japan_day
from appliance.desk.display import label_of
from appliance.desk.web.pressing import button, page, step_path
from appliance.desk.web.room import Room
from procedures.wareki import format_ja
from screens.language import language_of


async def show_returned(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show the correction requests of this stop, the most urgent first, and the answers, the newest first."""
    lang = language_of(request)
    forms = {form.id: form for form in room.counter.partners.forms.offered}
    found = await room.counter.on_tray().corrections()
    values = {
        "errors": errors,
        "open": [one for one in found if not one.done],
        "answered": [one for one in found if one.done],
        "answers": await room.counter.on_tray().answers(),
        "told_day": japan_day,
        "day": lambda day: format_ja(day) if lang == "ja" else day.strftime("%d %b %Y"),
        "label": lambda one, key: (
            label_of(forms[one.procedure], key, lang) if one.procedure in forms else key
        ),
    }
    return await room.draw(request, "returned.html", values, status=status)


async def _start(room: Room, request: web.Request) -> str:
    await room.counter.on_tray().start_correction(request.match_info["request"])
    return step_path(room)


def returned_routes() -> list[web.RouteDef]:
    """Return the routes of corrections."""
    return [
        web.get("/returned", page(show_returned)),
        web.post("/returned/{request}/start", button(_start, show_returned)),
    ]
