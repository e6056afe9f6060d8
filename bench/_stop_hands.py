"""A person's hands at the desk's screen, and a clock beside the screen: what is pressed, typed, laid in, waited for."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page, Request

P50, P95 = 0.5, 0.95
PICTURES = "pictures"
"""Under this name go all pictures of sheets: they come beside a screen, not as one."""

SELECT_PRESSES = 2
"""A list is opened, and one of its lines is chosen."""


def page_of(address: str) -> str:
    """Return which page of the desk an address is, without the numbers that differ from stop to stop."""
    path = urlsplit(address).path
    path = re.sub(r"/[0-9a-f]{16,}(?=/|$)", "/{id}", path)
    return re.sub(r"/\d+(?=/|$)", "/{n}", path)


@dataclass
class Hands:
    """One person before one browser page. Every press goes through here, so that none is forgotten."""

    page: Page
    presses: Counter[str] = field(default_factory=Counter)
    typed: Counter[str] = field(default_factory=Counter)
    stacks_laid: int = 0
    sheets_laid: int = 0

    async def press(self, what: Locator) -> None:
        """Press something that leads to a page."""
        self._count()
        async with self.page.expect_navigation():
            await what.click()

    async def press_here(self, what: Locator) -> None:
        """Press something that leads to no other page here."""
        self._count()
        async with self.page.context.expect_event("request"):
            await what.click()

    async def choose(self, select: Locator, value: str) -> None:
        """Take one line of a list."""
        self._count(SELECT_PRESSES)
        await select.select_option(value)

    async def write(self, entry: Locator, words: str) -> None:
        """Touch a field and type into it, over what stands there."""
        self._count()
        self.typed[page_of(self.page.url)] += len(words)
        await entry.fill(words)

    def lay(self, sheets: int) -> None:
        """Count sheets laid into the feeder at once."""
        self.stacks_laid += 1
        self.sheets_laid += sheets

    def _count(self, presses: int = 1) -> None:
        self.presses[page_of(self.page.url)] += presses


@dataclass
class Answers:
    """How long each answer took, as the browser saw it: from asking to the last byte, in milliseconds."""

    scanning: bool = False
    while_scanning: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    otherwise: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def watch(self, page: Page) -> None:
        """Listen to a page; what the browser has in its own store is no answer."""
        page.on("requestfinished", self._note)

    @contextmanager
    def during_scanning(self) -> Iterator[None]:
        """Count what is asked from here as asked while sheets are scanned or read."""
        self.scanning = True
        try:
            yield
        finally:
            self.scanning = False

    def _note(self, request: Request) -> None:
        timing = request.timing
        took = timing["responseEnd"]
        name = page_of(request.url)
        if took < 0 or not request.url.startswith("http") or name.startswith(("/desk/", "/house/")):
            return
        name = PICTURES if name.endswith("/picture") else name
        name = f"POST {name}" if request.method == "POST" else name
        (self.while_scanning if self.scanning else self.otherwise)[name].append(took)


def told(times: Mapping[str, list[float]]) -> dict[str, dict[str, float]]:
    """Return count, p50, p95 and the longest of each page, and of all screens together."""
    screens = [took for name, each in times.items() if name != PICTURES for took in each]
    whole = {"all screens": screens, **dict(sorted(times.items()))}
    return {name: _spread(each) for name, each in whole.items() if each}


def _spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "count": len(ordered),
        "p50_ms": round(ordered[math.ceil(P50 * len(ordered)) - 1], 1),
        "p95_ms": round(ordered[math.ceil(P95 * len(ordered)) - 1], 1),
        "max_ms": round(ordered[-1], 1),
    }
