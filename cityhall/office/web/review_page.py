"""The review of one case: document beside fields, its pages, and what has arrived of it."""

import hashlib
from typing import Any

from aiohttp import web

from cityhall.office.audit import AuditLine
from cityhall.office.bags import allowed as events_after
from cityhall.office.cases import CaseEvent, CaseState, allowed, edge_data_of
from cityhall.office.casework import CONFIRMED_BY, Who
from cityhall.office.correspondence import REASONS
from cityhall.office.deadlines import answer_by
from cityhall.office.dossier import Dossier
from cityhall.office.inbox import Entry
from cityhall.office.web.inbox_page import done_word
from cityhall.office.web.office import SIGNED_IN, Office, aside, office_of, who
from cityhall.office.web.views import (
    arrived_json,
    case_json,
    clocks_of,
    filing_of,
    observations_of,
    sections,
)
from papers.showing import MEDIA_TYPE
from screens.language import Language, language_of
from sync.envelope import PartRole

# Kinds of page a correction can ask for.
PAGE_KINDS = ("form_front", "form_back", "insurance_card", "medical_insurance", "physician_opinion")
AUDIT_LINES_SHOWN = 12
# SHA-256 of what came out of the seal: a browser gets a picture written anew, and whoever compares has the digest.
SEALED_DIGEST = "X-Sealed-SHA256"


async def page(request: web.Request) -> web.Response:
    """Open a case for the caseworker who asks and draw it."""
    return await draw(request, problem="", status=200)


async def draw(request: web.Request, *, problem: str, status: int) -> web.Response:
    """Draw a case, with the sentence of what could not be done."""
    office, me, lang = office_of(request), who(request), language_of(request)
    case_id = request.match_info["case"]
    entry, dossier = await aside(lambda: office.casework.read(case_id, me))
    values = await aside(lambda: _values(office, lang, entry, dossier))
    threads = await aside(lambda: office.enquiries.of_case(case_id, me))
    extra = {
        "signed_in": request[SIGNED_IN],
        "threads": threads,
        "problem": problem,
        "done": "" if problem else done_word(request),
    }
    return office.pages.answer(request, "review.html", {**values, **extra}, status=status)


async def case(request: web.Request) -> web.Response:
    """Open a case and answer it as JSON."""
    office, me = office_of(request), who(request)
    case_id = request.match_info["case"]
    entry, dossier = await aside(lambda: office.casework.read(case_id, me))
    duplicates = await aside(lambda: office.inbox.duplicates(entry.case))
    disordered = await aside(lambda: office.inbox.disordered([entry]))
    doubts = await aside(lambda: office.inbox.doubts([entry]))
    found = observations_of(
        entry.case,
        office.insurer_no,
        [one.case_id for one in duplicates],
        disordered=bool(disordered),
        doubts=doubts.get(case_id, ()),
        policy=office.policy,
    )
    return web.json_response(case_json(entry, dossier, found, request[SIGNED_IN].csrf))


async def arrived(request: web.Request) -> web.Response:
    """Answer what has arrived of a case; opens nothing."""
    office, case_id = office_of(request), request.match_info["case"]
    entry = await aside(lambda: office.casework.entry(case_id))
    leaves = await aside(lambda: office.casework.leaves(case_id))
    return web.json_response(arrived_json(entry, leaves))


async def full_page(request: web.Request) -> web.Response:
    """Show one sheet's page."""
    return await _picture(request, who(request), PartRole.PAGE)


async def preview(request: web.Request) -> web.Response:
    """Show one sheet's preview."""
    return await _picture(request, who(request), PartRole.PREVIEW)


async def original(request: web.Request) -> web.Response:
    """Show one sheet at full sharpness."""
    return await _picture(request, who(request), PartRole.ORIGINAL)


async def _picture(request: web.Request, me: Who, role: PartRole) -> web.Response:
    office = office_of(request)
    case_id, number = request.match_info["case"], int(request.match_info["page"])
    opened = await aside(lambda: office.casework.picture(case_id, number, me, role))
    shown = await office.showing.show(opened.data)
    digest = hashlib.sha256(opened.data).hexdigest()
    return web.Response(body=shown.data, content_type=MEDIA_TYPE, headers={SEALED_DIGEST: digest})


def _values(office: Office, lang: Language, entry: Entry, dossier: Dossier) -> dict[str, Any]:
    case_row = entry.case
    duplicates = office.inbox.duplicates(case_row)
    before, after = office.inbox.beside(case_row)
    today = office.today()
    return {
        "entry": entry,
        "case": case_row,
        "policy_used": filing_of(case_row).used,
        "dossier": dossier,
        "state": CaseState(case_row.state),
        "may": {event.value for event in allowed(CaseState(case_row.state))},
        "events": CaseEvent,
        "edge": edge_data_of(complete=entry.complete),
        "originals": office.bags.of_case(case_row.case_id),
        "original_steps": office.bags.steps(case_row.case_id),
        "original_events": events_after,
        "clocks": clocks_of(case_row, today),
        "sections": sections(dossier, office.labels, lang),
        "observations": observations_of(
            case_row,
            office.insurer_no,
            [one.case_id for one in duplicates],
            disordered=bool(office.inbox.disordered([entry])),
            doubts=office.inbox.doubts([entry]).get(case_row.case_id, ()),
            policy=office.policy,
        ),
        "duplicates": duplicates,
        "own_insurer_no": office.insurer_no,
        "procedure": office.labels.title(case_row.procedure, lang),
        "label": lambda key: office.labels.key(case_row.procedure, key, lang),
        "decisions": office.inbox.decisions(case_row.case_id),
        "audit": _audit_of(office, case_row.case_id),
        "open_fields": _open_fields(dossier),
        "before_id": before,
        "after_id": after,
        "withdrawals": CONFIRMED_BY,
        "reasons": [(code, office.texts.say("ja", f"reason-{code}-sentence")) for code in REASONS],
        "page_kinds": office.labels.kinds(case_row.procedure) or PAGE_KINDS,
        "paper": lambda kind: office.labels.paper(case_row.procedure, kind, lang) or kind,
        "kinds_here": {sheet.note.kind for sheet in dossier.sheets},
        "answer_by": answer_by(expiry=case_row.expiry, today=today),
    }


def _audit_of(office: Office, case_id: str) -> list[AuditLine]:
    return office.audit.lines(case_id=case_id, limit=AUDIT_LINES_SHOWN)


def _open_fields(dossier: Dossier) -> list[str]:
    """Return the fields a defect names that have no answer at all."""
    answered = {row.answer.key for row in dossier.fields}
    return sorted({one.field for one in dossier.defects if one.field} - answered)
