"""A whole world for one test: six real processes, drawn papers, a browser's hands at desk and office."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from yarl import URL

from cityhall.mail.store import HallMail
from cityhall.office.correspondence import post_visit_pack
from cityhall.office.system_clock import SystemClock
from provisioning.city import City
from provisioning.demo.caseworker import Caseworker, caseworker
from provisioning.demo.link import Link
from provisioning.demo.ports import USUAL, free_ports
from provisioning.demo.samples.stack import Stack, make_stack
from provisioning.demo.screens import DeskScreen, OfficeScreen, State, _Screen, until
from provisioning.demo.stop import JPEG
from provisioning.demo.tray import lay_into_folder
from provisioning.demo.visits import JAPAN, Visits, plan_visits
from provisioning.demo.world import DEVICE, STAFF, Addresses, World
from provisioning.enrol import Bus

READ_S = 150.0
ARRIVE_S = 60.0
COME_BACK_S = 60.0


def draw_stack(folder: Path, people: int = 2, seed: int = 1) -> Stack:
    """Draw the papers of a few fictitious people whose renewal is due today."""
    return make_stack(folder, seed=seed, people=people, today=datetime.now(JAPAN).date())


def sheets_of(stack: Stack, person: int) -> tuple[Path, ...]:
    """Return one person's sheets in feeding order."""
    before = sum(len(one.kinds) for one in stack.people[:person])
    return stack.sheets[before : before + len(stack.people[person].kinds)]


class Browser(_Screen):
    """What both counters' browsers can also do: look at a whole page."""

    async def words(self, path: str) -> str:
        """Return a page as it stands, whatever its status."""
        return (await self.answer(path))[1]

    async def answer(self, path: str) -> tuple[int, str]:
        """Return a page's status and text."""
        async with self._browser.get(URL(f"{self._address}{path}", encoded=True)) as answer:
            return answer.status, (await answer.read()).decode(errors="replace")


class Kiosk(DeskScreen, Browser):
    """The kiosk's browser."""

    async def push(self, path: str, form: Mapping[str, str]) -> tuple[int, str]:
        """Press a button and return status and text, also of a refusal."""
        fields = {"csrf": str((await self.state())["csrf"]), **form}
        async with self._browser.post(f"{self._address}{path}", data=fields) as answer:
            return answer.status, await answer.text()


class Caseworking(OfficeScreen, Browser):
    """The caseworker's browser."""


@dataclass
class OneStop:
    """One stop of one bus; every step is a button a person presses."""

    world: World
    stack: Stack
    city: City
    bus: Bus
    addresses: Addresses
    visits: Visits
    worker: Caseworker
    desk: Kiosk
    office: Caseworking
    known: list[State] = field(default_factory=list)

    async def lay(self, *sheets: Path) -> list[str]:
        """Lay sheets into the scanner; returns a sentence for each that is no sheet."""
        return await asyncio.to_thread(lay_into_folder, self.world.tray, sheets)

    async def pack_on_board(self) -> None:
        """Wait until both visit packs are on the bus."""

        async def here() -> bool:
            return int((await self.desk.read("/healthz")).get("letters", 0)) >= len(
                self.visits.packs
            )

        await until("the visit packs reach the desk", here, ARRIVE_S)

    async def unlock(self) -> None:
        """Give staff id and PIN at the door."""
        await self.desk.press("/visit", staff_id=STAFF.staff_id, pin=STAFF.pin)

    async def open_visit(self, *, following: bool = False) -> None:
        """Open today's visit, or the one after it."""
        pack = self.visits.following if following else self.visits.today
        await self.desk.press("/visit", stop_id=pack.stop, staff_id=STAFF.staff_id, pin=STAFF.pin)

    async def begin(self, declared: int, *sheets: Path) -> None:
        """Open today's visit, declare, lay the sheets in and press the feed button."""
        await self.pack_on_board()
        await self.open_visit()
        await self.desk.press("/batch/declare", count=str(declared))
        await self.lay(*sheets)
        await self.desk.press("/batch/feed")

    async def sheets_read(self, at_least: int) -> None:
        """Wait until so many sheets are read."""

        async def read() -> bool:
            sheets = (await self.desk.state()).get("sheets", [])
            return sum(1 for sheet in sheets if sheet["state"] == "read") >= at_least

        await until(f"{at_least} sheets are read", read, READ_S)

    async def all_read(self) -> State:
        """Wait until nothing is left to feed or read; returns the desk's state."""
        state: State = {}

        async def done() -> bool:
            nonlocal state
            state = await self.desk.state()
            return bool(state["sheets"]) and state["phase"] not in ("feeding", "reading")

        await until("every sheet is fed and read", done, READ_S)
        return state

    async def hand_in(self) -> list[State]:
        """Confirm what is there and hand everything in; returns the applications with receipts."""
        await self.confirm_all()
        await self.desk.press("/batch/hand-in", confirmed="1", protective="1")
        return await self.handed()

    async def confirm_all(self) -> None:
        """Look at every application and stand behind it."""
        for item in (await self.desk.state())["applications"]:
            if item["state"] not in ("confirmed", "twice", "handed_in"):
                await self.desk.press(f"/applications/{item['id']}/confirm")

    async def handed(self) -> list[State]:
        """Return the applications that carry a receipt."""
        state = await self.desk.state()
        return [item for item in state["applications"] if item["filed_at"]]

    async def at_door(self) -> str:
        """Return how the desk's door stands: closed, locked or open."""
        return str((await self.desk.read("/healthz"))["visit"])

    async def sign_in(self) -> None:
        """Sign in at the office."""
        await self.office.sign_in(self.worker.name, self.worker.password, self.worker.code())

    async def all_at_office(self, handed: Sequence[State]) -> None:
        """Wait until each of these applications stands in the inbox with every page."""
        wanted = {item["id"] for item in handed}

        async def there() -> bool:
            whole = {row["id"] for row in await self.office.cases() if row["complete"]}
            return wanted <= whole

        await until("every application reaches the office whole", there, ARRIVE_S)

    async def times_at_office(self) -> Counter[str]:
        """Count how often each application stands in the inbox."""
        return Counter(row["id"] for row in await self.office.cases())

    async def killed(self, *names: str) -> None:
        """Kill processes as a power cut would, and wait until each is back."""
        for name in names:
            process = self.world.processes[name]
            process.came_back.clear()
            process.kill()
        waits = (self.world.processes[name].came_back.wait() for name in names)
        async with asyncio.timeout(COME_BACK_S):
            await asyncio.gather(*waits)

    async def pages_are_equal(self, handed: Sequence[State]) -> bool:
        """Tell whether every picture the office shows came out of the seal byte for byte as the desk sealed it."""
        for item in handed:
            for page in item["pages"]:
                for kind, digest in (
                    ("pages", page["sha256"]),
                    ("previews", page["preview_sha256"]),
                ):
                    where = f"/cases/{item['id']}/{kind}/{page['index']}"
                    shown, sealed = await self.office.picture_of(where)
                    if sealed != digest or not shown.startswith(JPEG):
                        return False
        return True

    async def health(self) -> State:
        """Return the uplink's own page: state, queue, cause."""
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"{self.addresses.uplink}/health") as answer,
        ):
            told: State = await answer.json()
            return told

    def logs(self) -> dict[str, bytes]:
        """Return every process's log."""
        folder = self.world.data / "logs"
        return {path.name: path.read_bytes() for path in sorted(folder.glob("*.log"))}


@asynccontextmanager
async def one_stop(
    folder: Path,
    stack: Stack,
    *,
    before_start: Callable[[World, City, Bus], None] | None = None,
) -> AsyncIterator[OneStop]:
    """Start a world below `folder` with these papers, and stop it after the block.

    `before_start` may change what lies on disk between enrolling the box and starting the processes.
    """
    world = own_ports(World(folder, "good", simulated_scanner=True))
    city, bus = await world.prepare()
    if before_start is not None:
        before_start(world, city, bus)
    try:
        addresses = await world.start()
        worker = await caseworker(world.data, city.settings_path)
        visits = plan_visits(stack.people, datetime.now(UTC), 0)
        await asyncio.to_thread(_post, city, visits)
        async with Kiosk(addresses.desk) as desk, Caseworking(addresses.office) as office:
            yield OneStop(world, stack, city, bus, addresses, visits, worker, desk, office)
    finally:
        await world.stop()


def own_ports(world: World) -> World:
    """Give a world ports below the range the system hands out, so that a restart finds them free again."""
    world.ports = free_ports({name: 20_000 + secrets.randbelow(12_000) for name in USUAL})
    world.link = Link(("127.0.0.1", world.ports["intake"]))
    world.call_link = Link(("127.0.0.1", world.ports["switchboard"]))
    return world


def _post(city: City, visits: Visits) -> None:
    mail = HallMail(city.mail)
    for pack in visits.packs:
        post_visit_pack(
            mail,
            pack,
            city.bundle(),
            city.office_signer(),
            DEVICE,
            SystemClock(),
            secrets.token_bytes,
        )
    mail.close()
