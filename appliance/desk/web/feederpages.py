"""How the sheet scanner stands before it is started: a line on the feed page that redraws itself."""

from aiohttp import web

from appliance.desk.web.pressing import poll
from appliance.desk.web.room import Room
from hardware.protocols import FeederState

ASKED = "asked"
"""The word while no answer is known."""


def feeder_word(room: Room) -> str:
    """Return the word of the last answer, without asking."""
    return _word(room.counter.on_tray().work.glance.known)


async def show_feeder(
    room: Room, request: web.Request, _errors: list[str], _status: int
) -> web.Response:
    """Give the line when it has changed since what the browser shows."""
    work = room.counter.on_tray().work
    state = FeederState.FEEDING if work.feeding else await work.glance.look()
    word = _word(state)
    if word == request.query.get("shown"):
        # Nothing is swapped, so nothing is read out again.
        return web.Response(status=web.HTTPNoContent.status_code)
    return await room.draw(request, "feeder.html", {"feeder": word})


def _word(state: FeederState | None) -> str:
    return ASKED if state is None else state.value


def feeder_routes() -> list[web.RouteDef]:
    """Return the route of the line."""
    return [web.get("/batch/feed/feeder", poll(show_feeder))]
