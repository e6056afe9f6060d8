"""The kiosk in a real browser: one stop by touch, readable by all, nothing lost by a reload."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, Page, expect

from appliance.desk.counter import Counter
from appliance.mail.models import LinkState
from appliance.mail.store import MailStore
from tests.support.counterworld import NOON, PIN, STAFF, CounterWorld, settled
from tests.support.desk_browser import chromium, served, violations
from tests.support.madeup_papers import card, front, paper, stack

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


async def sign_in(page: Page, address: str) -> None:
    """Give staff, PIN by the digit keys, and choose the stop."""
    await page.goto(address)
    await page.select_option("#staff_id", STAFF)
    for digit in PIN:
        await page.get_by_role("button", name=digit, exact=True).click()
    await page.get_by_role("button", name="訪問をはじめる").click()
    async with page.expect_navigation():
        await page.locator(".choice").first.click()


async def test_a_whole_stop_by_touch(world: CounterWorld, address: str) -> None:
    """From the door to the receipts by pressing only: no letter is typed."""
    async with chromium() as page:
        await sign_in(page, address)
        await page.locator("button[name=count][value='2']").click()
        world.scanner.stack = stack(1, 2)
        await page.get_by_role("button", name="読み取りをはじめる").click()
        await page.get_by_role("button", name="不備のない 2 件をまとめて確認する").click()
        await page.get_by_role("link", name="受付内容の確認へ進む").first.click()
        await page.get_by_role("button", name="受け付ける", exact=True).click()
        await expect(page.locator("h1")).to_contain_text("2 件を受け付けました")
        await expect(page.locator(".panel-state")).to_contain_text("車上受付済・市役所未達")
        await expect(page.locator(".receipt-code svg")).to_have_count(2)


async def test_every_page_is_readable_by_all(
    world: CounterWorld, mail: MailStore, address: str
) -> None:
    """Axe finds nothing against WCAG 2.2 AA on any page of a stop, in either language."""
    world.post(mail, "correction", world.request(5))
    found: dict[str, list[str]] = {}
    async with chromium() as page:

        async def look(name: str) -> None:
            found[name] = await violations(page)

        async def press(one: Locator) -> None:
            async with page.expect_navigation():
                await one.click()

        await page.goto(address)
        await look("door")
        await page.fill("#pin", "000000")
        await page.select_option("#staff_id", STAFF)
        await press(page.get_by_role("button", name="訪問をはじめる"))
        await look("door refused")
        await sign_in(page, address)
        await look("declare")
        await page.goto(address + "/visit/stop")
        await look("stops")
        await page.goto(address + "/batch/declare")
        await press(page.locator("button[name=count][value='3']"))
        await look("feed")
        world.scanner.jam_after = 6
        doubtful = paper(
            "insurance_card", fields=[("insured_no", "0012345603", 0.9), ("name", "工藤　ハ", 0.7)]
        )
        soft = paper("other", notes=["blurred"])
        world.scanner.stack = [*stack(1, 2, 3)[:8], doubtful, soft, b"broken", card(9)]
        await page.get_by_role("button", name="読み取りをはじめる").click()
        await page.get_by_role("button", name="続きを読み取る").wait_for()
        await look("jam")
        await page.get_by_role("button", name="続きを読み取る").click()
        await page.wait_for_url("**/batch")
        await look("tasks")
        await press(page.get_by_role("button", name="入れ直す").first)
        await look("another picture")
        await press(page.get_by_role("button", name="入れ直さずに戻る"))
        for number in (2, 3):
            await press(page.locator("a.task-link").nth(number))
            await look(f"person {number}")
            await page.goto(page.url + "?edit=1")
            await look(f"person {number} edited")
            await page.goto(address + "/batch")
        await page.goto(address + "/batch/check")
        await look("check")
        await press(page.get_by_role("button", name="受け付ける", exact=True))
        await look("receipts")
        for path in ("/returned", "/visit/close", "/receipts?lang=en", "/nowhere"):
            await page.goto(address + path)
            await look(path)
    assert {name: each for name, each in found.items() if each} == {}


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


async def test_every_target_is_large_enough(world: CounterWorld, address: str) -> None:
    """Buttons and fields are at least 48 px high: fingers, gloves, a moving bus."""
    async with chromium() as page:
        await sign_in(page, address)
        await page.locator("button[name=count][value='1']").click()
        world.scanner.stack = [front(1), paper("other")]
        await page.get_by_role("button", name="読み取りをはじめる").click()
        await page.wait_for_url("**/batch")
        for path in ("/batch", "/batch/declare", "/batch/check", "/visit/close"):
            await page.goto(address + path)
            for target in await page.locator(
                "button:visible, select:visible, summary:visible"
            ).all():
                box = await target.bounding_box()
                assert box is not None
                assert box["height"] >= 48, (path, await target.inner_text())
