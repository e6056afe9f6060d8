"""The call's loopback door, and who may not use it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from appliance.call.door import Door
from appliance.call.line import Line, tls_context
from appliance.call.phone import Phone
from sync.calling import CallState, Outcome, Side
from sync.callwords import Standing
from sync.mediabinding import BINDING_MAX
from tests.support.tls import TlsCity

CALL = "a" * 32


@pytest.fixture
def phone() -> Phone:
    """A phone that reached city hall."""
    one = Phone("bus-07", bytes, 100)
    one.connected(110)
    return one


@pytest.fixture
async def desk(phone: Phone, tmp_path: Path) -> AsyncIterator[TestClient[Any, Any]]:
    """The desk at the call's door; the line itself is not up."""
    city = TlsCity(tmp_path)
    pem = city.box("bus-07")
    line = Line(phone, "wss://127.0.0.1:1/bus", tls_context(pem.certificate, pem.key, city.ca))
    door = Door(phone, line, steady=lambda: 7.0, wall=lambda: 120.0)
    async with TestClient(TestServer(door.application())) as client:
        yield client


async def test_ok__the_state_is_for_the_desks_screen(desk: TestClient[Any, Any]) -> None:
    """Nothing is cached."""
    async with desk.get("/state.json") as answer:
        told = await answer.json()
    assert (told["reachable"], told["call"], told["media"]) == (True, None, False)
    assert answer.headers["Cache-Control"] == "no-store"


async def test_ok__it_says_that_it_lives(desk: TestClient[Any, Any]) -> None:
    """And whether city hall can be reached."""
    async with desk.get("/healthz") as answer:
        assert await answer.json() == {"process": "call", "ok": True, "reachable": True}


async def test_ok__ring_and_hang_up(desk: TestClient[Any, Any]) -> None:
    """Each answer is the new state."""
    async with desk.post("/ring") as answer:
        ringing = (await answer.json())["call"]["state"]
    async with desk.post("/hang-up") as answer:
        ended = (await answer.json())["call"]["outcome"]
    assert (ringing, ended) == ("ringing", "given_up")


async def test_ok__answer_and_write(desk: TestClient[Any, Any], phone: Phone) -> None:
    """A line waits until the switchboard has written it down."""
    phone.hear(Standing(CALL, Side.HALL, CallState.RINGING, Outcome.NONE), 1.0)
    async with desk.post("/answer") as answer:
        assert answer.status == 200
    async with desk.post("/text", json={"text": "はい"}) as answer:
        assert (await answer.json())["unsaid"] == 1


async def test_ok__a_hint_is_taken(desk: TestClient[Any, Any]) -> None:
    """It answers at once."""
    async with desk.post("/hint") as answer:
        assert answer.status == 200


async def test_fail__what_cannot_be_done_now_is_a_conflict(desk: TestClient[Any, Any]) -> None:
    """With a sentence."""
    async with desk.post("/answer") as answer:
        assert answer.status == 409
        assert "no call" in (await answer.json())["sentence"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"text": 7}'])
async def test_fail__a_line_is_a_text(desk: TestClient[Any, Any], body: bytes) -> None:
    """Anything else is a bad request."""
    async with desk.post("/text", data=body) as answer:
        assert answer.status == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:8401"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
        {"Host": "evil.example:8403"},
    ],
)
async def test_fail__no_page_in_a_browser_may_ring(
    desk: TestClient[Any, Any], headers: dict[str, str]
) -> None:
    """Not even by a name that points here: the desk speaks for its own page."""
    async with desk.post("/ring", headers=headers) as answer:
        assert answer.status == 403


async def test_ok__the_desk_binds_media_to_ring_and_answer(
    desk: TestClient[Any, Any], phone: Phone
) -> None:
    """It draws the call's number, which it signed, and reads both bindings in the state."""
    async with desk.post("/ring", json={"call_id": CALL, "binding": "ours"}) as answer:
        rung = (await answer.json())["call"]
    phone.hear(Standing(CALL, Side.BUS, CallState.TALKING, Outcome.NONE, "theirs"), 2.0)
    async with desk.get("/state.json") as answer:
        told = (await answer.json())["call"]
    assert (rung["call_id"], rung["bindings"]) == (CALL, {"ringing": "ours", "answering": ""})
    assert told["bindings"] == {"ringing": "ours", "answering": "theirs"}


@pytest.mark.parametrize(
    "body",
    [
        {"call_id": "7", "binding": "b"},
        {"call_id": 7},
        {"binding": ["b"]},
        {"binding": "b" * (BINDING_MAX + 1)},
        [],
    ],
)
async def test_fail__what_binds_nothing(desk: TestClient[Any, Any], body: object) -> None:
    """Another shape is a bad request, and nobody is rung."""
    async with desk.post("/ring", json=body) as answer:
        assert answer.status == 400
    async with desk.get("/state.json") as answer:
        assert (await answer.json())["call"] is None
