"""Intakes on one PostgreSQL and one object store are one city hall: one log, one count, one newest session."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from cityhall.intake.register import Register
from cityhall.intake.sessions import Sessions, watch
from sync.envelope import Envelope
from sync.frames import Have, Offer, Receipt
from sync.proof import decode_proof
from sync.receipt import COMPLETE, HallReceipt, proof_holds, read_receipt
from tests.support.hand_bus import HandBus, hand_bus
from tests.support.houses import make_houses, until
from tests.support.makers import COUNTERSIGNER, instant, make_envelope, make_parts, make_signer
from tests.support.object_store import ObjectStore
from tests.support.postgres import Postgres
from tests.support.shared_hall import SharedHall
from tests.support.shelf import OpenMail

CUT = 50_000


def receipt_of(told: Receipt, envelope: Envelope) -> HallReceipt:
    """Return a receipt that holds, with its proof, for these very bytes."""
    found = read_receipt(told.receipt, lambda _id: make_signer(COUNTERSIGNER).public)
    assert isinstance(found, HallReceipt)
    assert found.envelope_sha256 == hashlib.sha256(envelope.slip).digest()
    assert proof_holds(found, decode_proof(told.proof))
    return found


async def test_a_bus_cut_at_one_intake_goes_on_at_the_other_from_the_same_byte(
    tmp_path: Path, postgres: Postgres, object_store: ObjectStore
) -> None:
    """The first intake is killed with a page half here; the second knows every durable byte; numbers never repeat."""
    one_machine, bus = make_houses(tmp_path)
    hall = SharedHall(tmp_path / "shared", one_machine.authority)
    hall.on(postgres.database(), object_store)
    envelope = make_envelope(0, parts=make_parts(1, page_bytes=60_000))
    numbers = []
    async with hall.process("one") as first, hall.process("two") as second:
        async with hand_bus(bus, first.port) as cut:
            numbers.append(receipt_of(await cut.file(envelope), envelope).filing_no)
            assert await cut.send(envelope, 2, 0, CUT) == CUT
            first.kill()
        async with hand_bus(bus, second.port) as again:
            await again.say(Offer(envelope.env_id, len(envelope.slip), 1, fresh=False))
            have = await again.hear(Have)
            assert (have.stage, dict(have.held)) == (1, {0: len(envelope.slip), 2: CUT})
            numbers += [await filed(again, n) for n in range(1, 4)]
            await again.send(envelope, 2, CUT, len(envelope.parts[1]))
            await again.send(envelope, 1, 0, len(envelope.parts[0]))
            whole = await again.hear(Receipt)
    assert (whole.stage, receipt_of(whole, envelope).filing_no) == (COMPLETE, numbers[0])
    assert [hall.mail.part(envelope.env_id, n) for n in range(2)] == list(envelope.parts)
    # Four filings, one of them whole.
    assert (len(set(numbers)), hall.mail.log_size()) == (4, 5)
    hall.mail.close()


async def filed(bus: HandBus, n: int) -> str:
    """File another application; returns its number."""
    envelope = make_envelope(n, parts=make_parts(1, page_bytes=9_000))
    return receipt_of(await bus.file(envelope), envelope).filing_no


class Noted:
    """A session that remembers that it was ended."""

    def __init__(self) -> None:
        self.ended = False

    def nudge(self) -> None:
        """Have nothing to do."""

    def supersede(self) -> None:
        """Note it."""
        self.ended = True


async def test_the_newest_session_of_a_box_wins_across_intakes(
    tmp_path: Path, open_mail: OpenMail
) -> None:
    """The box came to the second intake; the first one ends its session, and its late word changes nothing."""
    hall, _ = make_houses(tmp_path)
    first, second, older = Sessions("one"), Sessions("two"), Noted()
    mail, now = open_mail(), instant().wall
    token = first.new_token()
    mail.bus_came("bus-07", token, now, {})
    first.enter("bus-07", older, token)
    watching = asyncio.create_task(
        watch(mail, Register(hall.folder / "bundle.json"), first, every_s=0.01)
    )
    mail.bus_came("bus-07", second.new_token(), now, {"waiting": 3})
    await until(lambda: older.ended)
    mail.bus_left("bus-07", token, now)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    [seen] = mail.buses()
    assert (seen.connected, seen.facts) == (True, {"waiting": 3})
    hall.mail.close()


def test_an_intake_that_starts_speaks_for_its_own_buses_only(open_mail: OpenMail) -> None:
    """Those at the other intake stay connected."""
    mail, now = open_mail(), instant().wall
    mail.bus_came("bus-07", Sessions("one").new_token(), now, {})
    mail.bus_came("bus-08", Sessions("two").new_token(), now, {})
    mail.nobody_connected(now, "one")
    assert [(seen.device, seen.connected) for seen in mail.buses()] == [
        ("bus-07", False),
        ("bus-08", True),
    ]


async def test_a_database_that_goes_away_ends_no_intake_and_loses_nothing(
    tmp_path: Path,
    postgres: Postgres,
    object_store: ObjectStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """While it is away the bus is told to try again; once it is back everything arrives, once."""
    one_machine, bus = make_houses(tmp_path)
    hall = SharedHall(tmp_path / "shared", one_machine.authority)
    hall.on(postgres.database(), object_store)
    await hall.start()
    bus.port = hall.port
    await bus.start()
    try:
        postgres.stop()
        for n in range(3):
            envelope = make_envelope(n, parts=make_parts(1, page_bytes=9_000))
            bus.mail.keep(envelope, deadline=None, at=instant(), receipt_for=lambda _entry: b"box")
        await until(lambda: "intake.disk cause=database" in caplog.text, 60)
        postgres.start()
        await until(bus.all_are("complete"), 60)
    finally:
        if postgres.process is None:
            postgres.start()
        await bus.stop()
        await hall.stop()
    assert [one.complete for one in hall.mail.arrivals()] == [True] * 3
    assert hall.mail.log_size() == 6
    hall.mail.close()
