"""The reader and its real worker processes; pictures that need no recognition model."""

import asyncio
import io
import os
import select
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from PIL import Image

from appliance.desk.pages.reader import PageReader
from appliance.desk.pages.sheet import QrCode
from papers.limits import BYTE_LIMIT
from tests.papers.test_opening import png_header


@pytest.fixture
async def reader() -> AsyncIterator[PageReader]:
    """One worker."""
    made = PageReader(1)
    yield made
    await made.close()


def white() -> bytes:
    """Give a blank sheet."""
    out = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(out, "PNG")
    return out.getvalue()


def parent_of(pid: int) -> int:
    """Tell the parent of a process."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    return int(told.rpartition(")")[2].split()[1])


async def codes(reader: PageReader, data: bytes) -> tuple[str, list[str]]:
    """Read and give kind and finding codes."""
    sheet = await reader.read(data, "image/jpeg", 300, deep=False)
    return sheet.kind, [finding.code for finding in sheet.findings]


async def test_bad_sheets_do_not_stop_the_reader(reader: PageReader) -> None:
    """Text, a bomb's header and a broken picture each get a kind and a sentence, one after another."""
    out = io.BytesIO()
    Image.effect_noise((300, 300), 90).convert("RGB").save(out, "JPEG")
    answers = [
        await codes(reader, data)
        for data in (b"no picture", png_header(30_000, 30_000), out.getvalue()[:4000])
    ]
    assert answers == [
        ("unreadable", ["not_a_picture"]),
        ("unreadable", ["too_large"]),
        ("unreadable", ["broken_picture"]),
    ]


async def test_too_many_bytes_never_reach_a_worker(reader: PageReader) -> None:
    """The reader itself counts bytes."""
    assert await codes(reader, bytes(BYTE_LIMIT + 1)) == ("unreadable", ["too_many_bytes"])


async def test_slow_sheet_costs_its_worker_only() -> None:
    """A sheet over its time is unreadable, and its worker is ended and not asked again."""
    reader = PageReader(1, sheet_limit_s=0.0)
    kinds = [await codes(reader, b"no picture") for _ in range(2)]
    await reader.close()
    assert kinds == [("unreadable", ["reading_stopped"])] * 2


async def test_killed_worker_is_replaced(reader: PageReader) -> None:
    """A worker that was killed between two sheets costs none; the next is read by another."""
    await codes(reader, b"no picture")
    os.kill(reader._idle[0].pid, signal.SIGKILL)
    assert await codes(reader, b"no picture") == ("unreadable", ["not_a_picture"])


async def test_lanes_are_split_off_one_process() -> None:
    """Two sheets at once are read by two processes of one parent, whose models they share."""
    reader = PageReader(2)
    await reader.warm()
    parents = {parent_of(lane.pid) for lane in reader._idle}
    workers = {lane.pid for lane in reader._idle}
    await reader.close()
    assert (len(workers), len(parents)) == (2, 1)


async def test_worker_killed_under_its_sheet_costs_none() -> None:
    """When a process dies under a sheet, that is read once more; the other sheet is not disturbed."""
    reader = PageReader(2)
    await reader.warm()
    first, second = (lane.pid for lane in reader._idle)
    asked = [0, 0]

    def held(number: int) -> Callable[[QrCode | None], bool]:
        def deep(_: QrCode | None) -> bool:
            asked[number] += 1
            if sum(asked) == 1:
                os.kill(second if number == 0 else first, signal.SIGKILL)
            return False

        return deep

    sheets = await asyncio.gather(
        *(reader.read(white(), "image/png", 300, held(n)) for n in range(2))
    )
    await reader.close()
    assert [sheet.kind for sheet in sheets] == ["blank", "blank"]


async def test_hung_up_worker_ends(reader: PageReader) -> None:
    """A worker whose reader is gone ends although nobody killed it."""
    await codes(reader, b"no picture")
    lane = reader._idle.pop()
    ending = os.pidfd_open(lane.pid)
    await lane.close()
    ended, _, _ = await asyncio.to_thread(select.select, [ending], [], [], 60)
    os.close(ending)
    assert ended


async def test_dead_parent_is_replaced(reader: PageReader) -> None:
    """When the process that holds the models dies, the next worker comes from another."""
    await codes(reader, b"no picture")
    lane = reader._idle.pop()
    os.kill(parent_of(lane.pid), signal.SIGKILL)
    await lane.close()
    assert await codes(reader, b"no picture") == ("unreadable", ["not_a_picture"])


async def test_no_more_workers_than_allowed() -> None:
    """Four sheets at once are read by two workers."""
    reader = PageReader(2)
    await asyncio.gather(*(codes(reader, b"no picture") for _ in range(4)))
    idle = len(reader._idle)
    await reader.close()
    assert idle == 2


async def test_closed_reader_refuses() -> None:
    """Reading after closing is our own mistake."""
    reader = PageReader(1)
    await reader.close()
    with pytest.raises(RuntimeError):
        await codes(reader, b"no picture")
