"""A person's presses from the feeder to the receipts, counted in a real browser; times are the bench's, not ours."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from appliance.desk.letters import VISIT_PACK
from bench._stop_clerk import Clerk, Json, Resident, wrong_answers
from bench._stop_hands import Answers, Hands, page_of, told
from bench._stop_papers import PLANTED, make_papers
from bench.stop import open_visit
from provisioning.demo.samples.paper import Fonts
from provisioning.demo.samples.people import Person
from tests.support.counterworld import CounterWorld
from tests.support.desk_browser import chromium, served
from tests.support.madeup_papers import back, card, due, front, paper, person

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]


def resident(number: int, *sheets: bytes, told: dict[str, str] | None = None) -> Resident:
    """Return somebody with front, back and card, or with these sheets."""
    return Resident(
        person(number), sheets or (front(number), back(number), card(number)), told or {}
    )


@asynccontextmanager
async def clerk(folder: Path, *residents: Resident) -> AsyncIterator[Clerk]:
    """Sit down before a desk whose batch is declared and not fed; what a care manager tells nobody knew before."""
    world = CounterWorld(folder / "box").enrol()
    mail = world.open_mail()
    known = [due(number, **dict.fromkeys(one.told, "")) for number, one in enumerate(residents, 1)]
    world.post(mail, VISIT_PACK, world.pack(*known))
    counter = world.counter(mail)

    async def lay(sheets: Sequence[bytes]) -> None:
        world.scanner.stack = list(sheets)

    async with served(counter) as address, chromium() as page:
        await open_visit(page, address, len(residents))

        async def state() -> Json:
            answer = await page.context.request.get(f"{address}/state.json")
            found: Json = await answer.json()
            return found

        answers = Answers()
        answers.watch(page)
        yield Clerk(Hands(page), answers, residents, lay, state)
    await counter.stop()
    mail.close()


async def test_a_clean_batch_takes_five_presses_and_no_letter(tmp_path: Path) -> None:
    """Feed, confirm all, go to the check, hand in, print: however many applications there are."""
    async with clerk(tmp_path, *map(resident, range(1, 5))) as worker:
        last = await worker.feed_to_receipts()
    assert worker.hands.presses == {
        "/batch/feed": 1,
        "/batch": 2,
        "/batch/check": 1,
        "/receipts": 1,
    }
    assert (worker.hands.typed.total(), worker.hands.stacks_laid, worker.looks) == (0, 1, 0)
    assert [one["state"] for one in last["applications"]] == ["handed_in"] * 4
    assert wrong_answers(last, worker) == []


async def test_a_dirty_batch_asks_only_for_what_is_wrong(tmp_path: Path) -> None:
    """A page taken again, a back that is missing, a card that is lost, a physician who is told: all are handed in."""
    code = {"payload": "KN1:032011:R00003:0", "reference": "R00003"}
    soft = paper("form_front", qr=code, notes=["blurred"])
    blurred = Resident(person(3), (soft, back(3), card(3)), again={0: front(3)})
    physician = {"physician.name": person(2)["physician.name"]}
    async with clerk(
        tmp_path,
        resident(1, front(1), card(1)),
        resident(2, told=physician),
        blurred,
        resident(4, front(4), back(4)),
    ) as worker:
        last = await worker.feed_to_receipts()
    assert worker.looks == 3
    assert worker.hands.typed == {"/applications/{id}": len(physician["physician.name"])}
    assert worker.hands.stacks_laid == 2
    assert [one["state"] for one in last["applications"]] == ["handed_in"] * 4
    assert wrong_answers(last, worker) == []
    assert worker.hands.presses.total() <= 14


def test_pages_are_told_apart_without_their_numbers() -> None:
    """The same page of two people is one page; no number of a person stands in a table."""
    one = f"http://127.0.0.1:1/applications/{'0a' * 16}/confirm?x=1"
    assert page_of(one) == "/applications/{id}/confirm"
    assert page_of("http://127.0.0.1:1/sheets/12/picture?size=page") == "/sheets/{n}/picture"


def test_the_spread_of_answers_leaves_pictures_out() -> None:
    """Pictures come beside a screen: they have a line of their own."""
    found = told({"/batch": [10.0, 30.0], "pictures": [900.0]})
    assert found["all screens"] == {"count": 2, "p50_ms": 10.0, "p95_ms": 30.0, "max_ms": 30.0}
    assert found["pictures"]["max_ms"] == 900.0


class WhitePaper:
    """A press without ink."""

    def page(self, _person: Person, _kind: str, _pen: Fonts | None = None) -> Image.Image:
        """Return a small white side."""
        return Image.new("RGB", (240, 340), "white")


def test_each_deficiency_befalls_one_in_six(tmp_path: Path) -> None:
    """Who lost a card has none, the blurred page lies at hand a second time; pages of another stop are not mixed in."""
    day = date(2026, 8, 25)
    papers = make_papers(tmp_path, 30, 1, day, dirty=True, press=WhitePaper())
    planted = {n: one.planted for n, one in enumerate(papers.residents) if one.planted}
    assert planted == dict(zip(range(3, 30, 6), PLANTED, strict=True))
    names = [[path.stem[3:] for path in one.sheets] for one in papers.residents if one.planted]
    assert "form_back" not in names[0]
    assert "insurance_card" not in names[2]
    assert (names[3][0], names[4][0]) == ("form_front-transposed", "form_front-blurred")
    assert papers.residents[27].again[0].stem == "28-form_front"
    assert all(dict(entry.answers)["name"] for entry in papers.due)
    with pytest.raises(ValueError, match="name another folder"):
        make_papers(tmp_path, 29, 1, day, dirty=True, press=WhitePaper())
