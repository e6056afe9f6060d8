"""The kiosk without a mouse, and its glass when it locks or when the unit dies."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from appliance.desk.guarding import lock_now
from appliance.desk.web.app import make_room
from appliance.desk.web.room import Room
from appliance.mail.store import MailStore
from tests.support.counterworld import PIN, CounterWorld
from tests.support.desk_browser import PLACE, chromium, served_room
from tests.support.madeup_papers import person, stack

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

TABS_MOST = 120


@pytest.fixture
async def room(world: CounterWorld, mail: MailStore) -> AsyncIterator[Room]:
    """Return a kiosk whose door is closed."""
    counter = world.counter(mail)
    yield make_room(counter, PLACE, 900)
    await counter.stop()


async def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(TABS_MOST):
        await page.keyboard.press("Tab")
        if await page.evaluate("one => document.activeElement.matches(one)", selector):
            return
    raise AssertionError(f"Tab never comes to {selector}")


async def enter(page: Page, selector: str) -> None:
    """Go there and press Enter; the next page begins at its title."""
    await tab_to(page, selector)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await expect(page.locator("main h1")).to_be_focused()


async def sign_in(page: Page, address: str) -> None:
    """Give staff and PIN and choose the stop, by keys alone."""
    await page.goto(address)
    await tab_to(page, "#staff_id")
    await page.keyboard.press("ArrowDown")
    await tab_to(page, "#pin")
    await page.keyboard.type(PIN)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await enter(page, ".choice")


async def test_a_whole_stop_by_keyboard(world: CounterWorld, room: Room) -> None:
    """From the door to the end of the visit with Tab, Enter and Space; each page takes the focus to its title."""
    async with served_room(room) as address, chromium() as page:
        await sign_in(page, address)
        await enter(page, "button[name=count][value='2']")
        world.scanner.stack = stack(1, 2)
        await enter(page, "form[action='/batch/feed'] button")
        await page.wait_for_url("**/batch")
        await enter(page, "form[action='/batch/confirm-clean'] button")
        await enter(page, "a[href='/batch/check']")
        await enter(page, "form[action='/batch/hand-in'] button")
        await expect(page.locator("h1")).to_contain_text("2 件を受け付けました")
        await enter(page, "a[href='/survey']")
        await tab_to(page, "input[type=radio]")
        await page.keyboard.press("Space")
        await enter(page, "form[action^='/survey/'] .button-main")
        if "/visit/close" not in page.url:
            await page.goto(f"{address}/visit/close")
        await enter(page, "form[action='/visit/close'] button")
        await expect(page.locator("main")).to_contain_text("訪問を終えました")


async def test_a_lock_wipes_the_glass(world: CounterWorld, room: Room) -> None:
    """Nobody's name stays on the screen, and the way back in the browser leads to the door."""
    async with served_room(room) as address, chromium() as page:
        await sign_in(page, address)
        await enter(page, "button[name=count][value='1']")
        world.scanner.stack = stack(1)
        await enter(page, "form[action='/batch/feed'] button")
        await page.wait_for_url("**/batch")
        name = person(1)["name"]
        await expect(page.locator("main")).to_contain_text(name)
        await lock_now(room.counter, room.sessions, "ignition")
        await page.wait_for_url("**/visit")
        await page.go_back()
        await page.wait_for_url("**/visit")
        assert name not in await page.content()


async def test_a_unit_that_dies_leaves_nothing_on_the_glass(room: Room) -> None:
    """Half a minute without an answer: the page is wiped and says why."""
    async with chromium() as page:
        await page.clock.install()
        async with served_room(room) as address:
            await sign_in(page, address)
            await expect(page.locator(".number-key").first).to_be_visible()
        await page.clock.fast_forward(40_000)
        await page.clock.run_for(2_000)
        await expect(page.locator("main")).to_contain_text("画面の内容を隠しました")
        await expect(page.locator(".number-key")).to_have_count(0)
