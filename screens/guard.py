"""The headers and checks that stand before every page of desk and office."""

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

# `img-src blob:` is for the scan preview; nothing else may come from anywhere but this server.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

LARGEST_FORM = 256 * 1024
"""Bytes a posted form may have; no form of ours comes near it."""

TOO_OLD = "画面を読み込み直してください。This page is too old: reload it and try again."

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@web.middleware
async def headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the guarding headers on every answer; pages are never stored by a browser."""
    try:
        answer = await handler(request)
    except web.HTTPException as answer_raised:
        _dress(request, answer_raised)
        raise
    if not answer.prepared:
        _dress(request, answer)
    return answer


def _dress(request: web.Request, answer: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    lasting = request.path.startswith("/house/")
    answer.headers.setdefault("Cache-Control", "max-age=3600" if lasting else "no-store")


def dress_stream(answer: web.StreamResponse) -> None:
    """Put the same headers on a stream before it is prepared (server-sent events)."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    answer.headers.setdefault("Cache-Control", "no-store")


def csrf(
    token_of: Callable[[web.Request], str | None],
    *,
    free: frozenset[str] = frozenset(),
) -> Middleware:
    """Refuse a changing request that another site made or that lacks this session's token.

    `token_of` gives the session's token, or None where there is no session; paths in `free` need no token.
    """

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in _CHANGING:
            return await handler(request)
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        if site not in ("same-origin", "none"):
            raise web.HTTPForbidden(text="The request came from another site.")
        if request.path in free:
            return await handler(request)
        expected = token_of(request)
        given = str((await request.post()).get("csrf", ""))
        if expected is None or not hmac.compare_digest(expected.encode(), given.encode()):
            raise web.HTTPForbidden(
                text="This page is too old. Reload it and try again. 画面を読み込み直してください。"
            )
        return await handler(request)

    return check


ErrorPage = Callable[[web.Request, int], Awaitable[web.Response]]


def friendly_errors(page: ErrorPage, log: Callable[[str], None]) -> Middleware:
    """Turn an error into a page with a sentence; a person never sees a stack trace.

    `page` draws the answer for a status; `log` takes one line without personal data.
    """

    @web.middleware
    async def show(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as refusal:
            if refusal.status < 400 or request.path.endswith(".json"):  # noqa: PLR2004 - HTTP's own border
                raise
            return await page(request, refusal.status)
        except Exception as fault:  # noqa: BLE001 - the last door before a person's screen
            log(f"screen.failed kind={type(fault).__name__} at={_place(fault)}")
            return await page(request, 500)

    return show


def _place(fault: BaseException) -> str:
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return (
        "unknown"
        if trace is None
        else f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
    )
