"""The desk in a browser that walked through everything; what was seen on the way: pages, addresses, answers, logs."""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

from aiohttp import web
from playwright.async_api import Page, Response

import appliance.desk
from appliance.desk.camera.eye import Eye
from appliance.desk.camera.table import CameraTable
from appliance.desk.counter import Counter
from appliance.desk.web.app import make_app, make_room
from appliance.desk.web.room import Room
from hardware.camera.simulated import SimulatedCamera
from hardware.printer.simulated import STATE_FILE, SimulatedPrinter
from procedures.definition import load
from screens.furigana import HOUSE_READINGS, read_readings
from screens.language import Language
from screens.pages import Pages
from tests.support.counterworld import CounterWorld
from tests.support.desk_browser import PLACE, chromium
from tests.support.every_page import FORMS, EveryPage, under_camera

TEMPLATES = Path(appliance.desk.__file__).parent / "templates"
IDLE_S = 90
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Looker = Callable[[Page, Page], Callable[[str], Awaitable[None]]]


class DrawnPages(Pages):
    """Pages that note which template was drawn."""

    drawn: set[str]

    def draw(self, template: str, language: Language, values: object, *, kana: bool = False) -> str:
        """Draw, and note it."""
        self.drawn.add(template)
        return super().draw(template, language, values, kana=kana)  # type: ignore[arg-type]  # as given


@dataclass(slots=True)
class Walked:
    """What one walk through everything showed."""

    templates: set[str] = field(default_factory=set)
    routes: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    titles: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)

    def answered(self, response: Response) -> None:
        """Note an address the browser asked for, and whether its answer may be stored."""
        path = response.url.partition("//")[2].partition("/")[2]
        self.addresses.append(unquote(response.url))
        if not path.startswith("house/") and "no-store" not in response.headers.get(
            "cache-control", ""
        ):
            self.stored.append(response.url)


class Lines(logging.Handler):
    """Keeps every line that any logger writes."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self._lines.append(f"{record.name} {record.getMessage()}")


@asynccontextmanager
async def walked_through(folder: Path, looker: Looker) -> AsyncIterator[Walked]:
    """Walk through everything once; `looker` makes the look out of the person's page and a second one."""
    told = Walked()
    world = CounterWorld(folder / "box").enrol()
    camera = SimulatedCamera(under_camera(folder / "under"), hold=100, fps=2)
    world.camera = CameraTable(camera, Eye(limit_s=60), time.monotonic)
    (folder / "printed").mkdir()
    world.printer = SimulatedPrinter(folder / "printed")
    world.others = [load(name) for name in FORMS]
    mail = world.open_mail()
    counter = world.counter(mail)
    root, lines = logging.getLogger(), Lines(told.logged)
    level = root.level
    root.addHandler(lines)
    root.setLevel(logging.DEBUG)
    try:
        async with _served(counter, told) as address, chromium() as page:
            # Playwright marks a method it is given, and this object has no room for marks.
            page.context.on("response", lambda one: told.answered(one))  # noqa: PLW0108
            page.on("load", lambda one: told.addresses.append(unquote(one.url)))
            look = looker(page, await page.context.new_page())
            person = EveryPage(page, address, world, counter, mail, look)
            person.printer = folder / "printed" / STATE_FILE
            await _go(told, person)
    finally:
        root.removeHandler(lines)
        root.setLevel(level)
        await counter.stop()
        await camera.close()
        mail.close()
    yield told


async def _go(told: Walked, person: EveryPage) -> None:
    look = person.look

    async def looked(name: str) -> None:
        told.titles.append(await person.page.title())
        await look(name)

    person.look = looked
    await person.walk()


@asynccontextmanager
async def _served(counter: Counter, told: Walked) -> AsyncIterator[str]:
    room = make_room(counter, PLACE, IDLE_S)
    app = make_app(replace(room, pages=_noting(room, told)))
    told.routes = {
        route.resource.canonical
        for route in app.router.routes()
        if route.method == "GET"
        and route.resource is not None
        and not isinstance(route.resource, web.StaticResource)
    }

    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        resource = request.match_info.route.resource
        if request.method == "GET" and resource is not None:
            told.asked.add(resource.canonical)
        return await handler(request)

    app.middlewares.append(note)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _noting(room: Room, told: Walked) -> DrawnPages:
    pages = DrawnPages(TEMPLATES, room.texts, room.pages._facts, read_readings(HOUSE_READINGS))
    pages.drawn = told.templates
    return pages
