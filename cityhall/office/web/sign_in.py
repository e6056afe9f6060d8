"""Sign-in and sign-out."""

import logging

from aiohttp import web

from cityhall.office.accounts import LockedOutError, SignInRefusedError
from cityhall.office.roles import Role
from cityhall.office.web.door import cookie_name, set_cookie
from cityhall.office.web.office import SIGNED_IN, aside, office_of, origin, who

log = logging.getLogger(__name__)

UNKNOWN = "unknown"


async def home(request: web.Request) -> web.StreamResponse:
    """Send a visitor where their work is."""
    found = request.get(SIGNED_IN)
    if found is None:
        raise web.HTTPSeeOther(location="/sign-in")
    raise web.HTTPSeeOther(location=first_page(found.person.role))


def first_page(role: Role) -> str:
    """Return the page a role starts on."""
    return "/audit" if role is Role.AUDITOR else "/inbox"


async def ask(request: web.Request) -> web.Response:
    """Draw the sign-in form."""
    return _form(request, problem="", status=200)


async def sign_in(request: web.Request) -> web.StreamResponse:
    """Check name, password and code; every try is an audit line."""
    office = office_of(request)
    form = await request.post()
    name, password, code = (str(form.get(key, "")) for key in ("name", "password", "code"))
    try:
        person = await aside(lambda: office.accounts.check(name, password, code))
    except LockedOutError:
        await _note(request, "sign_in.locked", UNKNOWN)
        return _form(request, problem="sign-in-locked", status=429)
    except SignInRefusedError:
        # What was typed as a name is not written down: people type passwords there.
        await _note(request, "sign_in.refused", UNKNOWN)
        return _form(request, problem="sign-in-refused", status=422)
    await _note(request, "signed_in", person.name)
    token = await aside(lambda: office.sessions.start(person))
    answer = web.HTTPSeeOther(location=_wanted(request) or first_page(person.role))
    set_cookie(answer, office, token)
    raise answer


async def sign_out(request: web.Request) -> web.StreamResponse:
    """End the session on the server and in the browser."""
    office = office_of(request)
    token = request.cookies.get(cookie_name(office), "")
    await _note(request, "signed_out", who(request).name)
    await aside(lambda: office.sessions.end(token))
    answer = web.HTTPSeeOther(location="/sign-in")
    answer.del_cookie(cookie_name(office), path="/")
    raise answer


async def session(request: web.Request) -> web.Response:
    """Tell a script who is signed in and the token its forms carry."""
    found = request[SIGNED_IN]
    return web.json_response(
        {"name": found.person.name, "role": found.person.role.value, "csrf": found.csrf}
    )


def _form(request: web.Request, *, problem: str, status: int) -> web.Response:
    values = {"problem": problem, "next": _wanted(request), "signed_in": None}
    return office_of(request).pages.answer(request, "sign-in.html", values, status=status)


def _wanted(request: web.Request) -> str:
    """Return the page asked for before sign-in; only a path of this server, never another address."""
    path = request.query.get("next", "")
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else ""


async def _note(request: web.Request, action: str, actor: str) -> None:
    office, address = office_of(request), origin(request)
    await aside(lambda: office.audit.write(actor=actor, action=action, origin=address))
    log.info("office.%s", action)
