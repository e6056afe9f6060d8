"""A stick between bus and city hall: the same session without a network, proven the same way."""

from pathlib import Path

import pytest

from provisioning.carry_answer import Outcome
from sync.receipt import COMPLETE, HallReceipt, decode_proof, proof_holds, read_receipt
from tests.support.sticks import Trip, filed_once, make_trip


@pytest.fixture
def trip(tmp_path: Path) -> Trip:
    """A bus, a city hall and an empty stick."""
    return make_trip(tmp_path)


async def test_a_day_without_any_link_is_carried_by_stick(trip: Trip) -> None:
    """Bus, stick, city hall, stick, bus: everything is complete, each with a receipt that is proven offline."""
    trip.keep(0, 1, 2)
    exported = trip.export()
    assert (exported.waiting, exported.whole, exported.full) == (3, 3, False)
    [taken] = await trip.at_hall()
    assert (taken.filed + taken.complete, taken.refused, taken.note) == (6, 0, "")
    assert filed_once(trip.hall, 3)
    [home] = await trip.home()
    assert (home.outcome, home.complete, home.note) == (Outcome.TAKEN, 3, "")
    for row in trip.bus.mail.outbox():
        receipt = read_receipt(row.hall_receipt or b"", trip.bus.bundle)
        assert isinstance(receipt, HallReceipt)
        assert receipt.stage == COMPLETE
        assert proof_holds(receipt, decode_proof(row.proof or b""))
