import asyncio
import re
from dataclasses import replace

import pytest
from playwright.async_api import Page as Screen
from playwright.async_api import expect

from cityhall.office.roles import Role
from tests.support.bus_notes import measures, question, send, sheet
from tests.support.caseworker_screen import (
    axe_problems,
    caseworker_screen,
    drawn_page,
    drawn_preview,
)
from tests.support.makers import make_id, make_record
from tests.support.office_world import CASEWORKER, OfficeWorld, Page, a_defect, make_answers

pytestmark = pytest.mark.browser

SHEETS = (
    Page("form_front", drawn_page("front"), drawn_preview("front")),
    Page("form_back", drawn_page("back"), drawn_preview("back")),
)
A_SECOND_MS = 1000


def cases(world: OfficeWorld) -> str:
    """Put three cases into the inbox: one with defects and a page on the road, two clean; return the first."""
    world.hand_in(
        0,
        answers={"prev_valid_to": "2026-11-30"},
        pages=SHEETS,
        here=[0, 1, 2],
        defects=[a_defect(), a_defect("insured_no", "warn")],
        confidence=0.5,
    )
    world.hand_in(1, answers={"insurer_no": "032037"}, pages=SHEETS)
    world.hand_in(2, pages=SHEETS)
    world.arrivals.take_all()
    return make_id(0).hex()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    "path", ["/inbox", "/inbox?view=accepted", "/cases/{case}", "/audit", "/cases/" + "0" * 32]
)
async def test_axe_finds_nothing_on_any_page(world: OfficeWorld, path: str, language: str) -> None:
    """WCAG 2.2 AA and best practice: no violation, in both languages."""
    case = cases(world)
    async with caseworker_screen(world) as screen:
        await screen.goto(f"/inbox?lang={language}")
        await screen.goto(path.format(case=case))
        await screen.wait_for_load_state("load")
        assert await axe_problems(screen) == []


async def test_axe_finds_nothing_on_sign_in_and_its_refusal(world: OfficeWorld) -> None:
    """Before anybody is signed in the same holds."""
    async with caseworker_screen(world, role=None) as screen:
        assert await axe_problems(screen) == []
        await screen.fill("#name", "sato")
        await screen.fill("#password", "x")
        await screen.fill("#code", "000000")
        await screen.click("button.button-main")
        await expect(screen.get_by_role("alert")).to_be_visible()
        assert await axe_problems(screen) == []


async def test_axe_finds_nothing_on_the_open_correction_form(world: OfficeWorld) -> None:
    """The form inside the review, with the key help open after it."""
    case = cases(world)
    async with caseworker_screen(world) as screen:
        await screen.goto(f"/cases/{case}")
        await screen.click("#correction > summary")
        assert await axe_problems(screen) == []
        await screen.click("#keys-open")
        assert await axe_problems(screen) == []


async def test_a_new_application_appears_by_itself_within_a_second(world: OfficeWorld) -> None:
    """From the shelf to the row on the screen, without a touch."""
    async with caseworker_screen(world) as screen:
        watching = asyncio.create_task(world.arrivals.watch())
        await expect(screen.locator("#live")).to_have_class("live live-is-on")
        world.hand_in(0, pages=SHEETS, here=[])
        row = screen.locator(f"#row-{make_id(0).hex()}")
        await expect(row).to_be_visible(timeout=A_SECOND_MS)
        await expect(row).to_have_class("fresh")
        await expect(screen.locator("#live")).to_contain_text("新しい申請が届きました")
        watching.cancel()


async def test_a_page_appears_by_itself_when_it_has_arrived(world: OfficeWorld) -> None:
    """The preview stands until the full page is here, then the page takes its place."""
    envelope = world.hand_in(0, pages=SHEETS, here=[0, 1, 2])
    world.arrivals.take_all()
    async with caseworker_screen(world) as screen:
        await screen.goto(f"/cases/{make_id(0).hex()}")
        sheet = screen.locator("#sheet-1")
        await expect(sheet.locator("img")).to_have_attribute(
            "src", "/cases/" + make_id(0).hex() + "/previews/1"
        )
        await expect(sheet.locator(".coming-note")).to_be_visible()
        world.bring(envelope, 3)
        world.arrivals.take_all()
        world.board.changed()
        await sheet.scroll_into_view_if_needed()
        await expect(sheet.locator(".coming-note")).to_be_hidden()
        await expect(sheet.locator("img")).to_have_attribute("src", _ends("/pages/1"))


def _ends(path: str) -> "re.Pattern[str]":
    return re.compile(re.escape(path) + "$")


async def test_pulling_a_page_is_one_click(world: OfficeWorld) -> None:
    """The wish stands on the shelf and the page says what happens next."""
    case = cases(world)
    async with caseworker_screen(world) as screen:
        await screen.goto(f"/cases/{case}")
        await screen.locator("#sheet-1 .coming-note button").click()
        await expect(screen.locator("#sheet-1 .coming-word")).to_contain_text(
            "取り寄せを依頼しました"
        )
    assert world.mail.pulls("bus-07") == [(make_id(0), 3)]


async def test_the_whole_inbox_by_keyboard(world: OfficeWorld) -> None:
    """J chooses, Enter opens, a registers and opens the next one."""
    case = cases(world)
    async with caseworker_screen(world) as screen:
        await expect(screen.locator("#live")).to_have_class("live live-is-on")
        await screen.keyboard.press("j")
        await screen.keyboard.press("Enter")
        await screen.wait_for_url(f"**/cases/{case}")
        await _awake(screen)
        await screen.keyboard.press("a")
        await screen.wait_for_url("**?done=accepted")
    assert world.casework.entry(case).case.state == "accepted"


async def test_a_key_typed_too_early_decides_nothing(world: OfficeWorld) -> None:
    """A second press that was meant for the page before is not taken."""
    case = cases(world)
    async with caseworker_screen(world) as screen:
        await screen.goto(f"/cases/{case}", wait_until="commit")
        await screen.keyboard.press("a")
        await screen.wait_for_load_state("load")
        await _awake(screen)
    assert world.casework.entry(case).case.state == "handed_in"


async def test_keys_can_be_switched_off(world: OfficeWorld) -> None:
    """With the switch off a letter does nothing, also after a reload."""
    case = cases(world)
    async with caseworker_screen(world) as screen:
        await screen.keyboard.press("?")
        await screen.uncheck("#keys-switch")
        await screen.goto(f"/cases/{case}")
        await screen.reload()
        await _awake(screen)
        await screen.keyboard.press("r")
        await expect(screen.locator("#sentence")).to_be_hidden()


async def test_a_correction_by_keyboard_takes_the_sentence_of_its_reason(
    world: OfficeWorld,
) -> None:
    """R opens the form at its first field; the sentence follows the reason until somebody writes."""
    case = cases(world)
    async with caseworker_screen(world) as screen:
        await screen.goto(f"/cases/{case}")
        await _awake(screen)
        await screen.keyboard.press("r")
        await expect(screen.locator("#reason")).to_be_focused()
        await screen.select_option("#reason", "physician_blank")
        await expect(screen.locator("#sentence")).to_have_value(re.compile("主治医"))
        await screen.check('input[name="fields"][value="physician.name"]')
        await screen.locator(".correction-form button").click()
        await screen.wait_for_url("**?done=correction")
    assert world.inbox.decisions(case)[0].reason == "physician_blank"


async def test_a_newer_version_is_announced_on_the_open_page(world: OfficeWorld) -> None:
    """Who looks at version 1 hears that version 2 is here."""
    case = cases(world)
    async with caseworker_screen(world) as screen:
        await screen.goto(f"/cases/{case}")
        later = replace(make_record(9, answers=make_answers(9)), completes_case=make_id(0))
        world.hand_in(9, record=later, pages=SHEETS[:1])
        world.arrivals.take_all()
        world.board.changed()
        await expect(screen.locator("#newer")).to_be_visible()


async def test_a_reload_shows_the_same_case(world: OfficeWorld) -> None:
    """Nothing lives in the browser only."""
    case = cases(world)
    async with caseworker_screen(world) as screen:
        await screen.goto(f"/cases/{case}")
        before = await screen.locator("h1").inner_text()
        await screen.reload()
        assert await screen.locator("h1").inner_text() == before
        assert await screen.locator(".sheet").count() == 2


async def test_everything_works_without_scripts(world: OfficeWorld) -> None:
    """Sign in, open, register: plain links and forms."""
    case = cases(world)
    async with caseworker_screen(world) as screen:
        await screen.route("**/office/*.js", lambda route: route.abort())
        await screen.goto("/inbox")
        await screen.click(f"#row-{case} .case-link")
        await screen.click("#accept")
        await screen.wait_for_url("**?done=accepted")
    assert world.casework.entry(case).case.state == "accepted"


async def test_an_auditor_lands_on_the_audit(world: OfficeWorld) -> None:
    """A role that sees no case starts where its work is."""
    async with caseworker_screen(world, Role.AUDITOR) as screen:
        await expect(screen.locator("h1")).to_have_text("操作記録")


async def _awake(screen: Screen) -> None:
    """Wait until the review's keys are taken."""
    await expect(screen.locator("body[data-keys='ready']")).to_be_attached()


async def test_axe_finds_nothing_on_questions_and_evaluation(world: OfficeWorld) -> None:
    """The list, a question with its answer, one that waits, the case they are about, the counts."""
    case = cases(world)
    send(world, question(case_id=make_id(0)), question(51), measures(), sheet())
    world.enquiries.answer(make_id(50).hex(), CASEWORKER, "差し支えありません。")
    paths = (
        "/inbox",
        "/questions",
        f"/questions/{make_id(50).hex()}",
        f"/questions/{make_id(51).hex()}",
        f"/cases/{case}",
        "/evaluation",
    )
    found = {}
    async with caseworker_screen(world) as screen:
        for language in ("ja", "en"):
            await screen.goto(f"/inbox?lang={language}")
            for path in paths:
                await screen.goto(path)
                found[language, path] = await axe_problems(screen)
    assert {path: each for path, each in found.items() if each} == {}
