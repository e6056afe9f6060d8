"""The door of the office: who asks, whether the permission table lets them, and the cookie of a session."""

from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler

from cityhall.office.roles import may
from cityhall.office.sessions import SignedIn
from cityhall.office.web.office import SIGNED_IN, Office, aside, office_of

PLAIN_COOKIE = "office"
# A browser accepts this name only with Secure, path / and no domain, so no other site can plant it.
TLS_COOKIE = "__Host-office"
# Screens send it with what they ask by themselves; it does not count as a person's touch.
BY_ITSELF = "X-By-Itself"


def cookie_name(office: Office) -> str:
    """Return the session cookie's name."""
    return TLS_COOKIE if office.behind_tls else PLAIN_COOKIE


async def find_session(request: web.Request) -> SignedIn | None:
    """Return who is signed in on this browser, or None."""
    office = office_of(request)
    token = request.cookies.get(cookie_name(office))
    touch = BY_ITSELF not in request.headers
    return await aside(lambda: office.sessions.find(token, touch=touch)) if token else None


@web.middleware
async def permit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let through only what the permission table names for this role; others sign in or are told no."""
    found = await find_session(request)
    if found is not None:
        request[SIGNED_IN] = found
    resource = request.match_info.route.resource
    if resource is None:
        return await handler(request)
    method = "GET" if request.method == "HEAD" else request.method
    if may(found.person.role if found else None, (method, resource.canonical)):
        return await handler(request)
    if found is not None:
        raise web.HTTPForbidden(text="This account may not do this.")
    if method == "GET" and request.headers.get("Accept", "").startswith("text/html"):
        raise web.HTTPSeeOther(location=f"/sign-in?next={quote(request.path)}")
    raise web.HTTPUnauthorized(text="Sign in first.")


def csrf_token(request: web.Request) -> str | None:
    """Return this session's form token, or None where nobody is signed in."""
    found = request.get(SIGNED_IN)
    return found.csrf if found else None


def set_cookie(answer: web.StreamResponse, office: Office, token: str) -> None:
    """Give the browser its session; gone when it closes, never readable by a script."""
    answer.set_cookie(
        cookie_name(office),
        token,
        httponly=True,
        samesite="Strict",
        secure=office.behind_tls,
        path="/",
    )


async def error_page(request: web.Request, status: int) -> web.Response:
    """Draw the page of an error: what happened and the way back."""
    known = {400, 401, 403, 404, 409, 413}
    return office_of(request).pages.answer(
        request,
        "error.html",
        {
            "status": status,
            "about": status if status in known else 500,
            "signed_in": request.get(SIGNED_IN),
        },
        status=HTTPStatus(status),
    )
