"""Papers, departments and the end of one case: read or note each paper, settle the tasks, check, hand in."""

from aiohttp import web

from appliance.desk.partners import Refused
from appliance.desk.questions import topics
from appliance.desk.recording import filing_policy
from appliance.desk.statejson import reason_of
from appliance.desk.tasklist import desks, facts_for, papers
from appliance.desk.web.camerapages import camera_here
from appliance.desk.web.formpages import after_papers, case_here, subject_of
from appliance.desk.web.pressing import button, page
from appliance.desk.web.room import Room
from procedures.marks import TASK_STATES
from screens.language import language_of


async def show_papers(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show each paper of the case with its pages, and the ways to settle it."""
    batch, item, form = case_here(room)
    lang = language_of(request)
    found = papers(form, item, batch, lang)
    known = {sheet.number for paper in found for sheet in paper.sheets}
    values = {
        "errors": errors,
        "title": form.title.say(lang),
        "subject": subject_of(form, item),
        "needed": [paper for paper in found if paper.needed],
        "others": [paper for paper in found if not paper.needed],
        "stray": [batch.sheet(n) for n in item.sheets if n not in known],
        "loose": [(sheet, reason_of(batch, sheet.number)) for sheet in batch.loose()],
        "has_camera": room.counter.partners.camera is not None,
        "next": after_papers(room, request),
    }
    return await room.draw(request, "form-papers.html", values, status=status)


async def _feed(room: Room, request: web.Request) -> str:
    case_here(room)
    form = await request.post()
    camera = camera_here(room) if form.get("with") == "camera" else None
    await room.counter.on_forms().feed(request.match_info["paper"], camera)
    return "/batch/camera" if camera is not None else "/batch/feed"


async def _note_paper(room: Room, request: web.Request) -> str:
    await _note(room, request)
    return "/form/papers"


async def _note(room: Room, request: web.Request) -> None:
    case_here(room)
    form = await request.post()
    values = {str(key): str(value) for key, value in form.items() if key not in ("csrf", "go")}
    await room.counter.on_forms().note(values)


async def _aside(room: Room, request: web.Request) -> str:
    case_here(room)
    written = request.match_info["n"]
    if not written.isascii() or not written.isdecimal() or len(written) > 4:  # noqa: PLR2004 - no batch has so many sheets
        raise Refused("refused.step")
    await room.counter.on_tray().move(int(written), "aside")
    return "/form/papers"


async def show_tasks(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show the queue of departments with their tasks."""
    _, item, form = case_here(room)
    lang = language_of(request)
    queue = desks(form, item, lang)
    values = {
        "errors": errors,
        "title": form.title.say(lang),
        "subject": subject_of(form, item),
        "desks": queue,
        "open": next((desk for desk in queue if desk.state != "done"), None),
    }
    return await room.draw(request, "form-tasks.html", values, status=status)


async def show_department(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show one department its own part: what all see, what is its own, its tasks and what it is told."""
    _, item, form = case_here(room)
    lang = language_of(request)
    desk = next(
        (d for d in desks(form, item, lang) if str(d.number) == request.match_info["n"]), None
    )
    if desk is None:
        raise Refused("refused.form_department")
    values = {
        "errors": errors,
        "title": form.title.say(lang),
        "subject": subject_of(form, item),
        "desk": desk,
        "facts": facts_for(form, item, desk.name, lang),
        "states": [(one.code, one.en if lang == "en" else one.ja) for one in TASK_STATES],
    }
    return await room.draw(request, "form-department.html", values, status=status)


async def _settle(room: Room, request: web.Request) -> str:
    await _note(room, request)
    _, item, form = case_here(room)
    posted = await request.post()
    here, numbers = request.match_info["n"], [str(d.number) for d in desks(form, item, "ja")]
    behind = numbers[numbers.index(here) + 1 :] if here in numbers else []
    on = posted.get("go") == "next" and behind
    return f"/form/tasks/{behind[0]}" if on else "/form/tasks"


async def show_check(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show everything once more before it is handed in, with a way back to each topic."""
    batch, item, form = case_here(room)
    lang = language_of(request)
    now, stop = room.counter.partners.clock.now(), room.counter.stop_here()
    found = papers(form, item, batch, lang)
    values = {
        "errors": errors,
        "title": form.title.say(lang),
        "subject": subject_of(form, item),
        "item": item,
        "topics": topics(form, item, lang),
        "papers": [paper for paper in found if paper.needed or paper.sheets or paper.state],
        "desks": desks(form, item, lang),
        "parts": form.pattern == "one_stop",
        "flaws": [flaw for flaw in item.flaws if flaw.severity != "info"],
        "hints": [flaw for flaw in item.flaws if flaw.severity == "info"],
        "texts": [words.say(lang) for words in form.texts.values()],
        "policy": filing_policy(stop, now.quality, now.uncertainty_s),
        "at_city": not stop.fixes_date,
        "departments": form.departments,
        "loose": batch.loose(),
    }
    return await room.draw(request, "form-check.html", values, status=status)


async def _hand_in(room: Room, request: web.Request) -> str:
    case_here(room)
    form = await request.post()
    if form.get("confirmed") != "1":
        raise Refused("refused.hand_in_unconfirmed")
    await room.counter.on_forms().hand_in(room.counter.stop_here())
    return "/receipts"


def form_work_routes() -> list[web.RouteDef]:
    """Return the routes of papers, tasks and the check."""
    return [
        web.get("/form/papers", page(show_papers)),
        web.post("/form/papers/{paper}/feed", button(_feed, show_papers)),
        web.post("/form/notes", button(_note_paper, show_papers)),
        web.post("/form/sheets/{n}/aside", button(_aside, show_papers)),
        web.get("/form/tasks", page(show_tasks)),
        web.get("/form/tasks/{n}", page(show_department)),
        web.post("/form/tasks/{n}", button(_settle, show_department)),
        web.get("/form/check", page(show_check)),
        web.post("/form/hand-in", button(_hand_in, show_check)),
    ]
