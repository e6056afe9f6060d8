"""City hall comes back from a backup: the numbers on paper stay, none is given twice, and everybody is told."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cityhall.intake.restored import NUMBERS_MARGIN
from cityhall.mail.store import HallMail
from provisioning.certificates import make_box
from sync.ids import filing_parts
from sync.receipt import HallReceipt, decode_proof, proof_holds, read_receipt
from tests.appliance.uplink.test_travel import filed_once, keep, running
from tests.support.hand_bus import hand_bus
from tests.support.houses import Bus, Hall, until
from tests.support.makers import (
    instant,
    make_bundle,
    make_device,
    make_envelope,
    make_id,
    make_parts,
    make_signer,
)
from tests.support.relay import Relay

LONG = 60.0


async def back_up(hall: Hall) -> None:
    """Copy the hall's folder while it rests."""
    await hall.stop()
    hall.mail.close()
    shutil.copytree(hall.folder / "mail", hall.folder / "backup")
    hall.mail = HallMail(hall.folder / "mail")
    await hall.start()


async def restore(hall: Hall) -> None:
    """Put the copy back in the folder's place."""
    await hall.stop()
    hall.mail.close()
    shutil.rmtree(hall.folder / "mail")
    shutil.copytree(hall.folder / "backup", hall.folder / "mail")
    hall.mail = HallMail(hall.folder / "mail")


@asynccontextmanager
async def loss(folder: Path) -> AsyncIterator[tuple[Hall, Bus, Relay, dict[bytes, HallReceipt]]]:
    """File one, back up, file two more, and put the backup back; gives what the bus was promised. The hall stands."""
    async with running(folder) as (hall, bus, relay):
        keep(bus, 0)
        await bus.start()
        await until(bus.all_are("complete"), LONG)
        await back_up(hall)
        keep(bus, 1)
        keep(bus, 2)
        await until(bus.all_are("complete"), LONG)
        promised = receipts(bus)
        await restore(hall)
        yield hall, bus, relay, promised


def receipts(bus: Bus) -> dict[bytes, HallReceipt]:
    """Return the receipts the bus holds, each with a proof that holds."""
    found = {}
    for row in bus.mail.outbox():
        receipt = read_receipt(row.hall_receipt or b"", bus.bundle)
        assert isinstance(receipt, HallReceipt)
        assert proof_holds(receipt, decode_proof(row.proof or b""))
        assert row.filing_no == receipt.filing_no
        found[row.env_id] = receipt
    return found


def words(receipt: HallReceipt) -> tuple[object, ...]:
    """Return what a person reads of a receipt: all but its place in the log."""
    return (receipt.filing_no, receipt.filed, receipt.not_before, receipt.received, receipt.stage)


def numbers(hall: Hall) -> dict[bytes, str]:
    """Return the number of each envelope in city hall's book."""
    return {one.env_id: one.filing_no for one in hall.mail.arrivals()}


async def test_every_number_and_time_stays(tmp_path: Path) -> None:
    """Both sides agree on each word of each receipt, and the hall says once that it lost filings."""
    async with loss(tmp_path) as (hall, bus, _, promised):
        await hall.start()
        await until(lambda: filed_once(hall, 3) and bus.all_are("complete")(), LONG)
        again = receipts(bus)
        assert {key: words(one) for key, one in again.items()} == {
            key: words(one) for key, one in promised.items()
        }
        assert numbers(hall) == {key: one.filing_no for key, one in promised.items()}
        assert hall.mail.losses() == 1


async def test_a_number_given_after_the_loss_is_far_above(tmp_path: Path) -> None:
    """What another bus was promised from the lost book cannot be met."""
    async with loss(tmp_path) as (hall, bus, _, promised):
        await hall.start()
        await until(lambda: filed_once(hall, 3) and bus.all_are("complete")(), LONG)
        keep(bus, 3)
        await until(bus.all_are("complete"), LONG)
        before = max(filing_parts(one.filing_no)[1] for one in promised.values())
        _, serial = filing_parts(numbers(hall)[make_id(3)])
        assert serial == before + NUMBERS_MARGIN + 1


async def test_a_second_loss_is_counted_again_and_the_same_one_is_not(tmp_path: Path) -> None:
    """The numbers of the second loss lie above those of the first."""
    async with loss(tmp_path) as (hall, bus, _, _promised):
        await hall.start()
        await until(lambda: filed_once(hall, 3) and bus.all_are("complete")(), LONG)
        shutil.rmtree(hall.folder / "backup")
        await back_up(hall)
        keep(bus, 3)
        await until(bus.all_are("complete"), LONG)
        promised = receipts(bus)
        await restore(hall)
        await hall.start()
        await until(lambda: filed_once(hall, 4) and bus.all_are("complete")(), LONG)
        assert words(receipts(bus)[make_id(3)]) == words(promised[make_id(3)])
        keep(bus, 4)
        await until(bus.all_are("complete"), LONG)
        _, serial = filing_parts(numbers(hall)[make_id(4)])
        assert (hall.mail.losses(), serial) == (2, 2 * NUMBERS_MARGIN + 5)


async def test_a_number_that_is_taken_meanwhile_is_not_given_twice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A bus that knows of no loss came first and got it: the envelope gets a new one, said aloud on both sides."""
    async with loss(tmp_path) as (hall, bus, _, promised), second_bus(hall, bus) as other:
        bus_port = bus.port
        bus.port = 1
        await bus.stop()
        await hall.start()
        await other.start()
        await until(other.all_are("complete"), LONG)
        assert numbers(hall)[make_id(7)] == promised[make_id(1)].filing_no
        bus.port = bus_port
        await bus.start()
        await until(lambda: filed_once(hall, 4) and bus.all_are("complete")(), LONG)
        found = numbers(hall)
        assert found[make_id(2)] == promised[make_id(2)].filing_no
        assert filing_parts(found[make_id(1)])[1] > NUMBERS_MARGIN
        assert found[make_id(1)] == receipts(bus)[make_id(1)].filing_no
        said = [record.getMessage().split()[0] for record in caplog.records]
        assert {"log.lost", "filing.renumbered", "receipt.renumbered"} < set(said)
        kinds = [entry.kind for entry in bus.mail.entries()]
        assert kinds.count("alarm") == len(["the log broke", "the number changed"])


async def test_a_backup_between_a_slip_and_its_pages_is_a_loss(tmp_path: Path) -> None:
    """It holds the filing and no page, and no later filing tells of it: the bus notices, and sends the pages again."""
    sealed = make_envelope(parts=make_parts())
    async with running(tmp_path) as (hall, bus, _):
        async with hand_bus(bus, hall.port) as first:
            await first.file(sealed)
        await back_up(hall)
        bus.mail.keep(sealed, deadline=None, at=instant(), receipt_for=lambda _entry: b"box")
        await bus.start()
        await until(bus.all_are("complete"), LONG)
        await bus.stop()
        promised = receipts(bus)
        await restore(hall)
        assert [one.complete for one in hall.mail.arrivals()] == [False]
        await hall.start()
        await bus.start()
        await until(lambda: filed_once(hall, 1) and bus.all_are("complete")(), LONG)
        assert words(receipts(bus)[make_id()]) == words(promised[make_id()])
        assert "alarm" in [entry.kind for entry in bus.mail.entries()]


@asynccontextmanager
async def second_bus(hall: Hall, first: Bus) -> AsyncIterator[Bus]:
    """Give another box of the city, with one application kept."""
    devices = [make_device(), make_device("bus-08", signer=5, reading=14)]
    hall.publish(make_bundle(2, devices=devices))
    identity = make_box(hall.authority, "bus-08", datetime.now(UTC))
    bus = Bus(hall.folder.parent / "bus-08", hall.authority, identity, device="bus-08")
    bus.port = first.port
    sealed = make_envelope(7, sender="bus-08", signer=make_signer(5))
    bus.mail.keep(sealed, deadline=None, at=instant(7), receipt_for=lambda _entry: b"box")
    try:
        yield bus
    finally:
        await bus.stop()
