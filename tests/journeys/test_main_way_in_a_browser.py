"""The main way as two people walk it: staff at the kiosk, a caseworker at city hall, each in a real browser."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from provisioning.demo.screens import until
from provisioning.demo.world import STAFF
from tests.support.chromium import PATIENCE_MS
from tests.support.one_stop import ARRIVE_S, OneStop, draw_stack, one_stop
from tests.support.two_browsers import TwoBrowsers, two_browsers

pytestmark = [pytest.mark.journey, pytest.mark.browser]

READ_MS = 150_000
ON_THE_BUS = "車上受付済・市役所未達"
ARRIVED = "市役所に到着"
QUESTION = "裏面の同意欄は、ご家族の代筆でもよいですか。"
ANSWER = "代筆で差し支えありません。"
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
        await ask_the_division(both)
        await sign_in_at_the_office(stop, both)
        await watch_them_arrive(stop, both)
        await answer_the_question(both)
        numbers = await decide(both)
        await see_it_arrived_at_the_desk(both)
        await read_the_answer(both)
        await answer_the_survey(both)
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


async def ask_the_division(both: TwoBrowsers) -> None:
    """Without any link a question about the first person is sealed and kept."""
    desk = both.desk
    await desk.get_by_role("link", name="担当課へ質問").click()
    await desk.select_option("#about", index=1)
    await desk.fill("#text", QUESTION)
    await desk.get_by_role("button", name="質問を預ける").click()
    await expect(desk.locator(".thread-head")).to_contain_text("お預かり済み")
    await both.look(desk, "desk-question")
    await desk.goto("/receipts")


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


async def answer_the_question(both: TwoBrowsers) -> None:
    """The inbox says that one waits; its page names the case, the answer goes back sealed."""
    office = both.office
    await office.get_by_role("link", name="車からの質問が 1 件").click()
    await both.look(office, "office-questions")
    await office.locator(".audit-table td a").last.click()
    await expect(office.locator(".thread-text")).to_have_text(QUESTION)
    await expect(office.locator(".facts a")).to_have_count(1)
    await office.fill("#text", ANSWER)
    await office.get_by_role("button", name="封をして車へ送る").click()
    await expect(office.get_by_role("status")).to_contain_text("回答を封をして")
    await both.look(office, "office-question-answered")
    await office.goto("/inbox")


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


async def read_the_answer(both: TwoBrowsers) -> None:
    """The state line says that it came; it stands with its question."""
    desk = both.desk
    await desk.locator("#state").get_by_role("link", name="担当課から回答 1 件").click()
    await expect(desk.locator(".answer")).to_contain_text(ANSWER)
    await both.look(desk, "desk-answer")
    await desk.goto("/receipts")


async def answer_the_survey(both: TwoBrowsers) -> None:
    """Two presses and a third; then the totals, which agree."""
    desk = both.desk
    await desk.get_by_role("link", name="訪問を終える").first.click()
    await both.look(desk, "desk-survey")
    for item in ("B05", "B04"):
        await desk.locator(f"input[name={item}][value='5']").check()
    async with desk.expect_navigation():
        await desk.get_by_role("button", name="答えを送る").click()
    await expect(desk.locator(".reconciled")).to_contain_text("一致")


async def find_the_correction_at_the_next_visit(
    stop: OneStop, both: TwoBrowsers, number: str
) -> None:
    """The visit is closed; at the next one city hall's request is on the screen."""
    desk = both.desk
    await both.look(desk, "desk-close")
    await desk.get_by_role("button", name="訪問を終える").click()
    await expect(desk.get_by_text("訪問を終えました")).to_be_visible()
    await open_the_counter(stop, both, "02")
    async with desk.expect_navigation():
        await desk.locator(".choice").last.click()

    async def asked() -> bool:
        await desk.reload()
        return await desk.get_by_text("市役所からのお願いが 1 件あります").count() > 0

    await until("city hall's request is on the bus", asked, ARRIVE_S)
    await both.look(desk, "desk-declare-asked")
    await desk.get_by_role("link", name="補正のお願い").last.click()
    await expect(desk.locator(".returned .card").first).to_contain_text(number)
    await expect(desk.locator(".returned .quote").first).to_have_text(SENTENCE)
    await both.look(desk, "desk-returned")
