"""Originals that come in bags: a run's list, the bags as they are emptied, and what becomes of each original."""

from aiohttp import web

from cityhall.office.bag_rows import BagUnlistedError, Paper
from cityhall.office.bags import PaperEvent, PaperMoveError, PaperState
from cityhall.office.casework import Who
from cityhall.office.web import review_page
from cityhall.office.web.office import SIGNED_IN, Office, aside, office_of, who
from screens.language import language_of

LONGEST_NUMBER = 40
LONGEST_RUN = 128


async def page(request: web.Request) -> web.Response:
    """Draw one run's bags, the newest run's without a word."""
    return await _draw(request, request.query.get("run", ""), problem="", status=200)


async def arrived(request: web.Request) -> web.StreamResponse:
    """Note that one bag of a run was emptied here, by its typed or scanned number."""
    office, me = office_of(request), who(request)
    form = await request.post()
    run = str(form.get("run", ""))[:LONGEST_RUN]
    number = str(form.get("bag", ""))[:LONGEST_NUMBER]
    stop = str(form.get("stop", ""))[:LONGEST_RUN]

    def empty() -> str:
        found = office.bags.in_bag(run, number, stop)
        if len({one.row.stop for one in found}) > 1:
            return "problem-bag-stops"
        waiting = [one for one in found if one.state is PaperState.ON_THE_BUS]
        for one in waiting:
            _move(office, one.row.case_id, one.row.paper, PaperEvent.ARRIVE, me)
        return "" if waiting else "problem-bag-twice"

    try:
        problem = await aside(empty)
    except BagUnlistedError:
        problem = "problem-bag-unlisted"
    if problem:
        return await _draw(request, run, problem=problem, status=422, number=number)
    office.board.changed()
    raise web.HTTPSeeOther(
        location=str(request.url.with_path("/bags").with_query(run=run).relative())
    )


async def note(request: web.Request) -> web.StreamResponse:
    """Note what becomes of one original of a case, on the case's page."""
    office, me = office_of(request), who(request)
    case_id, form = request.match_info["case"], await request.post()
    paper = str(form.get("paper", ""))
    try:
        event = PaperEvent(str(form.get("event", "")))
        await aside(lambda: _move(office, case_id, paper, event, me))
    except (ValueError, PaperMoveError):
        return await review_page.draw(request, problem="problem-original", status=409)
    office.board.changed()
    raise web.HTTPSeeOther(location=f"/cases/{case_id}#originals")


def _move(office: Office, case_id: str, paper: str, event: PaperEvent, me: Who) -> None:
    """Write the audit line, then move the original. Raises PaperMoveError or CaseNotFoundError before either."""
    office.bags.may(case_id, paper, event)
    office.audit.write(
        actor=me.name,
        action="custody.moved",
        case_id=case_id,
        detail=event.value,
        origin=me.origin,
    )
    office.bags.note(case_id, paper, event, me.name, office.now())


async def _draw(
    request: web.Request, run: str, *, problem: str, status: int, number: str = ""
) -> web.Response:
    office, me, lang = office_of(request), who(request), language_of(request)
    runs = await aside(office.bags.runs)
    here = run or (runs[0].run if runs else "")
    papers = await aside(lambda: office.bags.of_run(here)) if here else []
    await aside(lambda: office.audit.write(actor=me.name, action="custody.shown", origin=me.origin))

    def label(one: Paper) -> str:
        if one.case is None:
            return one.row.paper
        return office.labels.paper(one.case.procedure, one.row.paper, lang) or one.row.paper

    waiting = [one for one in papers if one.state is PaperState.ON_THE_BUS]
    values = {
        "signed_in": request[SIGNED_IN],
        "runs": runs,
        "here": here,
        "papers": papers,
        "waiting": len({(one.row.stop, one.row.bag) for one in waiting}),
        "missing": waiting if any(one.row.office for one in papers) else [],
        "on_the_bus": PaperState.ON_THE_BUS,
        "label": label,
        "problem": problem,
        "number": number,
    }
    return office.pages.answer(request, "bags.html", values, status=status)
