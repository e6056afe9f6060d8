"""A stick between one bus and one city hall: the real shells of both sides on folders, no network anywhere."""

import os
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from appliance.mail.store import MailStore
from appliance.uplink.clock import UplinkClock
from cityhall.intake.clock import SystemTime
from hardware.clock.system import SystemClock
from provisioning.carry_answer import Imported, import_answers
from provisioning.carry_bus import Export, Exported
from provisioning.carry_folder import Stick, Write
from provisioning.carry_hall import Taken, import_sets
from sync.carry import BODY_MAX, FOLDER
from sync.clock import Clock
from sync.envelope import Envelope
from sync.journal import verify_chain
from sync.receipt import COMPLETE, HallReceipt, decode_proof, proof_holds, read_receipt
from tests.support.houses import Bus, Hall, make_houses, until
from tests.support.makers import instant, make_envelope, make_parts

# Sealing takes tens of milliseconds, so envelopes are made once for all tests.
_SEALED: dict[tuple[int, int], Envelope] = {}


def sealed(n: int, page_bytes: int = 60_000) -> Envelope:
    """Return application n with one page, always the same bytes."""
    if (n, page_bytes) not in _SEALED:
        parts = make_parts(1, page_bytes=page_bytes)
        _SEALED[n, page_bytes] = make_envelope(n, parts=parts)
    return _SEALED[n, page_bytes]


@dataclass
class Trip:
    """A bus, a city hall, and the folder a stick is mounted at."""

    bus: Bus
    hall: Hall
    stick: Path

    @property
    def carried(self) -> Path:
        """The folder on the stick."""
        return self.stick / FOLDER

    def keep(self, *numbers: int, page_bytes: int = 60_000) -> None:
        """Keep applications on the bus."""
        for n in numbers:
            self.bus.mail.keep(
                sealed(n, page_bytes),
                deadline=None,
                at=instant(n),
                receipt_for=lambda _entry: b"box",
            )

    def export(
        self, *, limit: int | None = None, body_max: int = BODY_MAX, write: Write | None = None
    ) -> Exported:
        """Put what waits onto the stick."""
        stick = Stick(self.stick) if write is None else Stick(self.stick, write)
        clock = UplinkClock(SystemClock())
        with closing(MailStore(self.bus.folder / "mail")) as shelf:
            made = Export(self.bus.settings(), shelf, stick, clock, limit=limit, body_max=body_max)
            return made.run()

    async def at_hall(self, *, body_max: int = BODY_MAX, write: Write | None = None) -> list[Taken]:
        """Let city hall import the stick."""
        stick = Stick(self.stick) if write is None else Stick(self.stick, write)
        settings = self.hall.settings()
        return await import_sets(settings, stick, SystemTime(), os.urandom, body_max=body_max)

    async def home(self, clock: Clock | None = None) -> list[Imported]:
        """Let the bus take the answers in."""
        clock = clock or UplinkClock(SystemClock())
        return await import_answers(self.bus.settings(), Stick(self.stick), clock)

    async def round(self) -> list[Imported]:
        """Carry once to city hall and back."""
        self.export()
        await self.at_hall()
        return await self.home()

    def copy(self, name: str) -> "Trip":
        """Return the same houses with a copy of the stick."""
        other = self.stick.with_name(name)
        shutil.copytree(self.stick, other)
        return Trip(self.bus, self.hall, other)


def make_trip(folder: Path) -> Trip:
    """Return a trip of a city in a folder."""
    hall, bus = make_houses(folder)
    stick = folder / "stick"
    stick.mkdir()
    return Trip(bus, hall, stick)


def numbers(trip: Trip) -> list[tuple[str, str]]:
    """Return state and filing number of each application on the bus."""
    return [(row.state, row.filing_no) for row in trip.bus.mail.outbox()]


def proven(trip: Trip) -> bool:
    """Tell whether every application is complete, with a receipt that is proven offline, and the journal whole."""
    for row in trip.bus.mail.outbox():
        receipt = read_receipt(row.hall_receipt or b"", trip.bus.bundle)
        if not isinstance(receipt, HallReceipt) or receipt.stage != COMPLETE:
            return False
        if not proof_holds(receipt, decode_proof(row.proof or b"")):
            return False
    mail = trip.bus.mail
    return verify_chain(mail.entries(), mail.journal_start()) == mail.head()


def filed_once(hall: Hall, count: int) -> bool:
    """Tell whether the hall holds this many envelopes, each whole, numbered once, in the log as filed and as whole."""
    arrivals = hall.mail.arrivals()
    numbers = {one.filing_no for one in arrivals}
    complete = all(one.complete for one in arrivals)
    return complete and len(arrivals) == len(numbers) == hall.mail.log_size() / 2 == count


async def on_the_link(trip: Trip) -> None:
    """Let a real session over loopback settle everything, letters too."""
    await trip.hall.start()
    trip.bus.port = trip.hall.port
    await trip.bus.start()
    try:
        await until(lambda: trip.bus.mail.waiting() == 0, 60)
        await until(lambda: trip.hall.mail.letters_for("bus-07") == [], 60)
    finally:
        await trip.bus.stop()
        await trip.hall.stop()
