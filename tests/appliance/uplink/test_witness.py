"""Two memories, real stores, one contact: whatever is put back on either side, somebody who knows better says so."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from appliance.mail.store import MailStore
from cityhall.mail.store import HallMail
from sync.witness import journal_note
from tests.support.houses import Bus, Hall, make_houses, until
from tests.support.makers import (
    BOX,
    OFFICE,
    instant,
    make_bundle,
    make_device,
    make_envelope,
    make_signer,
)
from tests.support.relay import Relay


@asynccontextmanager
async def city(folder: Path) -> AsyncIterator[tuple[Hall, Bus]]:
    """Give a hall that serves and a bus that does not run yet."""
    hall, bus = make_houses(folder)
    await hall.start()
    bus.port = hall.port
    try:
        yield hall, bus
    finally:
        await bus.stop()
        await hall.stop()
        bus.mail.close()
        hall.mail.close()


def accept(bus: Bus, *numbers: int, signer: int = BOX) -> None:
    """Accept applications as the desk does: with the journal's head signed."""
    for n in numbers:
        bus.mail.keep(
            make_envelope(n, parts=[], journal=bus.mail.head()),
            deadline=None,
            at=instant(n),
            receipt_for=lambda _entry: b"box",
            sign_head=lambda size, root: journal_note("bus-07", size, root, make_signer(signer)),
        )


async def contact(hall: Hall, bus: Bus) -> None:
    """Let the two talk until everything is filed and the journal's head was answered."""
    before = answers(hall, bus)
    await bus.start()
    await until(bus.all_are("complete"))
    await until(lambda: answers(hall, bus) != before and settled(hall, bus))
    await bus.stop()


def answers(hall: Hall, bus: Bus) -> tuple[int, int, str]:
    """Return what moves when a head was judged: its size, the alarms, what the bus holds."""
    known = hall.mail.journal_known("bus-07")
    told = bus.mail.journal_head()
    return known.head.size, known.alarms, "" if told is None else told.held


def settled(hall: Hall, bus: Bus) -> bool:
    """Tell whether both ends know one head, or city hall gave the alarm and the bus too."""
    known, told = hall.mail.journal_known("bus-07"), bus.mail.journal_head()
    if known.alarms:
        return alarms(bus) > 0
    return told is not None and told.held == known.note and known.head.size > 0 and not told.path


def alarms(bus: Bus) -> int:
    """Count the alarms in the bus's journal."""
    return sum(entry.kind == "alarm" for entry in bus.mail.entries())


async def test_a_journal_that_grows_while_an_answer_is_on_its_way_is_no_alarm(
    tmp_path: Path,
) -> None:
    """The desk goes on accepting over a slow line: each head is told from where the last answer ended."""
    async with city(tmp_path) as (hall, bus):
        relay = Relay(hall.port)
        await relay.start()
        relay.slow_s, bus.port = 0.1, relay.port
        accept(bus, *range(12))
        await bus.start()
        for n in range(12, 24):
            await until(lambda n=n: bus.states().count("complete") > n - 12)  # type: ignore[misc]
            accept(bus, n)
        await until(bus.all_are("complete"))
        await until(lambda: settled(hall, bus))
        assert hall.mail.journal_known("bus-07").alarms == 0
        await bus.stop()
        await relay.stop()


def copied(house: Hall | Bus) -> None:
    """Copy a house's shelf while it rests."""
    house.mail.close()
    shutil.copytree(house.folder / "mail", house.folder / "copy")
    house.mail = (
        MailStore(house.folder / "mail")
        if isinstance(house, Bus)
        else HallMail(house.folder / "mail")
    )


def put_back(house: Hall | Bus) -> None:
    """Put the copy in the shelf's place."""
    house.mail.close()
    shutil.rmtree(house.folder / "mail")
    (house.folder / "copy").rename(house.folder / "mail")
    house.mail = (
        MailStore(house.folder / "mail")
        if isinstance(house, Bus)
        else HallMail(house.folder / "mail")
    )


async def test_ok__an_honest_box_is_witnessed_contact_after_contact(tmp_path: Path) -> None:
    """Both ends hold the same cosigned head, and nobody gives an alarm, also when an answer was lost."""
    async with city(tmp_path) as (hall, bus):
        accept(bus, 0)
        await contact(hall, bus)
        accept(bus, 1, 2)
        await contact(hall, bus)
        connection = sqlite.connect(bus.folder / "mail" / "mail.db")
        connection.execute("DELETE FROM note WHERE name = 'journal_cosigned'")
        connection.commit()
        connection.close()
        accept(bus, 3)
        await contact(hall, bus)
        newest = max(row.journal_seq for row in bus.mail.outbox())
        assert hall.mail.journal_known("bus-07").head.size == newest
        assert (hall.mail.journal_known("bus-07").alarms, alarms(bus)) == (0, 0)


@pytest.mark.parametrize("accepted_since", [0, 1, 5])
async def test_fail__an_older_card_is_put_back(tmp_path: Path, accepted_since: int) -> None:
    """Shorter, about as long, or longer than what city hall knows: both ends say so at the first contact."""
    async with city(tmp_path) as (hall, bus):
        accept(bus, 0)
        await contact(hall, bus)
        copied(bus)
        accept(bus, 1)
        await contact(hall, bus)
        put_back(bus)
        accept(bus, *range(10, 10 + accepted_since))
        await contact(hall, bus)
        assert hall.mail.journal_known("bus-07").alarms == 1
        assert alarms(bus) == 1
        assert len(hall.mail.arrivals()) == 2 + accepted_since


async def test_fail__a_head_somebody_else_signed_costs_no_application(tmp_path: Path) -> None:
    """City hall gives the alarm, keeps what it knew, and files what came."""
    async with city(tmp_path) as (hall, bus):
        accept(bus, 0)
        await contact(hall, bus)
        known = hall.mail.journal_known("bus-07")
        accept(bus, 1, signer=OFFICE)
        await bus.start()
        await until(lambda: hall.mail.journal_known("bus-07").alarms == 1)
        await until(bus.all_are("complete"))
        assert hall.mail.journal_known("bus-07").note == known.note


async def test_fail__city_hall_is_put_back(tmp_path: Path) -> None:
    """The bus gives the alarm and files again; of its journal the hall learns again what it had cosigned."""
    async with city(tmp_path) as (hall, bus):
        accept(bus, 0)
        await contact(hall, bus)
        await hall.stop()
        copied(hall)
        await hall.start()
        bus.port = hall.port
        accept(bus, 1)
        await contact(hall, bus)
        newest = hall.mail.journal_known("bus-07")
        await hall.stop()
        put_back(hall)
        await hall.start()
        bus.port = hall.port
        accept(bus, 2)
        await contact(hall, bus)
        assert alarms(bus) == 1
        assert hall.mail.journal_known("bus-07").head.size > newest.head.size
        assert hall.mail.journal_known("bus-07").alarms == 0
        assert len(hall.mail.arrivals()) == 3


@pytest.mark.parametrize("older", ["bus", "hall"])
async def test_fail__both_are_put_back_to_different_days(tmp_path: Path, older: str) -> None:
    """Whoever comes back with the newer memory gives the alarm about the other."""
    async with city(tmp_path) as (hall, bus):
        first: list[Hall | Bus] = [bus, hall] if older == "bus" else [hall, bus]
        for n, house in enumerate(first):
            accept(bus, n)
            await contact(hall, bus)
            await hall.stop()
            copied(house)
            await hall.start()
            bus.port = hall.port
        accept(bus, 2)
        await contact(hall, bus)
        await hall.stop()
        put_back(bus)
        put_back(hall)
        await hall.start()
        bus.port = hall.port
        await bus.start()
        await until(lambda: alarms(bus) > 0)
        if older == "bus":
            await until(lambda: hall.mail.journal_known("bus-07").alarms > 0)
        await until(bus.all_are("complete"))


async def test_fail__a_revoked_box_is_vouched_for_no_further(tmp_path: Path) -> None:
    """What it journaled before still comes in; the head it tells now is not cosigned."""
    async with city(tmp_path) as (hall, bus):
        accept(bus, 0)
        await contact(hall, bus)
        known = hall.mail.journal_known("bus-07").head
        accept(bus, 1)
        believed = max(row.journal_seq for row in bus.mail.outbox())
        hall.publish(make_bundle(2, devices=[make_device(revoked=True, journal=believed)]))
        accept(bus, 2)
        await bus.start()
        await until(lambda: bus.states() == ["complete", "complete", "refused"])
        await bus.stop()
        assert hall.mail.journal_known("bus-07").head == known
