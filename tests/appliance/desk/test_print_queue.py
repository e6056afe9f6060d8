"""Printing behind the counter's back: followed to its end, marked when it comes again, never in anybody's way."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from appliance.desk import printqueue, prints
from appliance.desk.batch import Phase
from appliance.desk.counter import Counter
from appliance.desk.partners import Refused
from appliance.desk.printqueue import QUEUED_MAX
from appliance.desk.prints import PRINTS_MAX, Print
from appliance.desk.readiness import printer_point, readiness
from appliance.desk.web.app import make_room
from appliance.desk.web.receiptpages import slip_of
from appliance.mail.store import MailStore
from hardware.printer.simulated import SimulatedPrinter
from hardware.protocols import PrinterState
from tests.support.counterworld import CounterWorld, settled
from tests.support.desk_browser import PLACE
from tests.support.madeup_papers import stack
from tests.support.paper_text import missing, words_on

DEADLINE_S = 60.0
needs_poppler = pytest.mark.skipif(bool(missing()), reason=missing() or "all is there")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where the printer lays its sheets."""
    folder = tmp_path / "printed"
    folder.mkdir()
    return folder


@pytest.fixture
def world(tmp_path: Path, out: Path) -> CounterWorld:
    """Return an enrolled box with a printer."""
    return CounterWorld(tmp_path / "box", printer=SimulatedPrinter(out)).enrol()


async def handed(world: CounterWorld, counter: Counter, *people: int) -> None:
    """Hand a stack in."""
    tray = counter.on_tray()
    await tray.declare(len(people), "")
    world.scanner.stack = stack(*people)
    await tray.feed()
    await settled(counter)
    await tray.hand_in(counter.stop_here(), protective=True)


async def press(counter: Counter, *receipts: str) -> None:
    """Press print for the whole batch, or for these receipts."""
    room, batch = make_room(counter, PLACE, 90), counter.opened().current()
    make = partial(slip_of, room, batch, "ja")
    numbers = receipts or tuple(one.number for one in (await make()).people)
    await counter.on_prints().order(batch.batch_id, numbers, make, whole=not receipts)


async def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition of the background, a minute at most."""
    async with asyncio.timeout(DEADLINE_S):
        while not holds():  # noqa: ASYNC110 - the queue tells nobody, it notes
            await asyncio.sleep(0.02)


def sheets(out: Path) -> list[Path]:
    """Return what came out of the printer, oldest first."""
    return sorted(out.glob("*.pdf"))


def states(counter: Counter) -> list[str]:
    """Return what became of each press."""
    return [one.state for one in counter.opened().current().prints]


@needs_poppler
async def test_a_press_comes_out_twice_and_the_next_one_is_marked(
    world: CounterWorld, counter: Counter, out: Path, tmp_path: Path
) -> None:
    """The first for provider and city; the second the same, with 再発行 on the batch's slip and the person's."""
    await handed(world, counter, 1)
    await press(counter)
    await until(lambda: states(counter) == ["done"])
    await press(counter)
    await until(lambda: states(counter) == ["done", "done"])
    first, second = (path.read_bytes() for path in sheets(out))
    assert words_on(first, tmp_path).count("再発行") == 0
    assert words_on(second, tmp_path).count("再発行") == 4


async def test_an_empty_printer_stops_nobody(
    world: CounterWorld, counter: Counter, out: Path
) -> None:
    """The press comes back at once, the next batch is handed in, and all comes out when paper is there."""
    (out / "state").write_text("no_paper")
    await handed(world, counter, 1)
    for _ in range(QUEUED_MAX):
        await press(counter)
    with pytest.raises(Refused, match=r"refused\.print_waiting"):
        await press(counter)
    await until(lambda: states(counter) == ["waiting"] * QUEUED_MAX)
    assert await counter.on_prints().state() is PrinterState.NO_PAPER
    await handed(world, counter, 2)
    assert counter.opened().current().phase is Phase.HANDED_IN
    (out / "state").unlink()
    await until(lambda: counter.on_prints().waiting == 0)
    assert len(sheets(out)) == QUEUED_MAX


async def test_a_restart_follows_what_the_printer_took(
    world: CounterWorld, counter: Counter, mail: MailStore, out: Path
) -> None:
    """The screen was locked while the tray was empty; after the PIN the press still ends."""
    (out / "state").write_text("no_paper")
    await handed(world, counter, 1)
    await press(counter)
    await until(lambda: states(counter) == ["waiting"])
    await counter.stop()
    again = await world.opened(mail)
    (out / "state").unlink()
    await until(lambda: states(again) == ["done"])
    await again.stop()


async def test_the_end_of_a_visit_takes_back_what_the_disk_did_not_note(
    world: CounterWorld, counter: Counter, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The printer took the job and the disk refused its name: it comes out before no other provider either."""
    (out / "state").write_text("jammed")
    await handed(world, counter, 1)
    printer = world.printer
    assert printer is not None
    took = asyncio.Event()

    async def full(*_: object) -> None:
        took.set()
        raise OSError(28, "no space left")

    async def taken(document: bytes) -> str:
        job = await SimulatedPrinter.print(printer, document)
        monkeypatch.setattr(type(counter.opened()), "alter", full)
        return job

    monkeypatch.setattr(printer, "print", taken)
    await press(counter)
    async with asyncio.timeout(DEADLINE_S):
        await took.wait()
    await counter.on_prints().clear()
    (out / "state").unlink()
    assert (await printer.job("0001")).value == "cancelled"
    assert sheets(out) == []


async def test_the_end_of_a_visit_takes_back_what_waits(
    world: CounterWorld, counter: Counter, out: Path
) -> None:
    """Nothing of this provider comes out before the next one."""
    (out / "state").write_text("jammed")
    await handed(world, counter, 1)
    await press(counter)
    await until(lambda: states(counter) == ["waiting"])
    await counter.close(anyway=False)
    (out / "state").unlink()
    assert world.printer is not None
    assert (await world.printer.job("0001")).value == "cancelled"
    assert sheets(out) == []


async def test_a_press_can_be_taken_back(world: CounterWorld, counter: Counter, out: Path) -> None:
    """And taken back again, which does nothing."""
    (out / "state").write_text("cover_open")
    await handed(world, counter, 1)
    await press(counter)
    await until(lambda: states(counter) == ["waiting"])
    batch = counter.opened().current().batch_id
    for number in (1, 1, 7):
        await counter.on_prints().cancel(batch, number)
    await until(lambda: states(counter) == ["cancelled"])


async def test_a_printer_that_takes_nothing_is_said_and_counts_as_nothing(
    world: CounterWorld, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What never reached it may be printed again without a mark."""
    monkeypatch.setattr("hardware.printer.simulated.MAX_QUEUE", 0)
    await handed(world, counter, 1)
    await press(counter)
    await until(lambda: states(counter) == ["failed"])
    assert prints.before(counter.opened().current().prints, 2) == (frozenset(), False)


class Hung(SimulatedPrinter):
    """Never answers."""

    async def state(self) -> PrinterState:
        """Wait for ever."""
        await asyncio.Event().wait()
        return PrinterState.READY


async def test_a_printer_that_never_answers_holds_up_no_page_and_no_end(
    tmp_path: Path, world: CounterWorld, mail: MailStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its line says that it is not there, the hand-in stands, the visit closes."""
    monkeypatch.setattr(printqueue, "GLANCE_S", 0.05)
    world.printer = Hung(tmp_path)
    counter = await world.opened(mail)
    points = await readiness(counter.partners)
    assert [p.key for p in points if p.name == "printer"] == ["ready.printer_absent"]
    await handed(world, counter, 1)
    await press(counter)
    await counter.close(anyway=False)
    assert counter.standing == "closed"


async def test_the_printers_line_is_there_where_a_printer_is(
    world: CounterWorld, counter: Counter, out: Path
) -> None:
    """A simulated one says so; a trouble is a warning, never a stop; no printer, no line."""
    told = [(await printer_point(counter.partners))[0]]
    (out / "state").write_text("no_paper")
    told += await printer_point(counter.partners)
    assert [(point.kind, point.key) for point in told] == [
        ("ok", "ready.printer_simulated"),
        ("warn", "ready.printer_no_paper"),
    ]
    world.printer = None
    assert await printer_point(world.counter(counter.partners.mail).partners) == []


def test_what_may_be_on_paper_is_marked_the_next_time() -> None:
    """All that a printer took, and what a restart left unclear; not what it refused."""
    known: tuple[Print, ...] = ()
    for receipt in ("a", "b", "c"):
        known = prints.ask(known, [receipt], whole=False)
    known = prints.note(known, 1, state=prints.FAILED)
    known = prints.note(known, 2, state=prints.FAILED, job="17")
    known = prints.note(known, 3, state=prints.UNSURE)
    assert prints.note(known, 3, state=prints.DONE) == known
    known = prints.ask(known, ["a", "b"], whole=True)
    assert prints.before(known, 4) == (frozenset({"b", "c"}), False)
    assert prints.before(known, 5) == (frozenset({"a", "b", "c"}), True)


async def test_one_batch_is_printed_so_often_and_no_more(
    world: CounterWorld, counter: Counter
) -> None:
    """Everything that grows has an end."""
    await handed(world, counter, 1)
    batch, queue = counter.opened().current().batch_id, counter.on_prints()
    one = Print(1, ("x",), whole=True, state=prints.DONE)
    await counter.opened().change(lambda known: replace(known, prints=(one,) * PRINTS_MAX))
    with pytest.raises(Refused, match=r"refused\.print_often"):
        await queue.on_screen(batch, ["x"], whole=True)
