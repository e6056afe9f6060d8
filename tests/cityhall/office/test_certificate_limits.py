"""The certificate of an application that was completed very often is one its readers take."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from cityhall.office.accounts import Person
from cityhall.office.erasing import Eraser, Erasing
from cityhall.office.erasure import (
    METHOD,
    SLIPS_MAX,
    Certificate,
    Reason,
    case_hash,
    check_certificate,
    sign_certificate,
)
from cityhall.office.erasure_rows import ErasureRefusedError
from cityhall.office.roles import Role
from tests.support.makers import OFFICE, make_id, make_record, make_signer
from tests.support.office_world import OfficeWorld, make_answers


def certificate(slips: int) -> Certificate:
    """Return the certificate of an application of so many envelopes."""
    hashes = tuple(n.to_bytes(32, "big") for n in range(slips))
    return Certificate(
        case_hash=case_hash(make_id(0).hex(), hashes),
        slips=hashes,
        filing_no="R8-0000001",
        procedure="care_renewal",
        filing_day=date(2026, 11, 23),
        key_id=bytes(8),
        method=METHOD,
        epochs=("2026-11",),
        reason="retention",
        erased_at=datetime(2026, 11, 23, tzinfo=UTC),
        proposer="sato",
        confirmer="kudo",
    )


@pytest.mark.parametrize("slips", [1, 65, SLIPS_MAX])
def test_a_certificate_that_was_signed_can_be_checked(slips: int) -> None:
    """A box may bring a second version as often as it likes: no number of them makes a proof nobody reads."""
    made = certificate(slips)
    found = check_certificate(
        sign_certificate(made, make_signer(OFFICE)), (make_signer(OFFICE).public,)
    )
    assert found == made


def test_fail__more_envelopes_than_a_certificate_names() -> None:
    """It is refused when it would be signed, not when somebody wants to read it."""
    with pytest.raises(ValueError, match=str(SLIPS_MAX)):
        sign_certificate(certificate(SLIPS_MAX + 1), make_signer(OFFICE))


class ShelfInBetween:
    """The shelf of a world in which a second version arrives while the slips are read."""

    def __init__(self, world: OfficeWorld) -> None:
        self._world = world
        self._came = False

    def slip(self, env_id: bytes) -> bytes:
        """Return a slip; the first time somebody hands in more meanwhile."""
        if not self._came:
            self._came = True
            more = replace(make_record(1, answers=make_answers(1)), completes_case=make_id(0))
            self._world.hand_in(1, record=more)
            self._world.arrivals.take_all()
        return self._world.mail.slip(env_id)

    def forget(self, env_id: bytes) -> None:
        """Erase as the shelf does."""
        self._world.mail.forget(env_id)


def test_a_version_that_arrives_while_it_is_confirmed_is_erased_too(world: OfficeWorld) -> None:
    """The first confirmation is refused, the second one leaves no slip of either version on the shelf."""
    world.hand_in(0)
    world.arrivals.take_all()
    eraser = Eraser(
        database=world.database,
        shelf=ShelfInBetween(world),
        keys=world.case_keys,
        months=world.epochs.months,
        audit=world.audit,
        signer=make_signer(OFFICE),
        now=world.clock.wall,
    )
    case, chief = make_id(0).hex(), Erasing(Person("kudo", Role.CHIEF))
    eraser.propose(case, Reason.RETENTION, Erasing(Person("sato", Role.CASEWORKER)))
    with pytest.raises(ErasureRefusedError, match="confirm again"):
        eraser.confirm(case, chief)
    made = check_certificate(eraser.confirm(case, chief), (make_signer(OFFICE).public,))
    assert len(made.slips) == 2
    for n in range(2):
        with pytest.raises(KeyError):
            world.mail.slip(make_id(n))
