"""The end of a visit: the survey, the totals that must agree, and the key's destruction."""

import asyncio

from aiohttp import web

from appliance.desk.reconciling import reconcile
from appliance.desk.talk import STAFF, respondent_of, transfer_of
from appliance.desk.web.bagpages import bag_values
from appliance.desk.web.pressing import button, page
from appliance.desk.web.room import Room
from procedures.itembank import item_bank

CLOSE = "/visit/close"


async def show_survey(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Ask one respondent's items; whoever is not asked, or was, goes on to the end of the visit.

    Without a respondent in the address those at the counter are asked, staff only where it says so.
    """
    asked, bank = request.match_info.get("who"), item_bank()
    due = room.counter.on_talk().surveys_due()
    due = [one for one in due if (respondent_of(one) == asked if asked else one != STAFF)]
    if not due:
        raise web.HTTPSeeOther(CLOSE)
    who = respondent_of(due[0])
    items, given = bank.sheet(who), await request.post()
    values = {
        "errors": errors,
        "who": who,
        "whose": due[0],
        "items": items,
        "scale": sorted(bank.scale.items(), reverse=True),
        "given": {item: [str(one) for one in given.getall(item, [])] for item, _ in items},
    }
    return await room.draw(request, "survey.html", values, status=status)


async def _survey(room: Room, request: web.Request) -> str:
    form = await request.post()
    told = {} if form.get("skip") else {key: [str(v) for v in form.getall(key)] for key in form}
    await room.counter.on_talk().answer_survey(str(form.get("whose", "")), told)
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
        "unprinted": room.counter.on_prints().waiting,
        "totals": reconcile(
            visit.snapshot.batches, transfer, unsealed_questions=await talk.unsealed()
        ),
        "bags": bag_values(room),
        "surveys": list(dict.fromkeys(respondent_of(one) for one in talk.surveys_due())),
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
        web.get("/survey", page(show_survey)),
        web.get("/survey/{who}", page(show_survey)),
        web.post("/survey/{who}", button(_survey, show_survey)),
        web.get(CLOSE, page(show_close)),
        web.post(CLOSE, button(_close, show_close)),
    ]
