from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from cityhall.mail.store import HallMail
from cityhall.office.accounts import Person
from cityhall.office.case_store import CaseNotFoundError
from cityhall.office.erasing import Erasing
from cityhall.office.erasure import METHOD, Reason, check_certificate, read_certificate
from cityhall.office.erasure_rows import ErasureRefusedError
from cityhall.office.inbox import View
from cityhall.office.models import OfficeTable
from cityhall.office.roles import Role
from cityhall.office.vault import Asked, VaultError
from sync.errors import SealError
from tests.support.makers import DEVICE, OFFICE, make_id, make_record, make_signer
from tests.support.office_world import CASEWORKER, OfficeWorld

CASE = make_id(0).hex()
SATO = Erasing(Person("sato", Role.CASEWORKER))
CHIEF = Erasing(Person("kudo", Role.CHIEF))
AUDITOR = Erasing(Person("ogawa", Role.AUDITOR))
OFFICE_KEYS = (make_signer(OFFICE).public,)


def erase(world: OfficeWorld) -> bytes:
    """Let two persons erase case 0."""
    world.eraser.propose(CASE, Reason.RETENTION, SATO)
    return world.eraser.confirm(CASE, CHIEF)


def actions(world: OfficeWorld) -> list[str]:
    """Return the audit's actions, oldest first."""
    return [line.action for line in reversed(world.audit.lines())]


def files_with(folder: Path, needle: bytes) -> list[str]:
    """Name the files below a folder that hold these bytes."""
    return [one.name for one in folder.rglob("*") if one.is_file() and needle in one.read_bytes()]


def test_two_persons_erase_a_case_and_the_certificate_says_so(world: OfficeWorld) -> None:
    """Hashes, number, key, method, time and both signers, under the office's two signatures."""
    world.case()
    key_id = world.case_keys.key_id(CASE)
    made = check_certificate(erase(world), OFFICE_KEYS)
    assert (made.proposer, made.confirmer, made.key_id) == ("sato", "kudo", key_id)
    assert (made.method, made.epochs, made.reason) == (METHOD, ("2026-11",), "retention")
    assert made.erased_at == world.clock.wall()
    assert actions(world)[-3:] == ["erasure.proposed", "erasure.confirmed", "case.erased"]


def test_nothing_here_opens_an_erased_case(world: OfficeWorld) -> None:
    """Even the recorded slip and the month's key, brought to the vault, stay shut."""
    envelope = world.hand_in()
    world.arrivals.take_all()
    erase(world)
    with pytest.raises(CaseNotFoundError):
        world.casework.read(CASE, CASEWORKER)
    with pytest.raises(VaultError):
        world.vault.record(envelope.slip, DEVICE, Asked("sato", "case.opened", "review"))


def test_no_sealed_byte_and_no_row_stays(world: OfficeWorld, tmp_path: Path) -> None:
    """Shelf, office.db and keys.db hold neither the sealed record, nor a page, nor the number."""
    envelope = world.hand_in(answers={"insured_no": "9876501234"})
    world.arrivals.take_all()
    tails = [envelope.slip[-200:], *(part[-200:] for part in envelope.parts), b"9876501234"]
    assert all(files_with(tmp_path, tail) for tail in tails)
    erase(world)
    assert [files_with(tmp_path, tail) for tail in tails] == [[], [], [], []]
    assert world.inbox.entries(View.ALL) == []


def test_the_log_and_the_receipt_of_an_erased_filing_stay(world: OfficeWorld) -> None:
    """The leaf is proved as before; the bus that offers the slip again gets the same answer."""
    envelope = world.hand_in()
    world.arrivals.take_all()
    before = (world.mail.log_size(), world.mail.log_root(world.mail.log_size()))
    told = world.mail.answer(envelope.env_id)
    erase(world)
    world.file(envelope)
    assert (world.mail.log_size(), world.mail.log_root(before[0])) == before
    assert world.mail.answer(envelope.env_id) == told
    with pytest.raises(KeyError):
        world.mail.slip(envelope.env_id)


@pytest.mark.parametrize("who", [SATO, AUDITOR, Erasing(Person("sato", Role.CHIEF))])
def test_fail__the_same_person_or_no_chief(world: OfficeWorld, who: Erasing) -> None:
    """Who proposed never confirms, whatever the role became; nothing is erased."""
    world.case()
    world.eraser.propose(CASE, Reason.RETENTION, SATO)
    with pytest.raises(ErasureRefusedError, match="another person"):
        world.eraser.confirm(CASE, who)
    assert world.casework.read(CASE, CASEWORKER)
    assert "erasure.refused" in actions(world)


def test_fail__an_auditor_proposes_nothing(world: OfficeWorld) -> None:
    """The auditor looks on."""
    world.case()
    with pytest.raises(ErasureRefusedError):
        world.eraser.propose(CASE, Reason.RETENTION, AUDITOR)


def test_fail__nobody_proposed(world: OfficeWorld) -> None:
    """One person alone erases nothing, and a proposal can be taken back."""
    world.case()
    with pytest.raises(ErasureRefusedError, match="proposed"):
        world.eraser.confirm(CASE, CHIEF)
    world.eraser.propose(CASE, Reason.RETENTION, SATO)
    world.eraser.withdraw(CASE, CHIEF)
    with pytest.raises(ErasureRefusedError, match="proposed"):
        world.eraser.confirm(CASE, CHIEF)
    assert world.casework.read(CASE, CASEWORKER)


def test_fail__pages_still_on_the_bus(world: OfficeWorld) -> None:
    """The bus would bring again what was erased; the erasure waits."""
    world.case(here=[])
    with pytest.raises(ErasureRefusedError, match="bus still holds"):
        world.eraser.propose(CASE, Reason.RETENTION, SATO)


def test_fail__a_case_nobody_knows(world: OfficeWorld) -> None:
    """A wrong number is said, not erased."""
    with pytest.raises(CaseNotFoundError):
        world.eraser.propose(CASE, Reason.RETENTION, SATO)


def test_erasing_twice_gives_the_same_certificate(world: OfficeWorld) -> None:
    """Everything comes twice."""
    world.case()
    first = erase(world)
    world.clock.seconds += 100
    assert world.eraser.confirm(CASE, CHIEF) == first
    assert world.eraser.finish() == 0


@dataclass
class Cut:
    """A store whose power goes at the first call of `name`, before or after it acts."""

    whole: Any
    name: str
    after: bool

    def __getattr__(self, asked: str) -> Any:
        found = getattr(self.whole, asked)
        return self._dying(found) if asked == self.name else found

    def _dying(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def die(*args: Any, **words: Any) -> Any:
            if self.after:
                call(*args, **words)
            raise OSError("power cut")

        return die


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("_keys", "erase"),
        ("_shelf", "forget"),
        ("_audit", "write"),
        ("_database", "writing"),
        ("_database", "empty_log"),
    ],
)
def test_a_power_cut_at_any_step_is_finished_at_the_next_start(
    world: OfficeWorld, place: str, name: str, *, after: bool
) -> None:
    """Confirmed is confirmed: whichever step was the last, the next start ends with the whole erasure."""
    envelope = world.hand_in()
    world.arrivals.take_all()
    world.eraser.propose(CASE, Reason.RETENTION, SATO)
    _confirm_only(world)
    dying = world.fresh_eraser()
    setattr(dying, place, Cut(getattr(dying, place), name, after))
    with pytest.raises(OSError, match="power cut"):
        dying.finish()
    world.fresh_eraser().finish()
    row = world.eraser.find(CASE)
    assert row is not None
    assert check_certificate(row.certificate, OFFICE_KEYS).confirmer == "kudo"
    assert world.case_keys.key_id(CASE) is None
    assert world.mail.part(envelope.env_id, 0) is None
    assert world.inbox.entry(CASE) is None


def test_confirming_once_more_finishes_what_was_cut(world: OfficeWorld) -> None:
    """No restart is needed: the chief presses again."""
    world.case()
    world.eraser.propose(CASE, Reason.RETENTION, SATO)
    _confirm_only(world)
    assert check_certificate(world.eraser.confirm(CASE, CHIEF), OFFICE_KEYS).confirmer == "kudo"


def test_a_keys_db_that_somebody_reads_stops_no_office(world: OfficeWorld) -> None:
    """Who confirms is told; the office starts all the same, and erases on as soon as the reader is gone."""
    world.case()
    world.eraser.propose(CASE, Reason.RETENTION, SATO)
    compact = world.keys.compact
    world.keys.compact = lambda: False  # type: ignore[method-assign]
    with pytest.raises(ErasureRefusedError, match="next start"):
        world.eraser.confirm(CASE, CHIEF)
    assert world.eraser.finish() == 0
    world.keys.compact = compact  # type: ignore[method-assign]
    assert world.eraser.finish() == 1


def test_fail__an_envelope_that_a_restored_shelf_lacks(world: OfficeWorld) -> None:
    """Who reads and who erases are told; nothing is erased meanwhile."""
    world.case()
    world.eraser.propose(CASE, Reason.RETENTION, SATO)
    world.mail.forget(make_id(0))
    with pytest.raises(ErasureRefusedError, match="after a restore"):
        world.eraser.confirm(CASE, CHIEF)
    with pytest.raises(VaultError, match="after a restore"):
        world.casework.read(CASE, CASEWORKER)
    assert world.case_keys.key_id(CASE) is not None


def test_a_cut_before_the_confirmation_is_kept_erases_nothing(world: OfficeWorld) -> None:
    """Not written is not confirmed."""
    world.case()
    world.eraser.propose(CASE, Reason.RETENTION, SATO)
    dying = world.fresh_eraser()
    dying._database = Cut(dying._database, "writing", after=False)  # type: ignore[assignment]
    with pytest.raises(OSError, match="power cut"):
        dying.confirm(CASE, CHIEF)
    assert world.fresh_eraser().finish() == 0
    assert world.casework.read(CASE, CASEWORKER)


def test_what_a_backup_of_the_shelf_brings_back_is_erased_again(
    world: OfficeWorld, tmp_path: Path
) -> None:
    """The old shelf is put back: its sealed bytes go once more and no case comes of them."""
    envelope = world.hand_in()
    world.arrivals.take_all()
    erase(world)
    older = HallMail(tmp_path / "older")
    world.mail, gone = older, world.mail
    gone.close()
    world.file(envelope)
    for index in range(len(envelope.parts)):
        world.bring(envelope, index)
    world.arrivals._shelf = older
    world.store.read_again()
    world.arrivals.take_all()
    assert (world.inbox.entries(View.ALL), world.inbox.troubles()) == ([], [])
    assert older.part(envelope.env_id, 0) is None


def test_what_completes_an_erased_case_later_is_shown_as_trouble(world: OfficeWorld) -> None:
    """No key comes back for an erased application; a person decides about the latecomer."""
    world.case()
    erase(world)
    world.hand_in(1, record=replace(make_record(1), completes_case=make_id(0)))
    world.arrivals.take_all()
    assert [one.env_id for one in world.inbox.troubles()] == [make_id(1).hex()]
    assert world.case_keys.key_id(CASE) is None


def test_fail__a_changed_certificate(world: OfficeWorld) -> None:
    """Another byte or another signer is no certificate."""
    world.case()
    made = bytearray(erase(world))
    assert read_certificate(bytes(made)).confirmer == "kudo"
    with pytest.raises(SealError):
        check_certificate(bytes(made), (make_signer(77).public,))
    made[40] ^= 1
    with pytest.raises(SealError):
        check_certificate(bytes(made), OFFICE_KEYS)


# What stays of an erased application, by decision; every other table of cases is emptied of it.
STAYS = {"audit_line", "erasure", "erased_envelope"}


@pytest.mark.parametrize(
    "table",
    [one for one in OfficeTable.metadata.sorted_tables if "case_id" in one.columns],
    ids=lambda table: table.name,
)
def test_no_table_keeps_rows_of_an_erased_case(world: OfficeWorld, table: Table) -> None:
    """A new table with a case's id is either emptied or named here as what stays."""
    world.case()
    erase(world)
    with world.database.reading() as session:
        query = select(func.count()).select_from(table).where(table.c.case_id == CASE)
        rows = session.connection().execute(query).scalar_one()
    assert (rows > 0) is (table.name in STAYS)


def _confirm_only(world: OfficeWorld) -> None:
    """Confirm, and let the power go before the first thing is deleted."""
    dying = world.fresh_eraser()
    dying._keys = Cut(world.case_keys, "erase", after=False)
    with pytest.raises(OSError, match="power cut"):
        dying.confirm(CASE, CHIEF)
