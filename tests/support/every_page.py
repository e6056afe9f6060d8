"""A walk through every page of the desk and the states that a good day does not show; a look at each."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, expect

from appliance.desk.counter import Counter
from appliance.mail.models import LinkState
from appliance.mail.store import MailStore
from hardware.protocols import FeederState
from sync.letters import Answer
from tests.support.case_walk import walk_case
from tests.support.counterworld import NOON, PIN, PROVIDER, STAFF, CounterWorld, settled
from tests.support.madeup_papers import card, due, paper, stack

Look = Callable[[str], Awaitable[None]]

FORMS = ("bereavement", "building-preconsultation")
"""One with tasks of departments, one whose result both sides agree to: together they have every page of a form."""

KEPT_BY_NOBODY = {"Cache-Control": "no-store", "Content-Type": "text/html"}

LIST = (
    "利用者氏名,フリガナ,生年月日,性別,被保険者番号,要介護度,認定有効期間終了日,住所,主治医,備考\r\n"
    "渡邉　トシ,ﾜﾀﾅﾍﾞ ﾄｼ,S12.12.25,女,0012345699,要介護3,R8.9.30,盛岡市肴町９番１号,及川　章,\r\n"
    "及川　正三,ｵｲｶﾜ ｼｮｳｿﾞｳ,S13.99.25,男,0012345698,要介護1,R8.9.30,盛岡市肴町８番１号,,\r\n"
).encode("cp932")


class EveryPage:
    """One person at one kiosk; `look` is called with a name at each page and state."""

    def __init__(  # noqa: PLR0917 - who walks, where, in which world, how it is looked at
        self,
        page: Page,
        address: str,
        world: CounterWorld,
        counter: Counter,
        mail: MailStore,
        look: Look,
    ) -> None:
        self.page = page
        self.address = address
        self.world = world
        self.counter = counter
        self.mail = mail
        self.look = look
        self.printer: Path | None = None

    async def walk(self) -> None:
        """Go the whole way, from the closed door to the closed visit."""
        await self.door()
        await self.stops()
        await self.lists()
        await self.feeding()
        await self.tasks()
        await self.talk()
        await self.handing_in()
        await self.locks()
        for name in FORMS:
            await walk_case(
                self.page, self.address, self.world, self.counter, name, self.look_at_news
            )
        await self.forms()
        await self.returned()
        await self.camera()
        await self.faults()
        await self.closing()

    async def look_at_news(self, name: str) -> None:
        """Look at a form's page, of the second form at what the first does not have."""
        if name.startswith(FORMS[0]) or name.endswith(("-minutes", "-check", "-receipts")):
            await self.look(name)

    async def goto(self, path: str, name: str = "") -> None:
        """Open a page by its address, and look at it."""
        await self.page.goto(self.address + path)
        if name:
            await self.look(name)

    async def press(self, selector: str) -> None:
        """Press what leads to another page."""
        async with self.page.expect_navigation():
            await self.page.locator(selector).first.click()

    async def door(self) -> None:
        """The door: shut, with a wrong PIN, then open, before any visit has arrived."""
        await self.goto("/", "door")
        await self.page.select_option("#staff_id", STAFF)
        await self.page.fill("#pin", "000000")
        await self.press("main .button-main")
        await self.look("door-refused")
        await self.page.select_option("#staff_id", STAFF)
        await self.page.fill("#pin", PIN)
        await self.press("main .button-main")
        await self.look("stops-none")

    async def stops(self) -> None:
        """Today's stop and one of tomorrow; then how many applications there are."""
        late = self.world.pack(
            stop="tomorrow",
            starts_at=NOON + timedelta(days=1),
            ends_at=NOON + timedelta(days=1, hours=1),
        )
        here = self.world.pack(due(1), due(2), due(3, **{"physician.name": ""}))
        for pack in (here, late):
            self.world.post(self.mail, "visit_pack", pack)
        self.world.post(self.mail, "correction", self.world.request(5))
        await self.goto("/visit/stop", "stops")
        await self.press(".choice")
        await self.page.locator("details.more").evaluate("one => { one.open = true; }")
        await self.look("declare")

    async def lists(self) -> None:
        """A provider's list: none, its columns with a row that is wrong, taken."""
        await self.goto("/lists", "lists-none")
        files = {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST}
        await self.page.set_input_files("#file", files)  # type: ignore[arg-type]  # Playwright's shape
        await self.press("form[action='/lists'] .button-main")
        if "/lists/" not in self.page.url:
            await self.press("a[href='/lists/0']")
        await self.look("list-columns")
        await self.press(".sticky .button-main")
        await self.goto("/lists", "lists")

    async def feeding(self) -> None:
        """The feeder before the start, jammed, while it runs, and after a stop."""
        await self.goto("/batch/declare")
        await self.press("button[name=count][value='3']")
        await self.look("feed")
        self.world.scanner.tells = FeederState.JAMMED
        self.world.clock.move(5)
        await self.goto("/batch/feed")
        await self.page.get_by_text("紙詰まり", exact=True).wait_for()
        await self.look("feed-feeder-jammed")
        self.world.scanner.tells = None
        self.world.clock.move(5)
        scanner = self.world.scanner
        scanner.jam_after = 6
        doubtful = paper(
            "insurance_card", fields=[("insured_no", "0012345603", 0.9), ("name", "工藤　ハ", 0.7)]
        )
        soft = paper("other", notes=["blurred"])
        scanner.stack = [*stack(1, 2, 3)[:8], doubtful, soft, b"broken", card(9)]
        scanner.gate = asyncio.Event()
        await self.press("form[action='/batch/feed'] button")
        await scanner.waiting.wait()
        await self.look("feed-feeding")
        scanner.gate.set()
        scanner.gate = None
        await self.page.get_by_role("button", name="続きを読み取る").wait_for()
        await self.goto("/batch/feed", "feed-jam")
        await self.page.get_by_role("button", name="続きを読み取る").click()
        await settled(self.counter)

    async def tasks(self) -> None:
        """The list with all that can be wrong, a sheet to take again, each person."""
        await self.goto("/batch", "tasks")
        await self.goto("/batch/declare", "declare-again")
        await self.goto("/batch")
        await self.press("form[action$='/retake'] button")
        await self.look("feed-retake")
        await self.press("form[action='/batch/go-on'] button")
        links = await self.page.locator("a.task-link").evaluate_all(
            "all => all.map(one => one.getAttribute('href'))"
        )
        for number, link in enumerate(links, 1):
            await self.goto(link, f"person-{number}")
        await self.goto(f"{links[-1]}?edit=1", "person-edit")

    async def talk(self) -> None:
        """A question: empty, asked, answered; the state line tells it."""
        await self.goto("/talk", "talk")
        await self.page.locator("form[action='/talk']").evaluate(
            "one => { one.noValidate = true; }"
        )
        await self.press("form[action='/talk'] .button-main")
        await self.look("talk-refused")
        await self.page.fill("#text", "委任状は写しでもよいですか。")
        await self.press("form[action='/talk'] .button-main")
        told = Answer(
            answer_id=b"a" * 16,
            case_id=b"",
            receipt_no="",
            provider_no=PROVIDER,
            question="保険証の期限が切れていますが、受け付けられますか。",
            text="受け付けられます。",
            answered_at=NOON,
        )
        self.world.post(self.mail, "answer", told)
        await self.goto("/talk", "talk-asked")

    async def handing_in(self) -> None:
        """The check with and without a link, the receipts in each of their states."""
        self.mail.set_link(LinkState("gone", NOON, NOON, 0, ""))
        await self.goto("/batch/check", "check")
        await self.press("form[action='/batch/hand-in'] .button-main")
        await self.look("receipts")
        first = self.counter.opened().current().applications[0]
        self.mail.refused(
            bytes.fromhex(first.env_id), 204, "Other content was filed under the same id."
        )
        self.mail.set_link(LinkState("good", NOON, NOON, 0, ""))
        await self.goto("/receipts", "receipts-not-taken")
        if self.printer is not None:
            self.printer.write_text("no_paper", encoding="utf-8")
            await self.press("form[action='/receipts/print'] button")
            await self.page.locator("#prints li form").wait_for()
            await self.look("receipts-no-paper")
            self.printer.unlink()
        await self.goto("/bags", "bags")
        batch = self.counter.opened().current().batch_id
        for part in ("/receipts/batch.pdf", "/bags/list.pdf", f"/receipts/state?batch={batch}"):
            await self.page.request.get(self.address + part)

    async def locks(self) -> None:
        """The warning before the idle lock, the locked door, and the way back in."""
        self.world.clock.move(70)
        await self.page.locator(".state-idle").wait_for()
        said = await self.page.locator("#state").inner_html()
        # The looks take their time; until they are done the line says what it said.
        await self.page.route(
            "**/state-line*", lambda route: route.fulfill(body=said, headers=KEPT_BY_NOBODY)
        )
        await self.look("idle-warning")
        await self.page.unroute("**/state-line*")
        await expect(self.page.locator(".state-idle")).to_have_count(0)
        self.world.clock.move(70)
        await self.page.locator("#stay").click()
        await expect(self.page.locator(".state-idle")).to_have_count(0)
        await self.press("form[action='/visit/lock'] button")
        await self.look("door-locked")
        await self.page.fill("#pin", PIN)
        await self.press("main .button-main")

    async def forms(self) -> None:
        """A form put aside, and the list that offers it again."""
        await self.goto("/forms")
        await self.press(f"form:has(input[value='{FORMS[0]}']) button")
        await self.page.locator("main form").first.evaluate("one => { one.noValidate = true; }")
        await self.press("button.button-main[value=next]")
        await self.look("form-question-refused")
        await self.goto("/form")
        await self.press("form[action='/form/put-by'] button")
        await self.goto("/forms", "forms-put-by")

    async def returned(self) -> None:
        """What city hall asks for, and the scan of what was missing."""
        await self.goto("/returned", "returned")
        await self.press("form[action$='/start'] button")
        await self.look("feed-correction")

    async def camera(self) -> None:
        """The page under the camera."""
        await self.press("form[action='/batch/camera'] button")
        await expect(self.page.locator(".camera-state")).to_contain_text(re.compile("用紙"))
        await self.look("camera")
        await self.press("form[action='/batch/camera/finish'] button")
        await settled(self.counter)

    async def faults(self) -> None:
        """No such page, a page too old, a press before its time; and what programs ask."""
        await self.goto("/nowhere", "not-found")
        await self.submit("/batch/hand-in", "0" * 48)
        await self.look("too-old")
        await self.submit(
            "/batch/hand-in", await self.page.locator("[name=csrf]").first.input_value()
        )
        await self.look("not-now")
        for path in ("/healthz", "/state.json"):
            await self.page.request.get(self.address + path)

    async def submit(self, path: str, csrf: str) -> None:
        """Send a form that no page offers now."""
        made = """([path, csrf]) => {
            const form = Object.assign(document.createElement("form"), { method: "post", action: path });
            form.append(Object.assign(document.createElement("input"), { name: "csrf", value: csrf, type: "hidden" }));
            document.body.append(form);
            form.submit();
        }"""
        async with self.page.expect_navigation():
            await self.page.evaluate(made, [path, csrf])

    async def closing(self) -> None:
        """Both surveys, the totals with what is open, the end."""
        await self.goto("/survey")
        for who in ("provider", "citizen", "staff"):
            await self.goto(f"/survey/{who}", f"survey-{who}")
        await self.goto("/visit/close", "close")
        await self.press("form[action='/visit/close'] button")
        await self.look("door-closed")


def under_camera(folder: Path) -> Path:
    """Lay one dark picture under the camera; returns the folder."""
    folder.mkdir()
    Image.new("RGB", (640, 480), (40, 40, 40)).save(folder / "1.jpg")
    return folder
