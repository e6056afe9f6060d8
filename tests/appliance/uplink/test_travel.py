"""A real uplink and a real intake over loopback TLS 1.3: what arrives, what comes back, what a cut costs."""

import hashlib
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sync.pacing import WINDOW_FIRST
from sync.receipt import (
    ARRIVED,
    COMPLETE,
    HallReceipt,
    decode_proof,
    proof_holds,
    read_beacon,
    read_receipt,
)
from tests.support.houses import Bus, Hall, make_houses, until
from tests.support.makers import instant, make_envelope, make_id, make_parts, make_signer
from tests.support.relay import Relay

# A machine that stands still for seconds is no silence of the link.
PATIENT_S = 20.0


def keep(bus: Bus, n: int, *, pages: int = 1, page_bytes: int = 60_000) -> int:
    """Keep application n on the bus; returns its sealed bytes."""
    envelope = make_envelope(n, parts=make_parts(pages, page_bytes=page_bytes))
    bus.mail.keep(envelope, deadline=None, at=instant(n), receipt_for=lambda _entry: b"box")
    return len(envelope.slip) + sum(len(part) for part in envelope.parts)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[Hall, Bus, Relay]]:
    """Give a hall that serves, a bus that does not run yet, and the line between them."""
    hall, bus = make_houses(folder)
    await hall.start()
    relay = Relay(hall.port)
    await relay.start()
    bus.port = relay.port
    try:
        yield hall, bus, relay
    finally:
        await bus.stop()
        await relay.stop()
        await hall.stop()


def filed_once(hall: Hall, count: int) -> bool:
    """Tell whether the hall holds this many envelopes, whole, numbered once, twice in the log: filed and whole."""
    arrivals = hall.mail.arrivals()
    numbers = {one.filing_no for one in arrivals}
    complete = all(one.complete for one in arrivals)
    return complete and len(arrivals) == len(numbers) == hall.mail.log_size() / 2 == count


async def test_applications_arrive_once_and_whole(tmp_path: Path) -> None:
    """Three applications are filed, and every sealed byte is at the hall."""
    async with running(tmp_path) as (hall, bus, _):
        for n in range(3):
            keep(bus, n)
        await bus.start()
        await until(bus.all_are("complete"))
        assert filed_once(hall, 3)
        for n in range(3):
            sealed = make_envelope(n)
            assert hall.mail.slip(make_id(n)) == bus.mail.slip(make_id(n))
            for part in sealed.header.parts:
                ours = bus.mail.part(make_id(n), part.index)
                assert hall.mail.part(make_id(n), part.index) == ours


async def test_receipts_and_proofs_verify_offline(tmp_path: Path) -> None:
    """What the bus keeps convinces anybody who has the key bundle: signature, slip, number, place in the log."""
    async with running(tmp_path) as (hall, bus, _):
        for n in range(3):
            keep(bus, n)
        await bus.start()
        await until(bus.all_are("complete"))
        for row in bus.mail.outbox():
            receipt = read_receipt(row.hall_receipt or b"", bus.bundle)
            assert isinstance(receipt, HallReceipt)
            assert receipt.stage == COMPLETE
            assert receipt.filing_no == row.filing_no
            assert receipt.envelope_sha256 == hashlib.sha256(bus.mail.slip(row.env_id)).digest()
            assert receipt.not_before <= receipt.filed <= receipt.received
            proof = decode_proof(row.proof or b"")
            assert proof_holds(receipt, proof)
            assert proof.root == hall.mail.log_root(proof.size)


async def test_the_record_is_filed_before_its_pages_are_there(tmp_path: Path) -> None:
    """Slip first: stage 1 is promised, numbered and told while pages are still missing."""
    async with running(tmp_path) as (hall, bus, relay):
        keep(bus, 0, pages=4, page_bytes=500_000)
        relay.cut_after = 60_000
        await bus.start()
        await until(lambda: bool(hall.mail.arrivals()))
        [arrival] = hall.mail.arrivals()
        answer = hall.mail.answer(make_id(0))
        assert answer is not None
        receipt = read_receipt(answer.receipt, bus.bundle)
        assert isinstance(receipt, HallReceipt)
        assert (receipt.stage, receipt.filing_no) == (ARRIVED, arrival.filing_no)
        await until(bus.all_are("complete"))


@pytest.mark.parametrize("cut_after", [2_000, 9_000, 40_000, 150_000, 400_000])
async def test_a_connection_cut_in_the_middle_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut_after: int
) -> None:
    """After the cut sending goes on from the last durable byte: little more than one window crosses twice."""
    monkeypatch.setattr("sync.pacing.WINDOW_MAX", WINDOW_FIRST)
    async with running(tmp_path) as (hall, bus, relay):
        size = sum(keep(bus, n, pages=2, page_bytes=100_000) for n in range(2))
        relay.cut_after = cut_after
        await bus.start()
        await until(bus.all_are("complete"))
        assert filed_once(hall, 2)
        assert relay.connections == 2
        assert relay.upward <= size + 140_000


async def test_ten_cuts_lose_and_double_nothing(tmp_path: Path) -> None:
    """The line breaks every 60 kB."""
    async with running(tmp_path) as (hall, bus, relay):
        for n in range(3):
            keep(bus, n, pages=2, page_bytes=120_000)
        await bus.start()
        for step in range(1, 11):
            relay.cut_after = 60_000 * step
            await until(lambda: relay.cut_after is None or bus.all_are("complete")())
        await until(bus.all_are("complete"))
        assert filed_once(hall, 3)


async def test_the_hall_restarts_in_the_middle(tmp_path: Path) -> None:
    """A new intake on the same folder goes on with the half-sent page."""
    async with running(tmp_path) as (hall, bus, relay):
        keep(bus, 0, pages=3, page_bytes=600_000)
        await bus.start()
        await until(lambda: relay.upward > 300_000)
        await hall.stop()
        await hall.start()
        await until(bus.all_are("complete"))
        assert filed_once(hall, 1)


async def test_the_bus_restarts_in_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new uplink on the same folder goes on with the half-sent page."""
    monkeypatch.setattr("sync.pacing.WINDOW_MAX", WINDOW_FIRST)
    async with running(tmp_path) as (hall, bus, relay):
        keep(bus, 0, pages=3, page_bytes=600_000)
        await bus.start()
        await until(lambda: relay.upward > 300_000)
        await bus.stop()
        assert bus.states() != ["complete"]
        await bus.start()
        await until(bus.all_are("complete"))
        assert filed_once(hall, 1)
        assert relay.upward <= 1_900_000 + 400_000


async def test_an_application_kept_during_the_session_leaves_at_once(tmp_path: Path) -> None:
    """The desk puts, the uplink takes; no new connection is needed."""
    async with running(tmp_path) as (hall, bus, relay):
        bus.heartbeat_s = PATIENT_S
        keep(bus, 0)
        await bus.start()
        await until(bus.all_are("complete"))
        keep(bus, 1)
        await until(bus.all_are("complete"))
        assert filed_once(hall, 2)
        assert relay.connections == 1


async def test_a_forgetful_bus_gets_the_same_receipts_again(tmp_path: Path) -> None:
    """Everything comes twice: the same envelopes on a fresh shelf change nothing at the hall."""
    async with running(tmp_path) as (hall, bus, _):
        keep(bus, 0)
        await bus.start()
        await until(bus.all_are("complete"))
        first = bus.mail.outbox()[0]
        await bus.stop()
        slip = {0: bus.mail.slip(make_id(0))}
        shutil.rmtree(bus.folder / "mail")
        bus.__post_init__()
        _keep_again(bus, hall, slip[0])
        await bus.start()
        await until(bus.all_are("complete"))
        again = bus.mail.outbox()[0]
        assert (again.hall_receipt, again.filing_no) == (first.hall_receipt, first.filing_no)
        assert filed_once(hall, 1)


def _keep_again(bus: Bus, hall: Hall, slip: bytes) -> None:
    """Put the envelope the hall holds on the bus's empty shelf."""
    sealed = make_envelope(0)
    parts = tuple(hall.mail.part(make_id(0), part.index) or b"" for part in sealed.header.parts)
    envelope = type(sealed)(sealed.header, slip, parts)
    bus.mail.keep(envelope, deadline=None, at=instant(), receipt_for=lambda _entry: b"box")


async def test_a_hall_that_forgot_is_noticed_and_gets_everything_again(tmp_path: Path) -> None:
    """City hall comes back with an empty log: the bus journals an alarm and offers again what it still has."""
    async with running(tmp_path) as (hall, bus, _):
        for n in range(2):
            keep(bus, n)
        await bus.start()
        await until(bus.all_are("complete"))
        await hall.stop()
        shutil.rmtree(hall.folder / "mail")
        hall.__post_init__()
        await hall.start()
        await until(lambda: filed_once(hall, 2) and bus.all_are("complete")())
        assert "alarm" in [entry.kind for entry in bus.mail.entries()]
        assert bus.uplink is not None
        assert bus.uplink.status.counts["history_broke"] == 1


async def test_a_beacon_is_kept_at_each_contact(tmp_path: Path) -> None:
    """The next seal can say "not before"."""
    async with running(tmp_path) as (_, bus, _relay):
        await bus.start()
        await until(lambda: bus.mail.beacon() is not None)
        assert read_beacon(bus.mail.beacon() or b"", bus.bundle).nonce


async def test_the_journal_tells_of_every_receipt_and_still_verifies(tmp_path: Path) -> None:
    """Accepted, then two receipts, in one chain."""
    async with running(tmp_path) as (_, bus, _relay):
        keep(bus, 0)
        await bus.start()
        await until(bus.all_are("complete"))
        kinds = [entry.kind for entry in bus.mail.entries()]
        assert kinds == ["accepted", "receipt", "receipt"]


async def test_a_poison_envelope_blocks_nothing(tmp_path: Path) -> None:
    """One was sealed with a stranger's key: it is refused with its number, the others arrive."""
    async with running(tmp_path) as (hall, bus, _):
        stranger = make_envelope(0, signer=make_signer(99))
        bus.mail.keep(stranger, deadline=None, at=instant(), receipt_for=lambda _entry: b"box")
        keep(bus, 1)
        await bus.start()
        await until(lambda: set(bus.states()) == {"refused", "complete"})
        refusal = bus.mail.outbox()[0].refusal
        assert refusal is not None
        assert refusal.code == 201
        assert filed_once(hall, 1)


async def test_a_page_damaged_on_the_bus_is_refused_after_the_second_try(tmp_path: Path) -> None:
    """Its record stays filed at stage 1, the envelope is set aside with a number, the next one arrives."""
    async with running(tmp_path) as (hall, bus, _):
        keep(bus, 0)
        keep(bus, 1)
        page = bus.folder / "mail" / "parts" / make_id(0).hex() / "2"
        page.write_bytes(b"\x00" + page.read_bytes()[1:])
        await bus.start()
        await until(lambda: bus.states() == ["refused", "complete"])
        refusal = bus.mail.outbox()[0].refusal
        assert refusal is not None
        assert refusal.code == 207
        # Slips of one session are filed side by side: which of the two came first is not promised.
        complete = {one.env_id: one.complete for one in hall.mail.arrivals()}
        assert complete == {make_id(0): False, make_id(1): True}


@pytest.mark.parametrize("item", [0, 2], ids=["slip", "page"])
@pytest.mark.parametrize("left", [None, 10], ids=["gone", "cut short"])
async def test_a_damaged_file_holds_nobody_else_up(
    tmp_path: Path, item: int, left: int | None
) -> None:
    """The envelope it belongs to waits; every other one arrives, in the same session."""
    async with running(tmp_path) as (hall, bus, _):
        bus.heartbeat_s = PATIENT_S
        for n in range(3):
            keep(bus, n)
        file = bus.folder / "mail" / "parts" / make_id(0).hex() / str(item)
        data = file.read_bytes()
        file.unlink()
        if left is not None:
            file.write_bytes(data[:left])
        await bus.start()
        await until(lambda: bus.states()[1:] == ["complete", "complete"])
        assert bus.uplink is not None
        assert bus.uplink.status.sessions == 1
        assert not any(one.complete for one in hall.mail.arrivals() if one.env_id == make_id(0))
