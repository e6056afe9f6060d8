"""The reader and its real worker processes; pictures that need no recognition model."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable

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
    reader = PageReader(1, sheet_limit_s=0.001)
    kinds = [await codes(reader, b"no picture") for _ in range(2)]
    await reader.close()
    assert kinds == [("unreadable", ["reading_stopped"])] * 2


async def test_killed_worker_is_replaced(reader: PageReader) -> None:
    """A worker that was killed between two sheets costs none; the next is read by another."""
    await codes(reader, b"no picture")
    reader._idle[0].process.kill()
    await reader._idle[0].process.wait()
    assert await codes(reader, b"no picture") == ("unreadable", ["not_a_picture"])


async def test_lanes_are_one_process() -> None:
    """Two sheets at once are read by two lanes of one process, which share its models."""
    reader = PageReader(2)
    await asyncio.gather(*(codes(reader, b"no picture") for _ in range(2)))
    processes = {lane.process.pid for lane in reader._idle}
    await reader.close()
    assert len(processes) == 1


async def test_worker_killed_with_two_sheets_costs_neither() -> None:
    """When the process dies under two sheets, each is read once more, alone."""
    reader = PageReader(2)
    ready = [asyncio.Event(), asyncio.Event()]

    def held(number: int) -> Callable[[QrCode | None], bool]:
        def deep(_: QrCode | None) -> bool:
            ready[number].set()
            if all(event.is_set() for event in ready):
                for process in list(reader._reading):
                    if process in reader._shared and process.returncode is None:
                        process.kill()
            return False

        return deep

    out = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(out, "PNG")
    sheets = await asyncio.gather(
        *(reader.read(out.getvalue(), "image/png", 300, held(n)) for n in range(2))
    )
    await reader.close()
    assert [sheet.kind for sheet in sheets] == ["blank", "blank"]


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
