"""The played scanner's control door and its manners on the wire."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from yarl import URL

from tests.support.pictures import noise, write_sheets
from tests.support.sane_stack import Played, played


@pytest.fixture
async def device(tmp_path: Path) -> AsyncIterator[Played]:
    """One played scanner."""
    async with played(tmp_path / "sane") as one:
        yield one


@pytest.fixture
async def http(device: Played) -> AsyncIterator[ClientSession]:
    """A client at its door."""
    async with ClientSession(f"http://127.0.0.1:{device.port}") as session:
        yield session


async def test_ok__sheets_are_laid_in_by_path(http: ClientSession, tmp_path: Path) -> None:
    """The answer counts them."""
    paths = write_sheets(tmp_path, (30, 20), (30, 20))
    async with http.post("/tray", json={"load": [str(p) for p in paths]}) as answer:
        facts = await answer.json()
    assert (answer.status, facts["sheets"], facts["refused"]) == (200, 2, [])


async def test_ok__a_file_that_is_no_sheet_is_refused_by_name(
    http: ClientSession, tmp_path: Path
) -> None:
    """The others are laid in all the same."""
    (good,) = write_sheets(tmp_path, (30, 20))
    bad = tmp_path / "note.txt"
    bad.write_text("hello", encoding="utf-8")
    async with http.post("/tray", json={"load": [str(bad), str(good)]}) as answer:
        facts = await answer.json()
    assert (answer.status, facts["sheets"]) == (200, 1)
    assert facts["refused"] == ["note.txt is not a picture this feeder knows, so not a sheet."]


async def test_fail__nothing_but_refused_files_is_an_error(
    http: ClientSession, tmp_path: Path
) -> None:
    """A loader that looks at the status only is told as well."""
    async with http.post("/tray", json={"load": [str(tmp_path)]}) as answer:
        assert answer.status == 422


async def test_ok__the_tray_can_be_cleared(http: ClientSession, tmp_path: Path) -> None:
    """A new stack instead of the old one."""
    paths = [str(p) for p in write_sheets(tmp_path, (30, 20), (30, 20))]
    await http.post("/tray", json={"load": paths})
    await http.post("/tray", json={"load": paths[:1], "clear": True})
    async with http.get("/tray") as answer:
        assert (await answer.json())["sheets"] == 1


@pytest.mark.parametrize(
    ("door", "body"),
    [
        ("/tray", "no json"),
        ("/tray", "[]"),
        ("/tray", '{"load": "a"}'),
        ("/tray", '{"load": [1]}'),
        ("/fault", '{"fault": "fire"}'),
        ("/fault", '{"fault": "jam", "after": "x"}'),
    ],
)
async def test_fail__the_control_door_knows_its_words(
    http: ClientSession, door: str, body: str
) -> None:
    """Anything else is a bad request with a sentence."""
    async with http.post(door, data=body) as answer:
        assert answer.status == 400
        assert await answer.text()


async def test_ok__a_fault_is_shown_and_cleared(http: ClientSession) -> None:
    """The tray's facts follow."""
    async with http.post("/fault", json={"fault": "cover"}) as answer:
        shown = await answer.json()
    async with http.post("/fault", json={"fault": None}) as answer:
        cleared = await answer.json()
    assert (shown["state"], cleared["state"]) == ("cover_open", "empty")


async def test_fail__a_job_on_an_empty_tray_is_refused(http: ClientSession) -> None:
    """As a scanner without paper does."""
    async with http.post("/eSCL/ScanJobs", data="<a/>") as answer:
        assert answer.status == 409


async def test_fail__a_job_nobody_opened_has_no_pages(http: ClientSession) -> None:
    """A made-up address gives nothing."""
    async with http.get("/eSCL/ScanJobs/none/NextDocument") as answer:
        assert answer.status == 404


async def test_ok__a_new_job_ends_an_older_one(http: ClientSession, tmp_path: Path) -> None:
    """A driver that died without a word does not lock the scanner."""
    await http.post("/tray", json={"load": [str(p) for p in write_sheets(tmp_path, (30, 20))]})
    async with http.post("/eSCL/ScanJobs", data="<a/>") as answer:
        old = answer.headers["Location"]
    async with http.post("/eSCL/ScanJobs", data="<a/>") as answer:
        new = answer.headers["Location"]
    async with http.get(f"{old}/NextDocument") as late, http.get(f"{new}/NextDocument") as page:
        assert (late.status, page.status) == (404, 200)


async def test_ok__a_sheet_whose_line_broke_comes_again(
    device: Played, http: ClientSession, tmp_path: Path
) -> None:
    """A picture that did not get out has not passed the rollers."""
    noise(2400, 2400).save(tmp_path / "large.jpg", quality=100)
    await http.post("/tray", json={"load": [str(tmp_path / "large.jpg")]})
    async with http.post("/eSCL/ScanJobs", data="<a/>") as answer:
        place = answer.headers["Location"]
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", device.port))
        line.sendall(f"GET {URL(place).path}/NextDocument HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        await asyncio.to_thread(line.recv, 16)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    async with http.get(f"{place}/NextDocument") as page:
        assert (page.status, await page.read()) == (200, (tmp_path / "large.jpg").read_bytes())


async def test_fail__too_many_sheets_are_refused_as_a_whole(
    device: Played, http: ClientSession, tmp_path: Path
) -> None:
    """The limit of the tray is told in words."""
    (path,) = write_sheets(tmp_path, (8, 8))
    async with http.post("/tray", json={"load": [str(path)] * 501}) as answer:
        assert (answer.status, len(device.feeder.tray.sheets)) == (422, 0)
