"""The page that checks receipts in a real Chromium that reaches no network, and every request it would have made."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tests.support.chromium import PATIENCE_MS, chromium_program


@dataclass
class ReceiptPage:
    """One opened page: `asked` are the addresses it wanted, `complaints` what the browser said against it."""

    page: Page
    file: Path
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def read(self, address: str) -> str:
        """Open the page as a reader of the code does and return the verdict's word."""
        await self.page.goto("about:blank")
        await self.page.goto(f"{self.file.as_uri()}#{address.partition('#')[2]}")
        return await self.verdict()

    async def verdict(self) -> str:
        """Return the word of the verdict once it stands."""
        shown = self.page.locator("#verdict[data-state]")
        await shown.wait_for(state="attached")
        return await shown.get_attribute("data-state") or ""

    async def fact(self, name: str) -> str:
        """Return what stands beside one of the receipt's facts."""
        return await self.page.locator(f"#fact-{name}").inner_text()

    async def judge(self, digits: list[str]) -> list[str]:
        """Return the page's own judgement of many addresses' numbers, one word each."""
        found: list[str] = await self.page.evaluate(
            """async (all) => {
                const words = [];
                for (const one of all) {
                    try { await judged(`#${one}`, city); words.push("holds"); }
                    catch (error) { words.push(error.reason); }
                }
                return words;
            }""",
            digits,
        )
        return found


@asynccontextmanager
async def receipt_page(file: Path, before: str = "") -> AsyncIterator[ReceiptPage]:
    """Open a browser without a network; `before` is script that runs ahead of the page's own."""
    program = chromium_program()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            context = await browser.new_context(
                offline=True, viewport={"width": 390, "height": 844}
            )
            page = await context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            opened = ReceiptPage(page, file)
            page.on("request", lambda request: opened.asked.append(request.url))
            page.on("console", lambda message: opened.complaints.append(message.text))
            page.on("pageerror", lambda error: opened.complaints.append(str(error)))
            if before:
                await page.add_init_script(before)
            yield opened
        finally:
            await browser.close()
