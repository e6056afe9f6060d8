"""Printing as a person sees it: the printer's trouble appears by itself, goes by itself, and is right for everybody."""

from pathlib import Path

from appliance.mail.store import MailStore
from hardware.printer.simulated import SimulatedPrinter
from tests.support.counterworld import PIN, CounterWorld, settled
from tests.support.desk_browser import chromium, served, violations
from tests.support.madeup_papers import stack


async def test_the_printers_words_come_and_go_without_a_touch(
    world: CounterWorld, mail: MailStore, tmp_path: Path
) -> None:
    """Out of paper is said while the page stands there, and the job ends when the paper is back."""
    trouble = tmp_path / "state"
    trouble.write_text("no_paper")
    world.printer = SimulatedPrinter(tmp_path)
    counter = await world.opened(mail)
    tray = counter.on_tray()
    await tray.declare(1, "")
    world.scanner.stack = stack(1)
    await tray.feed()
    await settled(counter)
    await tray.hand_in(counter.stop_here(), protective=True)
    async with served(counter) as address, chromium() as page:
        await page.goto(f"{address}/visit")
        await page.fill("#pin", PIN)
        await page.click("form .button-main")
        await page.goto(f"{address}/receipts")
        await page.click(".receipt-actions form button")
        await page.wait_for_selector("#prints form button")
        assert "用紙がありません" in await page.inner_text("#prints")
        assert await violations(page) == []
        trouble.unlink()
        await page.wait_for_selector("#prints:has-text('印刷しました')")
        assert await violations(page) == []
    await counter.stop()
