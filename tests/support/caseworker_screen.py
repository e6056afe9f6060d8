"""A caseworker's browser: Chromium on the office's screens, signed in through the form."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from PIL import Image, ImageDraw
from playwright.async_api import Page as Screen
from playwright.async_api import async_playwright

from cityhall.office.roles import Role
from tests.support.chromium import chromium_program
from tests.support.office_world import OfficeWorld

# Rules of WCAG 2.2 A and AA, and what axe's authors call best practice.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


@asynccontextmanager
async def caseworker_screen(
    world: OfficeWorld, role: Role | None = Role.CHIEF
) -> AsyncIterator[Screen]:
    """Serve the world's screens and give a page on the first of them; skips where there is no Chromium."""
    program = chromium_program()
    server = TestServer(world.app())
    await server.start_server()
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = await browser.new_context(
            base_url=f"http://127.0.0.1:{server.port}",
            viewport={"width": 1440, "height": 900},
            reduced_motion="reduce",
        )
        screen = await context.new_page()
        await screen.goto("/")
        if role is not None:
            await sign_in(world, screen, role)
        try:
            yield screen
        finally:
            world.board.close()
            await browser.close()
            await server.close()


async def sign_in(world: OfficeWorld, screen: Screen, role: Role) -> None:
    """Fill the form as a person does."""
    made = world.account(f"one-{role.value}", role)
    await screen.fill("#name", made.name)
    await screen.fill("#password", made.password)
    await screen.fill("#code", world.code(made))
    await screen.click("button.button-main")
    await screen.wait_for_url(lambda url: "sign-in" not in url)


async def axe_problems(screen: Screen) -> list[str]:
    """Return what axe finds wrong with the page as it stands, one line each."""
    found = await Axe().run(screen, options=RULES)
    return [
        f"{one['id']}: {node['target']}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


def drawn_page(word: str, colour: str = "white") -> bytes:
    """Return a small picture with a word on it, as AVIF."""
    picture = Image.new("RGB", (420, 594), colour)
    ImageDraw.Draw(picture).text((40, 40), word, fill="black")
    out = io.BytesIO()
    picture.save(out, "AVIF", quality=60, speed=10)
    return out.getvalue()


def drawn_preview(word: str) -> bytes:
    """Return a smaller picture, as WebP."""
    picture = Image.new("RGB", (210, 297), "white")
    ImageDraw.Draw(picture).text((20, 20), word, fill="black")
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=40)
    return out.getvalue()
