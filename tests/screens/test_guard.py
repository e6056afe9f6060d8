"""The headers and checks before every page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from screens import guard

TOKEN = "made-up-token"


async def _page(request: web.Request) -> web.Response:
    return web.Response(text=f"page for {request.method}")


async def _breaks(_request: web.Request) -> web.Response:
    raise ValueError("山田 太郎 is a name that belongs on no screen")


async def _error_page(_request: web.Request, status: int) -> web.Response:
    return web.Response(text="a plain sentence", status=status)


@asynccontextmanager
async def a_room(token: str | None = TOKEN) -> AsyncIterator[tuple[TestClient, list[str]]]:  # type: ignore[type-arg]
    """A small room behind every guard, and the lines it logged."""
    lines: list[str] = []
    app = web.Application(
        middlewares=[
            guard.headers,
            guard.friendly_errors(_error_page, lines.append),
            guard.csrf(lambda _: token, free=frozenset({"/sign-in"})),
        ]
    )
    app.router.add_route("*", "/page", _page)
    app.router.add_post("/sign-in", _page)
    app.router.add_get("/house/x.css", _page)
    app.router.add_get("/breaks", _breaks)
    app.router.add_get("/breaks.json", _missing)
    async with TestClient(TestServer(app)) as client:
        yield client, lines


async def _missing(_request: web.Request) -> web.Response:
    raise web.HTTPNotFound


async def test_every_page_carries_the_policy() -> None:
    """Nothing inline, nothing from elsewhere, no frame."""
    async with a_room() as (client, _):
        answer = await client.get("/page")
    assert answer.headers["Content-Security-Policy"] == guard.POLICY


async def test_no_page_is_stored() -> None:
    """A browser on the bus keeps nothing."""
    async with a_room() as (client, _):
        answer = await client.get("/page")
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_house_s_own_files_may_be_kept() -> None:
    """A stylesheet is no person."""
    async with a_room() as (client, _):
        answer = await client.get("/house/x.css")
    assert answer.headers["Cache-Control"] == "max-age=3600"


async def test_an_error_carries_the_policy_too() -> None:
    """A refusal is a page as well."""
    async with a_room() as (client, _):
        answer = await client.get("/nowhere")
    assert answer.status == 404
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_form_with_its_token_passes() -> None:
    """The session's own form."""
    async with a_room() as (client, _):
        answer = await client.post("/page", data={"csrf": TOKEN})
    assert answer.status == 200


@pytest.mark.parametrize("form", [{}, {"csrf": ""}, {"csrf": "another"}, {"csrf": "名前"}])
async def test_fail__a_form_without_its_token(form: dict[str, str]) -> None:
    """Missing, empty, wrong or odd: refused alike."""
    async with a_room() as (client, _):
        answer = await client.post("/page", data=form)
    assert answer.status == 403


async def test_fail__a_form_without_a_session() -> None:
    """Nobody is signed in, so no token can fit."""
    async with a_room(token=None) as (client, _):
        answer = await client.post("/page", data={"csrf": ""})
    assert answer.status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_fail__a_form_another_site_sent(site: str) -> None:
    """Even with the right token."""
    async with a_room() as (client, _):
        answer = await client.post("/page", data={"csrf": TOKEN}, headers={"Sec-Fetch-Site": site})
    assert answer.status == 403


async def test_a_free_path_needs_no_token() -> None:
    """Signing in happens before there is a session."""
    async with a_room() as (client, _):
        answer = await client.post("/sign-in", data={})
    assert answer.status == 200


async def test_a_fault_shows_a_sentence_and_no_trace() -> None:
    """The person reads words, not code."""
    async with a_room() as (client, _):
        answer = await client.get("/breaks")
        text = await answer.text()
    assert (answer.status, text) == (500, "a plain sentence")


async def test_a_fault_is_logged_by_kind_and_place_only() -> None:
    """The message may hold a name, so it stays out of the log."""
    async with a_room() as (client, lines):
        await client.get("/breaks")
    assert len(lines) == 1
    assert lines[0].startswith("screen.failed kind=ValueError at=test_guard.py:")
    assert "山田" not in lines[0]


async def test_a_machine_s_page_keeps_its_plain_refusal() -> None:
    """JSON readers get the status, not a page."""
    async with a_room() as (client, _):
        answer = await client.get("/breaks.json")
        text = await answer.text()
    assert (answer.status, text) == (404, "404: Not Found")
