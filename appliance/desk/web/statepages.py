"""The counter for programs: its whole state, the moving state line, and whether it is alive."""

import asyncio

from aiohttp import web

from appliance.desk.letters import VISIT_PACK
from appliance.desk.standing import look
from appliance.desk.statejson import (
    Json,
    answers_json,
    batch_json,
    link_json,
    returned_json,
    visit_json,
)
from appliance.desk.web.room import ROOM, Room

EMPTY: Json = {
    "declared": 0,
    "retake": 0,
    "fed": 0,
    "correction": False,
    "trouble": None,
    "sheets": [],
    "applications": [],
    "loose": [],
    "totals": {},
    "prints": [],
}


async def state(request: web.Request) -> web.Response:
    """Give the state; without a session only what anybody before the screen may know."""
    room = request.app[ROOM]
    partners = room.counter.partners
    inside = room.counter.visit if _inside(room, request) else None
    standing = await look(partners.mail, None if inside is None else inside.batch)
    told: Json = {
        "phase": room.counter.phase if _inside(room, request) else _outside(room),
        "csrf": room.sessions.csrf(request),
        "device": partners.device,
        "scanner": partners.scanner.name,
        "scanner_simulated": partners.scanner.simulated,
        "chip": _chip(room),
        "link": link_json(standing.link),
        "room": standing.room,
        "procedure": {"id": partners.procedure.id, "version": partners.procedure.version},
        "not_taken": len(standing.set_aside),
        "visit": None,
        **EMPTY,
        "returned": [],
        "answers": [],
        "message": _message(room),
    }
    if _inside(room, request):
        room.sessions.touch(request)
        visit = room.counter.opened()
        told["visit"] = visit_json(visit)
        if visit.batch is not None:
            told |= batch_json(
                visit.batch, standing, room.place.receipt_host, partners.form_of(visit.batch)
            )
        told["returned"] = returned_json(await room.counter.on_tray().corrections())
        told["answers"] = answers_json(await room.counter.on_tray().answers())
    return web.json_response(told)


def _inside(room: Room, request: web.Request) -> bool:
    return room.sessions.of(request) is not None and room.counter.visit is not None


def _outside(room: Room) -> str:
    return "closed" if room.counter.standing == "closed" else "locked"


def _chip(room: Room) -> str:
    tpm = room.counter.partners.tpm
    return "none" if tpm is None else "simulated" if tpm.simulated else "tpm"


def _message(room: Room) -> Json | None:
    keys, values = [room.counter.notice], {"whom": room.place.whom}
    if fault := room.counter.disk_fault:
        keys, values = ["refused.visit_unreadable"], {"fact": fault}
    if not keys[0]:
        return None
    if keys[0] == "notice.not_taken":
        keys.append("notice.not_taken_more")
    return {
        "ja": "".join(room.texts.say("ja", key, **values) for key in keys),
        "en": " ".join(room.texts.say("en", key, **values) for key in keys),
    }


async def state_line(request: web.Request) -> web.Response:
    """Give the state line alone; it redraws itself and is no touch of a person, unless it says that one `stay`s."""
    room = request.app[ROOM]
    if request.query.get("inside") == "1" and not _inside(room, request):
        return web.Response(headers={"HX-Redirect": "/visit"})
    if request.query.get("stay") == "1":
        room.sessions.touch(request)
    return await room.draw(request, "state-line.html")


async def health(request: web.Request) -> web.Response:
    """Say that this process lives, without anything about a person."""
    room = request.app[ROOM]
    letters = await asyncio.to_thread(room.counter.partners.mail.letters, VISIT_PACK)
    return web.json_response(
        {"process": "desk", "visit": room.counter.standing, "letters": len(letters)}
    )


def state_routes() -> list[web.RouteDef]:
    """Return the routes for programs."""
    return [
        web.get("/state.json", state),
        web.get("/state-line", state_line),
        web.get("/healthz", health),
    ]
