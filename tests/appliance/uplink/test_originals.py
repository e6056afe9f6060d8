"""Originals over a real uplink: they stay on the road and go up at a depot; nobody waits for them."""

from contextlib import closing
from ipaddress import IPv4Network, ip_network
from pathlib import Path

import pytest

from appliance.mail.store import MailStore
from appliance.uplink.depot import at_depot
from sync.envelope import PartRole
from tests.support.houses import Bus, Hall, make_houses, until
from tests.support.makers import instant, make_envelope, make_id
from tests.support.sticks import make_trip

PARTS = [
    (PartRole.PREVIEW, b"preview" * 100),
    (PartRole.PAGE, b"page" * 2_000),
    (PartRole.ORIGINAL, b"original" * 4_000),
]
ORIGINAL = 2
LOOPBACK = "127.0.0.0/8"


def keep(bus: Bus) -> None:
    """Keep one application whose sheet has an original."""
    envelope = make_envelope(0, parts=PARTS)
    bus.mail.keep(envelope, deadline=None, at=instant(), receipt_for=lambda _entry: b"box")


def original_here(hall: Hall) -> bool:
    """Tell whether city hall holds the original."""
    return hall.mail.arrivals()[0].parts[ORIGINAL].arrived


async def on_the_road(hall: Hall, bus: Bus) -> None:
    """Let everything go that goes on the road."""
    await hall.start()
    bus.port = hall.port
    await bus.start()
    await until(lambda: bus.mail.outbox()[0].standing == "complete")


async def test_on_the_road_the_original_stays(tmp_path: Path) -> None:
    """Record, preview and page are at city hall, the person at the desk waits for nothing; its bytes are counted."""
    hall, bus = make_houses(tmp_path)
    keep(bus)
    try:
        await on_the_road(hall, bus)
        [row] = bus.mail.outbox()
        assert (row.state, bus.mail.waiting(), bus.mail.counts()[1]) == ("arrived", 0, 0)
        assert bus.mail.originals_left() == row.bytes_total - row.bytes_done > 32_000
        assert not original_here(hall)
    finally:
        await bus.stop()
        await hall.stop()


async def test_at_the_depot_it_goes_up(tmp_path: Path) -> None:
    """The same box on an address of the depot brings what it kept, and the envelope is complete for both."""
    hall, bus = make_houses(tmp_path)
    keep(bus)
    try:
        await on_the_road(hall, bus)
        await bus.stop()
        bus.depots = (LOOPBACK,)
        await bus.start()
        await until(bus.all_are("complete"))
        assert original_here(hall)
        assert hall.mail.part(make_id(0), ORIGINAL) == bus.mail.part(make_id(0), ORIGINAL)
        assert bus.mail.originals_left() == 0
    finally:
        await bus.stop()
        await hall.stop()


async def test_what_a_caseworker_pulls_goes_on_the_road(tmp_path: Path) -> None:
    """Somebody at city hall needs the sharp picture now."""
    hall, bus = make_houses(tmp_path)
    keep(bus)
    try:
        await on_the_road(hall, bus)
        assert hall.mail.pull(make_id(0), ORIGINAL)
        await until(bus.all_are("complete"))
        assert original_here(hall)
    finally:
        await bus.stop()
        await hall.stop()


async def test_a_stick_leaves_originals_to_the_depot(tmp_path: Path) -> None:
    """It carries record and page, and says that everything is on it; afterwards it has nothing to bring."""
    trip = make_trip(tmp_path)
    keep(trip.bus)
    assert trip.export().all_on_it
    await trip.at_hall()
    await trip.home()
    assert trip.bus.mail.outbox()[0].standing == "complete"
    assert trip.export().waiting == 0
    assert not original_here(trip.hall)


async def test_a_stick_fetches_a_receipt_that_the_link_lost(tmp_path: Path) -> None:
    """City hall confirmed every byte but the originals', and the link was lost before it said its number."""
    trip = make_trip(tmp_path)
    keep(trip.bus)
    trip.export()
    await trip.at_hall()
    with closing(MailStore(trip.bus.folder / "mail")) as shelf:
        [due] = shelf.due()
        for one in due.items[: ORIGINAL + 1]:
            shelf.progress(due.env_id, one.item, one.length)
        assert shelf.waiting() == 1
    assert trip.export().waiting == 1
    await trip.at_hall()
    await trip.home()
    [row] = trip.bus.mail.outbox()
    assert (row.standing, bool(row.filing_no)) == ("complete", True)


@pytest.mark.parametrize(
    ("address", "there"),
    [("10.20.3.4", True), ("10.21.0.1", False), ("", False), ("fe80::1%wlan0", False)],
)
def test_whose_address_is_a_depots(address: str, *, there: bool) -> None:
    """Only an address inside the network counts; one that nobody can read is none."""
    network = ip_network("10.20.0.0/16")
    assert isinstance(network, IPv4Network)
    assert at_depot(address, [network]) is there
