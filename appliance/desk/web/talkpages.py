"""Questions to the division: ask one, see how far they have come and what was answered."""

from contextlib import suppress

from aiohttp import web

from appliance.desk.clock import japan_day, japan_minute
from appliance.desk.drafts import DraftsFull
from appliance.desk.partners import Refused
from appliance.desk.talk import ID_BYTES
from appliance.desk.web.pressing import button, page
from appliance.desk.web.room import ROOM, Room, moment
from procedures.wareki import format_ja
from screens.language import language_of

PAGE = "talk"
"""The name under which an unsent question is kept."""
WORDS = ("question", "about", "text")


async def show_talk(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show the question's form, this visit's questions with their answers, and other answers for this provider."""
    visit, talk = room.counter.opened(), room.counter.on_talk()
    form_of = room.counter.partners.form_of
    if visit.pack is None:
        raise Refused("refused.stop_none")
    lang = language_of(request)
    threads = await talk.threads()
    mine = {one.answer.answer_id for one in threads if one.answer is not None}
    given = await request.post() or visit.unsent.of(PAGE)
    # A question that is kept needs no form any more, also where the shelf had no room for it.
    asked = {one.asked.question for one in threads}
    written = given if str(given.get("question")) not in asked else {}
    values = {
        "errors": errors,
        "question": written.get("question") or room.counter.partners.random(ID_BYTES).hex(),
        "about": str(written.get("about") or request.query.get("about", "")),
        "text": str(written.get("text", "")),
        "people": [
            (item.app_id, item.position, item.value(form_of(batch).subject.name) or item.who)
            for batch in visit.snapshot.batches
            for item in batch.applications
        ],
        "threads": threads,
        "others": [one for one in await talk.heard() if one.answer_id not in mine],
        "asked_time": lambda text: japan_minute(moment(text)),
        "day": lambda at: (
            format_ja(japan_day(at)) if lang == "ja" else japan_day(at).strftime("%d %b %Y")
        ),
    }
    answer = await room.draw(request, "talk.html", values, status=status)
    await talk.seen()
    return answer


async def _ask(room: Room, request: web.Request) -> str:
    form = await request.post()
    words = (str(form.get(name, "")) for name in WORDS)
    await room.counter.on_talk().ask(*(word.replace("\r\n", "\n") for word in words))
    with suppress(DraftsFull):  # what was asked is kept; the next page does not offer it again
        await room.counter.opened().unsent.keep(PAGE, {})
    return "/talk"


async def keep_unsent(request: web.Request) -> web.Response:
    """Keep a question that is being typed; 204 once it is durable, else a status the page tries again on."""
    room = request.app[ROOM]
    if room.sessions.of(request) is None or room.counter.visit is None:
        raise web.HTTPConflict
    room.sessions.touch(request)
    form = await request.post()
    values = {name: str(form.get(name, "")) for name in WORDS}
    try:
        await room.counter.visit.unsent.keep(PAGE, values if values["text"] else {})
    except DraftsFull as error:
        raise web.HTTPConflict from error
    return web.Response(status=204)


def talk_routes() -> list[web.RouteDef]:
    """Return the routes of questions."""
    return [
        web.get("/talk", page(show_talk)),
        web.post("/talk", button(_ask, show_talk)),
        web.post("/talk/unsent", keep_unsent),
    ]
