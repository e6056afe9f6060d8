"""What the key bundle says against an envelope is shown to the caseworker, and never a reason to refuse it."""

from datetime import timedelta

import pytest

from cityhall.office.doubts import doubts_of
from cityhall.office.observations import Fact, Severity
from cityhall.office.web.views import observations_of
from sync.clock import Instant
from sync.division import GRACE_DAYS
from tests.support.makers import (
    DIVISION,
    EPOCH,
    READING,
    instant,
    make_bundle,
    make_device,
    make_envelope,
    make_epoch,
    make_id,
    make_opening_key,
)
from tests.support.office_world import OfficeWorld
from tests.support.roots import bundle_text

ENDED = make_epoch().until


def sealed_at(days: float) -> Instant:
    """Return a moment so many days after the division's key came to its end."""
    return instant((ENDED - EPOCH).total_seconds() + days * 86_400)


@pytest.mark.parametrize(
    ("days", "facts"),
    [
        (-1, ()),
        (0, (Fact.KEY_BEHIND,)),
        (GRACE_DAYS - 1, (Fact.KEY_BEHIND,)),
        (GRACE_DAYS, (Fact.KEY_OVERDUE,)),
    ],
)
def test_a_key_behind_its_time_is_seen(days: float, facts: tuple[Fact, ...]) -> None:
    """By the recipient's key and the moment in the signed header; a month in time is silent."""
    header = make_envelope(at=sealed_at(days)).header
    assert doubts_of(header, EPOCH, make_bundle()) == facts


def test_a_key_the_bundle_forgot_says_nothing() -> None:
    """Or one that is nobody's division key: there is no date to hold it against."""
    other = [(make_opening_key(READING).public, 1), (make_opening_key(DIVISION).public, 2)]
    header = make_envelope(at=sealed_at(99), recipients=other).header
    assert doubts_of(header, EPOCH, make_bundle()) == ()


@pytest.mark.parametrize(("late", "facts"), [(-1, ()), (0, (Fact.AFTER_REVOCATION,))])
def test_what_comes_after_a_revocation_is_seen(late: int, facts: tuple[Fact, ...]) -> None:
    """City hall took it because of its place in the journal; a person asks the filer."""
    bundle = make_bundle(2, devices=[make_device(revoked=True, journal=9)])
    received = EPOCH + timedelta(seconds=late)
    assert doubts_of(make_envelope().header, received, bundle) == facts


def test_the_caseworker_sees_it(world: OfficeWorld) -> None:
    """In the case and in the list, beside what else is to be looked at."""
    bundle = make_bundle(2, devices=[make_device(revoked=True, journal=9)])
    world.bundle_path.write_text(bundle_text(bundle))
    world.file(make_envelope(at=sealed_at(GRACE_DAYS)))
    world.arrivals.take_all()
    entry = world.inbox.entry(make_id().hex())
    assert entry is not None
    doubts = world.inbox.doubts([entry])[entry.case.case_id]
    seen = observations_of(entry.case, "032011", (), disordered=False, doubts=doubts)
    assert {Fact.KEY_OVERDUE, Fact.AFTER_REVOCATION} <= {one.fact for one in seen}


def test_a_key_a_little_behind_is_said_quietly(world: OfficeWorld) -> None:
    """The list of cases leaves it out."""
    world.file(make_envelope())
    world.arrivals.take_all()
    entry = world.inbox.entry(make_id().hex())
    assert entry is not None
    assert world.inbox.doubts([entry]) == {}
    told = observations_of(
        entry.case, "032011", (), disordered=False, doubts=(Fact.KEY_BEHIND, Fact.KEY_OVERDUE)
    )
    loudness = {one.fact: one.severity for one in told}
    assert loudness[Fact.KEY_BEHIND] is Severity.INFO
    assert loudness[Fact.KEY_OVERDUE] is Severity.WARN
