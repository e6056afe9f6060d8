"""Sheets nobody hoped for, fed to the real desk: each is carried or named, none is guessed, none stops the stop."""

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from provisioning.demo.samples.stack import Stack
from provisioning.demo.screens import State
from tests.support.one_stop import OneStop, one_stop, sheets_of

pytestmark = pytest.mark.journey

CARD = 2
SIDE = 30_000


async def read_stack(stop: OneStop, declared: int, *sheets: Path) -> State:
    """Feed these sheets as one batch and return the desk's state once all are read."""
    await stop.begin(declared, *sheets)
    return await stop.all_read()


async def test_two_cards_without_a_form(tmp_path: Path, papers: Stack) -> None:
    """Each card waits for its form: two applications, each says that the form is missing."""
    cards = (sheets_of(papers, 0)[CARD], sheets_of(papers, 1)[CARD])
    async with one_stop(tmp_path, papers) as stop:
        state = await read_stack(stop, 2, *cards)
        assert [sheet["kind"] for sheet in state["sheets"]] == ["insurance_card"] * 2
        assert [len(item["pages"]) for item in state["applications"]] == [1, 1]
        for item in state["applications"]:
            blocks = [one["sentence"] for one in item["defects"] if one["severity"] == "block"]
            assert any("申請書" in sentence for sentence in blocks), blocks


async def test_a_blank_sheet_and_a_form_upside_down(tmp_path: Path, papers: Stack) -> None:
    """The blank side steps aside by itself; the form is turned and belongs to its person."""
    blank, turned = tmp_path / "blank.jpg", tmp_path / "turned.jpg"
    Image.new("RGB", (2480, 3508), (252, 252, 250)).save(blank, quality=90, dpi=(300, 300))
    with Image.open(sheets_of(papers, 0)[0]) as front:
        front.rotate(180).save(turned, quality=92, dpi=(300, 300))
    async with one_stop(tmp_path / "world", papers) as stop:
        state = await read_stack(stop, 1, turned, blank)
        assert [sheet["kind"] for sheet in state["sheets"]] == ["form_front", "blank"]
        assert state["sheets"][1]["aside"] is True
        (item,) = state["applications"]
        truth = papers.people[0].truth
        assert item["fields"]["insured_no"] == truth["insured_no"]
        assert item["fields"]["name"] == truth["name"]


async def test_files_that_are_no_sheets_are_refused_at_the_tray(
    tmp_path: Path, papers: Stack
) -> None:
    """A torn JPEG and a picture of 900 megapixels: a sentence names each, the good sheet is read."""
    torn, vast = tmp_path / "torn.jpg", tmp_path / "vast.png"
    good = sheets_of(papers, 0)[0]
    torn.write_bytes(good.read_bytes()[:20_000])
    vast.write_bytes(vast_png())
    async with one_stop(tmp_path / "world", papers) as stop:
        await stop.pack_on_board()
        await stop.open_visit()
        await stop.desk.press("/batch/declare", count="1")
        refused = await stop.lay(torn, vast, good)
        assert [sentence.split(" ")[0] for sentence in refused] == ["torn.jpg", "vast.png"]
        assert all(sentence.endswith(".") for sentence in refused)
        await stop.desk.press("/batch/feed")
        state = await stop.all_read()
        assert [sheet["kind"] for sheet in state["sheets"]] == ["form_front"]


def vast_png() -> bytes:
    """Return a PNG whose header promises 900 megapixels in a few hundred bytes."""
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(4096))), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body
