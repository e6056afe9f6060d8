"""The kiosk in a real browser: one stop by touch, nothing lost by a reload or a link that goes."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, Page, expect

from appliance.desk.counter import Counter
from appliance.mail.models import LinkState
from appliance.mail.store import MailStore
from tests.support.counterworld import NOON, PIN, STAFF, CounterWorld, settled
from tests.support.desk_browser import chromium, served
from tests.support.madeup_papers import stack

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]


@pytest.fixture
async def address(world: CounterWorld, mail: MailStore) -> AsyncIterator[str]:
    """Serve a kiosk whose door is closed."""
    counter = world.counter(mail)
    async with served(counter) as found:
        world.kiosk = counter
        yield found
    await counter.stop()


def kiosk_of(world: CounterWorld) -> Counter:
    """Return the counter behind the served kiosk."""
    assert world.kiosk is not None
    return world.kiosk


async def sign_in(page: Page, address: str, *, touch: bool = False) -> None:
    """Give staff, PIN by the digit keys, and choose the stop."""
    await page.goto(address)
    await page.select_option("#staff_id", STAFF)
    for digit in PIN:
        await press(page.get_by_role("button", name=digit, exact=True), touch=touch)
    await press(page.get_by_role("button", name="訪問をはじめる"), touch=touch)
    async with page.expect_navigation():
        await press(page.locator(".choice").first, touch=touch)


async def press(one: Locator, *, touch: bool) -> None:
    """Press with a finger, or with the mouse."""
    await (one.tap() if touch else one.click())


async def test_a_whole_stop_by_touch(world: CounterWorld, address: str) -> None:
    """From the door to the receipts by pressing only: no letter is typed."""
    async with chromium(touch=True) as page:
        await sign_in(page, address, touch=True)
        await page.locator("button[name=count][value='2']").tap()
        world.scanner.stack = stack(1, 2)
        await page.get_by_role("button", name="読み取りをはじめる").tap()
        await page.get_by_role("button", name="不備のない 2 件をまとめて確認する").tap()
        await page.get_by_role("link", name="受付内容の確認へ進む").first.tap()
        await page.get_by_role("button", name="受け付ける", exact=True).tap()
        await expect(page.locator("h1")).to_contain_text("2 件を受け付けました")
        await expect(page.locator(".panel-state")).to_contain_text("車上受付済・市役所未達")
        await expect(page.locator(".receipt-code svg")).to_have_count(2)


async def test_a_reload_in_the_middle_of_feeding_loses_nothing(
    world: CounterWorld, address: str
) -> None:
    """A browser that dies while the stack is pulled finds the same place again."""
    async with chromium() as page:
        await sign_in(page, address)
        await page.locator("button[name=count][value='1']").click()
        world.scanner.stack = stack(1)
        world.scanner.gate = asyncio.Event()
        await page.get_by_role("button", name="読み取りをはじめる").click()
        await world.scanner.waiting.wait()
        await page.reload()
        await page.goto(address)
        await expect(page.locator("main")).to_contain_text("用紙を取り込んでいます")
        world.scanner.gate.set()
        await page.wait_for_url("**/batch")
        await expect(page.locator("a.task-link")).to_have_count(1)


async def test_the_link_goes_in_the_middle_and_the_counter_works(
    world: CounterWorld, mail: MailStore, address: str
) -> None:
    """The state line changes its words; the hand-in counts all the same."""
    mail.set_link(LinkState("good", NOON, NOON, 0, ""))
    async with chromium() as page:
        await sign_in(page, address)
        await expect(page.locator("#state")).to_contain_text("市役所とつながっています")
        mail.set_link(LinkState("gone", NOON, NOON, 0, ""))
        await expect(page.locator("#state")).to_contain_text("通信なし")
        await page.locator("button[name=count][value='1']").click()
        world.scanner.stack = stack(1)
        await page.get_by_role("button", name="読み取りをはじめる").click()
        await page.get_by_role("button", name="不備のない 1 件をまとめて確認する").click()
        await page.goto(address + "/batch/check")
        await expect(page.locator("main")).to_contain_text("いまは通信がありません")
        await page.get_by_role("button", name="受け付ける", exact=True).click()
        await expect(page.locator("h1")).to_contain_text("1 件を受け付けました")


async def test_the_language_is_one_press_away(address: str) -> None:
    """English and back, on the same page."""
    async with chromium() as page:
        await sign_in(page, address)
        await page.get_by_role("link", name="English").click()
        await expect(page.locator("h1")).to_have_text("How many applications are there?")
        await page.get_by_role("link", name="日本語").click()
        await expect(page.locator("h1")).to_have_text("申請は何件ありますか")


async def test_a_refusal_takes_the_focus(address: str) -> None:
    """Whoever cannot see the page hears the reason first."""
    async with chromium() as page:
        await page.goto(address)
        await page.select_option("#staff_id", STAFF)
        await page.fill("#pin", "000000")
        await page.keyboard.press("Enter")
        await expect(page.locator("#error-summary")).to_be_focused()


async def test_the_stop_works_without_any_script(world: CounterWorld, address: str) -> None:
    """A browser whose script failed still serves the person."""
    async with chromium(script=False) as page:
        await page.goto(address)
        await page.select_option("#staff_id", STAFF)
        await page.fill("#pin", PIN)
        await page.get_by_role("button", name="訪問をはじめる").click()
        await page.locator(".choice").first.click()
        await page.locator("button[name=count][value='1']").click()
        world.scanner.stack = stack(1)
        await page.get_by_role("button", name="読み取りをはじめる").click()
        await settled(kiosk_of(world))
        await page.goto(address)
        await page.get_by_role("button", name="不備のない 1 件をまとめて確認する").click()
        await page.get_by_role("link", name="受付内容の確認へ進む").first.click()
        await page.get_by_role("button", name="受け付ける", exact=True).click()
        await expect(page.locator("h1")).to_contain_text("1 件を受け付けました")
