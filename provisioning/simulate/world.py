"""One simulated city: its buses, its hall, who was told what; everything a day acts on."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from provisioning.simulate.box import Box, Built
from provisioning.simulate.boxdisk import BoxDisk
from provisioning.simulate.chance import Chance
from provisioning.simulate.clocks import HallTime
from provisioning.simulate.hall import Hall
from provisioning.simulate.halldisk import HallDisk
from provisioning.simulate.hallshelf import HallShelf
from provisioning.simulate.machine import Ears
from provisioning.simulate.pool import BUSES, ENVELOPES, pool
from provisioning.simulate.power import Power, PowerCut
from provisioning.simulate.profile import Fault, Profile
from provisioning.simulate.realshelves import RealShelves, see_box, see_hall
from provisioning.simulate.road import Road
from sync.envelope import Envelope
from sync.journal import JournalEntry
from sync.receipt import BoxReceipt, bounded, sign_receipt

# Applications of one bus on one day; what the pool has beyond them is for retries under a new id.
APPLICATIONS: Final = 9
TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Plant:
    """What the city is built of; the planted bugs differ from the honest one in one place."""

    name: str = "honest"
    box: Built = field(default_factory=Built)
    hall: Callable[[HallDisk, Power, HallTime], HallShelf] = HallShelf
    new_id_on_retry: bool = False
    always: frozenset[Fault] = frozenset()
    enough: tuple[str, ...] = ()
    """Invariants of which one must be the one that catches it; any when empty."""


@dataclass(slots=True)
class Told:
    """One application whose receipt a citizen holds."""

    bus: str
    number: int
    envelope: Envelope
    receipt: bytes
    lost_with_card: bool = False


class World:
    """The city of one seed. `fault` notes a violation, `tell` one line of the day's story."""

    def __init__(
        self, seed: int, profile: Profile, plant: Plant, folder: Path, *, real: bool = False
    ) -> None:
        self.chance = Chance(f"{seed} day")
        self.profile = profile
        self.plant = plant
        self.happened: Counter[Fault] = Counter()
        self.story: list[str] = []
        self.violations: list[str] = []
        self.told: dict[bytes, Told] = {}
        self.twins: dict[bytes, tuple[str, int]] = {}
        self.posted: dict[str, dict[bytes, bytes]] = {}
        self.revoked: set[str] = set()
        self.images: dict[str, BoxDisk] = {}
        self.backup: HallDisk | None = None
        self._loop = asyncio.get_running_loop()
        self._bundle = folder / f"hall-{seed}.json" if profile.has(Fault.REVOKED) else None
        if self._bundle is not None:
            self._bundle.write_text(pool().texts[0], encoding="utf-8")
        stream = self.chance.fork
        self._real = real
        if real:
            made = RealShelves(folder)
            plant = replace(plant, box=replace(plant.box, shelf=made.box), hall=made.hall)
            self.plant = plant
        ears = Ears(self.tell, self.fault)
        self.hall = Hall(stream("hall"), ears, plant.hall, folder=folder, bundle=self._bundle)
        self.boxes = {
            name: Box(
                Road(name, self.hall.knock), stream(name), ears, folder=folder, built=plant.box
            )
            for name in BUSES[: profile.buses]
        }
        for box in self.boxes.values():
            box.road.races = profile.has(Fault.STALL)
        self._next = dict.fromkeys(self.boxes, 0)

    def tell(self, line: str) -> None:
        """Add a line to the day's story."""
        self.story.append(f"{self._loop.time():10.3f} s  {line}")

    def fault(self, line: str) -> None:
        """Note that something happened that must never happen."""
        self.violations.append(line)
        self.tell(f"VIOLATION {line}")

    def see(self) -> None:
        """Read what lies on real shelves into the tables that the judge and the acts look at."""
        if self._real:
            see_hall(self.hall.disk, self.posted)
            for box in self.boxes.values():
                see_box(box.disk)

    def start(self) -> None:
        """Switch everything on."""
        self.hall.start()
        for box in self.boxes.values():
            box.start()

    async def stop(self) -> None:
        """Switch everything off."""
        await self.hall.stop()
        for box in self.boxes.values():
            await box.stop()
        homes = [self.hall.disk.home, *(box.disk.home for box in self.boxes.values())]
        for home in homes:
            if home is not None:
                home.close()
        if self._bundle is not None:
            self._bundle.unlink(missing_ok=True)

    async def keep(self, box: Box) -> None:
        """Hand an application in at a bus's desk: a receipt is shown when, and only when, the shelf answered."""
        number = self._next[box.name]
        if number >= APPLICATIONS:
            return
        self._next[box.name] += 1
        envelope = pool().envelopes[box.name][number]
        for attempt in range(TRIES):
            await box.until_on()
            self.twins[envelope.env_id] = (box.name, number)
            if self.put(box, number, envelope):
                if self.profile.has(Fault.DOUBLE_TAP) and self.chance.once_in(3):
                    self.happened[Fault.DOUBLE_TAP] += 1
                    self.put(box, number, envelope)
                return
            self.tell(f"{box.name} has no receipt for application {number}, attempt {attempt}")
            if self.plant.new_id_on_retry:
                envelope = pool().envelopes[box.name][ENVELOPES - 1 - attempt]
        self.tell(f"{box.name} gives application {number} back to its applicant")

    def put(self, box: Box, number: int, envelope: Envelope) -> bool:
        """Press the button once; tell whether a receipt was shown."""
        signer = pool().boxes[box.name]

        def receipt_for(entry: JournalEntry) -> bytes:
            at = box.clock.now()
            wall = at.wall.replace(microsecond=0)
            return sign_receipt(
                BoxReceipt(
                    env_id=envelope.env_id,
                    envelope_sha256=entry.object_hash,
                    procedure="application",
                    filed=bounded(wall, wall),
                    not_before=wall,
                    uncertainty_s=at.uncertainty_s,
                    journal_seq=entry.seq,
                    device_key_id=signer.key_id,
                ),
                signer,
            )

        try:
            kept = box.shelf.keep(
                envelope, deadline=None, at=box.clock.now(), receipt_for=receipt_for
            )
        except PowerCut:
            return False
        before = self.told.get(envelope.env_id)
        if before is not None and before.receipt != kept.receipt:
            self.fault(f"I2 {box.name} gave application {number} two receipts")
        self.told.setdefault(envelope.env_id, Told(box.name, number, envelope, kept.receipt))
        self.tell(f"{box.name} kept application {number} and showed its receipt")
        return True
