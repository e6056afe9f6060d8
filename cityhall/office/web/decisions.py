"""What a caseworker sends: accept, ask for a correction, note a withdrawal, pull a picture."""

from collections.abc import Sequence

from aiohttp import web

from cityhall.office.cases import CaseMoveError
from cityhall.office.casework import NewerVersionError, WithdrawalError
from cityhall.office.correspondence import CorrectionError, Wanted
from cityhall.office.deadlines import answer_by
from cityhall.office.web import review_page
from cityhall.office.web.office import aside, office_of, who
from sync.envelope import PartRole


async def accept(request: web.Request) -> web.StreamResponse:
    """Register a case and go on with the next one."""
    office, me = office_of(request), who(request)
    case_id = request.match_info["case"]
    seen = str((await request.post()).get("versions", ""))
    versions = int(seen) if seen.isascii() and seen.isdigit() else None
    following = await _following(request)
    try:
        await aside(lambda: office.casework.accept(case_id, me, versions_seen=versions))
    except NewerVersionError:
        return await review_page.draw(request, problem="problem-newer", status=409)
    except CaseMoveError:
        return await review_page.draw(request, problem="problem-moved", status=409)
    office.board.changed()
    raise web.HTTPSeeOther(location=f"{following}?done=accepted")


async def correction(request: web.Request) -> web.StreamResponse:
    """Send a correction request to the bus and go on with the next case."""
    office, me = office_of(request), who(request)
    case_id = request.match_info["case"]
    form = await request.post()
    entry = await aside(lambda: office.casework.entry(case_id))
    wanted = Wanted(
        reason=str(form.get("reason", "")),
        sentence=str(form.get("sentence", "")).replace("\r\n", "\n"),
        missing=_many(form.getall("missing", [])),
        fields=_many(form.getall("fields", [])),
        answer_by=answer_by(expiry=entry.case.expiry, today=office.today()),
    )
    following = await _following(request)
    try:
        await aside(lambda: office.casework.correct(case_id, me, wanted))
    except CorrectionError:
        return await review_page.draw(request, problem="problem-correction", status=422)
    except CaseMoveError:
        return await review_page.draw(request, problem="problem-moved", status=409)
    office.board.changed()
    raise web.HTTPSeeOther(location=f"{following}?done=correction")


async def withdraw(request: web.Request) -> web.StreamResponse:
    """Note that the filer took a case back, and stay on its page."""
    office, me = office_of(request), who(request)
    case_id = request.match_info["case"]
    form = await request.post()
    how = str(form.get("how", "")) if form.get("confirmed") == "1" else ""
    try:
        await aside(lambda: office.casework.withdraw(case_id, me, how))
    except WithdrawalError:
        return await review_page.draw(request, problem="problem-withdraw", status=422)
    except CaseMoveError:
        return await review_page.draw(request, problem="problem-moved", status=409)
    office.board.changed()
    raise web.HTTPSeeOther(location=f"/cases/{case_id}?done=withdrawn")


async def pull(request: web.Request) -> web.StreamResponse:
    """Ask the bus for one page, or its original, before the others."""
    office, me = office_of(request), who(request)
    case_id = request.match_info["case"]
    form = await request.post()
    given = str(form.get("page", ""))
    role = PartRole.ORIGINAL if form.get("what") == "original" else PartRole.PAGE
    if not (given.isascii() and given.isdigit()):
        raise web.HTTPBadRequest(text="page: the number of a sheet is needed.")
    await aside(lambda: office.casework.pull(case_id, int(given), me, role))
    raise web.HTTPSeeOther(location=f"/cases/{case_id}#sheet-{given}")


def _many(values: Sequence[object]) -> tuple[str, ...]:
    """Return the named things; a script may send them as one text with commas."""
    return tuple(one for value in values for one in str(value).replace(",", " ").split() if one)


async def _following(request: web.Request) -> str:
    """Return the page to open after a decision: the next waiting case, or the inbox."""
    office = office_of(request)
    entry = await aside(lambda: office.casework.entry(request.match_info["case"]))
    before, after = await aside(lambda: office.inbox.beside(entry.case))
    following = after or before
    return f"/cases/{following}" if following else "/inbox"
