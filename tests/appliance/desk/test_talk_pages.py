"""Questions, the survey and the totals at the end, as a person at the kiosk meets them."""

import re

import pytest

from appliance.desk.counter import Counter
from appliance.mail.models import LinkState
from appliance.mail.store import MailStore
from sync.letters import Answer
from tests.support.counterworld import NOON, PIN, PROVIDER, CounterWorld, settled
from tests.support.desk_browser import chromium, served, violations
from tests.support.desk_client import DeskClient, desk_client
from tests.support.madeup_papers import stack

ASKED = re.compile(r'name="question" value="([0-9a-f]{32})"')


async def handed_in(
    world: CounterWorld, counter: Counter, people: int = 2, declared: int = 2
) -> None:
    """Feed a stack and hand everything in."""
    tray = counter.on_tray()
    await tray.declare(declared, "")
    world.scanner.stack = stack(*range(1, people + 1))
    await tray.feed()
    await settled(counter)
    await tray.confirm_clean()
    await tray.hand_in(counter.stop_here(), protective=True)


async def ask(desk: DeskClient, text: str, about: str = "") -> str:
    """Fill the question's form in and press; return the question's id."""
    found = ASKED.search(await desk.page("/talk"))
    assert found is not None
    pressed = await desk.press("/talk", question=found[1], about=about, text=text)
    assert pressed == (303, "/talk")
    return found[1]


async def test_a_question_is_answered_on_the_screen(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Asked without a link it says so; the answer is announced on every page and stands with its question."""
    await handed_in(world, counter)
    item = counter.opened().current().applications[1]
    async with desk_client(counter) as desk:
        assert "通信がつながりしだい" in await desk.page("/talk")
        question = await ask(desk, "同意欄は<代筆>でもよいですか。", item.app_id)
        page = await desk.page("/talk")
        assert "同意欄は&lt;代筆&gt;でもよいですか。" in page
        assert "お預かり済み（送信待ち）" in page
        assert item.value("name") in page
        answer = Answer(
            bytes.fromhex(question),
            b"",
            "R8-000123-6",
            PROVIDER,
            "同意欄は？",
            "代筆で結構です。",
            NOON,
        )
        world.post(mail, "answer", answer)
        assert "担当課へ質問（回答 1 件）" in await desk.page("/receipts")
        assert "担当課から回答 1 件" in await desk.page("/state-line?inside=1")
        assert "代筆で結構です。" in await desk.page("/talk")
        assert "回答 1 件" not in await desk.page("/receipts")


async def test_what_was_typed_stays_when_the_question_is_refused(counter: Counter) -> None:
    """The reason stands on top, the words in the form."""
    async with desk_client(counter) as desk:
        status, page = await desk.press("/talk", question="0a" * 16, about="", text="字" * 1001)
        assert status == 422
        assert "質問は 1000 字までです" in page
        assert "字" * 1001 in page


async def test_a_question_half_typed_comes_back(counter: Counter, mail: MailStore) -> None:
    """After a reload or a lock it stands in the form; once it is asked it does not."""
    typed = {"question": "0b" * 16, "about": "", "text": "駐車場は"}
    async with desk_client(counter) as desk:
        assert await desk.press("/talk/unsent", **typed) == (204, "")
        page = await desk.page("/talk")
        assert "駐車場は" in page
        assert ASKED.findall(page) == ["0b" * 16]
        assert await desk.press("/talk", **{**typed, "text": "駐車場は使えますか。"}) == (
            303,
            "/talk",
        )
        assert ASKED.findall(await desk.page("/talk")) != ["0b" * 16]
        assert counter.opened().unsent.of("talk") == {}
        assert await desk.press("/talk/unsent", **{**typed, "text": ""}) == (204, "")
    assert len(mail.outbox()) == 1


async def test_the_link_says_when_a_question_goes(counter: Counter, mail: MailStore) -> None:
    """With a good link it goes at once."""
    mail.set_link(LinkState("good", NOON, NOON, 0, ""))
    async with desk_client(counter) as desk:
        assert "へすぐに送ります" in await desk.page("/talk")


async def test_the_survey_comes_before_the_end_and_once(
    world: CounterWorld, counter: Counter
) -> None:
    """Two presses answer it; after that the way leads to the end of the visit."""
    async with desk_client(counter) as desk:
        assert await desk.leads("/survey") == "/visit/close"
        await handed_in(world, counter)
        assert 'href="/survey"' in await desk.page("/receipts")
        page = await desk.page("/survey")
        assert page.count('type="radio"') == 10
        answers = {"whose": "provider", "B05": "5", "B04": "4"}
        assert await desk.press("/survey/provider", **answers) == (303, "/visit/close")
        assert await desk.leads("/survey") == "/visit/close"
        assert await desk.leads("/survey/provider") == "/visit/close"
        assert await desk.leads("/survey/anybody") == "/visit/close"
        page = await desk.page("/visit/close")
        assert ("/survey/provider" in page, "/survey/staff" in page) == (False, True)
        skipped = {"whose": "staff", "T07": "名前", "skip": "1"}
        assert await desk.press("/survey/staff", **skipped) == (303, "/visit/close")
        assert "/survey/staff" not in await desk.page("/visit/close")


async def test_an_answer_nobody_offered_is_told_so(world: CounterWorld, counter: Counter) -> None:
    """The page comes again with what was chosen."""
    await handed_in(world, counter)
    async with desk_client(counter) as desk:
        status, page = await desk.press("/survey/provider", whose="provider", B05="7", B04="3")
        assert (status, "答えを選び直してください（B05）" in page) == (422, True)
        assert re.search(r'name="B04" value="3" checked', page)


async def test_the_end_shows_the_totals_and_names_each_gap(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Declared, fed, sealed, received; why they differ; then the key goes."""
    await handed_in(world, counter, declared=3)
    mail.refused(mail.outbox()[0].env_id, 204, "slip: other bytes")
    async with desk_client(counter) as desk:
        page = await desk.page("/visit/close")
        row = re.search(r'<th scope="row">1 回目</th>(.*?)</tr>', page, re.DOTALL)
        assert row is not None
        assert re.findall(r"<td[^>]*>(\d+)</td>", row[1]) == ["3", "2", "2", "0"]
        assert "お申し出より少ない：1 件" in page
        assert "市役所が受け取れていない：1 件" in page
        assert "市役所へ送信待ち：1 件" in page
        assert "差あり" in page
        assert await desk.press("/visit/close") == (303, "/visit")
    assert counter.standing == "closed"


async def test_before_the_stop_is_chosen_there_is_nobody_to_ask_for(
    world: CounterWorld, mail: MailStore
) -> None:
    """The page leads back to the list of stops."""
    counter = await world.opened(mail)
    counter.opened().pack = None
    async with desk_client(counter) as desk:
        assert await desk.leads("/talk") == "/visit/stop"
    await counter.stop()


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_the_pages_are_readable_by_all(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Axe finds nothing on questions with and without answers, the survey, the end with gaps, in either language."""
    await handed_in(world, counter, declared=3)
    first = counter.opened().current().applications[0].app_id
    for number, about in ((1, first), (2, "")):
        await counter.on_talk().ask(f"{number:032x}", about, "同意欄は代筆でもよいですか。")
    answer = Answer((1).to_bytes(16, "big"), b"", "", PROVIDER, "同意欄は？", "はい。", NOON)
    world.post(mail, "answer", answer)
    world.post(
        mail, "answer", Answer(bytes(16), b"", "R8-000009-1", "", "駐車場は？", "裏です。", NOON)
    )
    async with served(counter) as address, chromium() as page:
        found = {}
        await page.goto(f"{address}/visit")
        await page.fill("#pin", PIN)
        async with page.expect_navigation():
            await page.locator("form[action='/visit'] button.button-main").click()
        for lang in ("ja", "en"):
            await page.goto(f"{address}/talk?lang={lang}")
            for path in ("/talk", "/survey/provider", "/survey/staff", "/visit/close"):
                await page.goto(address + path)
                found[lang, path] = await violations(page)
    assert {path: each for path, each in found.items() if each} == {}
