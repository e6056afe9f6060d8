"""The batch's pages: declare, feed, task list, check, hand in."""

from aiohttp import web

from appliance.desk.bagtray import BagTray
from appliance.desk.batch import DECLARED_MAX, Batch, Phase
from appliance.desk.clock import japan_day
from appliance.desk.display import label_of
from appliance.desk.partners import Refused
from appliance.desk.recording import arrival_reason, filing_policy
from appliance.desk.refeeding import refeed
from appliance.desk.sheets import BLANK, Sheet
from appliance.desk.standing import look
from appliance.desk.statejson import reason_of
from appliance.desk.totals import count
from appliance.desk.web.feederpages import feeder_word
from appliance.desk.web.pressing import button, page, poll, step_path
from appliance.desk.web.room import Room
from screens.language import language_of

STILL = 286
"""htmx stops asking again at this status."""


def batch_here(room: Room) -> Batch:
    """Return the batch in work; raises Refused before one is declared."""
    batch = room.counter.opened().batch
    if batch is None:
        raise Refused("refused.declare_first")
    return batch


def stack_here(room: Room) -> Batch:
    """Return the stack in work; a single case has pages of its own (Refused)."""
    batch = batch_here(room)
    if batch.single:
        raise Refused("refused.form_here")
    return batch


async def show_declare(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Ask how many applications there are; one press answers."""
    visit = room.counter.opened()
    if visit.pack is None:
        raise Refused("refused.stop_none")
    batch = visit.batch
    values = {
        "errors": errors,
        "batch": None if batch is None or batch.single or batch.phase is Phase.HANDED_IN else batch,
        "due": len(visit.pack.due),
        "asked": sum(not one.done for one in await room.counter.on_tray().corrections()),
        "most": DECLARED_MAX,
    }
    return await room.draw(request, "declare.html", values, status=status)


async def _declare(room: Room, request: web.Request) -> str:
    form = await request.post()
    try:
        number = int(str(form.get("count", "")))
    except ValueError:
        raise Refused("refused.declare_range", most=DECLARED_MAX) from None
    await room.counter.on_tray().declare(number, str(form.get("reason", "")))
    return step_path(room)


async def show_feed(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show where the stack is; the moving part redraws itself."""
    batch = batch_here(room)
    values = {"errors": errors, "batch": batch, **_feeding(room, batch)}
    return await room.draw(request, "feed.html", values, status=status)


async def show_progress(
    room: Room, request: web.Request, _errors: list[str], _status: int
) -> web.Response:
    """Give the moving part alone; when all is read, send the browser on."""
    batch = batch_here(room)
    answer = await room.draw(
        request, "feed-progress.html", {"batch": batch, **_feeding(room, batch)}
    )
    if batch.sheets and step_path(room) != "/batch/feed" and not room.counter.on_tray().work.busy:
        answer.headers["HX-Redirect"] = step_path(room)
    elif batch.trouble is not None and not room.counter.on_tray().work.busy:
        answer.set_status(STILL)  # nothing moves any more: the buttons keep the focus
    return answer


def _feeding(room: Room, batch: Batch) -> dict[str, object]:
    read = [sheet for sheet in batch.sheets if sheet.settled]
    return {
        "has_camera": room.counter.partners.camera is not None,
        "feeder": feeder_word(room),
        "read": len(read),
        "latest": read[-7:] or list(batch.sheets[-7:]),
        "feeding": room.counter.on_tray().work.feeding,
        "awaited": batch.sheet(batch.retake) if batch.retake else None,
        "refeed": refeed(batch, room.counter.partners.form_of(batch)),
        "blank_backs": sum(map(_blank_back, batch.sheets)),
    }


async def _feed(room: Room, _request: web.Request) -> str:
    await room.counter.on_tray().feed()
    return "/batch/feed"


async def _go_on(room: Room, _request: web.Request) -> str:
    await room.counter.on_tray().leave_trouble()
    return step_path(room)


async def show_tasks(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show one row for each person, and the sheets that belong to nobody."""
    batch = stack_here(room)
    if not batch.sheets:
        raise Refused("refused.feed_first")
    lang = language_of(request)
    procedure = room.counter.partners.form_of(batch)
    standing = await look(room.counter.partners.mail, batch)
    values = {
        "errors": errors,
        "batch": batch,
        "has_camera": room.counter.partners.camera is not None,
        "totals": count(batch, {}),
        "transfer": standing.transfer,
        "clean": sum(item.clean and item.state == "ready" for item in batch.applications),
        "loose": [(sheet, reason_of(batch, sheet.number)) for sheet in batch.loose()],
        "spoiled": [
            sheet for sheet in batch.sheets if sheet.tries_left and not _handed(batch, sheet)
        ],
        "aside": [sheet for sheet in batch.sheets if sheet.aside and not _blank_back(sheet)],
        "blank_backs": sum(map(_blank_back, batch.sheets)),
        "repeated": [sheet for sheet in batch.sheets if sheet.twice],
        "label": lambda key: label_of(procedure, key, lang),
    }
    return await room.draw(request, "tasks.html", values, status=status)


def _blank_back(sheet: Sheet) -> bool:
    return sheet.kind == BLANK and sheet.side == "back"


def _handed(batch: Batch, sheet: Sheet) -> bool:
    return any(item.handed and sheet.number in item.sheets for item in batch.applications)


async def _confirm_clean(room: Room, _request: web.Request) -> str:
    await room.counter.on_tray().confirm_clean()
    return "/batch"


async def show_check(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show what hand-in would do, once more, for the whole batch."""
    batch = stack_here(room)
    if batch.phase is not Phase.CHECKING:
        raise Refused("refused.hand_in_not_now")
    waiting = [item for item in batch.applications if not item.handed and not item.twice]
    now, stop = room.counter.partners.clock.now(), room.counter.stop_here()
    values = {
        "errors": errors,
        "batch": batch,
        "totals": count(batch, {}),
        "going": [item for item in waiting if item.confirmed and not item.has("block")],
        "unsettled": [item for item in waiting if not item.confirmed or item.has("block")],
        "loose": batch.loose(),
        "bags": [
            one
            for one in BagTray(room.counter.partners, room.counter.opened()).originals()
            if one.batch is batch and (one.bag or one.proposed_bag) and one.difference != "nobody"
        ],
        "policy": filing_policy(stop, now.quality, now.uncertainty_s),
        "arrival_reason": arrival_reason(stop, now.quality, now.uncertainty_s),
        "today": japan_day(now.wall),
    }
    return await room.draw(request, "check.html", values, status=status)


async def _hand_in(room: Room, request: web.Request) -> str:
    form = await request.post()
    if form.get("confirmed") != "1":
        raise Refused("refused.hand_in_unconfirmed")
    tray, stop = room.counter.on_tray(), room.counter.stop_here()
    await tray.hand_in(stop, protective=form.get("protective") == "1")
    return "/receipts"


def batch_routes() -> list[web.RouteDef]:
    """Return the routes of the batch."""
    return [
        web.get("/batch/declare", page(show_declare)),
        web.post("/batch/declare", button(_declare, show_declare)),
        web.get("/batch/feed", page(show_feed)),
        web.get("/batch/feed/progress", poll(show_progress)),
        web.post("/batch/feed", button(_feed, show_feed)),
        web.post("/batch/refeed", button(_feed, show_feed)),
        web.post("/batch/go-on", button(_go_on, show_feed)),
        web.get("/batch", page(show_tasks)),
        web.post("/batch/confirm-clean", button(_confirm_clean, show_tasks)),
        web.get("/batch/check", page(show_check)),
        web.post("/batch/hand-in", button(_hand_in, show_check)),
    ]
