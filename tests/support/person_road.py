"""A real link between one test person's box and its office: uplink, intake and TLS on loopback, cut by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from provisioning.certificates import make_authority, make_box
from tests.support.counterworld import DEVICE
from tests.support.houses import Bus, Hall, until
from tests.support.person_stop import PersonStop
from tests.support.relay import Relay


@dataclass
class Road:
    """The processes' parts on the shelves of a stop, and the line between them."""

    stop: PersonStop
    hall: Hall
    bus: Bus
    relay: Relay

    @asynccontextmanager
    async def cut_after(self, sealed_bytes: int) -> AsyncIterator[None]:
        """Break the line once so many more bytes have gone up; what the block hands in must be more than that."""
        before = self.relay.connections
        self.relay.cut_after = self.relay.upward + sealed_bytes
        yield
        await until(lambda: self.relay.connections > before)

    async def all_there(self) -> None:
        """Wait until city hall's word for everything is on the bus, and take it into the office."""
        await until(self.bus.all_are("complete"))
        self.stop.office.arrivals.take_all()


@asynccontextmanager
async def person_road(stop: PersonStop, folder: Path) -> AsyncIterator[Road]:
    """Lay a link below `folder` onto the stop's own shelves; it goes on its way at once."""
    now = datetime.now(UTC)
    authority = make_authority("盛岡市", now)
    for house, shelf in (("hall", "mail"), ("road", "box/mail")):
        (folder / house).mkdir()
        (folder / house / "mail").symlink_to(folder / shelf)
    bundle = stop.box.bundle()
    hall = Hall(folder / "hall", authority, bundle)
    bus = Bus(folder / "road", authority, make_box(authority, DEVICE, now), bundle, DEVICE)
    await hall.start()
    relay = Relay(hall.port)
    await relay.start()
    bus.port = relay.port
    await bus.start()
    try:
        yield Road(stop, hall, bus, relay)
    finally:
        await bus.stop()
        await relay.stop()
        await hall.stop()
        bus.mail.close()
        hall.mail.close()
