"""Photographs every screen of the desk in a browser, into docs/screens with a list of what each one shows.

    ./run bench screens [--out docs/screens] [--only door,tasks]

A real browser of 1280 by 800 walks through every page and state of a real counter (tests/support/every_page.py): a
batch with everything that happens to batches, the document camera, single cases. A few screens are also taken in
English, with furigana, and on a narrow window. Colours are few, so that a picture stays small.
"""

import argparse
import asyncio
import io
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, ViewportSize

from appliance.desk.camera.eye import Eye
from appliance.desk.camera.table import CameraTable
from appliance.desk.counter import Counter
from bench._screen_papers import DAY, PicturedReader, draw_ahead
from hardware.camera.simulated import SimulatedCamera
from procedures.definition import load
from provisioning.demo.samples.photographs import make_photographs
from tests.support.counterworld import PIN, STAFF, CounterWorld, settled
from tests.support.desk_browser import SCREEN, chromium, served
from tests.support.every_page import FORMS, EveryPage
from tests.support.madeup_papers import back, card, due, front, paper

ROOT = Path(__file__).parents[1]
MOST_BYTES, COLOURS = 120_000, (128, 64, 32, 16)
NARROW = ViewportSize(width=320, height=1400)

IDLE_S = 90

SCREENS = {
    "door": "The door: who, the PIN on digit keys, and whether the bus is ready to leave",
    "door-refused": "A wrong PIN: the reason on top",
    "stops-none": "No visit pack has arrived: what to do",
    "stops": "Which stop this is, today's before tomorrow's",
    "declare": "How many applications there are: one press; a case that came back is announced",
    "lists-none": "The provider's own list, brought as a file",
    "list-columns": "Which column says what, proposed and shown with the first lines",
    "lists": "The list is taken; a line that is wrong is told",
    "feed": "Before the stack is fed: the feeder says how it stands",
    "feed-feeder-jammed": "A feeder that is jammed says so before the start",
    "feed-feeding": "While sheets are fed and read: counts, and the newest sheets",
    "feed-jam": "The feeder stopped: from which sheet to go on, whose it is",
    "tasks": "The batch: one line a person, what to look at, sheets that belong to nobody",
    "declare-again": "Another count, with its reason",
    "feed-retake": "A page that came out badly is taken again",
    "person-1": "One person: the pages beside what they say, and where each answer comes from",
    "person-edit": "Every answer of one person open for correction",
    "person-differs": "Card and register differ: both sayings side by side, one press takes one",
    "person-doubts": "What was read with doubt, beside its picture",
    "talk": "A question to the division",
    "talk-refused": "A question without words: the reason on top",
    "talk-asked": "The division's answer stands with its question; the state line announces it",
    "check": "What the hand-in will do, before it is done; also what is not whole keeps its date",
    "receipts": "Receipts at once: on the bus, not yet at city hall",
    "receipts-not-taken": "City hall could not take one in: which, and why",
    "bags": "Which original lies in which bag, and what stays with whoever brought it",
    "idle-warning": "Before the screen locks by itself",
    "door-locked": "The locked screen: the PIN of whoever opened the visit",
    "forms": "The other procedures, taken one by one",
    "bereavement-deceased": "おくやみ: a form is talked through, one topic a page",
    "bereavement-papers": "The papers of one case, by scanner or camera, and originals noted",
    "bereavement-overview": "Where a single case stands",
    "bereavement-tasks": "What is to be done, by departments, in the order it can be done",
    "bereavement-department": "One department's part: its own fields and the common facts",
    "bereavement-check": "Check answers of a single case",
    "bereavement-receipts": "What was handed in to each department, and what is pending",
    "building-preconsultation-minutes": "Minutes that both sides agree to",
    "form-question-refused": "A question left out: the reason on top, with a link to it",
    "forms-put-by": "A case that was put aside is offered again",
    "returned": "Cases that city hall asks to complete",
    "feed-correction": "The one page that was missing is fed",
    "camera": "The document camera: what it sees, and what to do next",
    "survey-provider": "Two questions for the provider, without names",
    "survey-citizen": "Two questions for a citizen, without names",
    "survey-staff": "Staff's own questions",
    "close": "The end: declared, fed, sealed and received agree, or the gap is named",
    "door-closed": "The visit is closed, its key destroyed",
    "not-found": "An address that is none",
    "too-old": "A page that is too old to be pressed",
    "not-now": "A press before its time",
}
ENGLISH = ("door", "declare", "tasks", "person-differs", "check", "receipts")
NARROWED = ("feed", "tasks", "person-doubts", "check")
KANA = ("declare", "receipts")


class Album:
    """Takes the screens that are asked for, each once, into a folder."""

    def __init__(self, page: Page, out: Path, only: frozenset[str]) -> None:
        self._page, self._out, self._only = page, out, only
        self.passed: list[str] = []

    async def look(self, name: str) -> None:
        """Photograph the page as it stands, and as others see it where the name is among those."""
        self.passed.append(name)
        if name not in SCREENS or (self._only and name not in self._only):
            return
        await self._take(name)
        for names, word, switch, usual in (
            (ENGLISH, "english", "lang=en", "lang=ja"),
            (KANA, "furigana", "kana=on", "kana=off"),
        ):
            if name in names:
                await self._switched(switch)
                await self._take(f"{name}-{word}")
                await self._switched(usual)
        if name in NARROWED:
            await self._page.set_viewport_size(NARROW)
            await self._take(f"{name}-narrow")
            await self._page.set_viewport_size(SCREEN)  # type: ignore[arg-type]  # the shape Playwright asks for

    async def _switched(self, switch: str) -> None:
        await self._page.goto(f"{self._page.url.partition('?')[0]}?{switch}")

    async def _take(self, name: str) -> None:
        await self._page.wait_for_load_state("networkidle")
        data = await self._page.screenshot(animations="disabled", caret="hide")
        (self._out / f"{name}.png").write_bytes(small(data))


def small(data: bytes) -> bytes:
    """Return a picture with as many colours as its bytes allow; raises ValueError when the fewest are too many."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    for colours in COLOURS:
        out = io.BytesIO()
        few = picture.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(out, "png", optimize=True)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    raise ValueError(
        f"bench screens: a picture has more than {MOST_BYTES} bytes; take a smaller part"
    )


@asynccontextmanager
async def kiosk(folder: Path) -> AsyncIterator[tuple[CounterWorld, Counter, str]]:
    """Serve a counter that nobody has opened, with a camera and the forms that are filled in one by one."""
    make_photographs(folder / "under", seed=1, today=DAY)
    world = CounterWorld(folder / "box", reader=PicturedReader()).enrol()
    camera = SimulatedCamera(folder / "under", hold=100, fps=2)
    world.camera = CameraTable(camera, Eye(limit_s=60), time.monotonic)
    world.others = [load(name) for name in FORMS]
    mail = world.open_mail()
    counter = world.counter(mail)
    async with served(counter, IDLE_S) as address:
        yield world, counter, address
    await counter.stop()
    await camera.close()
    mail.close()


async def photograph(out: Path, only: frozenset[str]) -> list[str]:
    """Walk every way and take its screens; returns the names that nobody asked to see."""
    passed: list[str] = []
    for walk in (_doubts, _everything):
        with tempfile.TemporaryDirectory(prefix="madobus-screens-") as folder:
            async with kiosk(Path(folder)) as (world, counter, address), chromium() as page:
                album = Album(page, out, only)
                await walk(page, address, world, counter, album)
                passed += album.passed
    return sorted(set(passed) - set(SCREENS))


class Photographed(EveryPage):
    """The walk as it is photographed: in one browser page, where the warning before the lock stands still."""

    async def locks(self) -> None:
        """Wait for the warning, answer it, lock the screen and come back."""
        self.world.clock.move(IDLE_S - 20)
        await self.page.locator(".state-idle").wait_for()
        await self.look("idle-warning")
        await self.page.locator("#stay").click()
        await self.goto("/receipts")
        await self.press("form[action='/visit/lock'] button")
        await self.look("door-locked")
        await self.page.fill("#pin", PIN)
        await self.press("main .button-main")


async def _everything(
    page: Page, address: str, world: CounterWorld, counter: Counter, album: Album
) -> None:
    await Photographed(page, address, world, counter, counter.partners.mail, album.look).walk()


async def _doubts(
    page: Page, address: str, world: CounterWorld, counter: Counter, album: Album
) -> None:
    """Two people whose papers need a look: a card that differs, readings in doubt."""
    world.post(counter.partners.mail, "visit_pack", world.pack(due(1), due(2)))
    await page.goto(address)
    await page.select_option("#staff_id", STAFF)
    await page.fill("#pin", PIN)
    for what in ("main .button-main", ".choice", "button[name=count][value='2']"):
        async with page.expect_navigation():
            await page.locator(what).first.click()
    differs = [("insured_no", "0012345601", 0.99), ("birth_date", "1938-12-25", 0.95)]
    doubts = [("survey.phone", "019-651-1177", 0.6), ("filer.phone", "019-651-2222", 0.5)]
    code = {"payload": "KN1:032011:R00002:0", "reference": "R00002"}
    world.scanner.stack = [
        *(front(1), back(1), paper("insurance_card", fields=differs, word="1")),
        *(paper("form_front", qr=code, fields=doubts, word="2"), back(2), card(2)),
    ]
    await page.locator("form[action='/batch/feed'] button").click()
    await page.wait_for_url("**/batch")
    await settled(counter)
    for place, name in enumerate(("person-differs", "person-doubts")):
        await page.goto(f"{address}/batch")
        async with page.expect_navigation():
            await page.locator("a.task-link").nth(place).click()
        await album.look(name)


def readme(taken: set[str]) -> str:
    """Write the list: one line a picture, its variants behind it."""
    lines = [
        "# The desk's screens",
        "",
        "Taken by `./run bench screens` from the program itself, 1280 by 800 (narrow: 320 by 1400).",
        "The people are made up.",
        "",
    ]
    for name, words in SCREENS.items():
        if name not in taken:
            continue
        others = [word for word in ("english", "furigana", "narrow") if f"{name}-{word}" in taken]
        also = "".join(f", [{word}]({name}-{word}.png)" for word in others)
        lines.append(f"- [{name}]({name}.png){also}: {words}.")
    return "\n".join([*lines, ""])


def main() -> int:
    """Take them and tell which pages of the walk nobody asked to see."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screens")
    parser.add_argument("--only", default="", help="names with commas; leaves the list as it is")
    asked = parser.parse_args()
    only = frozenset(name for name in asked.only.split(",") if name)
    asked.out.mkdir(parents=True, exist_ok=True)
    draw_ahead(3)
    passed = asyncio.run(photograph(asked.out, only))
    if not only:
        taken = {path.stem for path in asked.out.glob("*.png")}
        (asked.out / "README.md").write_text(readme(taken), encoding="utf-8")
    print(f"passed and not taken: {', '.join(passed)}" if passed else "every page was taken")
    return 0


if __name__ == "__main__":
    sys.exit(main())
