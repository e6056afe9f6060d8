"""What stays of a visit in the desk's memory once the screen is locked or the visit ended: nothing."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from appliance.desk.attempts import Attempts, keep_attempts
from appliance.mail.store import MailStore
from tests.appliance.desk.test_desk_process import settings
from tests.support.counterworld import PIN, STAFF, CounterWorld, seed, settled
from tests.support.house_process import Running, running
from tests.support.madeup_papers import stack
from tests.support.memory_image import forms_of, hits

SEE_OTHER = 303
TYPED, CARRIED = "カナリア壱号室", "canary-room-0815"
NEEDLES = {
    "visit key": (seed("visit"),),
    "reading key": (seed("reading"),),
    "typed": forms_of(TYPED),
    "carried": forms_of(CARRIED),
}


@pytest.fixture
async def app_id(world: CounterWorld, mail: MailStore) -> str:
    """Leave a locked visit with one application on the disk, and return its id."""
    counter = await world.opened(mail)
    await counter.on_tray().declare(1, "")
    world.scanner.stack = stack(1)
    await counter.on_tray().feed()
    await settled(counter)
    item = counter.opened().current().applications[0]
    await counter.on_tray().answer(item.app_id, {"address": CARRIED})
    await counter.stop()
    keep_attempts(world.desk, Attempts(right=datetime.now(UTC)))
    return item.app_id


class Hand:
    """A program at the kiosk, with the kiosk's cookie."""

    def __init__(self, browser: aiohttp.ClientSession, desk: Running) -> None:
        self._browser = browser
        self._address = desk.facts["address"]

    async def state(self) -> dict[str, object]:
        """Read the counter's state."""
        async with self._browser.get(self._address + "/state.json") as answer:
            return dict(await answer.json())

    async def press(self, path: str, **values: str) -> int:
        """Press a button; the status says whether it leads on."""
        form = {**values, "csrf": str((await self.state())["csrf"])}
        url = self._address + path
        async with self._browser.post(url, data=form, allow_redirects=False) as answer:
            await answer.read()
            return answer.status


async def image_of(desk: Running) -> bytes:
    """Return what tells one process image from the next: where the kernel put it."""
    return await asyncio.to_thread(Path(f"/proc/{desk.process.pid}/auxv").read_bytes)


async def go_in(hand: Hand, app_id: str) -> None:
    """Unlock the visit, type a word and look at the page."""
    assert await hand.press("/visit", staff_id=STAFF, pin=PIN) == SEE_OTHER
    assert await hand.press(f"/applications/{app_id}/answers", address=TYPED) == SEE_OTHER


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read through Linux's /proc")
@pytest.mark.parametrize("way", ["/visit/lock", "/visit/close"])
async def test_nothing_of_a_visit_stays_in_memory(
    world: CounterWorld, app_id: str, way: str
) -> None:
    """After lock and end neither key nor word of the visit is in the memory of the desk or its workers."""
    async with (
        running("appliance.desk", ["--config", str(settings(world))]) as desk,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser,
    ):
        hand = Hand(browser, desk)
        await go_in(hand, app_id)
        pid, before = desk.process.pid, await image_of(desk)
        found = await asyncio.to_thread(hits, pid, NEEDLES)
        assert min(found["visit key"], found["reading key"], found["typed"]) > 0, "the probe sees"
        assert await hand.press(way, anyway="1") == SEE_OTHER
        async with asyncio.timeout(60):
            while await image_of(desk) == before:  # noqa: ASYNC110 - the kernel tells nobody of it
                await asyncio.sleep(0.005)
        assert await asyncio.to_thread(hits, pid, NEEDLES) == dict.fromkeys(NEEDLES, 0)
        told = await hand.state()
        assert told["phase"] == ("locked" if way == "/visit/lock" else "closed")
        assert (told["message"] is None) == (way == "/visit/lock")
        assert await desk.stop() == 0
