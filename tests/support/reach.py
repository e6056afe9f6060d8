"""What a person without mouse, with a small or enlarged window, with thick fingers meets on a page: measured there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page

from tests.support.desk_browser import SCREEN, violations

FINGER = 48
SMALL = {"width": 320, "height": 640}
ENLARGED = {"width": SCREEN["width"] // 2, "height": SCREEN["height"] // 2}
"""The window of 1280 x 800 at 200 % has this room, in the page's own pixels."""

ALL_SIZES = (SCREEN, ENLARGED, SMALL)

FOCUSED_MOST = 200
"""Presses of Tab after which a page is a trap."""

LANGUAGES = {"kana": [("kana", "on")], "en": [("lang", "en")]}

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


@dataclass(slots=True)
class Reach:
    """Looks at a page as it stands and notes what somebody cannot reach; `found` stays empty when all can."""

    page: Page
    other: Page
    found: dict[str, list[str]]

    async def look(self, name: str) -> None:
        """Measure the page in every way, and in its other languages where it can be asked for again."""
        await self.page.evaluate(SCRIPT)
        found = [*await violations(self.page), *await self._sizes(self.page, ALL_SIZES)]
        found += await self._keyboard()
        if not await self.page.locator("#error-summary").count():
            found += await self._languages()
        if found:
            self.found[name] = found

    async def _sizes(
        self, page: Page, sizes: tuple[dict[str, int], ...], mark: str = ""
    ) -> list[str]:
        found = []
        for size in sizes:
            await page.set_viewport_size(size)  # type: ignore[arg-type]  # the shape Playwright asks for
            told = await page.evaluate(f"reach.measure({FINGER})")
            found += [f"{mark}{size['width']} px: {one}" for one in told]
        if len(sizes) > 1:
            await page.set_viewport_size(SCREEN)  # type: ignore[arg-type]  # the same
        return found

    async def _keyboard(self) -> list[str]:
        wanted = await self.page.evaluate("reach.stops()")
        found: list[str] = []
        met = 0
        for _ in range(min(wanted + 3, FOCUSED_MOST)):
            await self.page.keyboard.press("Tab")
            focus: dict[str, Any] | None = await self.page.evaluate("reach.focus()")
            if focus is None:
                continue
            met += not focus["again"]
            if not focus["marked"]:
                found.append(f"focus not to be seen: {focus['name']}")
            if not focus["seen"]:
                found.append(f"focus covered: {focus['name']}")
        if met < wanted:
            found.append(f"keyboard reaches {met} of {wanted}")
        return found

    async def _languages(self) -> list[str]:
        found: list[str] = []
        context = self.page.context
        where = urlsplit(self.page.url)
        site = f"{where.scheme}://{where.netloc}"
        for mark, cookies in LANGUAGES.items():
            await context.add_cookies([{"name": n, "value": v, "url": site} for n, v in cookies])
            await self.other.goto(self.page.url)
            await self.other.evaluate(SCRIPT)
            found += await self._sizes(self.other, (SMALL,), f"{mark} ")
            for cookie, _ in cookies:
                await context.clear_cookies(name=cookie)
        await self.other.goto("about:blank")
        return found
