"""One stop for one test person: the desk's and the office's own screens, and what the road between them carried."""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestClient, TestServer

from appliance.desk.clock import JST
from appliance.desk.counter import Counter
from appliance.desk.display import ECHOES
from appliance.desk.web.app import make_app, make_room
from appliance.desk.web.room import Place
from appliance.mail.store import MailStore
from screens.pages import Pages
from sync.bundle import Device, Epoch, KeyBundle
from sync.letters import DueEntry
from sync.verify import read_header
from tests.support.counterworld import DEVICE, CounterWorld, settled
from tests.support.makers import COUNTERSIGNER, OFFICE, make_opening_key, make_signer
from tests.support.office_world import OfficeWorld
from tests.support.roots import bundle_text

PLACE = Place("盛岡市", "介護保険課", "019-000-0100", "receipt.example.jp")
IDLE_S = 3600
STOP = "kitakami"
_DRAWN: dict[str, Pages] = {}
Json = dict[str, Any]


@dataclass(slots=True)
class PersonBox(CounterWorld):
    """A box whose keys are those of the office it works for, good round the day its clock stands at."""

    def bundle(self, version: int = 2) -> KeyBundle:
        """Return the city's bundle."""
        now = self.clock.wall
        return KeyBundle(
            version=version,
            issued=now - timedelta(days=3),
            expires=now + timedelta(days=80),
            division=(
                Epoch(self.division.public, now - timedelta(days=10), now + timedelta(days=35)),
            ),
            recovery=(),
            countersigners=(make_signer(COUNTERSIGNER).public,),
            office=(self.office.public,),
            devices=(Device(DEVICE, self.signer.public, self.reading.public),),
        )


def _shared(room: str, fresh: Pages) -> Pages:
    """Return the templates of one room as the first stop of this process drew them: they are the same for all."""
    return _DRAWN.setdefault(room, fresh)


class PersonStop:
    """A visit that is open at its stop, with a browser at the desk; city hall is a day's drive away."""

    def __init__(self, folder: Path, at: datetime) -> None:
        self.office = OfficeWorld(folder)
        screens = self.office.office
        self.office.office = replace(screens, pages=_shared("office", screens.pages))
        self.box = PersonBox(
            folder / "box",
            signer=make_signer(),
            office=make_signer(OFFICE),
            division=make_opening_key(),
        )
        self.box.clock.wall = at
        self.box.enrol()
        self.office.bundle_path.write_text(bundle_text(self.box.bundle()))
        self.mail: MailStore = self.box.open_mail()
        self.counter: Counter | None = None
        self._desk: TestClient[Any, Any] | None = None

    @property
    def desk(self) -> "TestClient[Any, Any]":
        """The desk's browser."""
        assert self._desk is not None
        return self._desk

    def go_to(self, at: datetime) -> None:
        """Let time pass until this moment."""
        self.box.clock.move((at - self.box.clock.wall).total_seconds())

    async def state(self) -> Json:
        """Return the desk as one JSON object."""
        async with self.desk.get("/state.json") as answer:
            assert answer.status == 200
            told: Json = await answer.json()
            return told

    async def page(self, path: str) -> str:
        """Return a page of the desk that must be there."""
        async with self.desk.get(path) as answer:
            assert answer.status == 200, path
            return await answer.text()

    async def press(self, path: str, **form: str) -> str:
        """Press a button of the desk that must be taken; returns where it leads."""
        sent = {"csrf": (await self.state())["csrf"], **form}
        async with self.desk.post(path, data=sent, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
            return answer.headers["Location"]

    async def feed(self, *sheets: bytes, declared: int = 1) -> list[Json]:
        """Declare, feed and read a stack; returns the applications it became."""
        await self.press("/batch/declare", count=str(declared))
        self.box.scanner.stack = list(sheets)
        await self.press("/batch/feed")
        await self.settled()
        return await self.applications()

    async def settled(self) -> None:
        """Wait until the stack is fed, read and put together."""
        assert self.counter is not None
        await settled(self.counter)

    async def applications(self) -> list[Json]:
        """Return the applications of the batch in work."""
        found: list[Json] = (await self.state())["applications"]
        return found

    async def checks(self, place: int = 0) -> list[str]:
        """Return what the desk's page says of one application: `severity check`, each sentence seen on it."""
        item = (await self.applications())[place]
        shown = await self.page(f"/applications/{item['id']}")
        assert "不受理" not in shown
        for flaw in item["defects"]:
            # A doubtful reading is drawn beside its picture instead of being said.
            assert flaw["check"] in ECHOES or flaw["sentence"] in shown, flaw
        return [f"{flaw['severity']} {flaw['check']}" for flaw in item["defects"]]

    async def type_in(self, values: Mapping[str, str], place: int = 0) -> None:
        """Type answers into one application."""
        item = (await self.applications())[place]
        await self.press(f"/applications/{item['id']}/answers", **values)

    async def hand_in(self) -> list[Json]:
        """Stand behind every application and hand in, what blocks with the date kept; returns them."""
        for item in await self.applications():
            if item["state"] not in ("confirmed", "handed_in"):
                await self.press(f"/applications/{item['id']}/confirm")
        await self.press("/batch/hand-in", confirmed="1", protective="1")
        slip = await self.page("/receipts")
        assert "車上受付済・市役所未達" in slip
        assert "不受理" not in slip
        return await self.applications()

    def carry(self, at: datetime) -> None:
        """Bring to city hall, at this moment, what the shelf holds and the office has not."""
        known = {one.env_id for one in self.office.mail.arrivals()}
        for row in self.mail.outbox():
            if row.env_id not in known:
                self._carry_one(row.env_id, at)
        self.office.arrivals.take_all()

    def _carry_one(self, env_id: bytes, at: datetime) -> None:
        slip, hall = self.mail.slip(env_id), self.office.mail
        header = read_header(slip)
        hall.commit_slip(
            env_id,
            device=DEVICE,
            slip=slip,
            header=header,
            sha256=hashlib.sha256(slip).digest(),
            at=at,
            receipt_for=lambda _filing_no, _log_index: b"receipt",
        )
        for part in header.parts:
            hall.commit_part(env_id, part.index, self.mail.part(env_id, part.index))
        hall.completed(env_id, lambda _filing_no, _log_index: b"receipt")

    async def case(self, item: Json) -> Json:
        """Return an application as the office's page shows it to a caseworker."""
        [found] = await self.cases([item])
        return found

    async def cases(self, items: Sequence[Json]) -> list[Json]:
        """Return applications as the office's pages show them to one caseworker."""
        async with self.office.browser() as browser:
            return [await _read(browser, f"/cases/{item['id']}") for item in items]


async def _read(browser: "TestClient[Any, Any]", where: str) -> Json:
    page = await browser.get(where, headers={"Accept": "text/html"})
    assert page.status == 200
    shown = await page.text()
    found: Json = await (await browser.get(f"{where}.json")).json()
    assert "不受理" not in shown
    for defect in found["defects"]:
        assert defect["sentence"] in shown, defect
    return found


@asynccontextmanager
async def person_stop(
    folder: Path, at: datetime, due: Sequence[DueEntry] = (), **pack: object
) -> AsyncIterator[PersonStop]:
    """Open a visit at this moment (Japan's time) with these people due; `pack` changes the visit pack."""
    stop = PersonStop(folder, at)
    told = {"starts_at": at - timedelta(minutes=20), "ends_at": at + timedelta(minutes=55), **pack}
    stop.box.post(stop.mail, "visit_pack", stop.box.pack(*due, stop=STOP, **told))
    stop.counter = await stop.box.opened(stop.mail, STOP)
    room = make_room(stop.counter, PLACE, IDLE_S)
    room = replace(room, pages=_shared("desk", room.pages))
    try:
        async with TestClient(TestServer(make_app(room))) as client:
            door = aiohttp.web.Response()
            room.sessions.begin(door)
            client.session.cookie_jar.update_cookies(door.cookies, client.make_url("/"))
            stop._desk = client
            yield stop
    finally:
        await stop.counter.stop()
        stop.mail.close()
        stop.office.close()


async def at_office(stop: PersonStop) -> Json:
    """Hand in whatever is there, drive to city hall and open the one case."""
    [item] = await stop.hand_in()
    stop.carry(stop.box.clock.wall + timedelta(hours=3))
    case = await stop.case(item)
    assert case["complete"]
    return case


def filed(case: Json) -> tuple[str, str, str]:
    """Return the filing date, and by what: instant and version of the city's decisions."""
    return case["filing_date"], case["filing_policy_used"], case["filing_policy_version"]


def defects(case: Json) -> list[str]:
    """Return what the office is told is wrong."""
    return [f"{one['severity']} {one['check']}" for one in case["defects"]]


def japan(year: int, month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    """Return a moment of Japan's time."""
    return datetime(year, month, day, hour, minute, tzinfo=JST)
