"""One person's page: what was read beside its picture, what is missing, and the person's word on it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from aiohttp import web

from appliance.desk.application import Application, Flaw
from appliance.desk.display import lines_of
from appliance.desk.drafts import DraftLost, DraftsFull
from appliance.desk.openvisit import OpenVisit
from appliance.desk.partners import Refused
from appliance.desk.previews import small
from appliance.desk.sheets import FORM_FRONT, Reading, nameable
from appliance.desk.standing import look
from appliance.desk.web.batchpages import batch_here, show_tasks
from appliance.desk.web.pressing import button, page
from appliance.desk.web.room import ROOM, Room
from papers.blank import Blank
from papers.showable import for_browser
from screens.language import language_of
from sync.errors import LocalError

ANSWER_FIELDS_MAX = 200
CHOICE = "choice"
"""The name of the buttons that take one source's word: their value is `KEY=VALUE`."""


async def show_application(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show one application; `?edit=1` opens every line for correction."""
    batch = batch_here(room)
    item = room.counter.on_tray().item(request.match_info["id"])
    procedure = room.counter.partners.form_of(batch)
    row = (await look(room.counter.partners.mail, batch)).rows.get(item.env_id)
    lang = language_of(request)
    lines = lines_of(item, batch, procedure, lang)
    keys = {line.key for line in lines}
    formless = all(batch.sheet(number).kind != FORM_FRONT for number in item.sheets)
    empty = [line for line in lines if formless and not line.value and not item.handed]
    looks = [line for line in lines if line.needs_look and not item.handed and line not in empty]
    kept = room.counter.opened().unsent.of(item.app_id)
    unsent = {
        line.key: kept[line.key]
        for line in lines
        if not item.handed and line.key in kept and kept[line.key] != line.shown
    }
    offered = {line.key for line in (*looks, *empty)}
    edit = request.query.get("edit") == "1" or not offered.issuperset(unsent)
    values = {
        "errors": errors,
        "batch": batch,
        "item": item,
        "refusal": None if row is None else row.refusal,
        "looks": looks,
        "empty": empty,
        "calm": [line for line in lines if line not in looks and line not in empty],
        "unsent": unsent,
        "edit": edit and not item.handed,
        "sections": [(key, words.say(lang)) for key, words in procedure.sections.items()],
        "missing": [flaw for flaw in item.flaws if flaw.field not in keys],
        "notes": _notes(item, keys - {line.key for line in looks}),
        "sheets": [batch.sheet(number) for number in item.sheets],
        "nameable": nameable(procedure),
        "next": _next(batch.applications, item.position),
    }
    return await room.draw(request, "application.html", values, status=status)


def _notes(item: Application, keys: set[str]) -> list[Flaw]:
    """Return what is only to be known about answers that need no look."""
    return [flaw for flaw in item.flaws if flaw.severity == "info" and flaw.field in keys]


def _next(items: tuple[object, ...], position: int) -> object:
    return items[position] if position < len(items) else None


async def _answer(room: Room, request: web.Request) -> str:
    form = await request.post()
    values = {str(key): str(value) for key, value in form.items() if key != "csrf"}
    if len(values) > ANSWER_FIELDS_MAX:
        raise Refused("refused.step")
    app_id = request.match_info["id"]
    await room.counter.on_tray().answer(app_id, values)
    await _forget_unsent(room, app_id)
    return f"/applications/{app_id}"


async def _confirm(room: Room, request: web.Request) -> str:
    app_id = request.match_info["id"]
    form = await request.post()
    tray = room.counter.on_tray()
    values = {str(k): str(v) for k, v in form.items() if k != "csrf"}
    if values:
        await tray.answer(app_id, values)
    await tray.confirm(app_id)
    await _forget_unsent(room, app_id)
    waiting = [
        item
        for item in batch_here(room).applications
        if item.state in ("look", "blocked") and not item.confirmed
    ]
    return f"/applications/{waiting[0].app_id}" if waiting else "/batch"


async def _choose(room: Room, request: web.Request) -> str:
    """Take one source's word for a field; what was typed beside it on the page is kept, too."""
    form = await request.post()
    app_id, tray = request.match_info["id"], room.counter.on_tray()
    key, _, value = str(form.get(CHOICE, "")).partition("=")
    values = {str(k): str(v) for k, v in form.items() if k not in {"csrf", CHOICE, key}}
    if len(values) > ANSWER_FIELDS_MAX:
        raise Refused("refused.step")
    await tray.answer(app_id, values)
    await tray.choose(app_id, key, value)
    await _forget_unsent(room, app_id)
    return f"/applications/{app_id}"


async def _forget_unsent(room: Room, app_id: str) -> None:
    # What was sent is kept as an answer; a full disk leaves a copy that the next page shows as sent.
    with suppress(DraftsFull):
        await room.counter.opened().unsent.keep(app_id, {})


async def keep_unsent(request: web.Request) -> web.Response:
    """Keep what is typed on a page and not sent; 204 once it is durable, else a status the page tries again on."""
    room = request.app[ROOM]
    if room.sessions.of(request) is None or room.counter.visit is None:
        raise web.HTTPConflict
    room.sessions.touch(request)
    visit, app_id = room.counter.visit, request.match_info["id"]
    form = await request.post()
    values = {
        str(key): str(value) for key, value in form.items() if key not in ("csrf", "batch_here")
    }
    try:
        room.counter.on_tray().item(app_id)
        await visit.unsent.keep(app_id, values)
    except (Refused, DraftsFull) as error:
        raise web.HTTPConflict from error
    return web.Response(status=204)


async def _move(room: Room, request: web.Request) -> str:
    form = await request.post()
    number = _number(request)
    try:
        await room.counter.on_tray().move(number, str(form.get("application", "aside")))
    except Refused as refused:
        if refused.key != "refused.unreadable":
            raise
        room.counter.notice = refused.key
    return "/batch"


async def _name(room: Room, request: web.Request) -> str:
    form = await request.post()
    number = _number(request)
    await room.counter.on_tray().name(number, str(form.get("kind", "")))
    holders = [i.app_id for i in batch_here(room).applications if number in i.sheets]
    return f"/applications/{holders[0]}" if holders else "/batch"


async def _take_again(room: Room, request: web.Request) -> str:
    await room.counter.on_tray().take_again(_number(request))
    return "/batch/feed"


async def picture(request: web.Request) -> web.Response:
    """Give a sheet's picture: the preview, or with `?size=page` the page."""
    room = request.app[ROOM]
    if room.sessions.of(request) is None or room.counter.visit is None:
        raise web.HTTPNotFound
    visit, number = room.counter.visit, _number(request)
    try:
        reading = visit.current().sheet(number).reading
    except LocalError:
        reading = None
    if reading is None or not reading.page.length:
        raise web.HTTPNotFound
    blanks = room.counter.partners.blanks
    try:
        if request.query.get("size") == "page":
            data = await visit.picture("page", number)
            shown = await asyncio.to_thread(for_browser, data, reading.page.media_type, blanks)
        else:
            shown = await _preview(visit, number, reading, blanks)
    except DraftLost as error:
        raise web.HTTPNotFound from error
    return web.Response(body=shown[0], content_type=shown[1])


async def _preview(
    visit: OpenVisit, number: int, reading: Reading, blanks: Sequence[Blank]
) -> tuple[bytes, str]:
    async def make() -> tuple[bytes, str]:
        data = await visit.picture("preview", number)
        return await asyncio.to_thread(small, data, reading.preview.media_type, blanks)

    return await visit.previews.get(reading.preview.sha256, make)


def _number(request: web.Request) -> int:
    written = request.match_info["n"]
    return int(written) if written.isascii() and written.isdigit() and len(written) < 6 else 0  # noqa: PLR2004 - no batch has so many sheets


def application_routes() -> list[web.RouteDef]:
    """Return the routes of applications and sheets."""
    return [
        web.get("/applications/{id}", page(show_application)),
        web.post("/applications/{id}/answers", button(_answer, show_application)),
        web.post("/applications/{id}/choose", button(_choose, show_application)),
        web.post("/applications/{id}/unsent", keep_unsent),
        web.post("/applications/{id}/confirm", button(_confirm, show_application)),
        web.post("/sheets/{n}/move", button(_move, show_tasks)),
        web.post("/sheets/{n}/name", button(_name, show_tasks)),
        web.post("/sheets/{n}/retake", button(_take_again, show_tasks)),
        web.get("/sheets/{n}/picture", picture),
    ]
