"""What locks the screen besides its button: idleness with a warning, the ignition, the door."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from appliance.desk.counter import Counter
from appliance.desk.guarding import lock_when_turned, turned
from appliance.desk.web.app import make_room
from appliance.mail.store import MailStore
from hardware.power.simulated import SimulatedPower
from hardware.protocols import PowerFacts
from tests.support.counterworld import CounterWorld
from tests.support.desk_browser import PLACE
from tests.support.desk_client import DeskClient, desk_client

PARKED = PowerFacts("battery", 80, ignition=False, door=False)


@pytest.fixture
async def desk(counter: Counter) -> AsyncIterator[DeskClient]:
    """Return a browser inside an open visit."""
    async with desk_client(counter) as client:
        yield client


@pytest.mark.parametrize(
    ("now", "cause"),
    [
        (PowerFacts("mains", 80, ignition=True, door=False), "ignition"),
        (PowerFacts("battery", 80, ignition=None, door=False), "ignition"),
        (PowerFacts("battery", 80, ignition=False, door=True), "door"),
        (PowerFacts("battery", 80, ignition=False, door=None), "door"),
        (PowerFacts("battery", 12, ignition=False, door=False), ""),
    ],
)
def test_what_asks_for_the_lock(now: PowerFacts, cause: str) -> None:
    """A turned key, an opened door, a line that falls silent; a battery that drains does not."""
    assert turned(PARKED, now) == cause


def test_a_closed_door_and_lines_nobody_laid_lock_nothing() -> None:
    """A door that falls shut is a person who stays; without lines there is no news."""
    open_door = PowerFacts("battery", 80, ignition=False, door=True)
    none = PowerFacts("unknown", None, ignition=None)
    assert (turned(open_door, PARKED), turned(none, none), turned(none, PARKED)) == ("", "", "")


async def test_the_ignition_locks_the_visit(world: CounterWorld, mail: MailStore) -> None:
    """The key is turned: the session is gone and the visit's keys with it."""
    counter = await world.opened(mail)
    room = make_room(counter, PLACE, 60)
    room.sessions.begin(aiohttp.web.Response())
    power = SimulatedPower()
    power.set(PARKED)
    watch = asyncio.create_task(lock_when_turned(counter, room.sessions, power))
    await asyncio.sleep(0)
    assert counter.standing == "open"
    power.set(PowerFacts("mains", 80, ignition=True, door=False))
    async with asyncio.timeout(60):
        while counter.standing == "open":  # noqa: ASYNC110 - the watch hears of it by itself
            await asyncio.sleep(0.01)
    watch.cancel()
    assert (counter.standing, room.sessions.idle_left()) == ("locked", None)


async def test_the_lock_is_announced_and_one_press_stays(
    world: CounterWorld, desk: DeskClient
) -> None:
    """Half a minute before, the state line says so; it is no touch by itself, the press on it is one."""
    world.clock.move(900 - 20)
    assert "まもなく画面をロックします" in await desk.page("/state-line?inside=1")
    assert "あと 20 秒" in await desk.page("/state-line?inside=1")
    assert "まもなく" not in await desk.page("/state-line?inside=1&stay=1")
    assert "まもなく" not in await desk.page("/state-line?inside=1")
