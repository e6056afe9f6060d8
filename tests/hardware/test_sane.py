"""The SANE driver alone: hard stacks through the real stack, and a driver program that misbehaves."""

import asyncio
import os
import signal
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from hardware.errors import DeviceError
from hardware.protocols import FeederState, Sheet
from hardware.scanner import raster, scanimage
from hardware.scanner.escl import status
from hardware.scanner.sane import CAUSES, SaneScanner
from hardware.scanner.tray import Fault
from tests.support.pictures import noise, pixels, write_sheets
from tests.support.sane_stack import NEEDS_SANE, OPTIONS, missing, played, stand_in
from tests.support.tls import TlsCity

needs_sane = pytest.mark.skipif(bool(missing()), reason=missing() or "it is there")


async def pull(scanner: SaneScanner) -> tuple[list[Sheet], str]:
    """Pull until the end or an error; give the error's cause, or nothing."""
    sheets: list[Sheet] = []
    try:
        await collect(scanner, sheets)
    except DeviceError as error:
        return sheets, error.cause
    return sheets, ""


async def collect(scanner: SaneScanner, sheets: list[Sheet]) -> None:
    """Put each sheet into the list as it comes, so that an error leaves the good ones there."""
    async for sheet in scanner.feed():
        sheets.append(sheet)  # noqa: PERF401  # a comprehension would lose them at an error


@pytest.mark.sane
@needs_sane
@pytest.mark.parametrize("dpi", [200, 300])
async def test_ok__full_size_sheets_of_every_kind_share_a_stack(tmp_path: Path, dpi: int) -> None:
    """A4 at 200 and 300 dpi, a trifold card and photographs both ways keep their pixel sizes."""
    sizes = [(1654, 2339), (2480, 3508), (3272, 1559), (2592, 1944), (1944, 2592)]
    async with played(tmp_path / "sane") as device:
        await device.feeder.load(write_sheets(tmp_path / "sheets", *sizes))
        sheets, _ = await pull(SaneScanner(device.device, dpi=dpi, config=device.config))
    assert [pixels(s.image).shape[1::-1] for s in sheets] == sizes


@pytest.mark.sane
@needs_sane
async def test_ok__a_tall_stack_comes_through(tmp_path: Path) -> None:
    """Thirty-six sheets are one feed."""
    async with played(tmp_path / "sane") as device:
        await device.feeder.load(write_sheets(tmp_path / "sheets", *[(160, 240)] * 36))
        scanner = SaneScanner(device.device, dpi=150, config=device.config)
        sheets, cause = await pull(scanner)
    assert (len(sheets), cause) == (36, "")


@pytest.mark.sane
@needs_sane
async def test_ok__a_grey_picture_is_a_sheet_like_any_other(tmp_path: Path) -> None:
    """A file with one channel among coloured ones keeps its size and its grey."""
    noise(400, 300, mode="L").save(tmp_path / "grey.jpg", quality=90)
    async with played(tmp_path / "sane") as device:
        await device.feeder.load([tmp_path / "grey.jpg"])
        sheets, cause = await pull(SaneScanner(device.device, config=device.config))
    assert (len(sheets), cause) == (1, "")
    assert abs(pixels(sheets[0].image) - pixels(tmp_path / "grey.jpg")).mean() < 2


@pytest.mark.sane
@needs_sane
async def test_ok__a_wholly_white_sheet_is_a_blank_page(tmp_path: Path) -> None:
    """Nothing but white is still a sheet, of A4 size, not a lost one."""
    Image.new("RGB", (2480, 3508), "white").save(tmp_path / "blank.jpg")
    async with played(tmp_path / "sane") as device:
        await device.feeder.load([tmp_path / "blank.jpg"])
        sheets, _ = await pull(SaneScanner(device.device, config=device.config))
    assert [pixels(s.image).shape for s in sheets] == [(3508, 2480, 3)]


@pytest.mark.sane
@needs_sane
async def test_ok__without_a_name_the_first_scanner_found_is_taken(tmp_path: Path) -> None:
    """An empty setting means: whatever SANE lists first."""
    async with played(tmp_path / "sane") as device:
        await device.feeder.load(write_sheets(tmp_path / "sheets", (160, 240)))
        scanner = SaneScanner(config=device.config)
        await pull(scanner)
    assert scanner.name == f"sane {device.device}"


@pytest.mark.sane
@needs_sane
async def test_fail__a_hung_scanner_is_given_up_at_the_deadline(tmp_path: Path) -> None:
    """The sheet before is kept, the deadline holds, and the rest comes after the remedy."""
    async with played(tmp_path / "sane") as device:
        await device.feeder.load(write_sheets(tmp_path / "sheets", *[(160, 240)] * 3))
        device.feeder.set_fault(Fault.HANG, after=1)
        scanner = SaneScanner(device.device, config=device.config, sheet_deadline_s=1.5)
        before, cause = await pull(scanner)
        device.feeder.set_fault(None)
        after, _ = await pull(scanner)
    assert (len(before), cause, len(after)) == (1, "hung", 2)


@pytest.mark.sane
@needs_sane
async def test_fail__a_sheet_larger_than_the_window_jams(tmp_path: Path) -> None:
    """It is never cropped in silence."""
    noise(6000, 400).save(tmp_path / "long.jpg")
    async with played(tmp_path / "sane") as device:
        await device.feeder.load([tmp_path / "long.jpg"])
        sheets, cause = await pull(SaneScanner(device.device, config=device.config))
    assert (sheets, cause) == ([], "jammed")


@pytest.mark.parametrize(("code", "cause"), sorted(CAUSES.items()))
async def test_fail__each_exit_code_has_its_cause(tmp_path: Path, code: int, cause: str) -> None:
    """A SANE status after a good sheet becomes our word for it."""
    program = stand_in(tmp_path, f"page 1; read -r _; exit {code}")
    sheets, told = await pull(SaneScanner("played:0", program=program))
    assert (len(sheets), told) == (1, cause)


async def test_fail__a_crashed_driver_is_a_broken_off_scan(tmp_path: Path) -> None:
    """A program ended by a signal is told as "io"."""
    program = stand_in(tmp_path, "page 1; read -r _; kill -SEGV $$")
    assert (await pull(SaneScanner("played:0", program=program)))[1] == "io"


async def test_fail__a_driver_deaf_to_sigterm_is_killed_with_its_children(tmp_path: Path) -> None:
    """At the deadline the whole process group is gone."""
    pid_file = tmp_path / "child"
    program = stand_in(
        tmp_path, f"trap '' TERM; sleep 600 & echo $! > {pid_file}; read -r _; wait; wait"
    )
    scanner = SaneScanner("played:0", program=program, sheet_deadline_s=0.5)
    begin = time.monotonic()
    assert await pull(scanner) == ([], "hung")
    assert time.monotonic() - begin < 5
    assert await gone(int(pid_file.read_text()))


async def test_fail__a_feed_that_is_cancelled_leaves_no_driver_behind(tmp_path: Path) -> None:
    """A lock in the middle of a stuck sheet ends it too; before, a cancelled task never came to the kill."""
    pid_file = tmp_path / "driver"
    program = stand_in(tmp_path, f"trap '' TERM; page 1; echo $$ > {pid_file}; sleep 600")
    pulling = asyncio.create_task(pull(SaneScanner("played:0", program=program)))
    async with asyncio.timeout(60):
        while not pid_file.exists() or not pid_file.read_text():  # noqa: ASYNC110 - a shell's file
            await asyncio.sleep(0.01)
    pulling.cancel()
    await asyncio.gather(pulling, return_exceptions=True)
    assert await gone(int(pid_file.read_text()))


async def gone(pid: int) -> bool:
    """Wait until a killed process is no longer running."""
    for _ in range(200):
        if not running(pid):
            return True
        await asyncio.sleep(0.01)
    return False


def running(pid: int) -> bool:
    """Look a process up; a zombie does not run."""
    try:
        about = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return about.rpartition(")")[2].split()[0] != "Z"


async def test_fail__a_broken_raster_is_told_and_the_run_ended(tmp_path: Path) -> None:
    """A file shorter than its header promises never becomes a sheet."""
    batch = 'read -r _; printf "P6\\n8 8\\n255\\nshort" > $folder/1.pnm; echo $folder/1.pnm; page 2'
    program = stand_in(tmp_path, batch)
    assert await pull(SaneScanner("played:0", program=program)) == ([], "io")


async def test_ok__noise_on_the_output_is_passed_over(tmp_path: Path) -> None:
    """Only lines that name a file in our folder count."""
    program = stand_in(tmp_path, "echo hello; echo /etc/passwd; page 1; echo bye; exit 0")
    sheets, cause = await pull(SaneScanner("played:0", program=program))
    assert (len(sheets), cause) == (1, "")


async def test_fail__a_missing_program_is_a_setting_for_the_technician(tmp_path: Path) -> None:
    """Without scanimage the driver says "unusable"."""
    scanner = SaneScanner("played:0", program=str(tmp_path / "nothing"))
    assert (await pull(scanner))[1] == "unusable"


async def test_fail__a_scanner_without_a_feeder_is_unusable(tmp_path: Path) -> None:
    """A flatbed alone cannot take a stack."""
    program = stand_in(tmp_path, "page 1", options="    --source Flatbed [Flatbed]")
    assert (await pull(SaneScanner("played:0", program=program)))[1] == "unusable"


async def test_fail__no_scanner_listed_is_absent(tmp_path: Path) -> None:
    """Without a name and with an empty list there is nothing to open."""
    program = stand_in(tmp_path, "page 1", devices="")
    assert (await pull(SaneScanner(program=program)))[1] == "absent"


@pytest.mark.parametrize(
    ("loaded", "state"), [("yes", FeederState.LOADED), ("no", FeederState.EMPTY)]
)
async def test_ok__a_paper_sensor_is_believed(
    tmp_path: Path, loaded: str, state: FeederState
) -> None:
    """Backends with a sensor option tell without pulling a sheet."""
    options = f"    --page-loaded[=(yes|no)] [{loaded}] [hardware]"
    program = stand_in(tmp_path, "page 1", options=options)
    assert await SaneScanner("played:0", program=program).state() is state


async def test_ok__an_open_cover_sensor_is_believed(tmp_path: Path) -> None:
    """The cover's switch comes before everything else."""
    program = stand_in(tmp_path, "", options="    --cover-open[=(yes|no)] [yes] [hardware]")
    assert await SaneScanner("played:0", program=program).state() is FeederState.COVER_OPEN


async def test_ok__without_a_sensor_the_last_meeting_counts(tmp_path: Path) -> None:
    """Before the first feed paper is assumed; after a jam the jam is."""
    program = stand_in(tmp_path, "read -r _; exit 6")
    scanner = SaneScanner("played:0", program=program)
    before = await scanner.state()
    await pull(scanner)
    assert (before, await scanner.state()) == (FeederState.LOADED, FeederState.JAMMED)


async def test_fail__a_jam_with_the_sensor_for_two_sheets_on_is_a_double_feed(
    tmp_path: Path,
) -> None:
    """SANE has one word for both; the backend's own sensor knows."""
    options = OPTIONS + "    --double-feed[=(yes|no)] [yes] [hardware]\n"
    program = stand_in(tmp_path, "page 1; read -r _; exit 6", options=options)
    assert (await pull(SaneScanner("played:0", program=program)))[1] == "double_fed"


async def test_ok__a_closed_cover_is_noticed_without_a_feed(tmp_path: Path) -> None:
    """The sensor's word ends that state by itself."""
    line = "    --cover-open[=(yes|no)] [{}] [hardware]\n    --page-loaded[=(yes|no)] [yes] [hardware]\n"
    scanner = SaneScanner("played:0", program=stand_in(tmp_path, "", options=line.format("yes")))
    before = await scanner.state()
    stand_in(tmp_path, "", options=line.format("no"))
    assert (before, await scanner.state()) == (FeederState.COVER_OPEN, FeederState.LOADED)


async def test_ok__sides_are_told_apart(tmp_path: Path) -> None:
    """A driver with a switch for both sides gives fronts and backs in turn."""
    options = OPTIONS + "    --adf-mode Simplex|Duplex [Simplex]\n"
    program = stand_in(tmp_path, "page 1; page 2; page 3; page 4; exit 0", options=options)
    sheets, _ = await pull(SaneScanner("played:0", program=program, duplex=True))
    assert [sheet.side for sheet in sheets] == ["front", "back", "front", "back"]


async def test_fail__a_feeder_for_one_side_is_unusable_for_two(tmp_path: Path) -> None:
    """Half of every leaf would be missing, so nothing is pulled."""
    program = stand_in(tmp_path, "page 1")
    assert await pull(SaneScanner("played:0", program=program, duplex=True)) == ([], "unusable")


async def test_fail__what_nothing_can_end_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A stray child that escaped its group keeps the pipes open; the desk goes on all the same."""
    monkeypatch.setattr(scanimage, "KILL_S", 0.3)
    pid_file = tmp_path / "stray"
    stray = f"setsid sh -c 'echo $$ > {pid_file}; exec sleep 600' &"
    program = stand_in(
        tmp_path, f"{stray} while [ ! -s {pid_file} ]; do :; done; read -r _; exec sleep 600"
    )
    scanner = SaneScanner("played:0", program=program, sheet_deadline_s=3)
    assert await pull(scanner) == ([], "hung")
    os.kill(int(pid_file.read_text()), signal.SIGKILL)
    assert "scanimage.left_behind" in caplog.text


@asynccontextmanager
async def network_scanner(
    folder: Path, code: int, body: bytes, context: ssl.SSLContext | None = None
) -> AsyncIterator[SaneScanner]:
    """A network scanner whose status page answers like this; SANE itself finds it well."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=code, body=body)

    app = web.Application()
    app.add_routes([web.get("/eSCL/ScannerStatus", answer)])
    async with TestServer(app, scheme="https" if context else "http") as server:
        await server.start_server(ssl=context)
        (folder / "airscan.conf").write_text(f'[devices]\n"A" = {server.make_url("/eSCL")}, eSCL\n')
        yield SaneScanner("airscan:e0:A", config=folder, program=stand_in(folder, ""))


async def test_ok__a_status_that_says_nothing_is_no_reason_for_despair(tmp_path: Path) -> None:
    """An old scanner without the page counts by what SANE says."""
    async with network_scanner(tmp_path, 404, b"") as scanner:
        assert await scanner.state() is FeederState.LOADED


async def test_ok__a_scanner_with_its_own_certificate_is_not_absent(tmp_path: Path) -> None:
    """We cannot check it, so we do not listen; SANE reaches it all the same."""
    server = TlsCity(tmp_path / "tls").server()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server.certificate, server.key)
    async with network_scanner(tmp_path, 200, b"", context) as scanner:
        assert await scanner.state() is FeederState.LOADED


async def test_ok__a_status_page_is_believed(tmp_path: Path) -> None:
    """It sees the cover; the exit code of the backend does not."""
    async with network_scanner(tmp_path, 200, status(FeederState.COVER_OPEN)) as scanner:
        assert await scanner.state() is FeederState.COVER_OPEN


async def test_ok__no_raster_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a feed the memory folder is empty again, also when it failed."""
    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr(raster, "SCRATCH_FOLDERS", (memory,))
    await pull(SaneScanner("played:0", program=stand_in(tmp_path, "page 1; page 2; exit 9")))
    assert list(memory.iterdir()) == []


async def test_ok__what_a_dead_process_left_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder whose owner no longer runs goes; a living owner's stays."""
    dead = tmp_path / f"{raster.PREFIX}4194999-x"
    alive = tmp_path / f"{raster.PREFIX}{os.getpid()}-x"
    dead.mkdir()
    alive.mkdir()
    monkeypatch.setattr(raster, "SCRATCH_FOLDERS", (tmp_path,))
    raster.scratch_folder()
    assert (dead.exists(), alive.exists()) == (False, True)


async def test_fail__without_memory_for_a_sheet_nothing_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No raster ever goes to a disk instead."""
    monkeypatch.setattr(raster, "SCRATCH_FOLDERS", (tmp_path / "none",))
    assert (await pull(SaneScanner("x", program=stand_in(tmp_path, "page 1"))))[1] == "no_room"


def test_ok__the_contract_marks_say_why_they_skip() -> None:
    """A skipped real-stack test carries a reason in words."""
    assert NEEDS_SANE[1].kwargs["reason"]
