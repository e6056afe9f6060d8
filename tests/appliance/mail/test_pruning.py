"""What leaves the bus's shelf after its time, and what stays provable without it."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.mail import due, inbox, notes, pruning
from appliance.mail.models import HallHead
from appliance.mail.pruning import ROW_AGE, Pruned
from appliance.mail.store import MailStore
from sync.errors import SealError
from sync.journal import GENESIS, verify_chain
from tests.support.makers import instant, make_envelope, make_id
from tests.support.old_shelf import make_old_shelf

YEAR_S = ROW_AGE.total_seconds()
DAY_S = 86_400.0
HEAD = HallHead(7, bytes(range(32)), "note")
NOTHING = Pruned(0, 0, 0)
SEALED = [make_envelope(n, parts=[]) for n in range(3)]


@pytest.fixture
def mail(tmp_path: Path) -> MailStore:
    """A shelf with three applications: the first two settled and purged on the first day, the third waits."""
    shelf = MailStore(tmp_path)
    for n in range(3):
        shelf.keep(
            SEALED[n],
            deadline=None,
            at=instant(n),
            receipt_for=lambda _entry: b"box",
        )
    for n in range(2):
        shelf.complete(make_id(n), b"stage 2", b"proof", head=HEAD, at=instant(10))
    shelf.keep_hall_head(HEAD, instant(4 * DAY_S))
    shelf.purge(instant(4 * DAY_S))
    return shelf


def contact(mail: MailStore, seconds: float) -> None:
    """City hall proves its log again."""
    mail.keep_hall_head(HEAD, instant(seconds))


def test_settled_applications_leave_after_their_time(mail: MailStore) -> None:
    """400 days after they settled; what waits stays, however old it is."""
    contact(mail, YEAR_S + 60)
    assert mail.prune(instant(YEAR_S + 10)).applications == 0
    assert mail.prune(instant(YEAR_S + 60)).applications == 2
    assert [row.env_id for row in mail.outbox()] == [make_id(2)]
    assert [one.env_id for one in mail.due()] == [make_id(2)]
    assert mail.find(make_id(0)) is None


def test_nothing_leaves_a_bus_that_hears_nothing(mail: MailStore, tmp_path: Path) -> None:
    """A clock that runs ahead, or a year in the garage, is no reason; neither is a shelf city hall never saw."""
    assert mail.prune(instant(9 * YEAR_S)) == NOTHING
    (tmp_path / "new").mkdir()
    assert MailStore(tmp_path / "new").prune(instant(9 * YEAR_S)) == NOTHING


def test_what_has_its_payload_stays(mail: MailStore) -> None:
    """A refused application needs a person; a complete one is purged first."""
    mail.refused(make_id(2), 201, "no")
    contact(mail, 9 * YEAR_S)
    mail.prune(instant(9 * YEAR_S))
    assert [row.state for row in mail.outbox()] == ["refused"]


def test_the_newest_row_stays(tmp_path: Path) -> None:
    """Its serial is never given again, so that a session that waits for newer ones misses none."""
    mail = MailStore(tmp_path)
    mail.keep(SEALED[0], deadline=None, at=instant(), receipt_for=lambda _: b"")
    mail.complete(make_id(0), b"stage 2", head=HEAD, at=instant())
    contact(mail, 9 * YEAR_S)
    mail.purge(instant(9 * YEAR_S))
    assert mail.prune(instant(9 * YEAR_S)).applications == 0


def test_the_journal_begins_later_and_still_verifies(mail: MailStore) -> None:
    """From the noted beginning to the same head; from GENESIS it does not, and the cut is written down."""
    before = mail.entries()
    contact(mail, YEAR_S + 60)
    assert mail.prune(instant(YEAR_S + 60)).entries == 2
    start = mail.journal_start()
    assert start == (before[1].seq, before[1].hash)
    entries = mail.entries()
    assert verify_chain(entries, start) == mail.head()
    assert entries[: len(before) - 2] == before[2:]
    written = hashlib.sha256(start[0].to_bytes(8, "big") + start[1]).digest()
    assert (entries[-1].kind, entries[-1].object_hash) == ("cut", written)
    with pytest.raises(SealError):
        verify_chain(entries, GENESIS)


def test_the_journal_keeps_what_an_application_speaks_of(mail: MailStore) -> None:
    """The third application's own entry is as old as the others; the same hand-in gets the same answer."""
    contact(mail, YEAR_S + 60)
    mail.prune(instant(YEAR_S + 60))
    kept = mail.keep(SEALED[2], deadline=None, at=instant(9), receipt_for=lambda _: b"other")
    assert (kept.entry.seq, kept.receipt) == (3, b"box")


def test_pruning_again_changes_nothing(mail: MailStore) -> None:
    """Not even the journal."""
    contact(mail, YEAR_S + 60)
    mail.prune(instant(YEAR_S + 60))
    head = mail.head()
    assert mail.prune(instant(YEAR_S + 60)) == NOTHING
    assert mail.head() == head


def test_a_little_at_a_time(mail: MailStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk waits for the write lock, so one transaction takes no more than its limit."""
    monkeypatch.setattr(pruning, "AT_ONCE", 1)
    contact(mail, YEAR_S + 60)
    assert [mail.prune(instant(YEAR_S + 60)).applications for _ in range(3)] == [1, 1, 0]
    assert verify_chain(mail.entries(), mail.journal_start()) == mail.head()


def letters(mail: MailStore) -> None:
    """Put five letters in: a read request, one nobody answered, a visit pack, a young read request, a read form."""
    mail.put_letter(make_id(11), "correction", b"one", instant())
    mail.put_letter(make_id(12), "correction", b"open", instant())
    mail.put_letter(make_id(13), "visit_pack", b"over", instant())
    mail.put_letter(make_id(14), "correction", b"young", instant(300 * DAY_S))
    mail.put_letter(make_id(15), "procedure", b"form", instant())
    mail.mark_read(make_id(11))
    mail.mark_read(make_id(15))
    mail.mark_read(make_id(14))
    contact(mail, YEAR_S + 60)
    mail.prune(instant(YEAR_S + 60))


def test_letters_that_are_over_leave(mail: MailStore) -> None:
    """A request nobody answered stays, and a form, by which an older one is known."""
    letters(mail)
    assert [one.body for one in mail.letters()] == [b"open", b"young", b"form"]


def test_a_letter_that_left_is_still_known(mail: MailStore) -> None:
    """City hall may send it again after a restore; its id and length say that it was here."""
    letters(mail)
    assert not mail.put_letter(make_id(11), "correction", b"one", instant())
    assert mail.letter_lengths(9) == [
        (make_id(11), 3),
        (make_id(13), 4),
        (make_id(12), 4),
        (make_id(14), 5),
        (make_id(15), 4),
    ]
    assert mail.letter_lengths(1) == [(make_id(15), 4)]


def test_the_inbox_is_full_for_a_while_only(
    mail: MailStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read and is over makes room."""
    monkeypatch.setattr(inbox, "LETTERS_LIMIT", 5)
    letters(mail)
    assert mail.put_letter(make_id(20), "correction", b"", instant())


def test_the_ids_of_past_letters_are_bounded(
    mail: MailStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest is forgotten first."""
    monkeypatch.setattr(inbox, "PAST_LIMIT", 1)
    letters(mail)
    assert [length for _, length in mail.letter_lengths(9)] == [4, 4, 5, 4]


def test_room_is_told_by_the_newest_applications(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked at every hand-in: it reads a few rows, not the years."""
    monkeypatch.setattr(due, "RECENT", 1)
    mail = MailStore(tmp_path)
    for n in range(2):
        mail.keep(SEALED[n], deadline=None, at=instant(n), receipt_for=lambda _: b"")
    assert mail.room_left() > 0


def test_the_exports_remembered_are_bounded(
    mail: MailStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest is forgotten, also when the clock stepped back; the head and the link stay."""
    monkeypatch.setattr(notes, "EXPORTS_LIMIT", 2)
    for n in range(4):
        mail.keep_export(f"{n}", HallHead(n, bytes(32), ""), instant(-n))
    found = [mail.export_head(f"{n}") for n in range(4)]
    assert found == [None, None, HallHead(2, bytes(32), ""), HallHead(3, bytes(32), "")]
    assert mail.hall_head() == HEAD


def test_a_shelf_of_the_program_before_is_taken_over(tmp_path: Path) -> None:
    """Its rows are read, its journal goes on, its old rows leave."""
    make_old_shelf(tmp_path)
    mail = MailStore(tmp_path)
    assert [row.state for row in mail.outbox()] == ["complete", "kept"]
    assert verify_chain(mail.entries(), mail.journal_start()) == mail.head()
    mail.keep_hall_head(HEAD, instant(YEAR_S + 60))
    later = instant(YEAR_S + 60 + timedelta(days=1).total_seconds())
    assert mail.prune(later) == Pruned(1, 1, 1)
    assert [one.env_id for one in mail.due()] == [make_id(2)]
    assert not mail.put_letter(make_id(9), "correction", b"", instant())
