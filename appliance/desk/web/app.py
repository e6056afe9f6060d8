"""Puts the kiosk's routes, guards and pages together into one aiohttp application."""

import logging
from pathlib import Path

from aiohttp import web

from appliance.desk.counter import Counter
from appliance.desk.web.applicationpages import application_routes
from appliance.desk.web.bagpages import bag_routes
from appliance.desk.web.batchpages import batch_routes
from appliance.desk.web.camerapages import VIEWERS, camera_routes
from appliance.desk.web.closingpages import closing_routes
from appliance.desk.web.door import door_routes
from appliance.desk.web.feederpages import feeder_routes
from appliance.desk.web.formpages import form_routes
from appliance.desk.web.formworkpages import form_work_routes
from appliance.desk.web.listpages import PATH as LISTS_PATH
from appliance.desk.web.listpages import list_routes
from appliance.desk.web.receiptpages import receipt_routes
from appliance.desk.web.returnedpages import returned_routes
from appliance.desk.web.room import ROOM, Place, Room
from appliance.desk.web.session import Sessions
from appliance.desk.web.statepages import state_routes
from appliance.desk.web.talkpages import talk_routes
from appliance.desk.web.topicpages import topic_routes
from screens.furigana import HOUSE_READINGS, read_readings
from screens.guard import LARGEST_FORM, csrf, friendly_errors, headers
from screens.language import language_switch, read_texts
from screens.pages import Pages, add_house_static

log = logging.getLogger(__name__)

HERE = Path(__file__).parent.parent
NOT_FOUND, FORBIDDEN = 404, 403


def make_room(counter: Counter, place: Place, idle_s: float) -> Room:
    """Return the kiosk's partners: texts and templates read, no session yet."""
    texts = read_texts(*sorted((HERE / "words").glob("*.toml")))
    partners = counter.partners
    facts = {
        "city": place.city,
        "division": place.division,
        "contact": place.contact,
        "whom": place.whom,
    }
    return Room(
        counter=counter,
        sessions=Sessions(partners.random, partners.clock.monotonic, idle_s),
        pages=Pages(HERE / "templates", texts, facts, read_readings(HOUSE_READINGS)),
        texts=texts,
        place=place,
    )


def make_app(room: Room) -> web.Application:
    """Return the application; it holds no rule, only the way to the counter."""

    async def error_page(request: web.Request, status: int) -> web.Response:
        keys = {NOT_FOUND: "error.not_found", FORBIDDEN: "error.too_old"}
        key = keys.get(status, "error.other")
        return await room.draw(request, "error.html", {"key": key}, status=status)

    app = web.Application(
        client_max_size=LARGEST_FORM,
        middlewares=[
            headers,
            friendly_errors(error_page, log.error),
            language_switch,
            csrf(room.sessions.csrf, free=frozenset({LISTS_PATH})),
        ],
    )
    app[ROOM] = room
    app[VIEWERS] = set()
    app.add_routes(
        [
            *door_routes(),
            *batch_routes(),
            *bag_routes(),
            *camera_routes(),
            *feeder_routes(),
            *application_routes(),
            *list_routes(),
            *form_routes(),
            *topic_routes(),
            *form_work_routes(),
            *receipt_routes(),
            *returned_routes(),
            *talk_routes(),
            *closing_routes(),
            *state_routes(),
        ]
    )
    app.router.add_static("/desk/", HERE / "static", show_index=False)
    add_house_static(app)
    return app
