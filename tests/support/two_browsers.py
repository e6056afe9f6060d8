"""Two real browsers side by side: the kiosk on the bus and the caseworker's desk; every step looked at by axe."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tests.support.caseworker_screen import axe_problems
from tests.support.chromium import PATIENCE_MS, chromium_program

KIOSK = {"width": 1280, "height": 800}
CASEWORKER = {"width": 1440, "height": 900}
SCREENS = "MADOBUS_SCREENS"


@dataclass
class TwoBrowsers:
    """A page of the kiosk, a page of the office, and what axe said of each step."""

    desk: Page
    office: Page
    problems: list[str] = field(default_factory=list)
    _steps: int = 0

    async def look(self, page: Page, name: str, *, whole: bool = True) -> None:
        """Let axe look at the page as it stands, and keep a picture where MADOBUS_SCREENS names a folder."""
        self._steps += 1
        await page.wait_for_load_state("load")
        self.problems += [f"{name}: {problem}" for problem in await axe_problems(page)]
        folder = os.environ.get(SCREENS)
        if folder:
            path = Path(folder) / f"{self._steps:02}-{name}.png"
            await page.screenshot(path=path, full_page=whole)


@asynccontextmanager
async def two_browsers(desk: str, office: str) -> AsyncIterator[TwoBrowsers]:
    """Open both counters in headless Chromium; skips where there is none."""
    program = chromium_program()
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        pages = []
        for address, size in ((desk, KIOSK), (office, CASEWORKER)):
            context = await browser.new_context(
                base_url=address,
                viewport={"width": size["width"], "height": size["height"]},
                locale="ja-JP",
                reduced_motion="reduce",
            )
            context.set_default_timeout(PATIENCE_MS)
            pages.append(await context.new_page())
        try:
            yield TwoBrowsers(pages[0], pages[1])
        finally:
            await browser.close()
