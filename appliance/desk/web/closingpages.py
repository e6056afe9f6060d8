"""The end of a visit: the survey, the totals that must agree, and the key's destruction."""

import asyncio

from aiohttp import web

from appliance.desk.reconciling import reconcile
from appliance.desk.talk import PROVIDER, transfer_of
from appliance.desk.web.pressing import button, page
from appliance.desk.web.room import Room
from procedures.itembank import item_bank

CLOSE = "/visit/close"
STAFF = "staff"


async def show_survey(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Ask one respondent's items; whoever is not asked, or was, goes on to the end of the visit."""
    who, bank = request.match_info["who"], item_bank()
    items = bank.sheet(who)
    if not items or not room.counter.on_talk().survey_due(who):
        raise web.HTTPSeeOther(CLOSE)
    given = await request.post()
    values = {
        "errors": errors,
        "who": who,
        "items": items,
        "scale": sorted(bank.scale.items(), reverse=True),
        "given": {item: [str(one) for one in given.getall(item, [])] for item, _ in items},
    }
    return await room.draw(request, "survey.html", values, status=status)


async def _survey(room: Room, request: web.Request) -> str:
    who, form = request.match_info["who"], await request.post()
    told = {} if form.get("skip") else {key: [str(v) for v in form.getall(key)] for key in form}
    await room.counter.on_talk().answer_survey(who, told)
    return CLOSE


async def show_close(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show what closing means, whether the totals agree, and what is not finished."""
    visit, talk = room.counter.opened(), room.counter.on_talk()
    transfer = await asyncio.to_thread(transfer_of, room.counter.partners, visit.snapshot)
    values = {
        "errors": errors,
        "unfinished": room.counter.on_tray().unfinished,
        "totals": reconcile(
            visit.snapshot.batches, transfer, unsealed_questions=await talk.unsealed()
        ),
        "surveys": [who for who in (PROVIDER, STAFF) if talk.survey_due(who)],
    }
    return await room.draw(request, "close.html", values, status=status)


async def _close(room: Room, request: web.Request) -> str:
    form = await request.post()
    await room.counter.close(anyway=form.get("anyway") == "1")
    room.sessions.end()
    room.counter.notice = room.counter.notice or "notice.closed"
    return "/visit"


def closing_routes() -> list[web.RouteDef]:
    """Return the routes of the survey and of a visit's end."""
    return [
        web.get("/survey/{who}", page(show_survey)),
        web.post("/survey/{who}", button(_survey, show_survey)),
        web.get(CLOSE, page(show_close)),
        web.post(CLOSE, button(_close, show_close)),
    ]
