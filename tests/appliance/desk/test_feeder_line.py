"""How the feeder stands before it is started: asked once at a time, in words, never in a feed's way."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from appliance.desk.counter import Counter
from appliance.desk.glance import FRESH_S, Glance
from appliance.desk.web.app import make_app, make_room
from appliance.desk.web.room import Place
from hardware.errors import DeviceMissing
from hardware.protocols import FeederState
from tests.support.counterworld import CounterWorld, HandClock, settled
from tests.support.madeup_papers import front

PLACE = Place("盛岡市", "介護保険課", "", "receipt.example.jp")
LINE = "/batch/feed/feeder?shown="


class Device:
    """A device whose answers wait for a gate."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.asked = 0
        self.here = True

    async def state(self) -> FeederState:
        """Answer once the gate is open."""
        self.asked += 1
        await self.gate.wait()
        if not self.here:
            raise DeviceMissing("played", "absent", "gone", "plug in", ja="なし。", en="Gone.")
        return FeederState.LOADED


@pytest.fixture
async def client(counter: Counter) -> AsyncIterator[TestClient[Any, Any]]:
    """Return a browser without scripts before a declared batch."""
    room = make_room(counter, PLACE, 900)
    await counter.on_tray().declare(1, "")
    async with TestClient(TestServer(make_app(room))) as browser:
        door = aiohttp.web.Response()
        room.sessions.begin(door)
        browser.session.cookie_jar.update_cookies(door.cookies, browser.make_url("/"))
        yield browser


async def line(client: TestClient[Any, Any], shown: str) -> tuple[int, str]:
    """Ask for the line as a browser that shows this word."""
    async with client.get(LINE + shown) as answer:
        return answer.status, await answer.text()


async def test_a_stuck_device_is_asked_once_and_nobody_waits_for_it() -> None:
    """Two screens share one question; both get what is known, which is nothing yet."""
    device = Device()
    glance = Glance(device.state, HandClock().monotonic)
    for answer in await asyncio.gather(glance.look(0.01), glance.look(0.01)):
        assert answer is None
    assert device.asked == 1
    device.gate.set()
    assert await glance.look(60) is FeederState.LOADED
    await glance.close()


async def test_an_answer_is_kept_for_a_moment_only() -> None:
    """After that the device is asked again; one that is gone is absent."""
    device, clock = Device(), HandClock()
    device.gate.set()
    glance = Glance(device.state, clock.monotonic)
    told = [await glance.look(60), await glance.look(60)]
    device.here = False
    clock.move(FRESH_S)
    told.append(await glance.look(60))
    assert (told, device.asked) == ([FeederState.LOADED] * 2 + [FeederState.ABSENT], 2)


async def test_a_feed_waits_until_no_question_is_under_way() -> None:
    """A scanner that is asked is busy for its driver; afterwards nothing is known."""
    device = Device()
    glance = Glance(device.state, HandClock().monotonic)
    await glance.look(0.01)
    resting = asyncio.create_task(glance.rest())
    await asyncio.sleep(0)
    assert not resting.done()
    device.gate.set()
    await resting
    assert glance.known is None


@pytest.mark.parametrize("state", list(FeederState))
async def test_each_state_has_its_words(
    world: CounterWorld, client: TestClient[Any, Any], state: FeederState
) -> None:
    """The line says in words what the scanner says."""
    world.scanner.tells = state
    status, words = await line(client, "asked")
    assert status == 200
    assert f"shown={state.value}" in words
    assert "feeder." not in words


async def test_a_line_without_news_is_not_drawn_again(
    world: CounterWorld, client: TestClient[Any, Any]
) -> None:
    """Nothing is swapped and nothing read out until the scanner says something else."""
    world.scanner.stack = [front(1)]
    assert (await line(client, "asked"))[0] == 200
    assert await line(client, "loaded") == (204, "")
    world.scanner.stack.clear()
    world.clock.move(FRESH_S)
    assert "shown=empty" in (await line(client, "loaded"))[1]


async def test_the_feed_page_begins_with_what_is_known(
    world: CounterWorld, client: TestClient[Any, Any]
) -> None:
    """The page never waits for the scanner; its line asks."""
    world.scanner.lost = True
    async with client.get("/batch/feed") as page:
        assert "shown=asked" in await page.text()
    assert "shown=absent" in (await line(client, "asked"))[1]
    async with client.get("/batch/feed") as page:
        assert "shown=absent" in await page.text()


async def test_the_reader_is_made_ready_when_the_visit_opens(
    world: CounterWorld, counter: Counter
) -> None:
    """Its models are open before the first sheet comes."""
    await counter.on_tray().declare(1, "")
    world.scanner.stack = [front(1)]
    await counter.on_tray().feed()
    await settled(counter)
    assert world.reader.warmed == 1
