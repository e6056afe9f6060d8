"""The main way as two people walk it: staff at the kiosk, a caseworker at city hall, each in a real browser."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from provisioning.demo.world import STAFF
from tests.support.one_stop import OneStop, draw_stack, one_stop
from tests.support.two_browsers import PATIENCE_MS, TwoBrowsers, two_browsers

pytestmark = [pytest.mark.journey, pytest.mark.browser]

READ_MS = 150_000
ON_THE_BUS = "車上受付済・市役所未達"
ARRIVED = "市役所に到着"
SENTENCE = "主治医の氏名と医療機関名を確認して、次回の訪問時にお知らせください。"


async def test_the_main_way(tmp_path: Path) -> None:
    """From a stack of paper to an accepted case and a correction on the next visit; axe finds nothing on the way."""
    papers = draw_stack(tmp_path / "papers")
    async with (
        one_stop(tmp_path / "world", papers) as stop,
        two_browsers(stop.addresses.desk, stop.addresses.office) as both,
    ):
        await stop.pack_on_board()
        await open_the_counter(stop, both, "01")
        await feed_the_stack(stop, both)
        await look_at_the_applications(both)
        await hand_in(both)
        await sign_in_at_the_office(stop, both)
        await watch_them_arrive(stop, both)
        numbers = await decide(both)
        await see_it_arrived_at_the_desk(both)
        await find_the_correction_at_the_next_visit(stop, both, numbers[1])
        assert both.problems == []


async def open_the_counter(stop: OneStop, both: TwoBrowsers, name: str) -> None:
    """Staff give their PIN on the pad and press today's stop."""
    desk = both.desk
    await desk.goto("/")
    await both.look(desk, f"desk-door-{name}")
    for digit in STAFF.pin:
        await desk.get_by_role("group", name="数字キー").get_by_text(digit, exact=True).click()
    await desk.get_by_role("button", name="訪問をはじめる").click()
    await expect(desk.locator(".choice")).to_have_count(len(stop.visits.packs))
    await both.look(desk, f"desk-stops-{name}")


async def feed_the_stack(stop: OneStop, both: TwoBrowsers) -> None:
    """Two applications declared, the stack laid in; a reload and the end of the link do no harm."""
    desk = both.desk
    async with desk.expect_navigation():
        await desk.locator(".choice").first.click()
    await both.look(desk, "desk-declare")
    async with desk.expect_navigation():
        await desk.locator("button.number-key[value='2']").click()
    await both.look(desk, "desk-feed")
    await stop.lay(*stop.stack.sheets)
    await desk.get_by_role("button", name="読み取りをはじめる").click()
    await expect(desk.locator(".strip .thumb").first).to_be_visible()
    await desk.reload()
    await expect(desk.locator(".strip .thumb").first).to_be_visible()
    stop.world.switch_link("gone")
    await both.look(desk, "desk-feeding")
    await desk.wait_for_url("**/batch", timeout=READ_MS)
    await expect(desk.locator(".state-gone")).to_be_visible(timeout=PATIENCE_MS)
    await both.look(desk, "desk-tasks")


async def look_at_the_applications(both: TwoBrowsers) -> None:
    """Each application is opened and confirmed by a person."""
    desk = both.desk
    tasks = desk.locator(".task-link")
    await expect(tasks).to_have_count(2)
    for index in range(2):
        await desk.goto("/batch")
        async with desk.expect_navigation():
            await tasks.nth(index).click()
        await both.look(desk, f"desk-application-{index + 1}", whole=False)
        await desk.locator(".actions.sticky .button-main").click()
        await desk.wait_for_url(lambda url: not url.endswith("/confirm"))
    await desk.goto("/batch")
    await expect(desk.locator(".task-confirmed")).to_have_count(2)
    await both.look(desk, "desk-tasks-confirmed")


async def hand_in(both: TwoBrowsers) -> None:
    """The receipt says in words that the bus has it and city hall does not yet."""
    desk = both.desk
    async with desk.expect_navigation():
        await desk.get_by_role("link", name="受付内容の確認へ進む").first.click()
    await both.look(desk, "desk-check")
    await desk.get_by_role("button", name="受け付ける").click()
    await expect(desk.locator(".receipt")).to_have_count(2)
    await expect(desk.locator(".receipt-code svg")).to_have_count(2)
    await expect(desk.locator(".panel-state")).to_contain_text(ON_THE_BUS)
    await both.look(desk, "desk-receipts-on-the-bus")
    await desk.goto("/receipts?lang=en")
    await expect(desk.locator(".panel-state")).to_contain_text("On the bus, not yet at city hall")
    await both.look(desk, "desk-receipts-english")
    await desk.goto("/receipts?lang=ja")


async def sign_in_at_the_office(stop: OneStop, both: TwoBrowsers) -> None:
    """Name, password and one-time code; nothing has arrived."""
    office, worker = both.office, stop.worker
    await office.goto("/")
    await both.look(office, "office-sign-in")
    await office.fill("#name", worker.name)
    await office.fill("#password", worker.password)
    await office.fill("#code", worker.code())
    await office.click("button.button-main")
    await expect(office.locator("#live")).to_have_class("live live-is-on")
    await expect(office.locator("#rows tr")).to_have_count(0)
    await both.look(office, "office-inbox-empty")


async def watch_them_arrive(stop: OneStop, both: TwoBrowsers) -> None:
    """The link comes back and the rows appear by themselves."""
    office = both.office
    before = await office.evaluate("performance.timeOrigin")
    stop.world.switch_link("good")
    await expect(office.locator("#rows tr")).to_have_count(2)
    await expect(office.locator("#rows .marks")).to_have_count(2)
    await expect(office.locator("#rows .coming")).to_have_count(0)
    assert await office.evaluate("performance.timeOrigin") == before
    await both.look(office, "office-inbox")
    await office.goto("/inbox?lang=en")
    await expect(office.locator("#rows tr")).to_have_count(2)
    await both.look(office, "office-inbox-english")
    await office.goto("/inbox?lang=ja")


async def decide(both: TwoBrowsers) -> list[str]:
    """Document beside fields; the first case is accepted, of the second a correction is asked."""
    office = both.office
    await office.locator(".case-link").first.click()
    numbers = [await see_document_beside_fields(office)]
    await both.look(office, "office-case", whole=False)
    await office.click("#accept")
    await office.wait_for_url("**done=accepted")
    await both.look(office, "office-accepted", whole=False)
    await office.goto("/inbox")
    await office.locator(".case-link").first.click()
    numbers.append(await see_document_beside_fields(office))
    await office.click("#correction > summary")
    await office.select_option("#reason", "physician_blank")
    await office.fill("#sentence", SENTENCE)
    await both.look(office, "office-correction", whole=False)
    await office.locator(".correction-form button").click()
    await office.wait_for_url("**done=correction")
    await both.look(office, "office-correction-asked", whole=False)
    assert numbers[0] != numbers[1]
    return numbers


async def see_document_beside_fields(office: Page) -> str:
    """The first sheet's picture stands left of the entries; returns the filing number."""
    await office.wait_for_load_state("load")
    paper = office.locator(".sheet img").first
    await expect(paper).to_have_js_property("complete", value=True)
    sheet, facts = await paper.bounding_box(), await office.locator(".answers").bounding_box()
    assert sheet is not None
    assert facts is not None
    assert sheet["width"] > 300
    assert sheet["x"] + sheet["width"] <= facts["x"]
    return await office.locator(".h1-sub").inner_text()


async def see_it_arrived_at_the_desk(both: TwoBrowsers) -> None:
    """The receipts say by themselves that city hall confirmed."""
    desk = both.desk
    await expect(desk.locator(".panel-state")).to_contain_text(ARRIVED)
    await both.look(desk, "desk-receipts-arrived")


async def find_the_correction_at_the_next_visit(
    stop: OneStop, both: TwoBrowsers, number: str
) -> None:
    """The visit is closed; at the next one city hall's request is on the screen."""
    desk = both.desk
    async with desk.expect_navigation():
        await desk.get_by_role("link", name="訪問を終える").first.click()
    await both.look(desk, "desk-close")
    await desk.get_by_role("button", name="訪問を終える").click()
    await expect(desk.get_by_text("訪問を終えました")).to_be_visible()
    await open_the_counter(stop, both, "02")
    await desk.locator(".choice").last.click()
    await expect(desk.get_by_role("status")).to_contain_text("市役所からのお願いが 1 件あります")
    await both.look(desk, "desk-declare-asked")
    await desk.get_by_role("link", name="補正のお願い").last.click()
    await expect(desk.locator(".returned .card")).to_contain_text(number)
    await expect(desk.locator(".returned .quote")).to_have_text(SENTENCE)
    await both.look(desk, "desk-returned")
