"""Puts the screens together: routes, guards, and the check that every route has a permission."""

import logging
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from cityhall.office.case_store import CaseNotFoundError
from cityhall.office.casework import PageAwayError
from cityhall.office.question_rows import QuestionNotFoundError
from cityhall.office.roles import Route, check_table
from cityhall.office.vault import VaultError
from cityhall.office.web import (
    audit_page,
    bags_page,
    decisions,
    erasure_page,
    evaluation_page,
    inbox_page,
    live,
    question_page,
    review_page,
    sign_in,
)
from cityhall.office.web.door import csrf_token, error_page, permit
from cityhall.office.web.office import OFFICE, Office
from papers.showing import NotShownError
from screens.guard import LARGEST_FORM, csrf, friendly_errors, headers
from screens.language import language_switch
from screens.pages import add_house_static

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
CASE = r"/cases/{case:[0-9a-f]{32}}"
QUESTION = r"/questions/{question:[0-9a-f]{32}}"


def build_app(office: Office) -> web.Application:
    """Return the app; raises PermissionTableError when a route has no row in the permission table."""
    app = web.Application(
        client_max_size=LARGEST_FORM,
        middlewares=[
            headers,
            friendly_errors(error_page, log.error),
            language_switch,
            permit,
            csrf(csrf_token, free=frozenset({"/sign-in"})),
            known_faults,
        ],
    )
    app[OFFICE] = office
    app.on_cleanup.append(_close_showing)
    _add_routes(app)
    add_house_static(app)
    app.router.add_static("/office/", STATIC, show_index=False)
    check_table(routes_of(app))
    return app


def routes_of(app: web.Application) -> set[Route]:
    """Return every (method, path) the app answers; HEAD is GET without a body."""
    return {
        ("GET" if route.method == "HEAD" else route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None
    }


@web.middleware
async def known_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn this room's own errors into answers a browser knows."""
    try:
        return await handler(request)
    except CaseNotFoundError as fault:
        raise web.HTTPNotFound(text="No such case.") from fault
    except QuestionNotFoundError as fault:
        raise web.HTTPNotFound(text="No such question.") from fault
    except PageAwayError as fault:
        raise web.HTTPNotFound(text="This page has not arrived yet.") from fault
    except NotShownError as fault:
        log.warning("picture.refused")
        raise web.HTTPConflict(text="This picture cannot be shown.") from fault
    except VaultError as fault:
        log.warning("case.sealed kind=%s", type(fault.__cause__).__name__)
        raise web.HTTPConflict(text="This envelope does not open.") from fault


async def _close_showing(app: web.Application) -> None:
    await app[OFFICE].showing.close()


async def healthz(_request: web.Request) -> web.Response:
    """Answer that the office serves."""
    return web.json_response({"process": "office", "ok": True})


def _add_routes(app: web.Application) -> None:
    router = app.router
    router.add_get("/", sign_in.home)
    router.add_get("/healthz", healthz)
    router.add_get("/sign-in", sign_in.ask)
    router.add_post("/sign-in", sign_in.sign_in)
    router.add_post("/sign-out", sign_in.sign_out)
    router.add_get("/session.json", sign_in.session)
    router.add_get("/inbox", inbox_page.page)
    router.add_get("/inbox/events", live.events)
    router.add_get("/cases.json", inbox_page.listing)
    router.add_get(CASE, review_page.page)
    router.add_get(CASE + ".json", review_page.case)
    router.add_get(CASE + "/arrived.json", review_page.arrived)
    router.add_get(CASE + r"/pages/{page:\d{1,4}}", review_page.full_page)
    router.add_get(CASE + r"/previews/{page:\d{1,4}}", review_page.preview)
    router.add_get(CASE + r"/originals/{page:\d{1,4}}", review_page.original)
    router.add_post(CASE + "/accept", decisions.accept)
    router.add_post(CASE + "/correction", decisions.correction)
    router.add_post(CASE + "/withdraw", decisions.withdraw)
    router.add_post(CASE + "/pull", decisions.pull)
    router.add_post(CASE + "/erasure", erasure_page.propose)
    router.add_post(CASE + "/erasure/confirm", erasure_page.confirm)
    router.add_post(CASE + "/erasure/withdraw", erasure_page.withdraw)
    router.add_get(CASE + "/certificate", erasure_page.certificate)
    router.add_get("/erasures", erasure_page.page)
    router.add_get("/questions", question_page.page)
    router.add_get(QUESTION, question_page.one)
    router.add_post(QUESTION + "/answer", question_page.answer)
    router.add_get("/bags", bags_page.page)
    router.add_post("/bags/arrived", bags_page.arrived)
    router.add_post(CASE + "/originals", bags_page.note)
    router.add_get("/evaluation", evaluation_page.page)
    router.add_get("/audit", audit_page.page)
