"""The door of the office's side: presence and calls as JSON."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from cityhall.switchboard.board import Board, Moment
from cityhall.switchboard.exchange import WAITING_MAX, Connection, Exchange
from cityhall.switchboard.office_door import OfficeDoor
from sync.calling import CallRefused, CallState, Outcome, Side
from sync.callwords import Answer, Message, Quiet, Ring, Standing
from sync.mediabinding import BINDING_MAX

CALL = "a" * 32


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.steady = 100.0

    def __call__(self) -> Moment:
        """Read it."""
        return Moment(1_790_000_000 + int(self.steady), self.steady)


@pytest.fixture
def clock() -> Hand:
    """One clock for a test."""
    return Hand()


@pytest.fixture
def exchange(clock: Hand) -> Exchange:
    """An exchange with one bus connected."""
    one = Exchange(Board(), clock)
    one.connect(Connection("bus-07"))
    return one


@pytest.fixture
async def office(exchange: Exchange) -> AsyncIterator[TestClient[Any, Any]]:
    """A caseworker's side at the door."""
    async with TestClient(TestServer(OfficeDoor(exchange).application())) as client:
        yield client


async def ask(office: TestClient[Any, Any], path: str, body: object = None) -> tuple[int, Any]:
    """GET without a body, POST with one; status and JSON."""
    answer = await (office.get(path) if body is None else office.post(path, json=body))
    async with answer:
        return answer.status, await answer.json()


async def test_ok__presence_lists_the_buses(office: TestClient[Any, Any]) -> None:
    """With the second since when."""
    _, told = await ask(office, "/presence.json")
    assert told == {
        "buses": [{"device": "bus-07", "reachable": True, "since": 1_790_000_100}],
    }


async def test_ok__it_says_that_it_lives(office: TestClient[Any, Any]) -> None:
    """For the supervisor."""
    assert await ask(office, "/healthz") == (200, {"process": "switchboard", "ok": True})


async def test_ok__a_caseworker_rings_writes_and_hangs_up(
    office: TestClient[Any, Any], exchange: Exchange
) -> None:
    """The call is in the list with its lines, and gone from the living afterwards."""
    _, call = await ask(office, "/calls", {"device": "bus-07"})
    call_id = call["call_id"]
    exchange.act(lambda now: exchange.board.hear("bus-07", Ring(CALL), now))
    refused, _ = await ask(office, f"/calls/{call_id}/text", {"text": "too early"})
    _, ended = await ask(office, f"/calls/{call_id}/hang-up", {})
    assert (call["state"], refused, ended["outcome"]) == ("ringing", 409, "given_up")


async def test_ok__a_caseworker_answers_a_ringing_bus(
    office: TestClient[Any, Any], exchange: Exchange, clock: Hand
) -> None:
    """Its seconds count from the answer, and no media is claimed."""
    exchange.act(lambda now: exchange.board.hear("bus-07", Ring(CALL), now))
    await ask(office, f"/calls/{CALL}/answer", {})
    await ask(office, f"/calls/{CALL}/text", {"text": "聞こえますか"})
    clock.steady += 12
    _, told = await ask(office, "/calls.json")
    (call,) = told["calls"]
    assert (call["state"], call["seconds"], call["media"]) == ("talking", 12, False)
    assert [line["text"] for line in call["lines"]] == ["聞こえますか"]


async def test_ok__a_held_call_says_how_long_it_waits(
    office: TestClient[Any, Any], exchange: Exchange, clock: Hand
) -> None:
    """The caseworker sees that the bus is in a tunnel, not that it hung up."""
    exchange.act(lambda now: exchange.board.hear("bus-07", Ring(CALL), now))
    await ask(office, f"/calls/{CALL}/answer", {})
    exchange.act(lambda now: exchange.board.leave("bus-07", now))
    clock.steady += 30
    _, told = await ask(office, "/calls.json")
    assert (told["calls"][0]["state"], told["calls"][0]["held_for_seconds"]) == ("held", 60)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/calls", {"device": "bus-99"}, 409),
        ("/calls", {}, 409),
        ("/calls", [], 400),
        (f"/calls/{CALL}/answer", {}, 404),
        (f"/calls/{CALL}/hang-up", {}, 404),
        (f"/calls/{CALL}/text", {"text": "a"}, 404),
        (f"/calls/{CALL}/text", [], 400),
    ],
)
async def test_fail__every_refusal_has_a_number_and_a_sentence(
    office: TestClient[Any, Any], path: str, body: object, status: int
) -> None:
    """The status is for programs, the sentence for people."""
    told = await ask(office, path, body)
    assert told[0] == status
    assert set(told[1]) == {"number", "sentence"}


async def test_fail__an_endless_line_is_too_much(
    office: TestClient[Any, Any], exchange: Exchange
) -> None:
    """It is not cut in silence."""
    exchange.act(lambda now: exchange.board.hear("bus-07", Ring(CALL), now))
    await ask(office, f"/calls/{CALL}/answer", {})
    status, told = await ask(office, f"/calls/{CALL}/text", {"text": "あ" * 501})
    assert (status, told["number"]) == (422, 413)


async def test_fail__a_body_that_is_no_json(office: TestClient[Any, Any]) -> None:
    """Told as not understood."""
    async with office.post("/calls", data=b"device=bus-07") as answer:
        assert answer.status == 400


def waiting(connection: Connection) -> list[Message | None]:
    """What a connection would send."""
    return [connection.waiting.get_nowait() for _ in range(connection.waiting.qsize())]


async def test_ok__a_bus_that_is_too_far_behind_is_let_go(clock: Hand) -> None:
    """Its queue ends; it will come back and be told anew."""
    exchange = Exchange(Board(), clock)
    slow = Connection("bus-07")
    exchange.connect(slow)
    while slow.put(Quiet()):
        pass
    exchange.act(lambda now: exchange.board.ring("bus-07", CALL, now))
    assert slow.waiting.qsize() <= WAITING_MAX
    assert waiting(slow) == [None]


async def test_ok__only_the_present_connection_makes_a_bus_leave(clock: Hand) -> None:
    """The ghost of an older one does not."""
    exchange = Exchange(Board(), clock)
    old, new = Connection("bus-07"), Connection("bus-07")
    exchange.connect(old)
    assert exchange.connect(new) is old
    exchange.disconnect(old)
    still = exchange.board.presence()[0].reachable
    exchange.disconnect(new)
    assert (still, exchange.board.presence()[0].reachable) == (True, False)


async def test_ok__the_timer_ends_a_ring_by_itself(clock: Hand) -> None:
    """When patience is over the bus is told, without anybody asking."""
    exchange = Exchange(Board(), clock)
    bus = Connection("bus-07")
    exchange.connect(bus)
    exchange.act(lambda now: exchange.board.ring("bus-07", CALL, now))
    waiting(bus)
    clock.steady += 1000
    timer = asyncio.create_task(exchange.run())
    told = await bus.waiting.get()
    timer.cancel()
    assert told == Standing(CALL, Side.HALL, CallState.ENDED, Outcome.MISSED)


async def test_ok__the_office_binds_media_to_ring_and_answer(
    office: TestClient[Any, Any], exchange: Exchange
) -> None:
    """It draws the number of the call that it signed, and reads what the bus signed."""
    _, rung = await ask(office, "/calls", {"device": "bus-07", "call_id": CALL, "binding": "ours"})
    exchange.act(lambda now: exchange.board.hear("bus-07", Answer(CALL, "theirs"), now))
    _, told = await ask(office, "/calls.json")
    assert (rung["call_id"], rung["bindings"]) == (CALL, {"ringing": "ours", "answering": ""})
    assert told["calls"][0]["bindings"] == {"ringing": "ours", "answering": "theirs"}


async def test_ok__the_office_answers_a_bound_ringing(
    office: TestClient[Any, Any], exchange: Exchange
) -> None:
    """Its binding goes to the bus."""
    exchange.act(lambda now: exchange.board.hear("bus-07", Ring(CALL, "theirs"), now))
    _, told = await ask(office, f"/calls/{CALL}/answer", {"binding": "ours"})
    assert told["bindings"] == {"ringing": "theirs", "answering": "ours"}


@pytest.mark.parametrize(
    "body", [{"call_id": "7"}, {"binding": 7}, {"binding": "b" * (BINDING_MAX + 1)}]
)
async def test_fail__what_binds_nothing(
    office: TestClient[Any, Any], body: dict[str, object]
) -> None:
    """Another shape is not understood, and nobody is rung."""
    status, told = await ask(office, "/calls", {"device": "bus-07", **body})
    assert (status, told["number"]) == (400, CallRefused.NOT_UNDERSTOOD)
    assert (await ask(office, "/calls.json"))[1] == {"calls": []}
