"""After a whole stop nobody's name or number lies in the open: not in logs, not on the road, not on the bus."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
import pytest_asyncio

from provisioning.demo.samples.people import Person
from provisioning.demo.samples.stack import Stack
from tests.support.one_stop import OneStop, one_stop, sheets_of

pytestmark = [pytest.mark.journey, pytest.mark.asyncio(loop_scope="module")]

TELLING = ("name", "name_kana", "insured_no", "address", "phone", "birth_date", "survey.contact")
ENCODINGS = ("utf-8", "cp932", "utf-16-le", "utf-16-be")
FEWEST_BYTES = 4


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def after(tmp_path_factory: pytest.TempPathFactory, papers: Stack) -> AsyncIterator[OneStop]:
    """Give the world after a whole stop: read, handed in, arrived, opened, decided, the visit closed."""
    async with one_stop(tmp_path_factory.mktemp("world"), papers) as stop:
        await stop.begin(2, sheets_of(papers, 0)[0], *sheets_of(papers, 1)[:1])
        await stop.all_read()
        stop.known = await stop.hand_in()
        await stop.sign_in()
        await stop.all_at_office(stop.known)
        await stop.pages_are_equal(stop.known)
        first, second = (item["id"] for item in stop.known)
        await stop.office.press(
            f"/cases/{first}/correction", reason="page_missing", sentence="裏面をお持ちください。"
        )
        await stop.office.press(
            f"/cases/{second}/correction", reason="page_missing", sentence="裏面をお持ちください。"
        )
        await stop.desk.read("/state.json")
        await stop.desk.press("/visit/close", anyway="1")
        yield stop


def needles(people: Iterable[Person]) -> dict[bytes, str]:
    """Return what must not be found, in every encoding a program here might write, and what it is."""
    found = {}
    for person in people:
        words = [person.truth[key] for key in TELLING]
        words += [part for key in ("name", "name_kana") for part in person.truth[key].split("　")]
        for word in words:
            for encoding in ENCODINGS:
                data = word.encode(encoding, errors="ignore")
                if len(data) >= FEWEST_BYTES:
                    found[data] = f"{word} ({encoding})"
    return found


def found_in(folders: Iterable[Path], people: Iterable[Person]) -> list[str]:
    """Return every place below these folders where a person's data can be read."""
    sought = needles(people)
    places = []
    for folder in folders:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            data = path.read_bytes()
            places += [f"{path.name}: {word}" for needle, word in sought.items() if needle in data]
    return places


async def test_the_search_itself_finds_what_lies_open(after: OneStop, tmp_path: Path) -> None:
    """A name left in a file in any of the encodings is found."""
    name = after.stack.people[1].truth["name"]
    for encoding in ENCODINGS:
        (tmp_path / encoding).write_bytes(b"..." + name.encode(encoding))
    assert {one.split(":")[0] for one in found_in([tmp_path], after.stack.people)} == set(ENCODINGS)


async def test_no_log_names_a_person(after: OneStop) -> None:
    """Six processes wrote their logs through a whole stop."""
    logs = after.world.data / "logs"
    assert len([path for path in logs.iterdir() if path.stat().st_size]) >= len(
        ("desk", "uplink", "intake", "office")
    )
    assert found_in([logs], after.stack.people) == []


async def test_no_log_holds_a_stack_trace(after: OneStop) -> None:
    """Nothing failed unseen on the way."""
    assert [name for name, data in after.logs().items() if b"Traceback" in data] == []


async def test_shelves_and_intake_hold_sealed_things_only(after: OneStop) -> None:
    """The rooms without keys: the bus's shelf, city hall's shelf, the intake."""
    hall = after.world.hall_folder
    folders = [after.world.bus_folder / "mail", hall / "mail", hall / "intake"]
    assert all(any(folder.rglob("*")) for folder in folders)
    assert found_in(folders, after.stack.people) == []


async def test_after_the_visit_the_bus_holds_nothing_readable(after: OneStop) -> None:
    """Every file of the bus, the desk's own folder among them."""
    assert found_in([after.world.bus_folder], after.stack.people) == []


ODD_PATHS = (
    "/",
    "/visit",
    "/nothing-here",
    "/batch",
    "/batch/feed",
    "/batch/check",
    "/receipts",
    "/receipts?batch=%00",
    "/receipts/batch.pdf",
    "/applications/zzz",
    "/sheets/999/picture",
    "/sheets/-1/picture?size=page",
    "/returned",
    "/state-line?inside=1",
    "/cases/zzz",
    "/cases/" + "0" * 32,
    "/cases/" + "0" * 32 + "/pages/99",
    "/inbox?view=nonsense&page=-1&q=%F0%9F%9A%8C",
    "/audit?before=zzz&case=%27",
    "/%ff%fe",
)


ODD_PRESSES: tuple[tuple[str, dict[str, str]], ...] = (
    ("/batch/declare", {"count": "many"}),
    ("/batch/declare", {"count": "9" * 40}),
    ("/batch/feed", {}),
    ("/batch/hand-in", {"confirmed": "1"}),
    ("/batch/confirm-clean", {}),
    ("/sheets/x/move", {"application": "new"}),
    ("/sheets/7/move", {"application": "nobody"}),
    ("/applications/zzz/confirm", {}),
    ("/applications/zzz/answers", {"name": "\x00"}),
    ("/returned/zzz/start", {}),
    ("/visit/stop", {"stop_id": "nowhere"}),
)


async def test_no_screen_shows_a_stack_trace(after: OneStop) -> None:
    """Whatever is asked or pressed, both counters answer with a page of their own and no server error."""
    await after.open_visit(following=True)
    answers = [
        (path, *await screen.answer(path))
        for screen in (after.desk, after.office)
        for path in ODD_PATHS
    ]
    answers += [(path, *await after.desk.push(path, form)) for path, form in ODD_PRESSES]
    await after.desk.press("/visit/close", anyway="1")
    assert [(path, status) for path, status, _ in answers if status >= 500] == []
    assert [path for path, _, page in answers if "Traceback" in page or ".py" in page] == []
