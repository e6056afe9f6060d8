"""One whole stop without a person: the same buttons a person presses, every promise checked."""

import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from provisioning.demo.screens import DeskScreen, OfficeScreen, State, until
from provisioning.demo.tally import Tally
from provisioning.demo.world import STAFF, World
from provisioning.verify import verify_receipt

log = logging.getLogger("madobus.demo.stop")

JPEG = b"\xff\xd8\xff"
READ_SECONDS_A_SHEET = 40.0
READ_SECONDS_LEAST = 120.0
CARRY_SECONDS = 900.0
ARRIVE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is played: how many applications are announced, which sheets are laid in, how the link goes."""

    stop_id: str
    next_stop_id: str
    packs: int
    declare: int
    sheets: tuple[Path, ...]
    link: str
    bundle: Path
    known_forms: bool = False


@dataclass(frozen=True, slots=True)
class Screens:
    """A browser at the kiosk and one at the caseworker's desk."""

    desk: DeskScreen
    office: OfficeScreen


Load = Callable[[tuple[Path, ...]], Awaitable[list[str]]]


class Stop:
    """Plays one stop; `tell` shows a line of progress to whoever watches."""

    def __init__(
        self,
        world: World,
        plan: Plan,
        screens: Screens,
        load: Load,
        tell: Callable[[str], None],
    ) -> None:
        self._world = world
        self._plan = plan
        self._desk = screens.desk
        self._office = screens.office
        self._load = load
        self._tell = tell
        self._link_back_at = 0.0
        self.tally = Tally(link=plan.link)

    async def play(self) -> Tally:
        """Play every stage in order and return what it came to."""
        stages: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("readiness", self.readiness),
            ("visit", self.visit),
            ("feed_and_read", self.feed),
            ("check_and_hand_in", self.hand_in),
            ("receipts", self.receipts),
            ("close", self.close),
            ("carry", self.carry),
            ("office", self.office),
            ("correction", self.correction),
        ]
        for name, stage in stages:
            with self.tally.timed(name):
                await stage()
        return self.tally

    async def readiness(self) -> None:
        """At the depot, link good: the visit packs are on board."""
        self._world.switch_link("good")

        async def pack_is_here() -> bool:
            state = await self._desk.read("/healthz")
            return int(state.get("letters", 0)) >= self._plan.packs

        await until("the visit packs reach the desk", pack_is_here, ARRIVE_SECONDS)
        self._tell("readiness: six processes serve, the visit pack is on board")
        self._world.switch_link(self._plan.link)

    async def visit(self) -> None:
        """Open the visit with staff id and PIN, and say how many applications there are."""
        await self._desk.press(
            "/visit",
            stop_id=self._plan.stop_id,
            staff_id=STAFF.staff_id,
            pin=STAFF.pin,
        )
        state = await self._desk.state()
        self.tally.scanner = state["scanner"]
        await self._desk.press("/batch/declare", count=str(self._plan.declare))
        self._tell(
            f"visit opened, {self._plan.declare} applications announced, scanner: {state['scanner']}"
        )

    async def feed(self) -> None:
        """Lay the stack in; half-way the link goes."""
        self.tally.refused = await self._load(self._plan.sheets)
        laid_in = len(self._plan.sheets) - len(self.tally.refused)
        await self._desk.press("/batch/feed")
        cut = False
        shown = -1

        async def all_read() -> bool:
            nonlocal cut, shown
            state = await self._desk.state()
            sheets = state["sheets"]
            done = sum(1 for sheet in sheets if sheet["state"] == "read")
            if not cut and done >= laid_in // 2:
                self._world.switch_link("gone")
                self._tell("the link is gone")
                cut = True
            if done != shown:
                shown = done
                self._tell(f"sheets fed {len(sheets)}, read {done} of {laid_in}")
            return state["phase"] not in ("feeding", "reading") and done >= laid_in

        seconds = max(READ_SECONDS_LEAST, laid_in * READ_SECONDS_A_SHEET)
        await until("every sheet is fed and read", all_read, seconds)
        self._world.switch_link("gone")
        self.tally.fed_sheets = laid_in

    async def hand_in(self) -> None:
        """Look at every application, name what does not add up, hand in while the link is gone."""
        state = await self._desk.state()
        for number in state["loose"]:
            sheet = number["number"] if isinstance(number, dict) else number
            await self._desk.press(f"/sheets/{sheet}/move", application="new")
        state = await self._desk.state()
        found = len(state["applications"])
        if found != self._plan.declare:
            await self._desk.press(
                "/batch/declare",
                count=str(found),
                reason="束を数え直した" if found else "",
            )
        self.tally.declared = found
        # A person's confirmation settles a doubt, so the doubts are noted before it.
        doubts = {one["id"]: one["doubtful"] for one in state["applications"]}
        await self._desk.press("/batch/confirm-clean")
        state = await self._desk.state()
        for application in state["applications"]:
            if application["state"] != "confirmed":
                await self._desk.press(f"/applications/{application['id']}/confirm")
        await self._desk.press("/batch/hand-in", confirmed="1", protective="1")
        state = await self._desk.state()
        self.tally.desk = [{**one, "doubtful": doubts[one["id"]]} for one in state["applications"]]
        handed = [one for one in self.tally.desk if one["filed_at"]]
        self.tally.expect(
            len(handed) == found,
            f"Desk: every application must be filed at hand-in; {len(handed)} of {found} are.",
        )
        self.tally.count_known(must=self._plan.known_forms)
        self._tell(f"handed in without a link: {len(handed)} applications")

    async def receipts(self) -> None:
        """Verify every receipt offline, with nothing but the city's public key bundle."""
        for application in self.tally.desk:
            told = verify_receipt(
                application["receipt"], self._plan.bundle.read_text(encoding="utf-8")
            )
            held = told.env_id.hex() == application["env_id"]
            self.tally.expect(
                held, f"Receipt: it must name its own application; {application['id']} does not."
            )
            self.tally.receipts_verified += int(held)
        self._tell(f"receipts verified offline: {self.tally.receipts_verified}")

    async def close(self) -> None:
        """Close the visit; the key of the visit is destroyed."""
        await self._desk.press("/visit/close", anyway="1")
        health = await self._desk.read("/healthz")
        self.tally.expect(
            health.get("visit") in (None, "closed"),
            "Desk: after closing, no visit may stand open.",
        )

    async def carry(self) -> None:
        """Bring the link back; everything handed in reaches the office."""
        back = "good" if self._plan.link == "gone" else self._plan.link
        self._world.switch_link(back)
        self._link_back_at = time.monotonic()
        await self._world.tell_uplink()
        self._tell(f"the link is back: {back}")
        wanted = {application["id"] for application in self.tally.desk}
        shown = ""

        async def all_there() -> bool:
            nonlocal shown
            rows = {row["id"]: row for row in await self._office.cases() if row["id"] in wanted}
            whole = sum(1 for row in rows.values() if row["complete"])
            words = (
                f"at the office: {len(rows)} of {len(wanted)} applications, {whole} with every page"
            )
            if words != shown:
                shown = words
                self._tell(words)
            if len(rows) == len(wanted):
                since = round(time.monotonic() - self._link_back_at, 2)
                self.tally.timings.setdefault("records_at_office_after_link_back", since)
            return whole == len(wanted)

        await until("every application reaches the office whole", all_there, CARRY_SECONDS)

    async def office(self) -> None:
        """Open every case and compare field by field and byte by byte with what the desk sealed."""
        rows = await self._office.cases()
        counted = Counter(row["id"] for row in rows)
        numbers = {row["id"]: row["filing_no"] for row in rows}
        for application in self.tally.desk:
            times = counted[application["id"]]
            application["filing_no"] = numbers.get(application["id"], "")
            self.tally.received += int(times > 0)
            self.tally.lost += int(times == 0)
            self.tally.duplicates += max(0, times - 1)
            if times:
                await self._open(application)
        self._tell(f"opened and compared at the office: {self.tally.opened}")

    async def correction(self) -> None:
        """One case is asked to be corrected, the clean ones accepted; the request reaches the next visit."""
        asked = self._one_to_correct()
        for application in self.tally.desk:
            if application is not asked and not _blocked(application):
                await self._office.press(f"/cases/{application['id']}/accept")
        if asked is None:
            return
        await self._office.press(
            f"/cases/{asked['id']}/correction",
            reason="physician_blank",
            missing=[],
            fields=["physician.name"],
            sentence="主治医の氏名と医療機関名を確認して、次回の訪問時にお知らせください。",
        )
        await self._desk.press(
            "/visit",
            stop_id=self._plan.next_stop_id,
            staff_id=STAFF.staff_id,
            pin=STAFF.pin,
        )

        async def asked_here() -> bool:
            state = await self._desk.state()
            return any(one["record_id"] == asked["id"] for one in state["returned"])

        await until(
            "the correction request is on the desk's next visit", asked_here, ARRIVE_SECONDS
        )
        await self._desk.press("/visit/close", anyway="1")
        self.tally.correction = "on the desk at the next visit"
        self._tell("the correction request is on the desk's next visit")

    async def _open(self, application: State) -> None:
        name = application["id"]
        case = await self._office.read(f"/cases/{name}.json")
        same = case["fields"] == application["fields"] and case["sources"] == application["sources"]
        self.tally.expect(
            same, f"Case {name}: the fields at the office differ from those handed in."
        )
        pages_same = await self._pages_are_equal(application)
        self.tally.expect(
            pages_same, f"Case {name}: a page at the office differs from what was sealed."
        )
        self.tally.opened += int(same and pages_same)

    async def _pages_are_equal(self, application: State) -> bool:
        for page in application["pages"]:
            for kind, digest in (("pages", page["sha256"]), ("previews", page["preview_sha256"])):
                shown, sealed = await self._office.picture_of(
                    f"/cases/{application['id']}/{kind}/{page['index']}"
                )
                if sealed != digest or not shown.startswith(JPEG):
                    return False
        return True

    def _one_to_correct(self) -> State | None:
        asking = [one for one in self.tally.desk if one["defects"]]
        return next(iter(asking or self.tally.desk), None)


def _blocked(application: State) -> bool:
    return any(defect["severity"] == "block" for defect in application["defects"])
