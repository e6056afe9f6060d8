"""Erasures (消去) on the screens: propose at the case, confirm as another person, read the certificate."""

from collections.abc import Callable

from aiohttp import web

from cityhall.office.case_store import CaseNotFoundError
from cityhall.office.certificate_page import certificate_screen
from cityhall.office.erasing import Erasing
from cityhall.office.erasure import Reason, Stage, read_certificate
from cityhall.office.erasure_rows import ErasureRefusedError
from cityhall.office.roles import CONFIRMS_ERASURE, PROPOSES_ERASURE
from cityhall.office.web.office import SIGNED_IN, aside, office_of, origin, who


async def page(request: web.Request) -> web.Response:
    """Draw the list of proposals and erasures, newest first."""
    return await _draw(request, problem="", status=200)


async def propose(request: web.Request) -> web.StreamResponse:
    """Propose a case for erasure; another person confirms."""
    office, case_id = office_of(request), request.match_info["case"]
    given = str((await request.post()).get("reason", ""))
    if given not in {one.value for one in Reason}:
        raise web.HTTPBadRequest(text="reason: one of the listed ones is needed.")
    reason = Reason(given)
    return await _do(request, lambda: office.eraser.propose(case_id, reason, _me(request)))


async def withdraw(request: web.Request) -> web.StreamResponse:
    """Take a proposal back."""
    office, case_id = office_of(request), request.match_info["case"]
    return await _do(request, lambda: office.eraser.withdraw(case_id, _me(request)))


async def confirm(request: web.Request) -> web.StreamResponse:
    """Erase what another person proposed."""
    office, case_id = office_of(request), request.match_info["case"]
    return await _do(request, lambda: office.eraser.confirm(case_id, _me(request)))


async def certificate(request: web.Request) -> web.Response:
    """Show an erasure's certificate as a page to print."""
    office, case_id = office_of(request), request.match_info["case"]
    row = await aside(lambda: office.eraser.find(case_id))
    if row is None or row.stage != Stage.ERASED.value:
        raise CaseNotFoundError(f"certificate: {case_id} was not erased here; look at the list")
    me = who(request)
    await aside(
        lambda: office.audit.write(
            actor=me.name, action="erasure.shown", case_id=case_id, origin=me.origin
        )
    )
    title = office.labels.title(row.procedure, "ja")
    found = read_certificate(row.certificate)
    shown = certificate_screen(found, row.certificate, office.city, title)
    return web.Response(text=shown, content_type="text/html")


async def _do(request: web.Request, deed: Callable[[], object]) -> web.StreamResponse:
    try:
        await aside(deed)
    except ErasureRefusedError:
        return await _draw(request, problem="problem-erasure", status=409)
    office_of(request).board.changed()
    raise web.HTTPSeeOther(location="/erasures")


async def _draw(request: web.Request, *, problem: str, status: int) -> web.Response:
    office, me = office_of(request), who(request)
    await aside(lambda: office.audit.write(actor=me.name, action="erasure.shown", origin=me.origin))
    rows = await aside(office.eraser.listed)
    person = request[SIGNED_IN].person
    values = {
        "signed_in": request[SIGNED_IN],
        "rows": rows,
        "titles": {one.procedure: office.labels.title(one.procedure, "ja") for one in rows},
        "may_withdraw": person.role in PROPOSES_ERASURE,
        "may_confirm": person.role in CONFIRMS_ERASURE,
        "problem": problem,
    }
    return office.pages.answer(request, "erasures.html", values, status=status)


def _me(request: web.Request) -> Erasing:
    return Erasing(request[SIGNED_IN].person, origin(request))
