"""What is typed and not sent: kept sealed, given back, and never an answer by itself."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from appliance.desk.attempts import Attempts, keep_attempts
from appliance.desk.drafts import Drafts, DraftsFull
from appliance.desk.unsent import PAGES_MAX, TEXT_MAX, UNSENT_NAME, Unsent, read_unsent
from appliance.mail.store import MailStore
from sync.drawer import Drawer
from tests.appliance.desk.test_desk_process import settings
from tests.support.counterworld import PIN, CounterWorld, settled
from tests.support.desk_browser import chromium, served
from tests.support.house_process import running
from tests.support.madeup_papers import stack

FIELD = "#f-address"


def drafts_in(folder: Path) -> Drafts:
    """Return a visit's drafts."""
    return Drafts(folder, Drawer(bytes(32)))


def test_what_is_kept_lies_sealed_and_comes_back(tmp_path: Path) -> None:
    """After a cut it is there again; on the disk nobody reads it."""
    asyncio.run(read_unsent(drafts_in(tmp_path)).keep("a", {"name": "工藤 春"}))
    again = read_unsent(drafts_in(tmp_path))
    assert again.of("a") == {"name": "工藤 春"}
    assert again.of("b") == {}
    raw = (tmp_path / f"{UNSENT_NAME}.sealed").read_bytes()
    assert "工藤".encode() not in raw


async def test_no_values_forget_the_page(tmp_path: Path) -> None:
    """What was sent is not offered again; forgetting nothing writes nothing."""
    unsent = read_unsent(drafts_in(tmp_path))
    await unsent.keep("a", {})
    assert drafts_in(tmp_path).names() == []
    await unsent.keep("a", {"name": "x"})
    await unsent.keep("a", {})
    assert read_unsent(drafts_in(tmp_path)).of("a") == {}


async def test_what_is_kept_has_its_limits(tmp_path: Path) -> None:
    """Long texts are cut, and the page typed into longest ago gives way."""
    unsent = read_unsent(drafts_in(tmp_path))
    for number in range(PAGES_MAX + 1):
        await unsent.keep(f"{number}", {"name": "x" * (TEXT_MAX + 1)})
    assert unsent.of("0") == {}
    assert unsent.of("1") == {"name": "x" * TEXT_MAX}


async def test_a_torn_file_costs_the_unsent_text_alone(tmp_path: Path) -> None:
    """The visit opens all the same."""
    await read_unsent(drafts_in(tmp_path)).keep("a", {"name": "x"})
    (tmp_path / f"{UNSENT_NAME}.sealed").write_bytes(b"torn")
    assert read_unsent(drafts_in(tmp_path)).of("a") == {}


def test_a_full_disk_keeps_what_was_kept(tmp_path: Path) -> None:
    """The page hears that it was not taken and tries again."""
    unsent = Unsent(drafts_in(tmp_path), {"a": {"name": "before"}})
    (tmp_path / f"{UNSENT_NAME}.sealed.part").mkdir()
    with pytest.raises(DraftsFull):
        asyncio.run(unsent.keep("a", {"name": "after"}))
    assert unsent.of("a") == {"name": "before"}


async def typed_into(page: Page, field: Locator, text: str) -> None:
    """Type at the end of a field, and wait until the counter says that it is kept."""
    await field.focus()
    await page.keyboard.press("End")
    async with page.expect_response(lambda answer: answer.url.endswith("/unsent")) as kept:
        await page.keyboard.type(text)
    assert (await kept.value).status == 204


async def go_in(page: Page, address: str) -> None:
    """Unlock with the PIN."""
    await page.goto(address)
    await page.fill("#pin", PIN)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_a_reload_gives_the_unsent_text_back(world: CounterWorld, mail: MailStore) -> None:
    """It stands in its field again, is said to be unsent, and is gone as unsent once it is saved."""
    counter = await world.opened(mail)
    await counter.on_tray().declare(1, "")
    world.scanner.stack = stack(1)
    await counter.on_tray().feed()
    await settled(counter)
    item = counter.opened().current().applications[0]
    before = item.value("address")
    async with served(counter) as address, chromium() as page:
        await go_in(page, address)
        await page.goto(f"{address}/applications/{item.app_id}?edit=1")
        await typed_into(page, page.locator(FIELD), "　３号室")
        await page.goto(f"{address}/applications/{item.app_id}")
        await expect(page.locator(FIELD)).to_have_value(f"{before}　３号室")
        await expect(page.locator("main")).to_contain_text("途中まで入力した内容を戻しました")
        assert counter.opened().current().applications[0].value("address") == before
        async with page.expect_navigation():
            await page.get_by_role("button", name="直した内容を保存して調べ直す").click()
        assert counter.opened().unsent.of(item.app_id) == {}
        assert counter.opened().current().applications[0].value("address") != before
    await counter.stop()


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_a_kill_in_the_middle_of_typing_loses_no_draft(
    world: CounterWorld, mail: MailStore
) -> None:
    """A real desk process is killed while the person types; after the PIN the text is there, and the screen locks."""
    counter = await world.opened(mail)
    await counter.on_tray().declare(1, "")
    world.scanner.stack = stack(1)
    await counter.on_tray().feed()
    await settled(counter)
    item = counter.opened().current().applications[0]
    await counter.stop()
    keep_attempts(world.desk, Attempts(right=datetime.now(UTC)))
    arguments = ["--config", str(settings(world))]
    path = f"/applications/{item.app_id}?edit=1"
    async with chromium() as page:
        async with running("appliance.desk", arguments) as desk:
            await go_in(page, desk.facts["address"])
            await page.goto(desk.facts["address"] + path)
            await typed_into(page, page.locator(FIELD), "　３号室")
            typing = asyncio.create_task(page.keyboard.type("のとなり", delay=200))
            desk.process.kill()
            await desk.process.wait()
            await typing
        async with running("appliance.desk", arguments) as desk:
            await go_in(page, desk.facts["address"])
            await page.goto(desk.facts["address"] + path)
            found = await page.locator(FIELD).input_value()
            assert found.startswith(f"{item.value('address')}　３号室")
            await page.get_by_role("button", name="画面をロック").click()
            await expect(page.locator("h1")).to_contain_text("画面はロックされています")
