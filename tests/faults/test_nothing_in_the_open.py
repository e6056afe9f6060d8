"""After a whole stop nobody's name or number lies in the open: not in logs, not on the road, not on the bus."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from provisioning.demo.samples.stack import Stack
from tests.support.canaries import (
    ENCODINGS,
    forms_in_the_open,
    found_in,
    found_in_image,
    needles,
    seen_in,
    words_of,
)
from tests.support.memory_image import forms_of, hits
from tests.support.one_stop import OneStop, sheets_of
from tests.support.real_disk import MISSING
from tests.support.stop_on_disk import StopOnDisk, play, stop_on_disk

pytestmark = [pytest.mark.journey, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def placed(
    tmp_path_factory: pytest.TempPathFactory, papers: Stack
) -> AsyncIterator[StopOnDisk]:
    """Give the world after a whole stop: read, handed in, arrived, opened, decided, the visit closed."""
    async with stop_on_disk(tmp_path_factory.mktemp("stop"), papers) as found:
        sheets = (sheets_of(papers, 0)[0], *sheets_of(papers, 1)[:1])
        await play(found.stop, sheets, 2)
        yield found


@pytest.fixture
def after(placed: StopOnDisk) -> OneStop:
    """Give the stop itself."""
    return placed.stop


@pytest.fixture
def sought(papers: Stack) -> dict[bytes, str]:
    """Give every form of what tells who these people are."""
    return needles(words_of(papers.people))


async def test_the_search_itself_finds_what_lies_open(
    sought: dict[bytes, str], papers: Stack, tmp_path: Path
) -> None:
    """A name left in a file in any of the encodings is found."""
    name = papers.people[1].truth["name"]
    for encoding in ENCODINGS:
        (tmp_path / encoding).write_bytes(b"..." + name.encode(encoding))
    found = {one.split(":")[0] for one in found_in([tmp_path], sought)}
    assert found == set(ENCODINGS)


async def test_the_search_finds_every_form(papers: Stack) -> None:
    """Base64 at each offset, hexadecimal and zlib too."""
    name = papers.people[1].truth["name"]
    sought = needles([name])
    for data in forms_in_the_open(name):
        assert seen_in(data, sought), data


async def test_no_log_names_a_person(after: OneStop, sought: dict[bytes, str]) -> None:
    """Six processes wrote their logs through a whole stop."""
    logs = after.world.data / "logs"
    assert len([path for path in logs.iterdir() if path.stat().st_size]) >= len(
        ("desk", "uplink", "intake", "office")
    )
    assert found_in([logs], sought) == []


async def test_no_log_holds_a_stack_trace(after: OneStop) -> None:
    """Nothing failed unseen on the way."""
    assert [name for name, data in after.logs().items() if b"Traceback" in data] == []


async def test_shelves_and_intake_hold_sealed_things_only(
    after: OneStop, sought: dict[bytes, str]
) -> None:
    """The rooms without keys: the bus's shelf, city hall's shelf, the intake."""
    hall = after.world.hall_folder
    folders = [after.world.bus_folder / "mail", hall / "mail", hall / "intake"]
    assert all(any(folder.rglob("*")) for folder in folders)
    assert found_in(folders, sought) == []


async def test_after_the_visit_the_bus_holds_nothing_readable(
    after: OneStop, sought: dict[bytes, str]
) -> None:
    """Every file of the bus, the desk's own folder among them."""
    assert found_in([after.world.bus_folder], sought) == []


async def test_nothing_lies_in_the_raw_image_of_the_buss_disk(
    placed: StopOnDisk, sought: dict[bytes, str]
) -> None:
    """Free space, the file system's journal, what was deleted, logs and temporary files."""
    image = placed.image()
    if image is None:
        pytest.skip(MISSING)
    assert found_in_image(image, sought) == []


async def test_a_deleted_file_would_be_found_in_the_raw_image(
    placed: StopOnDisk, sought: dict[bytes, str]
) -> None:
    """The search has teeth: a name that was written and deleted stays on the disk."""
    if placed.disk is None:
        pytest.skip(MISSING)
    planted = placed.disk.folder / "planted"
    planted.write_bytes(next(iter(sought)) * 10)
    placed.image()
    planted.unlink()
    image = placed.image()
    assert image is not None
    assert found_in_image(image, sought) != []


async def test_uplink_and_intake_hold_no_name_in_memory(placed: StopOnDisk, papers: Stack) -> None:
    """They carried every byte of it, sealed."""
    words = {word: forms_of(word) for word in words_of(papers.people[:1])[:3]}
    for pid in placed.pids("uplink", "intake"):
        assert hits(pid, words) == dict.fromkeys(words, 0)


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
