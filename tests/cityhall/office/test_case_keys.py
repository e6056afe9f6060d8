from dataclasses import replace

import pytest
from sqlmodel import delete

from cityhall.office.case_keys import CaseErasedError, CaseKeyRow, KeysBusyError
from cityhall.office.inbox import View
from cityhall.office.models import ErasureRow
from cityhall.office.vault import Asked, SealedPart, VaultError
from sync.envelope import PartRole
from tests.support.makers import DEVICE, EPOCH, RECOVERY, make_id, make_opening_key, make_record
from tests.support.office_world import CASEWORKER, OfficeWorld, Page

ASKED = Asked("sato", "case.opened", "review")
CASE = make_id(0).hex()


def shred(world: OfficeWorld) -> None:
    """Take every opening key away."""
    for path in world.division.iterdir():
        path.unlink()


def forget_keys(world: OfficeWorld) -> None:
    """Lose every row of keys.db."""
    with world.keys.writing() as session:
        session.exec(delete(CaseKeyRow))


def test_a_case_that_was_taken_in_needs_no_division_key(world: OfficeWorld) -> None:
    """Record, preview and page open by the application's own key once the month's key is gone."""
    envelope = world.hand_in(pages=[Page(page=b"the page", preview=b"small")])
    world.arrivals.take_all()
    shred(world)
    _, dossier = world.casework.read(CASE, CASEWORKER)
    assert dossier.record.record_id == make_id(0)
    assert world.casework.picture(CASE, 0, CASEWORKER, PartRole.PAGE).data == b"the page"
    part = SealedPart(0, envelope.parts[0], 0, PartRole.PREVIEW)
    assert world.vault.picture(envelope.slip, DEVICE, part, ASKED).data == b"small"


def test_without_its_row_of_keys_db_nothing_opens(world: OfficeWorld) -> None:
    """Month's key shredded and row gone: shelf, office.db and recorded bytes together open nothing."""
    envelope = world.hand_in()
    world.arrivals.take_all()
    shred(world)
    forget_keys(world)
    with pytest.raises(VaultError, match="no match"):
        world.vault.record(envelope.slip, DEVICE, ASKED)


def test_a_lost_keys_db_comes_back_by_the_recovery_key(world: OfficeWorld) -> None:
    """The recovered key in the folder of opening keys opens all and every case gets a key again."""
    world.hand_in()
    world.arrivals.take_all()
    shred(world)
    forget_keys(world)
    recovered = world.add_epoch("recovery", make_opening_key(RECOVERY))
    world.casework.read(CASE, CASEWORKER)
    recovered.unlink()
    assert world.casework.read(CASE, CASEWORKER)[1].record.record_id == make_id(0)


def test_a_new_keys_db_asks_the_opening_key_again(world: OfficeWorld) -> None:
    """A wrapped key that its application's new key does not open is no dead end."""
    world.hand_in()
    world.arrivals.take_all()
    world.case_keys.erase(CASE)
    world.hand_in(1, record=replace(make_record(1), completes_case=make_id(0)))
    world.arrivals.take_all()
    assert world.casework.read(CASE, CASEWORKER)[1].record is not None


def test_each_application_has_its_own_key(world: OfficeWorld) -> None:
    """Two applications share nothing; a second version has its application's key."""
    for n in (0, 1):
        world.hand_in(n)
    world.arrivals.take_all()
    first, second = (world.case_keys.key_id(make_id(n).hex()) for n in (0, 1))
    assert None not in {first, second}
    assert first != second


def test_an_erased_key_leaves_no_byte_behind(world: OfficeWorld) -> None:
    """Neither keys.db nor its write-ahead log holds the key's bytes afterwards."""
    world.case()
    with world.keys.reading() as session:
        secret = session.get_one(CaseKeyRow, CASE).secret
    folder = world.keys.path.parent
    assert any(secret in path.read_bytes() for path in folder.iterdir())
    world.case_keys.erase(CASE)
    world.case_keys.erase(CASE)
    assert [path.name for path in folder.iterdir() if secret in path.read_bytes()] == []
    assert world.case_keys.key_id(CASE) is None


def test_keys_db_is_for_its_owner_alone(world: OfficeWorld) -> None:
    """Nobody else on the machine reads it, and no copy of office.db holds it."""
    assert world.keys.path.stat().st_mode & 0o077 == 0
    assert world.keys.path.parent != world.database.path.parent


def test_envelopes_of_two_months_open_side_by_side(world: OfficeWorld) -> None:
    """Sealed to the old month and arriving after the new one began: nothing is lost."""
    old = world.hand_in(0)
    world.add_epoch("2026-12", make_opening_key(500))
    world.arrivals.take_all()
    assert world.vault.record(old.slip, DEVICE, ASKED).record_id == make_id(0)
    assert world.inbox.troubles() == []


def test_a_key_put_in_place_while_the_office_runs_is_found(world: OfficeWorld) -> None:
    """No restart: what did not open yesterday opens at the next try."""
    shred(world)
    world.hand_in()
    world.arrivals.take_all()
    assert len(world.inbox.troubles()) == 1
    world.add_epoch("2026-11", make_opening_key())
    world.arrivals.retry()
    assert len(world.inbox.entries(View.ALL)) == 1


def test_fail__nothing_is_kept_of_an_erased_case(world: OfficeWorld) -> None:
    """A confirmed erasure closes the door: no key, no wrapped key."""
    with world.database.writing() as session:
        session.add(
            ErasureRow(
                case_id=CASE,
                stage="confirmed",
                filing_no="R8-1",
                procedure="care-renewal",
                filing_day=EPOCH.date(),
                decided_at=None,
                reason="retention",
                proposer="sato",
                proposed_at=EPOCH,
            )
        )
    with pytest.raises(CaseErasedError):
        world.case_keys.keep(make_id(0), CASE, bytes(32))
    assert world.case_keys.key_id(CASE) is None


def test_fail__a_reader_that_does_not_let_go(world: OfficeWorld) -> None:
    """A key that could still stand in the log is not called erased."""
    world.case()
    world.keys.compact = lambda: False  # type: ignore[method-assign]
    with pytest.raises(KeysBusyError, match="next start"):
        world.case_keys.erase(CASE)
