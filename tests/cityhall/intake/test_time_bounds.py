"""What a receipt of city hall proves of the time: only what the city itself signed, never what a box says."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import pytest

from cityhall.intake.countersign import Countersigner
from cityhall.mail.store import HallMail
from sync.receipt import Beacon, HallReceipt, read_receipt, sign_beacon
from sync.shape import EPOCH as BEGINNING
from tests.support.makers import (
    COUNTERSIGNER,
    EPOCH,
    instant,
    make_bundle,
    make_envelope,
    make_signer,
)

HALL = make_signer(COUNTERSIGNER)
HOUR = timedelta(hours=1)


def receipt(off: timedelta, *, told: datetime | None = None, version: int = 1) -> HallReceipt:
    """Return city hall's word an hour on, of a slip by a clock that is `off`, with a beacon of that time or none."""
    at = replace(instant(60), wall=instant(60).wall + off)
    beacon = b"" if told is None else sign_beacon(Beacon(told, b"nonce", HALL.key_id), HALL)
    envelope = make_envelope(at=at, beacon=beacon)
    bundle = replace(make_bundle(), version=version)
    signed = Countersigner(HALL, cast("HallMail", None)).receipt(
        envelope.slip,
        envelope.header,
        received=EPOCH + HOUR,
        filing_no="R8-000123-6",
        log_index=0,
        bundle=bundle,
    )
    found = read_receipt(signed, bundle)
    assert isinstance(found, HallReceipt)
    return found


def test_a_beacon_bounds_the_filing() -> None:
    """And the arrival does from the other side."""
    found = receipt(timedelta(0), told=EPOCH + timedelta(seconds=10))
    assert (found.not_before, found.received) == (EPOCH + timedelta(seconds=10), EPOCH + HOUR)


@pytest.mark.parametrize("days", [-40, -1, 0, 1, 40])
def test_without_a_beacon_the_bundle_bounds_it(days: int) -> None:
    """Whatever the box's clock says: forty days ahead it would have put the bound past the truth."""
    found = receipt(timedelta(days=days))
    assert found.not_before == EPOCH
    assert EPOCH <= found.filed <= EPOCH + HOUR


def test_a_bundle_the_box_did_not_hold_bounds_nothing() -> None:
    """It may be younger than the filing."""
    assert receipt(timedelta(0), version=2).not_before == BEGINNING
