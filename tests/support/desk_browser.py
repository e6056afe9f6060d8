"""A real Chromium before a kiosk, and the wait for what a person would see."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from axe_playwright_python.async_playwright import Axe
from axe_playwright_python.base import AxeResults
from playwright.async_api import Page, async_playwright

from appliance.desk.counter import Counter
from appliance.desk.web.app import make_app, make_room
from appliance.desk.web.room import Place, Room
from tests.support.chromium import PATIENCE_MS, chromium_program

PLACE = Place("盛岡市", "介護保険課", "019-000-0100", "receipt.example.jp")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {
    "runOnly": RULES,
    "resultTypes": ["violations"],
    "iframes": False,
    "preload": False,
}
"""There are no frames and no foreign style sheets, so axe is not sent to look for them."""

SCREEN = {"width": 1280, "height": 800}


@asynccontextmanager
async def served(counter: Counter, idle_s: float = 900) -> AsyncIterator[str]:
    """Serve the kiosk on a free port and give its address."""
    async with served_room(make_room(counter, PLACE, idle_s)) as address:
        yield address


@asynccontextmanager
async def served_room(room: Room) -> AsyncIterator[str]:
    """Serve a kiosk whose sessions the caller holds."""
    runner = web.AppRunner(make_app(room))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def chromium(*, script: bool = True, touch: bool = False) -> AsyncIterator[Page]:
    """Open a page of a fresh browser; skips with a reason where no Chromium is installed."""
    program = chromium_program()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        context = await browser.new_context(
            viewport=SCREEN,  # type: ignore[arg-type]  # the shape Playwright asks for
            java_script_enabled=script,
            has_touch=touch,
        )
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        try:
            yield page
        finally:
            await browser.close()


async def violations(page: Page) -> list[str]:
    """Return what axe finds against WCAG 2.2 AA on this page, one line each."""
    found: AxeResults = await Axe().run(page, options=OPTIONS)
    return [
        f"{one['id']}: {node['html'][:120]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]
