"""Printing through the real CUPS: a job to its end, the troubles of a printer in words, nothing left behind."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from hardware.errors import DeviceFault, DeviceMissing
from hardware.printer import simulated
from hardware.printer.cups import CupsPrinter
from hardware.printer.simulated import SimulatedPrinter
from hardware.protocols import JobState, PrinterState
from tests.support.print_service import QUEUE, PrintService, missing, print_service

PDF = b"%PDF-1.7\n%%EOF\n"
DEADLINE_S = 60.0

needs_cups = pytest.mark.skipif(bool(missing()), reason=missing() or "all is there")


@pytest.fixture(scope="module")
def service() -> Iterator[PrintService]:
    """A real print service; in a folder with a short name, for a socket's path is short."""
    folder = Path(tempfile.mkdtemp(prefix="cups-"))
    try:
        with print_service(folder) as running:
            yield running
    finally:
        shutil.rmtree(folder)


@pytest.fixture
async def printer(service: PrintService) -> AsyncIterator[CupsPrinter]:
    """The driver on that service; a fault a test left is mended."""
    yield CupsPrinter(QUEUE, socket=service.socket)
    service.fault("")


def names_in(folder: Path) -> list[str]:
    """List a folder."""
    return sorted(path.name for path in folder.iterdir())


async def until(ask: Callable[[], Awaitable[object]], wanted: object) -> object:
    """Ask again until the answer is the wanted one, for a minute at most; give the last answer."""
    loop = asyncio.get_running_loop()
    end = loop.time() + DEADLINE_S
    while (told := await ask()) != wanted and loop.time() < end:  # noqa: ASYNC110 - another process's condition
        await asyncio.sleep(0.05)
    return told


@needs_cups
async def test_ok__a_job_goes_through_the_real_service_to_its_end(
    service: PrintService, printer: CupsPrinter
) -> None:
    """Its bytes come out as they went in, under a name that says nothing, and the spool is empty again."""
    job = await printer.print(PDF)
    assert await until(lambda: printer.job(job), JobState.DONE) is JobState.DONE
    assert service.printed()[-1] == PDF
    assert {title.partition("|")[2] for title in service.titles()} == {"receipt"}
    assert service.documents() == []
    assert await printer.state() is PrinterState.READY


@needs_cups
@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("media-empty-error", PrinterState.NO_PAPER),
        ("media-jam-error", PrinterState.JAMMED),
        ("cover-open-error", PrinterState.COVER_OPEN),
        ("offline-report", PrinterState.OFFLINE),
    ],
)
async def test_fail__a_trouble_is_told_and_the_job_goes_on_when_it_is_mended(
    service: PrintService, printer: CupsPrinter, reason: str, state: PrinterState
) -> None:
    """The question is answered while the printer stands still, and nobody has to print again."""
    service.fault(reason)
    job = await printer.print(PDF)
    assert await until(printer.state, state) is state
    assert not (await printer.job(job)).over
    service.fault("")
    assert await until(lambda: printer.job(job), JobState.DONE) is JobState.DONE


@needs_cups
async def test_fail__a_cancelled_job_leaves_no_document(
    service: PrintService, printer: CupsPrinter
) -> None:
    """What waited behind an empty tray is gone from the spool, and never comes out."""
    service.fault("media-empty-error")
    before = len(service.printed())
    jobs = [await printer.print(PDF) for _ in range(2)]
    for job in jobs:
        await printer.cancel(job)
    for job in jobs:
        assert await until(partial(printer.job, job), JobState.CANCELLED) is JobState.CANCELLED

    async def documents() -> object:
        return service.documents()

    assert await until(documents, []) == []
    service.fault("")
    await printer.cancel(jobs[0])  # once more does nothing
    assert len(service.printed()) == before


@needs_cups
async def test_fail__the_queue_takes_so_many_jobs_and_no_more(
    service: PrintService, printer: CupsPrinter
) -> None:
    """The one too many is refused with a sentence; the desk keeps its own, smaller limit."""
    service.fault("media-empty-error")
    jobs = [await printer.print(PDF) for _ in range(20)]
    with pytest.raises(DeviceFault, match="took no job"):
        await printer.print(PDF)
    for job in jobs:
        await printer.cancel(job)


@needs_cups
async def test_fail__a_queue_or_a_service_that_is_not_there_is_absent(
    service: PrintService, printer: CupsPrinter, tmp_path: Path
) -> None:
    """A readiness page never breaks on it, and printing says whom to call; an unknown job has failed."""
    for other in (
        CupsPrinter("nobody", socket=service.socket),
        CupsPrinter(QUEUE, socket=tmp_path / "none"),
    ):
        assert await other.state() is PrinterState.ABSENT
        with pytest.raises(DeviceMissing):
            await other.print(PDF)
    assert await printer.job("99999") is JobState.FAILED


async def test_ok__simulated_jobs_are_numbered_files(tmp_path: Path) -> None:
    """Each job is whole and by itself."""
    printer = SimulatedPrinter(tmp_path)
    jobs = [await printer.print(PDF) for _ in range(2)]
    assert [await printer.job(job) for job in jobs] == [JobState.DONE] * 2
    assert names_in(tmp_path) == ["0001.pdf", "0002.pdf"]


@pytest.mark.parametrize("document", [b"", b"hello"])
async def test_fail__only_pdf_is_printed(tmp_path: Path, document: bytes) -> None:
    """Anything else is a fault, and nothing is laid in."""
    with pytest.raises(DeviceFault):
        await SimulatedPrinter(tmp_path).print(document)
    assert names_in(tmp_path) == []


async def test_fail__a_played_trouble_holds_jobs_until_it_is_taken_away(tmp_path: Path) -> None:
    """A word in a file is the printer's state; a cancelled job never comes out."""
    printer = SimulatedPrinter(tmp_path)
    (tmp_path / "state").write_text("no_paper")
    first, second = await printer.print(PDF), await printer.print(PDF)
    assert await printer.state() is PrinterState.NO_PAPER
    await printer.cancel(first)
    (tmp_path / "state").unlink()
    told = [await printer.job(job) for job in (first, second)]
    assert told == [JobState.CANCELLED, JobState.DONE]
    (tmp_path / "state").write_text("on fire")
    assert await printer.state() is PrinterState.FAULT


async def test_fail__a_full_print_folder_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is a failed job, then a refusal; never an endless search."""
    (tmp_path / "0001.pdf").write_bytes(PDF)
    monkeypatch.setattr(simulated, "MAX_JOBS", 1)
    printer = SimulatedPrinter(tmp_path)
    assert await printer.job(await printer.print(PDF)) is JobState.FAILED
    with pytest.raises(DeviceFault):
        await printer.print(PDF)
