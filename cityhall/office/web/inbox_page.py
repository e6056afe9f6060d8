"""The inbox (受付箱): cases in deadline order, as page and as JSON."""

from typing import Any

from aiohttp import web

from cityhall.office.cases import CaseState
from cityhall.office.inbox import LONGEST_SEARCH, PAGE_ROWS, Entry, View
from cityhall.office.observations import Fact, Severity
from cityhall.office.web.door import BY_ITSELF
from cityhall.office.web.office import SIGNED_IN, Office, aside, office_of, who
from cityhall.office.web.views import clocks_of, entry_json, loud, observations_of
from screens.language import Language, language_of

# What a redirect after a decision may say.
DONE = ("accepted", "correction", "withdrawn")
# Cases one JSON answer lists.
JSON_ROWS = 500


async def page(request: web.Request) -> web.Response:
    """Draw the inbox; one audit line for a person's look, none when the screen refreshes itself."""
    office = office_of(request)
    asked, lang = _asked(request), language_of(request)
    if BY_ITSELF not in request.headers:
        me = who(request)
        await aside(
            lambda: office.audit.write(actor=me.name, action="inbox.shown", origin=me.origin)
        )
    values = await aside(lambda: _values(office, lang, *asked))
    return office.pages.answer(
        request,
        "inbox.html",
        {**values, "signed_in": request[SIGNED_IN], "done": done_word(request)},
    )


async def listing(request: web.Request) -> web.Response:
    """Answer the newest state of all cases as JSON."""
    office, me = office_of(request), who(request)
    await aside(lambda: office.audit.write(actor=me.name, action="inbox.shown", origin=me.origin))
    entries = await aside(lambda: office.inbox.entries(View.ALL, limit=JSON_ROWS))
    troubles = await aside(office.inbox.troubles)
    return web.json_response(
        {
            "cases": [entry_json(entry) for entry in entries],
            "troubles": [
                {"env_id": one.env_id, "device": one.device, "fact": one.fact} for one in troubles
            ],
            "csrf": request[SIGNED_IN].csrf,
        }
    )


def done_word(request: web.Request) -> str:
    """Return which decision led to this page, for the sentence on top; empty for none."""
    done = request.query.get("done", "")
    return done if done in DONE else ""


def _asked(request: web.Request) -> tuple[View, str, int]:
    wanted = request.query.get("view", View.WAITING.value)
    view = View(wanted) if wanted in {one.value for one in View} else View.WAITING
    page_text = request.query.get("page", "1")
    number = int(page_text) if page_text.isascii() and page_text.isdigit() else 1
    return view, request.query.get("q", "").strip()[:LONGEST_SEARCH], max(number, 1)


def _values(office: Office, lang: Language, view: View, search: str, number: int) -> dict[str, Any]:
    skip = (number - 1) * PAGE_ROWS
    entries = office.inbox.entries(view, search=search, skip=skip, limit=PAGE_ROWS + 1)
    rows = entries[:PAGE_ROWS]
    twice = office.inbox.duplicated([entry.case.insured_no for entry in rows])
    disordered, doubts = office.inbox.disordered(rows), office.inbox.doubts(rows)
    return {
        "view": view,
        "views": list(View),
        "search": search,
        "number": number,
        "more": len(entries) > PAGE_ROWS,
        "counts": office.inbox.counts(),
        "rows": [
            _row(
                office,
                lang,
                entry,
                duplicate=entry.case.insured_no in twice,
                disordered=entry.case.case_id in disordered,
                doubts=doubts.get(entry.case.case_id, frozenset()),
            )
            for entry in rows
        ],
        "troubles": office.inbox.troubles(),
        "questions": office.enquiries.waiting(),
        "buses": office.buses.buses(),
        "now": office.now(),
    }


def _row(
    office: Office,
    lang: Language,
    entry: Entry,
    *,
    duplicate: bool,
    disordered: bool,
    doubts: frozenset[Fact],
) -> dict[str, Any]:
    case = entry.case
    seen = observations_of(
        case, office.insurer_no, (), disordered=disordered, doubts=doubts, policy=office.policy
    )
    found = loud(seen)
    facts = [(one.fact.value, one.severity.value) for one in found]
    if duplicate:
        facts.append((Fact.DUPLICATE.value, Severity.WARN.value))
    return {
        "case": case,
        "entry": entry,
        "state": CaseState(case.state),
        "clocks": clocks_of(case, office.today()),
        "facts": facts,
        "procedure": office.labels.title(case.procedure, lang),
    }
