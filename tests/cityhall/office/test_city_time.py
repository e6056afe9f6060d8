"""City hall's signed time in an envelope, from the header to the caseworker's screen."""

from datetime import date, datetime
from pathlib import Path

import pytest

from cityhall.office.database import open_office
from cityhall.office.models import CaseRow
from cityhall.office.observations import Fact
from cityhall.office.web.views import observations_of
from sync.receipt import Beacon, sign_beacon
from sync.record import encode_record
from tests.support.makers import (
    COUNTERSIGNER,
    EPOCH,
    OFFICE,
    instant,
    make_envelope,
    make_id,
    make_record,
    make_signer,
)
from tests.support.office_world import OfficeWorld


def beacon(time: datetime, signer: int = COUNTERSIGNER) -> bytes:
    """Return a signed time."""
    made = make_signer(signer)
    return sign_beacon(Beacon(time, b"nonce", made.key_id), made)


def taken(world: OfficeWorld, told: bytes) -> CaseRow:
    """File an application that says it was handed in ten days ago, with this beacon; return its case."""
    record = make_record(0, at=instant(-10 * 86_400))
    world.file(make_envelope(0, record=encode_record(record), beacon=told))
    world.arrivals.take_all()
    found = world.inbox.entry(make_id(0).hex())
    assert found is not None
    return found.case


def test_a_hand_in_before_the_beacon_is_shown_and_counts_from_the_arrival(
    world: OfficeWorld,
) -> None:
    """A box cannot make a filing older than the newest time city hall gave it."""
    case = taken(world, beacon(EPOCH))
    assert (case.not_before, case.filing_day) == (EPOCH, date(2026, 11, 24))
    assert Fact.BEFORE_CITY_TIME in {
        one.fact for one in observations_of(case, "032011", (), disordered=False)
    }


@pytest.mark.parametrize(
    "told",
    [b"", beacon(EPOCH, OFFICE), beacon(EPOCH)[:-1] + b"x", b"no beacon"],
    ids=["none", "other_key", "damaged", "rubbish"],
)
def test_only_the_countersigners_time_counts(world: OfficeWorld, told: bytes) -> None:
    """Without a beacon that verifies the hand-in stands as it is told; the envelope opens all the same."""
    case = taken(world, told)
    assert (case.not_before, case.filing_day) == (None, date(2026, 11, 14))


def test_a_file_of_the_first_schema_is_led_on(world: OfficeWorld) -> None:
    """Its cases are there after the step, without a signed time."""
    taken(world, beacon(EPOCH))
    folder: Path = world.database.path.parent
    with world.database.writing() as session:
        session.connection().exec_driver_sql('ALTER TABLE "case" DROP COLUMN not_before')
        session.connection().exec_driver_sql('ALTER TABLE "case" DROP COLUMN department')
        session.connection().exec_driver_sql("PRAGMA user_version=1")
    world.database.close()
    led_on = open_office(folder)
    with led_on.reading() as session:
        row = session.get(CaseRow, make_id(0).hex())
    led_on.close()
    assert row is not None
    assert row.not_before is None
