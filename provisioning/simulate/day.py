"""One day of one seed: rounds of work, contact and trouble, then quiet, in which everything must settle."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from appliance.uplink.causes import LinkError
from cityhall.mail.store import HALF_AGE
from provisioning.simulate.acts import DAY_S, Acts
from provisioning.simulate.box import Box
from provisioning.simulate.chance import Chance
from provisioning.simulate.judge import Judge
from provisioning.simulate.loop import StillError, VirtualLoop
from provisioning.simulate.power import PowerCut
from provisioning.simulate.profile import Fault, Profile, draw
from provisioning.simulate.wire import Cut
from provisioning.simulate.world import Plant, World

QUIET_CONTACTS: Final = 2
QUIET_S: Final = 100.0
_IN_CONTACT: Final = (
    Fault.RACE,
    Fault.REPLAY,
    Fault.FULL_DISK,
    Fault.REVOKED,
    Fault.RESTORE,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a seed's day."""

    seed: int
    violations: tuple[str, ...]
    story: tuple[str, ...]
    happened: Counter[Fault]
    applications: int
    seconds: float
    doubled: int


def play(seed: int, folder: Path, plant: Plant | None = None, *, real: bool = False) -> Outcome:
    """Play the day of a seed; `folder` holds the few real files; `real`: the shelves too."""
    planted = plant or Plant()
    chance = Chance(f"{seed} profile")
    profile = draw(chance, planted.always)
    slow = chance.fork("disk")
    loop = VirtualLoop(_delay(profile, slow))
    day = Day(seed, profile, planted, folder, real=real)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.get_loop().set_exception_handler(day.unexpected)
        try:
            return runner.run(day.run())
        except StillError as error:
            return day.outcome(loop.time(), str(error))


def _delay(profile: Profile, slow: Chance) -> Any:
    if not profile.has(Fault.SLOW_DISK):
        return lambda: 0.0
    return lambda: slow.skewed(0.001, 0.5) if slow.once_in(6) else 0.0


class Day:
    """The script of one day."""

    def __init__(
        self, seed: int, profile: Profile, plant: Plant, folder: Path, *, real: bool
    ) -> None:
        self._real = real
        self._seed = seed
        self._profile = profile
        self._plant = plant
        self._folder = folder
        self._unexpected: list[str] = []

    def unexpected(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Note an error nobody asked for: a task died unseen."""
        error = context.get("exception")
        if not isinstance(error, PowerCut | LinkError | OSError):
            self._unexpected.append(f"unseen: {context.get('message')}: {error!r}")

    async def run(self) -> Outcome:
        """Play the day."""
        self._world = World(self._seed, self._profile, self._plant, self._folder, real=self._real)
        self._judge = Judge(self._world)
        self._acts = Acts(self._world, self._judge)
        self._chance = self._world.chance.fork("script")
        self._world.start()
        try:
            for number in range(self._profile.rounds):
                await self._between(number)
                await self._contact()
                self._judge.look()
            await self._quiet()
        finally:
            await self._world.stop()
        return self.outcome(asyncio.get_running_loop().time())

    def outcome(self, seconds: float, *more: str) -> Outcome:
        """Return what is known of the day so far."""
        world = self._world
        return Outcome(
            seed=self._seed,
            violations=(*world.violations, *self._unexpected, *more),
            story=tuple(world.story),
            happened=world.happened,
            applications=len(world.told),
            seconds=seconds,
            doubled=len(self._judge.numbers.doubled),
        )

    async def _between(self, number: int) -> None:
        """Work out of coverage: applications, backups, restores, nights."""
        world, acts, chance = self._world, self._acts, self._chance
        if world.backup is None and chance.once_in(2):
            acts.backup()
        elif number and acts.may(Fault.RESTORE, 2):
            await acts.restore_hall()
        for box in world.boxes.values():
            if chance.once_in(2):
                await self._old_cards(box)
            acts.step_clocks(box)
            if chance.once_in(3):
                self._office(acts.post, box)
            acts.arm_box(box)
            for _ in range(chance.count(0, 3)):
                await world.keep(box)
            self._judge.look()
        await self._rest(chance.skewed(5, 4 * 3600))
        if acts.may(Fault.LONG_REST, 3):
            world.happened[Fault.LONG_REST] += 1
            await self._rest(3.4 * DAY_S)
            acts.backup()

    async def _old_cards(self, box: Box) -> None:
        if box.name not in self._world.images:
            self._acts.image(box)
        elif self._acts.may(Fault.OLD_CARD, 2):
            await self._acts.old_card(box)

    async def _rest(self, seconds: float) -> None:
        """Let time pass with nobody looking; then everybody looks once."""
        loop = asyncio.get_running_loop()
        if isinstance(loop, VirtualLoop):
            loop.leap(seconds)
        self._world.tell(f"{seconds:.0f} s later")
        await asyncio.sleep(1.05)

    async def _contact(self) -> None:
        """Bring some buses into coverage, and let things happen."""
        chance = self._chance
        boxes = list(self._world.boxes.values())
        here = chance.some_of(boxes, chance.count(1, len(boxes)))
        for box in here:
            box.road.rate = chance.skewed(8_000, 600_000)
            box.road.delay = chance.skewed(0.01, 0.6)
            box.road.covered = True
            box.road.on_dial = partial(self._acts.plan_wire, box)
            self._world.tell(
                f"{box.name} is in coverage: {box.road.rate:.0f} bytes/s, {box.road.delay * 1000:.0f} ms"
            )
            if chance.once_in(1.4):
                box.hint()
        for _ in range(chance.count(2, 5)):
            await asyncio.sleep(chance.skewed(0.05, 3))
            await self._trouble(chance.one_of(here))
            self._judge.look()
        for box in here:
            self._acts.leave(box)

    async def _trouble(self, box: Box) -> None:
        """Let one thing happen while buses are in contact."""
        acts = self._acts
        acts.arm_box(box)
        acts.arm_hall()
        what = self._chance.one_of(
            ("keep", "post", "pull", *(fault for fault in _IN_CONTACT if self._profile.has(fault)))
        )
        if what == "keep":
            await self._world.keep(box)
        elif what == "post":
            self._office(acts.post, box)
        elif what == "pull":
            self._office(acts.pull)
        elif what is Fault.RACE:
            acts.race(box)
        elif what is Fault.REPLAY:
            acts.replay(box)
        elif what is Fault.FULL_DISK:
            await acts.full_disk()
        elif what is Fault.REVOKED:
            acts.revoke()
        elif acts.may(Fault.RESTORE, 2):
            await acts.restore_hall()

    def _office(self, act: Any, *who: Box) -> None:
        """Let the office do something, where city hall runs and its disk takes it."""
        if self._world.hall.on:
            with contextlib.suppress(OSError, PowerCut):
                act(*who)

    async def _quiet(self) -> None:
        """No trouble any more: two contacts settle everything; days later the bus's card is empty again."""
        world = self._world
        world.tell("quiet: no trouble from here")
        world.hall.power.arm(0, dark=False)
        for box in world.boxes.values():
            box.power.arm(0, dark=False)
        for _ in range(QUIET_CONTACTS):
            await self._quiet_contact()
            await self._rest(600)
        self._judge.look()
        for problem in self._judge.unsettled():
            world.fault(problem)
        await self._rest(3.4 * DAY_S)
        await self._quiet_contact()
        await self._rest(700)
        self._judge.look()
        await self._rest(HALF_AGE.total_seconds())
        world.hall.power.cut("a new version is installed", dark=False)
        await world.hall.until_on()
        self._judge.settled(purged=not world.happened[Fault.BOX_CLOCK])

    async def _quiet_contact(self) -> None:
        world = self._world
        loop = asyncio.get_running_loop()
        await world.hall.until_on()
        for box in world.boxes.values():
            await box.until_on()
            box.road.covered, box.road.rate, box.road.delay = True, 300_000.0, 0.04
            box.road.on_dial = lambda _wire: None
            box.hint()
        since = {name: box.disk.tables.proven_at for name, box in world.boxes.items()}
        until = loop.time() + QUIET_S
        await asyncio.sleep(1)
        while (self._judge.unsettled() or self._unproven(since)) and loop.time() < until:
            await asyncio.sleep(1)
            self._judge.look()
        for box in world.boxes.values():
            box.road.leave(Cut.RESET, 0.0)

    def _unproven(self, since: Mapping[str, datetime | None]) -> bool:
        """Tell whether a bus has not seen city hall's log proven in this contact."""
        return any(
            name not in self._world.revoked and box.disk.tables.proven_at == since[name]
            for name, box in self._world.boxes.items()
        )
