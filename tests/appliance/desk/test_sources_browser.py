"""Sources that differ and the provider's list in a real browser: readable by all, done by pressing, nothing lost."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, Page, expect

from appliance.desk.counter import Counter
from appliance.mail.store import MailStore
from tests.appliance.desk.test_browser import kiosk_of, sign_in
from tests.appliance.desk.test_list_pages import LIST, front
from tests.support.counterworld import CounterWorld, settled
from tests.support.desk_browser import chromium, served, violations
from tests.support.madeup_papers import paper, stack

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

FILE = {"name": "riyousha.csv", "mimeType": "text/csv", "buffer": LIST}


@pytest.fixture
async def address(world: CounterWorld, mail: MailStore) -> AsyncIterator[str]:
    """Serve a kiosk whose door is closed."""
    counter = world.counter(mail)
    async with served(counter) as found:
        world.kiosk = counter
        yield found
    await counter.stop()


async def press(page: Page, one: Locator) -> None:
    """Press, and wait for the page it leads to."""
    async with page.expect_navigation():
        await one.click()


async def fed(page: Page, world: CounterWorld, counter: Counter) -> None:
    """Declare two and feed: one whose card contradicts the register, one whom only the list knows."""
    card = paper(
        "insurance_card",
        fields=[("insured_no", "0012345601", 0.99), ("birth_date", "1938-12-25", 0.95)],
    )
    await press(page, page.locator("button[name=count][value='2']"))
    world.scanner.stack = [*stack(1)[:2], card, front("0012345699", ("name", "渡辺　トン", 0.9))]
    await page.get_by_role("button", name="読み取りをはじめる").click()
    await page.wait_for_url("**/batch")
    await settled(counter)


async def test_a_list_is_brought_and_a_source_chosen_by_pressing(
    world: CounterWorld, address: str
) -> None:
    """No letter is typed, and axe finds nothing on any of these pages, in either language."""
    found: dict[str, list[str]] = {}
    async with chromium() as page:

        async def look(name: str) -> None:
            found[name] = await violations(page)

        async def in_english(name: str) -> None:
            await page.goto(page.url.split("?")[0] + "?lang=en")
            await look(f"{name} en")
            await page.goto(page.url.split("?")[0] + "?lang=ja")

        await sign_in(page, address)
        await press(page, page.get_by_role("link", name="事業所のデータ（CSV）を使う"))
        await page.set_input_files("#file", FILE)  # type: ignore[arg-type]  # the shape Playwright asks for
        await press(page, page.get_by_role("button", name="読み込む"))
        await look("columns")
        await in_english("columns")
        await press(page, page.get_by_role("button", name="この対応で使う"))
        await page.set_input_files("#file", {**FILE, "buffer": b"PK\x03\x04"})  # type: ignore[arg-type]  # the same
        await press(page, page.get_by_role("button", name="読み込む"))
        await expect(page.locator("#error-summary")).to_contain_text("Excel")
        await page.goto(address + "/batch/declare")
        await fed(page, world, kiosk_of(world))
        await press(page, page.locator("a.task-link").first)
        await look("sources that differ")
        await in_english("sources that differ")
        await expect(page.locator(".told li")).to_have_count(2)
        await press(page, page.get_by_role("button", name="この内容にする"))
        item = kiosk_of(world).opened().current().applications[0]
        assert item.value("birth_date") == "1938-12-25"
        await page.goto(address + "/batch")
        await press(page, page.locator("a.task-link").nth(1))
        await look("by the list")
    assert {name: each for name, each in found.items() if each} == {}
