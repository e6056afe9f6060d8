"""From the receipts' page through the real CUPS onto paper, and nothing of it stays behind."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.mail.store import MailStore
from hardware.printer.cups import CupsPrinter
from tests.support.counterworld import CounterWorld, settled
from tests.support.desk_client import desk_client
from tests.support.madeup_papers import stack
from tests.support.print_service import QUEUE, PrintService, missing, print_service

DEADLINE_S = 60.0


@pytest.fixture
def service() -> Iterator[PrintService]:
    """A real print service, in a folder with a short name: a socket's path is short."""
    folder = Path(tempfile.mkdtemp(prefix="cups-"))
    try:
        with print_service(folder) as running:
            yield running
    finally:
        shutil.rmtree(folder)


@pytest.mark.skipif(bool(missing()), reason=missing() or "all is there")
async def test_a_press_on_the_page_comes_out_of_the_real_print_service(
    world: CounterWorld, mail: MailStore, service: PrintService
) -> None:
    """Out of paper it is said in words and waits; with paper it ends, and the spool holds nothing of anybody."""
    world.printer = CupsPrinter(QUEUE, socket=service.socket)
    counter = await world.opened(mail)
    tray = counter.on_tray()
    await tray.declare(1, "")
    world.scanner.stack = stack(1)
    await tray.feed()
    await settled(counter)
    await tray.hand_in(counter.stop_here(), protective=True)
    service.fault("media-empty-error")
    async with desk_client(counter) as desk:
        await desk.press("/receipts/print", batch=counter.opened().current().batch_id)
        async with asyncio.timeout(DEADLINE_S):
            while "用紙がありません" not in await desk.page("/receipts/prints"):  # noqa: ASYNC110 - a printer's state
                await asyncio.sleep(0.05)
        service.fault("")
        async with asyncio.timeout(DEADLINE_S):
            while "印刷しました" not in await desk.page("/receipts/prints"):  # noqa: ASYNC110 - a printer's state
                await asyncio.sleep(0.05)
    (document,) = service.printed()
    assert document.startswith(b"%PDF-")
    assert [title.partition("|")[2] for title in service.titles()] == ["receipt"]
    assert service.documents() == []
    await counter.stop()
