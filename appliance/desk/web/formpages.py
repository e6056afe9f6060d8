"""Choosing a procedure, and the overview of one case: what is asked, what is through, what comes next."""

from aiohttp import web

from appliance.desk.application import Application
from appliance.desk.batch import Batch, Phase
from appliance.desk.partners import Refused
from appliance.desk.questions import Topic, topics
from appliance.desk.tasklist import desks, papers
from appliance.desk.web.pressing import button, page, step_path
from appliance.desk.web.room import Room
from procedures.procedure import Procedure
from screens.language import language_of


def case_here(room: Room) -> tuple[Batch, Application, Procedure]:
    """Return the case in work, what it holds, and its form; raises Refused where there is none."""
    batch, form = room.counter.on_forms().here()
    if batch.phase is Phase.HANDED_IN:
        raise Refused("refused.form_handed")
    return batch, batch.applications[0], form


def subject_of(form: Procedure, item: Application) -> str:
    """Return whom a case is about, as far as it is known."""
    return item.value(form.subject.name)


async def show_choice(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Offer every procedure of this counter, and the cases that were put by."""
    if room.counter.opened().pack is None:
        raise Refused("refused.stop_none")
    lang = language_of(request)
    put_by = room.counter.on_forms().put_by
    values = {
        "errors": errors,
        "offered": [(form, form.title.say(lang)) for form in room.counter.partners.forms.offered],
        "put_by": [
            (batch, form.title.say(lang), subject_of(form, batch.applications[0]))
            for batch, form in put_by
        ],
        "stack": room.counter.partners.procedure.id,
    }
    return await room.draw(request, "forms.html", values, status=status)


async def _choose(room: Room, request: web.Request) -> str:
    form = await request.post()
    wanted = str(form.get("procedure", ""))
    if wanted == room.counter.partners.procedure.id:
        return "/batch/declare"
    await room.counter.on_forms().start(wanted)
    first = _topics(room, request)[0]
    return f"/form/topics/{first.key}"


async def _go_on(room: Room, request: web.Request) -> str:
    form = await request.post()
    await room.counter.on_forms().go_on(str(form.get("batch", "")))
    return step_path(room)


async def show_form(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show one row for each topic, the papers, the tasks, and the way on."""
    batch, item, form = case_here(room)
    lang = language_of(request)
    found = topics(form, item, lang)
    needed = [paper for paper in papers(form, item, batch, lang) if paper.needed]
    queue = desks(form, item, lang)
    values = {
        "errors": errors,
        "title": form.title.say(lang),
        "subject": subject_of(form, item),
        "topics": [one for one in found if not one.result],
        "results": [one for one in found if one.result],
        "papers": needed,
        "settled": sum(paper.settled for paper in needed),
        "desks": queue,
        "through": sum(desk.state == "done" for desk in queue),
        "next": next_path(room, request),
    }
    return await room.draw(request, "form.html", values, status=status)


def next_path(room: Room, request: web.Request, after: str = "") -> str:
    """Return the page to go on with: the next topic that is not through, the papers, the tasks, the check."""
    batch, item, form = case_here(room)
    lang = language_of(request)
    found = topics(form, item, lang)
    keys = [one.key for one in found]
    behind = found[keys.index(after) + 1 :] if after in keys else found
    for one in behind:
        if not one.result and one.state != "done":
            return f"/form/topics/{one.key}"
    if any(not paper.settled for paper in papers(form, item, batch, lang) if paper.needed):
        return "/form/papers"
    return after_papers(room, request)


def after_papers(room: Room, request: web.Request) -> str:
    """Return the page behind the papers: the result to write down, the tasks, or the check."""
    _, item, form = case_here(room)
    lang = language_of(request)
    for one in topics(form, item, lang):
        if one.result and one.state != "done":
            return f"/form/topics/{one.key}"
    return "/form/tasks" if desks(form, item, lang) else "/form/check"


def _topics(room: Room, request: web.Request) -> tuple[Topic, ...]:
    _, item, form = case_here(room)
    return topics(form, item, language_of(request))


async def _put_by(room: Room, _request: web.Request) -> str:
    await room.counter.on_forms().put_by_now()
    return "/forms"


async def _drop(room: Room, request: web.Request) -> str:
    form = await request.post()
    if form.get("sure") != "1":
        raise Refused("refused.form_sure")
    await room.counter.on_forms().drop()
    return "/forms"


def form_routes() -> list[web.RouteDef]:
    """Return the routes of choosing a procedure and of one case's overview."""
    return [
        web.get("/forms", page(show_choice)),
        web.post("/forms", button(_choose, show_choice)),
        web.post("/forms/go-on", button(_go_on, show_choice)),
        web.get("/form", page(show_form)),
        web.post("/form/put-by", button(_put_by, show_form)),
        web.post("/form/drop", button(_drop, show_form)),
    ]
