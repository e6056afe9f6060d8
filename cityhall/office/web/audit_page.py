"""The audit as a page: newest lines first, and whether the chain holds."""

from aiohttp import web

from cityhall.office.audit import AuditError
from cityhall.office.roles import SEES_ALL_AUDIT
from cityhall.office.web.office import SIGNED_IN, Office, aside, office_of, who

LINES = 200


async def page(request: web.Request) -> web.Response:
    """Draw the audit; a caseworker sees the own lines."""
    office, me = office_of(request), who(request)
    person = request[SIGNED_IN].person
    case_id, before = request.query.get("case", ""), request.query.get("before", "")
    actor = "" if person.role in SEES_ALL_AUDIT else person.name
    await aside(
        lambda: office.audit.write(
            actor=me.name, action="audit.shown", case_id=case_id[:64], origin=me.origin
        )
    )
    older = int(before) if before.isascii() and before.isdigit() else None
    lines = await aside(
        lambda: office.audit.lines(case_id=case_id, actor=actor, before=older, limit=LINES)
    )
    count, head = await aside(lambda: _checked(office))
    values = {
        "signed_in": request[SIGNED_IN],
        "lines": lines,
        "case_id": case_id,
        "own": bool(actor),
        "count": count,
        "head": head,
        "oldest": lines[-1].seq if len(lines) == LINES else None,
    }
    return office.pages.answer(request, "audit.html", values)


def _checked(office: Office) -> tuple[int, str]:
    """Return the number of lines and the head in hex; an empty head means that the chain is broken."""
    try:
        count, head = office.audit.check()
    except AuditError:
        return 0, ""
    return count, head.hex()
