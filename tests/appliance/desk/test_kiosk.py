"""The kiosk over HTTP: the contract that the browser and the demo's player rely on."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from appliance.desk.counter import Counter
from appliance.desk.visit import VISIT_FILE
from appliance.desk.web.app import make_app, make_room
from appliance.desk.web.room import Place, Room
from appliance.mail.models import LinkState
from appliance.mail.store import MailStore
from sync.letters import Answer
from tests.support.counterworld import NOON, PIN, PROVIDER, STAFF, CounterWorld, settled
from tests.support.madeup_papers import paper, stack

PLACE = Place("盛岡市", "介護保険課", "019-000-0100", "receipt.example.jp")
IDLE_S = 90


class Kiosk:
    """A browser at the kiosk, without scripts."""

    def __init__(self, client: TestClient[Any, Any], room: Room) -> None:
        self.client = client
        self.room = room

    async def state(self) -> dict[str, Any]:
        """Return state.json."""
        async with self.client.get("/state.json") as answer:
            assert answer.status == 200
            told: dict[str, Any] = await answer.json()
            return told

    async def press(self, path: str, **form: str) -> tuple[int, str]:
        """Press a button; return the status and where it leads, or the page."""
        state = await self.state()
        sent = {"csrf": state["csrf"], **form}
        async with self.client.post(path, data=sent, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location") or await answer.text()

    async def page(self, path: str) -> str:
        """Return a page that must be there."""
        async with self.client.get(path) as answer:
            assert answer.status == 200, path
            return await answer.text()


@pytest.fixture
async def kiosk(counter: Counter) -> AsyncIterator[Kiosk]:
    """Return a kiosk inside an open visit."""
    room = make_room(counter, PLACE, IDLE_S)
    async with TestClient(TestServer(make_app(room))) as client:
        door = aiohttp.web.Response()
        room.sessions.begin(door)
        client.session.cookie_jar.update_cookies(door.cookies, client.make_url("/"))
        yield Kiosk(client, room)


@pytest.fixture
async def outside(world: CounterWorld, mail: MailStore) -> AsyncIterator[Kiosk]:
    """Return a kiosk before anybody gave a PIN."""
    counter = world.counter(mail)
    room = make_room(counter, PLACE, IDLE_S)
    async with TestClient(TestServer(make_app(room))) as client:
        yield Kiosk(client, room)
    await counter.stop()


async def feed(world: CounterWorld, kiosk: Kiosk, sheets: list[bytes], count: int) -> None:
    """Declare and feed through the screen, and wait until all is read."""
    await kiosk.press("/batch/declare", count=str(count))
    world.scanner.stack = list(sheets)
    await kiosk.press("/batch/feed")
    await settled(kiosk.room.counter)


async def test_the_door_opens_with_the_pin(outside: Kiosk) -> None:
    """Staff id, PIN and stop in one press lead to the count."""
    told = await outside.state()
    assert (told["phase"], told["visit"], told["applications"]) == ("closed", None, [])
    assert await outside.press("/visit", staff_id=STAFF, pin=PIN, stop_id="kitakami") == (
        303,
        "/batch/declare",
    )
    told = await outside.state()
    assert (told["phase"], told["visit"]["stop"]["due"]) == ("open", 3)


async def test_without_a_stop_the_door_leads_to_the_stops(outside: Kiosk) -> None:
    """The list of stops can be read only after the PIN: it is sealed until then."""
    assert await outside.press("/visit", staff_id=STAFF, pin=PIN) == (303, "/visit/stop")
    assert "居宅介護支援事業所きたかみ" in await outside.page("/visit/stop")
    assert await outside.press("/visit/stop", stop_id="kitakami") == (303, "/batch/declare")


async def test_a_stop_of_last_week_is_not_on_the_list(world: CounterWorld, outside: Kiosk) -> None:
    """The list of the day stays short."""
    world.clock.move(3 * 24 * 3600)
    await outside.press("/visit", staff_id=STAFF, pin=PIN)
    assert "訪問予定がまだ届いていません" in await outside.page("/visit/stop")


async def test_a_wrong_pin_is_an_error_summary(outside: Kiosk) -> None:
    """The answer is 422, the reason stands on top and in the title."""
    status, page = await outside.press("/visit", staff_id=STAFF, pin="000000")
    assert status == 422
    assert "職員と暗証番号が合いません" in page
    assert "<title>エラー：" in page


async def test_a_disk_that_fails_is_a_sentence_on_the_door(
    world: CounterWorld, outside: Kiosk
) -> None:
    """Before and after the PIN the door says place, rule, fact and remedy, in both languages."""
    (world.desk / VISIT_FILE).mkdir()
    assert "訪問の記録を読み取れません（Is a directory）" in await outside.page("/visit")
    status, page = await outside.press("/visit", staff_id=STAFF, pin=PIN)
    assert (status, "取り込んだ用紙は何も消していません" in page) == (422, True)
    message = (await outside.state())["message"]
    assert "Start the box again" in message["en"]


@pytest.mark.parametrize(
    "path",
    ["/batch", "/batch/declare", "/batch/feed", "/receipts", "/returned", "/visit/close"],
)
async def test_no_page_without_a_session(outside: Kiosk, path: str) -> None:
    """Whoever has not given the PIN sees the door."""
    async with outside.client.get(path, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/visit")


async def test_a_press_without_the_token_is_refused(kiosk: Kiosk) -> None:
    """Another site cannot press a button."""
    async with kiosk.client.post("/batch/declare", data={"count": "3"}) as answer:
        assert answer.status == 403
    state = await kiosk.state()
    async with kiosk.client.post(
        "/batch/declare",
        data={"csrf": state["csrf"], "count": "3"},
        headers={"Sec-Fetch-Site": "cross-site"},
    ) as answer:
        assert answer.status == 403
    assert (await kiosk.state())["phase"] == "open"


async def test_every_answer_carries_the_guards(kiosk: Kiosk) -> None:
    """No page is stored, no foreign script runs."""
    async with kiosk.client.get("/batch/declare") as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


async def test_a_stop_from_count_to_receipts(world: CounterWorld, kiosk: Kiosk) -> None:
    """The whole way by the buttons a person presses."""
    await feed(world, kiosk, stack(1, 2, 3), 3)
    told = await kiosk.state()
    assert (told["phase"], told["declared"], told["fed"]) == ("checking", 3, 9)
    assert await kiosk.press("/batch/confirm-clean") == (303, "/batch")
    third = told["applications"][2]["id"]
    assert await kiosk.press(f"/applications/{third}/confirm") == (303, "/batch")
    assert "3 件" in await kiosk.page("/batch/check")
    assert await kiosk.press("/batch/hand-in", confirmed="1", protective="1") == (303, "/receipts")
    told = await kiosk.state()
    assert told["phase"] == "handed_in"
    assert {item["transfer"] for item in told["applications"]} == {"kept"}
    assert all(item["receipt"].startswith("https://receipt.") for item in told["applications"])
    page = await kiosk.page("/receipts")
    assert "3 件を受け付けました" in page
    assert "車上受付済・市役所未達" in page


async def test_what_city_hall_could_not_take_is_said_where_people_look(
    world: CounterWorld, kiosk: Kiosk, mail: MailStore
) -> None:
    """Receipts, task list, the person's page, the state line and state.json, in both languages."""
    await feed(world, kiosk, stack(1, 2), 2)
    await kiosk.press("/batch/confirm-clean")
    await kiosk.press("/batch/hand-in", confirmed="1")
    item = (await kiosk.state())["applications"][1]
    assert (item["transfer"], item["refusal"]) == ("kept", None)
    mail.refused(bytes.fromhex(item["env_id"]), 204, "slip: filed with other bytes")
    told = await kiosk.state()
    item = told["applications"][1]
    assert (item["transfer"], item["refusal"]) == ("refused", "slip: filed with other bytes")
    assert (item["refusal_code"], told["not_taken"], told["totals"]["refused"]) == (204, 1, 1)
    page = await kiosk.page("/receipts")
    assert page.count("車上受付済・市役所が受け取れていません") == 2
    assert "同じ番号で、別の内容がすでに届いています。" in page
    assert "介護保険課（019-000-0100）へ伝えてください" in page
    assert "市役所が受け取れず" in await kiosk.page("/batch")
    assert "理由 204：" in await kiosk.page(f"/applications/{item['id']}")
    assert "市役所が受け取れず 1 件" in await kiosk.page("/state-line?inside=1")
    await kiosk.page("/receipts?lang=en")
    assert "Other content was filed under the same id." in await kiosk.page("/receipts")
    async with kiosk.client.get("/receipts/batch.pdf") as answer:
        assert (await answer.read()).startswith(b"%PDF-")


async def test_a_visit_opens_with_what_city_hall_could_not_take(
    world: CounterWorld, kiosk: Kiosk, mail: MailStore
) -> None:
    """Also of an earlier visit: the notice names the receipt and what to do, until the next press."""
    await feed(world, kiosk, stack(1), 1)
    await kiosk.press("/batch/confirm-clean")
    await kiosk.press("/batch/hand-in", confirmed="1")
    mail.refused(mail.outbox()[0].env_id, 999, "a later word")
    await kiosk.press("/visit/close")
    await kiosk.press("/visit", staff_id=STAFF, pin=PIN)
    page = await kiosk.page("/visit/stop")
    assert "市役所が受け取れなかった申請があります" in page
    assert "bus-07-000001" in page
    assert "「madobus mail retry」で送り直します" in page
    message = (await kiosk.state())["message"]
    assert "Contact 介護保険課" in message["en"]
    await kiosk.press("/visit/stop", stop_id="kitakami")
    assert "受け取れなかった申請" not in await kiosk.page("/batch/declare")


async def test_receipts_carry_no_full_number_and_no_name(world: CounterWorld, kiosk: Kiosk) -> None:
    """A receipt that is lost names nobody."""
    await feed(world, kiosk, stack(1), 1)
    await kiosk.press("/batch/confirm-clean")
    await kiosk.press("/batch/hand-in", confirmed="1")
    page = await kiosk.page("/receipts")
    assert "******5601" in page
    for hidden in ("0012345601", "髙﨑", "要介護3"):
        assert hidden not in page


async def test_hand_in_needs_the_confirmation(world: CounterWorld, kiosk: Kiosk) -> None:
    """The word of a person stands before every hand-in."""
    await feed(world, kiosk, stack(1), 1)
    status, page = await kiosk.press("/batch/hand-in", protective="1")
    assert status == 422
    assert "内容を確かめて" in page


async def test_hand_in_before_feeding_is_refused_in_words(kiosk: Kiosk) -> None:
    """A press that comes too early is answered with a sentence, never with a fault."""
    await kiosk.press("/batch/declare", count="2")
    status, page = await kiosk.press("/batch/hand-in", confirmed="1")
    assert status == 422
    assert "いまは受け付けの段階ではありません" in page


async def test_the_feed_page_knows_at_once_that_it_feeds(world: CounterWorld, kiosk: Kiosk) -> None:
    """The very next look after the press says feeding."""
    world.scanner.gate = asyncio.Event()
    await kiosk.press("/batch/declare", count="1")
    world.scanner.stack = stack(1)
    assert await kiosk.press("/batch/feed") == (303, "/batch/feed")
    assert (await kiosk.state())["phase"] == "feeding"
    assert "用紙を取り込んでいます" in await kiosk.page("/batch/feed/progress")
    world.scanner.gate.set()
    await settled(kiosk.room.counter)
    async with kiosk.client.get("/batch/feed/progress") as answer:
        assert answer.headers["HX-Redirect"] == "/batch"


async def test_a_jam_is_on_the_screen_with_the_next_number(
    world: CounterWorld, kiosk: Kiosk
) -> None:
    """The person reads which sheet to feed again, and goes on with one press."""
    world.scanner.jam_after = 2
    await feed(world, kiosk, stack(1), 1)
    page = await kiosk.page("/batch/feed")
    assert "紙が詰まりました。" in page
    assert "3 枚目の用紙から" in page
    assert (await kiosk.state())["trouble"]["refeed_from"] == 3
    await kiosk.press("/batch/refeed")
    await settled(kiosk.room.counter)
    assert (await kiosk.state())["trouble"] is None


async def test_a_stop_names_paper_person_and_page(world: CounterWorld, kiosk: Kiosk) -> None:
    """Fourth paper, second person's first kept; so it goes on with the second person's second."""
    world.scanner.jam_after = 4
    await feed(world, kiosk, stack(1, 2), 2)
    page = await kiosk.page("/batch/feed")
    assert "5 枚目の用紙から" in page
    assert "2 人目（東海林　澄子さん）の 2 枚目からです。" in page
    told = (await kiosk.state())["trouble"]
    assert (told["refeed_last"], told["refeed_next"]) == (
        {"person": 2, "page": 1},
        {"person": 2, "page": 2},
    )


async def test_a_lost_paper_is_said_on_the_screen(world: CounterWorld, kiosk: Kiosk) -> None:
    """Pulled, and its picture never came: it lies in the exit."""
    world.scanner.jam_after, world.scanner.cause, world.scanner.undelivered = 2, "io", 1
    await feed(world, kiosk, stack(1), 1)
    assert "用紙 1 枚が送られましたが、画像は失われました。" in await kiosk.page("/batch/feed")
    assert (await kiosk.state())["trouble"]["lost"] == 1
    await kiosk.press("/batch/go-on")
    page = await kiosk.page("/batch")
    assert "途中で 1 回止まりました。そのとき画像の届かなかった 1 枚が" in page


async def test_dropped_backs_are_a_count_and_no_list(world: CounterWorld, kiosk: Kiosk) -> None:
    """Thirty empty backs ask nobody anything."""
    world.scanner.both = True
    await feed(world, kiosk, [*stack(1)[:2], stack(1)[2], paper("blank")], 1)
    page = await kiosk.page("/batch")
    assert "白紙の裏面 1 面は除きました。" in page
    assert "申請に入れなかった用紙" not in page


async def test_a_poor_picture_is_taken_again_by_its_button(
    world: CounterWorld, kiosk: Kiosk
) -> None:
    """The list says why, the scan page says which sheet, one press reads it."""
    soft = paper("other", word="cat", notes=["blurred"])
    await feed(world, kiosk, [*stack(1), soft], 1)
    assert "4 枚目を入れ直す（あと 2 回）" in await kiosk.page("/batch")
    assert await kiosk.press("/sheets/4/retake") == (303, "/batch/feed")
    assert "4 枚目の用紙だけを入れてください。" in await kiosk.page("/batch/feed")
    assert (await kiosk.state())["retake"] == 4
    world.scanner.stack = [paper("other", word="cat")]
    await kiosk.press("/batch/refeed")
    await settled(kiosk.room.counter)
    told = await kiosk.state()
    assert (told["retake"], told["sheets"][3]["tries"], told["sheets"][3]["tries_left"]) == (
        0,
        2,
        0,
    )


async def test_loose_sheets_are_moved_by_their_number(world: CounterWorld, kiosk: Kiosk) -> None:
    """A sheet nobody knows becomes an application, or goes back."""
    await feed(world, kiosk, [*stack(1), paper("other", word="cat"), b"broken"], 1)
    assert [entry["number"] for entry in (await kiosk.state())["loose"]] == [4, 5]
    assert await kiosk.press("/sheets/4/move", application="new") == (303, "/batch")
    assert await kiosk.press("/sheets/5/move", application="new") == (303, "/batch")
    told = await kiosk.state()
    assert len(told["applications"]) == 2
    assert [entry["number"] for entry in told["loose"]] == [5]
    assert told["message"]["ja"].startswith("読めない用紙")


async def test_one_person_is_corrected_on_the_persons_page(
    world: CounterWorld, kiosk: Kiosk
) -> None:
    """What is typed is kept, checked and shown with its source."""
    await feed(world, kiosk, stack(3), 1)
    item = (await kiosk.state())["applications"][0]
    assert "主治医" in await kiosk.page(f"/applications/{item['id']}")
    status, _ = await kiosk.press(
        f"/applications/{item['id']}/answers", **{"physician.name": "岩手　太郎"}
    )
    assert status == 303
    item = (await kiosk.state())["applications"][0]
    assert (item["fields"]["physician.name"], item["sources"]["physician.name"]) == (
        "岩手　太郎",
        "typed",
    )
    assert item["state"] == "ready"


async def test_pictures_are_given_to_the_session_only(world: CounterWorld, kiosk: Kiosk) -> None:
    """The preview and the page of a sheet are images; without the cookie there is nothing."""
    await feed(world, kiosk, stack(1), 1)
    async with kiosk.client.get("/sheets/1/picture") as answer:
        assert (answer.status, answer.content_type) == (200, "image/webp")
    async with kiosk.client.get("/sheets/99/picture") as answer:
        assert answer.status == 404
    kiosk.client.session.cookie_jar.clear()
    async with kiosk.client.get("/sheets/1/picture") as answer:
        assert answer.status == 404


async def test_the_pdf_is_a_pdf(world: CounterWorld, kiosk: Kiosk) -> None:
    """The receipts can be printed at once."""
    await feed(world, kiosk, stack(1), 1)
    async with kiosk.client.get("/receipts/batch.pdf") as answer:
        assert answer.status == 404
    await kiosk.press("/batch/confirm-clean")
    await kiosk.press("/batch/hand-in", confirmed="1")
    async with kiosk.client.get("/receipts/batch.pdf") as answer:
        assert answer.content_type == "application/pdf"
        assert (await answer.read()).startswith(b"%PDF-")


async def test_a_correction_is_started_from_its_page(
    world: CounterWorld, kiosk: Kiosk, mail: MailStore
) -> None:
    """The request is shown with its sentence, and one press begins it."""
    world.post(mail, "correction", world.request(1))
    told = (await kiosk.state())["returned"][0]
    assert told["record_id"] == world.request(1).record_id.hex()
    assert "申請書の裏面がありません" in await kiosk.page("/returned")
    assert await kiosk.press(f"/returned/{told['request']}/start") == (303, "/batch/feed")
    assert (await kiosk.state())["correction"]


async def test_closing_ends_session_and_visit(kiosk: Kiosk) -> None:
    """After closing, the screen is the door again."""
    assert await kiosk.press("/visit/close", confirmed="1") == (303, "/visit")
    told = await kiosk.state()
    assert (told["phase"], told["visit"]) == ("closed", None)
    async with kiosk.client.get("/healthz") as answer:
        assert await answer.json() == {"process": "desk", "visit": "closed", "letters": 1}


async def test_the_screen_speaks_english_when_asked(kiosk: Kiosk) -> None:
    """One press switches the language, and it stays."""
    async with kiosk.client.get("/batch/declare?lang=en") as answer:
        assert str(answer.url.relative()) == "/batch/declare"
    assert "How many applications are there?" in await kiosk.page("/batch/declare")
    assert '<html lang="en">' in await kiosk.page("/returned")


async def test_the_state_line_says_the_link_in_words(kiosk: Kiosk, mail: MailStore) -> None:
    """Without a link the counter works, and says so."""
    mail.set_link(LinkState("gone", NOON, NOON, 0, ""))
    line = await kiosk.page("/state-line?inside=1")
    assert "通信なし（受付はできます）" in line
    assert "送信待ち 0 件" in line


async def test_a_locked_screen_sends_its_polling_page_to_the_door(kiosk: Kiosk) -> None:
    """What redraws itself notices that the session is over."""
    kiosk.room.sessions.end()
    for path in ("/state-line?inside=1", "/batch/feed/progress"):
        async with kiosk.client.get(path) as answer:
            assert answer.headers["HX-Redirect"] == "/visit"


async def test_polling_is_no_touch(world: CounterWorld, kiosk: Kiosk) -> None:
    """A page left open does not keep the screen unlocked; a person's page does."""
    world.clock.move(50)
    await kiosk.page("/state-line?inside=1")
    assert kiosk.room.sessions.idle_left() == 40
    await kiosk.page("/batch/declare")
    assert kiosk.room.sessions.idle_left() == IDLE_S


async def test_an_unknown_page_is_a_page(kiosk: Kiosk) -> None:
    """Nobody sees a stack trace or a bare line."""
    async with kiosk.client.get("/nowhere") as answer:
        page = await answer.text()
    assert (answer.status, "このページは見つかりません" in page) == (404, True)


async def test_texts_of_a_page_are_escaped(world: CounterWorld, kiosk: Kiosk) -> None:
    """What stands on paper never becomes markup."""
    await feed(world, kiosk, stack(1), 1)
    item = (await kiosk.state())["applications"][0]["id"]
    await kiosk.press(f"/applications/{item}/answers", name="<script>x</script>")
    page = await kiosk.page(f"/applications/{item}")
    assert "<script>x" not in page
    assert re.search(r"&lt;script&gt;", page)


async def test_an_answer_stands_on_the_page_of_what_came_back(
    world: CounterWorld, kiosk: Kiosk, mail: MailStore
) -> None:
    """For this provider and for everybody, not for another; and programs see it too."""
    for number, provider in enumerate(("", PROVIDER, "9999999999")):
        world.post(mail, "answer", answer(number, provider))
    page = await kiosk.page("/returned")
    assert "回答０" in page
    assert "回答１" in page
    assert "回答２" not in page
    told = await kiosk.state()
    assert [one["text"] for one in told["answers"]] == ["回答１", "回答０"]
    assert told["procedure"] == {"id": "care-renewal", "version": "2026-04-01"}


def answer(number: int, provider: str) -> Answer:
    """Return city hall's answer to one question of a provider."""
    return Answer(
        answer_id=bytes([number]) * 16,
        case_id=b"",
        receipt_no="",
        provider_no=provider,
        question="保険証の期限が切れていますが、受け付けられますか。",
        text=f"回答{'０１２'[number]}",
        answered_at=NOON + timedelta(minutes=number),
    )


async def test_one_press_takes_one_sources_word(world: CounterWorld, kiosk: Kiosk) -> None:
    """The register and the card differ; the person presses the right one, and what was typed beside it stays."""
    other = paper(
        "insurance_card",
        fields=[("insured_no", "0012345601", 0.99), ("birth_date", "1938-12-25", 0.95)],
    )
    await feed(world, kiosk, [*stack(1)[:2], other], 1)
    item = (await kiosk.state())["applications"][0]
    assert [one["source"] for one in item["told"]] == ["due_list", "ocr"]
    path = f"/applications/{item['id']}"
    shown = await kiosk.page(path)
    assert shown.count('name="choice"') == 2
    status, where = await kiosk.press(
        f"{path}/choose", choice="birth_date=1938-12-25", birth_date="昭和1年", phone="019-651-9999"
    )
    assert (status, where) == (303, path)
    item = (await kiosk.state())["applications"][0]
    assert (item["fields"]["birth_date"], item["sources"]["birth_date"]) == ("1938-12-25", "ocr")
    assert item["sources"]["phone"] == "typed"
    assert (await kiosk.press(f"{path}/choose", choice="birth_date=1900-01-01"))[0] == 422
