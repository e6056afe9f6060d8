"""Printing from the receipts' page: a press, the printer's state in words, and the way without a printer."""

import asyncio
from pathlib import Path

import pytest

from appliance.desk.counter import Counter
from appliance.desk.prints import CANCELLED
from appliance.mail.store import MailStore
from hardware.printer.simulated import SimulatedPrinter
from tests.support.counterworld import CounterWorld, settled
from tests.support.desk_client import desk_client
from tests.support.madeup_papers import stack
from tests.support.paper_text import missing, words_on

DEADLINE_S = 60.0
needs_poppler = pytest.mark.skipif(bool(missing()), reason=missing() or "all is there")


async def handed(world: CounterWorld, counter: Counter) -> str:
    """Hand two people in and return the batch's id."""
    tray = counter.on_tray()
    await tray.declare(2, "")
    world.scanner.stack = stack(1, 2)
    await tray.feed()
    await settled(counter)
    await tray.hand_in(counter.stop_here(), protective=True)
    return counter.opened().current().batch_id


async def over(counter: Counter) -> None:
    """Wait until nothing waits for the printer."""
    async with asyncio.timeout(DEADLINE_S):
        while counter.on_prints().waiting:  # noqa: ASYNC110 - the queue tells nobody, it notes
            await asyncio.sleep(0.02)


async def test_the_page_prints_and_says_how_it_went(
    world: CounterWorld, mail: MailStore, tmp_path: Path
) -> None:
    """Out of paper in words, a press that waits can be taken back, the next one is named a reprint."""
    world.printer = SimulatedPrinter(tmp_path)
    (tmp_path / "state").write_text("no_paper")
    counter = await world.opened(mail)
    batch = await handed(world, counter)
    async with desk_client(counter) as desk:
        assert "受付票を印刷する" in await desk.page("/receipts")
        assert await desk.press("/receipts/print", batch=batch) == (303, f"/receipts?batch={batch}")
        assert "もう一度印刷する（再発行）" in await desk.page("/receipts")
        await sent(counter)
        part = await desk.page(f"/receipts/prints?batch={batch}")
        assert "用紙がありません。補給すると、続きから印刷します。" in part
        assert "1 回目：まとめと 2 件" in part
        assert "終わっていない印刷が 1 件あります" in await desk.page("/visit/close")
        await desk.press("/receipts/prints/cancel", batch=batch, number="1")
        await over(counter)
        assert "取り消しました" in await desk.page(f"/receipts/prints?batch={batch}")
        assert counter.opened().current().prints[0].state == CANCELLED
    await counter.stop()


async def test_one_persons_receipt_is_printed_alone(
    world: CounterWorld, mail: MailStore, tmp_path: Path
) -> None:
    """By its number; a number that nobody has is refused on the page."""
    world.printer = SimulatedPrinter(tmp_path)
    counter = await world.opened(mail)
    batch = await handed(world, counter)
    async with desk_client(counter) as desk:
        number = f"bus-07-{counter.opened().current().applications[1].handed.journal_seq:06d}"  # type: ignore[union-attr]  # handed in just now
        await desk.press("/receipts/print", batch=batch, receipt=number)
        await over(counter)
        assert f"1 回目：{number}" in await desk.page(f"/receipts/prints?batch={batch}")
        status, said = await desk.press("/receipts/print", batch=batch, receipt="bus-07-999999")
        assert (status, "error-summary" in said) == (422, True)
    assert [one.receipts for one in counter.opened().current().prints] == [(number,)]
    await counter.stop()


@needs_poppler
async def test_without_a_printer_the_press_leads_to_the_document(
    world: CounterWorld, counter: Counter, tmp_path: Path
) -> None:
    """Both sets, the second press marked; the same address again is the same document."""
    batch = await handed(world, counter)
    async with desk_client(counter) as desk:
        marks = []
        for _ in range(2):
            status, address = await desk.press("/receipts/print", batch=batch)
            assert status == 303
            marks.append(words_on(await desk.document(address), tmp_path).count("再発行"))
        marks.append(words_on(await desk.document(address), tmp_path).count("再発行"))
    assert marks == [0, 6, 6]


async def sent(counter: Counter) -> None:
    """Wait until the printer has the first press."""
    async with asyncio.timeout(DEADLINE_S):
        while not counter.opened().current().prints[0].job:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)
