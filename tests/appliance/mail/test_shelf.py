"""The bus's shelf: keep once, settle, refuse, forget nothing; two processes on the same folder."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from appliance.mail import store
from appliance.mail.models import HallHead, Kept, Refusal
from appliance.mail.outbox import UnknownEnvelopeError
from appliance.mail.store import (
    FREE_SPACE_FLOOR,
    PURGE_GRACE,
    USUAL_APPLICATION,
    WAITING_LIMIT,
    EnvelopeConflictError,
    MailStore,
    ShelfFullError,
)
from sync.envelope import Envelope, PartRole
from sync.journal import GENESIS, JournalEntry, verify_chain
from sync.lane import ENVELOPES_LIMIT
from tests.support.makers import instant, make_envelope, make_id, make_parts

HEAD = HallHead(7, bytes(32), "note")
DAY_S = 24 * 3600


def box_receipt(entry: JournalEntry) -> bytes:
    """Return a receipt that names the journal entry."""
    return f"box {entry.seq}".encode()


def keep(mail: MailStore, n: int = 0, *, deadline: date | None = None, seconds: float = 0) -> Kept:
    """Keep application n."""
    return mail.keep(
        make_envelope(n), deadline=deadline, at=instant(seconds), receipt_for=box_receipt
    )


def settle(mail: MailStore, n: int = 0, *, seconds: float = 10) -> None:
    """Let city hall's word for application n come, both stages."""
    env_id, at = make_id(n), instant(seconds)
    mail.arrived(env_id, b"stage 1", b"proof 1", filing_no="R8-000001-4", head=HEAD, at=at)
    mail.complete(env_id, b"stage 2", b"proof 2", filing_no="R8-000001-4", head=HEAD, at=at)


@pytest.fixture
def mail(tmp_path: Path) -> MailStore:
    """An empty shelf."""
    return MailStore(tmp_path)


def test_an_empty_shelf(mail: MailStore) -> None:
    """Nothing kept, nothing due, the journal at its beginning."""
    assert (mail.outbox(), mail.due(), mail.entries(), mail.head()) == ([], [], [], GENESIS)
    assert (mail.newest(), mail.waiting()) == (0, 0)


def test_keeping_makes_a_row_an_entry_and_a_receipt(mail: MailStore) -> None:
    """The entry speaks of the slip, the receipt of the entry."""
    kept = keep(mail, deadline=date(2026, 12, 31))
    slip = make_envelope().slip
    assert (kept.entry.seq, kept.entry.kind, kept.receipt) == (1, "accepted", b"box 1")
    assert len(kept.entry.object_hash) == len(hashlib.sha256(slip).digest())
    [row] = mail.outbox()
    assert (row.state, row.deadline, row.box_receipt) == ("kept", date(2026, 12, 31), b"box 1")
    assert (row.bytes_done, row.kept_at) == (0, instant().wall)
    assert mail.head() == (1, kept.entry.hash)


def test_every_sealed_byte_can_be_read_back(tmp_path: Path) -> None:
    """Slip and parts, whole and in pieces, by a second process too."""
    sealed = make_envelope(parts=make_parts(2))
    MailStore(tmp_path).keep(sealed, deadline=None, at=instant(), receipt_for=box_receipt)
    other = MailStore(tmp_path)
    assert other.slip(sealed.env_id) == sealed.slip
    assert [other.part(sealed.env_id, n) for n in range(4)] == list(sealed.parts)
    assert other.part_bytes(sealed.env_id, 2, 100, 50) == sealed.parts[1][100:150]
    assert other.part_bytes(sealed.env_id, 0, 0, 9) == sealed.slip[:9]


def test_one_application_is_found_by_its_id(mail: MailStore) -> None:
    """It is the row the whole list has; an id nobody kept gives nothing."""
    for n in range(3):
        keep(mail, n)
    mail.progress(make_id(1), 0, 7)
    assert mail.find(make_id(1)) == mail.outbox()[1]
    assert mail.find(make_id(9)) is None


def test_some_applications_are_found_in_the_order_they_were_kept(mail: MailStore) -> None:
    """What was not asked for or is not here is not among them."""
    for n in range(3):
        keep(mail, n)
    found = mail.find_all([make_id(9), make_id(2), make_id(0)])
    assert [row.env_id for row in found] == [make_id(0), make_id(2)]
    assert mail.find_all([]) == []


def test_what_city_hall_refused_is_listed_until_it_is_offered_again(mail: MailStore) -> None:
    """Only the refused ones, with number and sentence."""
    for n in range(3):
        keep(mail, n)
    mail.refused(make_id(1), 204, "slip: filed with other bytes")
    [row] = mail.set_aside()
    assert (row.env_id, row.refusal) == (make_id(1), Refusal(204, "slip: filed with other bytes"))
    mail.retry(make_id(1))
    assert mail.set_aside() == []


def test_keeping_twice_gives_the_same_answer(mail: MailStore) -> None:
    """The person pressed twice, the power went in between: one row, one entry, one receipt."""
    sealed = make_envelope()
    answers = [
        mail.keep(sealed, deadline=None, at=instant(n), receipt_for=box_receipt) for n in range(3)
    ]
    assert answers[0] == answers[1] == answers[2]
    assert (len(mail.outbox()), len(mail.entries())) == (1, 1)


def test_fail__the_same_id_with_other_bytes(mail: MailStore) -> None:
    """Nothing is changed; a new id is needed."""
    sealed = make_envelope()
    mail.keep(sealed, deadline=None, at=instant(), receipt_for=box_receipt)
    other = Envelope(sealed.header, sealed.slip + b"x", sealed.parts)
    with pytest.raises(EnvelopeConflictError):
        mail.keep(other, deadline=None, at=instant(), receipt_for=box_receipt)
    assert mail.slip(sealed.env_id) == sealed.slip


def test_a_receipt_that_cannot_be_made_keeps_nothing(mail: MailStore) -> None:
    """Row and entry are one transaction; the half-kept files are harmless when it is tried again."""

    def fails(_entry: JournalEntry) -> bytes:
        raise ValueError("no receipt")

    with pytest.raises(ValueError, match="no receipt"):
        mail.keep(make_envelope(), deadline=None, at=instant(), receipt_for=fails)
    assert (mail.outbox(), mail.entries()) == ([], [])
    keep(mail)
    assert len(mail.outbox()) == 1


def test_the_journal_chains_over_two_processes(tmp_path: Path) -> None:
    """Desk and uplink append by turns; the chain verifies."""
    desk, uplink = MailStore(tmp_path), MailStore(tmp_path)
    keep(desk, 0)
    uplink.append("boot", bytes(32), instant(1))
    keep(desk, 1, seconds=2)
    assert verify_chain(uplink.entries()) == desk.head()
    assert [entry.kind for entry in desk.entries()] == ["accepted", "boot", "accepted"]


def test_due_lists_slip_and_parts_in_order(mail: MailStore) -> None:
    """Item 0 is the slip, item n + 1 is part n."""
    keep(mail, 0)
    keep(mail, 1)
    [first, second] = mail.due()
    assert [item.item for item in first.items] == [0, 1, 2]
    assert first.items[0].length == len(mail.slip(make_id(0)))
    assert first.items[2].length == len(mail.part(make_id(0), 1))
    assert mail.due(after=first.serial) == [second]
    assert mail.newest() == second.serial


def test_the_states_of_an_envelope(mail: MailStore) -> None:
    """Kept, sending, arrived, complete; what is done grows with it."""
    keep(mail)
    env_id = make_id()
    seen = [mail.outbox()[0].state]
    mail.sending(env_id)
    mail.sending(env_id)
    seen.append(mail.outbox()[0].state)
    mail.arrived(env_id, b"stage 1", b"proof")
    seen.append(mail.outbox()[0].state)
    assert mail.outbox()[0].bytes_done == len(mail.slip(env_id))
    mail.complete(env_id, b"stage 2")
    [row] = mail.outbox()
    seen.append(row.state)
    assert seen == ["kept", "sending", "arrived", "complete"]
    assert row.bytes_done == row.bytes_total
    assert (row.hall_receipt, row.proof) == (b"stage 2", b"proof")
    assert (mail.due(), mail.waiting()) == ([], 0)


def test_receipts_come_twice(mail: MailStore) -> None:
    """A late stage 1 or a second stage 2 changes nothing of a complete envelope."""
    keep(mail)
    settle(mail)
    [before] = mail.outbox()
    mail.arrived(make_id(), b"late", b"proof", head=HEAD, at=instant(99))
    mail.complete(make_id(), b"again", b"proof", head=HEAD, at=instant(99))
    assert mail.outbox() == [before]


def test_the_queue_is_counted_by_state(mail: MailStore) -> None:
    """Bytes left are those of open envelopes only."""
    assert mail.counts() == ({}, 0)
    for n in range(3):
        keep(mail, n)
    settle(mail, 0)
    mail.refused(make_id(1), 201, "no")
    mail.progress(make_id(2), 0, 100)
    row = mail.outbox()[2]
    states = {"complete": 1, "refused": 1, "sending": 1}
    assert mail.counts() == (states, row.bytes_total - 100)


def test_progress_is_noted_and_bounded(mail: MailStore) -> None:
    """Never more than the item has; the first progress means that sending began."""
    keep(mail)
    mail.progress(make_id(), 1, 100)
    mail.progressed([(make_id(), 1, 10**9), (make_id(), 0, 7)])
    [row] = mail.outbox()
    assert (row.state, row.bytes_done) == ("sending", len(mail.part(make_id(), 0)) + 7)


@pytest.mark.parametrize(("n", "item"), [(5, 0), (0, 9)])
def test_fail__progress_of_a_stranger(mail: MailStore, n: int, item: int) -> None:
    """An unknown envelope or item is our own error."""
    keep(mail)
    with pytest.raises(UnknownEnvelopeError):
        mail.progress(make_id(n), item, 1)


def test_a_refused_envelope_is_set_aside_with_its_number(mail: MailStore) -> None:
    """It is not due any more; the others are."""
    keep(mail, 0)
    keep(mail, 1)
    mail.refused(make_id(0), 201, "the signature does not hold")
    row = mail.outbox()[0]
    assert row.refusal is not None
    assert (row.state, row.refusal.code) == ("refused", 201)
    assert [one.env_id for one in mail.due()] == [make_id(1)]


def test_a_refused_envelope_may_be_tried_again(mail: MailStore) -> None:
    """A person mended the cause; trying a healthy one changes nothing."""
    keep(mail)
    mail.refused(make_id(), 201, "no")
    mail.retry(make_id())
    mail.retry(make_id())
    [row] = mail.outbox()
    assert (row.state, row.refusal) == ("sending", None)


def test_a_complete_envelope_cannot_be_refused(mail: MailStore) -> None:
    """The proven receipt stands."""
    keep(mail)
    settle(mail)
    mail.refused(make_id(), 201, "no")
    assert mail.outbox()[0].state == "complete"


def test_the_proven_head_is_remembered(mail: MailStore) -> None:
    """With the receipt in one transaction; None before the first."""
    assert mail.hall_head() is None
    keep(mail)
    settle(mail)
    assert mail.hall_head() == HEAD
    mail.keep_hall_head(HallHead(8, bytes(32), "next"), instant())
    assert mail.hall_head() == HallHead(8, bytes(32), "next")


def test_payloads_are_purged_after_the_grace(mail: MailStore) -> None:
    """72 hours after the proven stage 2 receipt, and the clock's own error; the row and the receipts stay."""
    keep(mail, 0)
    keep(mail, 1)
    settle(mail, 0, seconds=0)
    grace_s = PURGE_GRACE.total_seconds()
    mail.keep_hall_head(HEAD, instant(grace_s + 20))
    assert mail.purge(instant(grace_s + 1, uncertainty_s=2)) == []
    assert mail.purge(instant(grace_s + 2, uncertainty_s=2)) == [make_id(0)]
    assert mail.purge(instant(grace_s + 9)) == []
    [gone, waiting] = mail.outbox()
    assert (gone.purged, gone.hall_receipt, waiting.purged) == (True, b"stage 2", False)
    with pytest.raises(FileNotFoundError):
        mail.slip(make_id(0))
    assert mail.slip(make_id(1))
    assert [entry.kind for entry in mail.entries()][-1] == "purge"


def test_nothing_is_purged_before_city_halls_log_was_proven_again(mail: MailStore) -> None:
    """It may have come back from a backup while the bus was away: only a new contact can tell."""
    assert mail.purge(instant(400 * DAY_S)) == []
    keep(mail)
    settle(mail, seconds=0)
    assert mail.purge(instant(400 * DAY_S)) == []
    mail.keep_hall_head(HEAD, instant(3 * DAY_S - 1))
    assert mail.purge(instant(400 * DAY_S)) == []
    mail.keep_hall_head(HEAD, instant(3 * DAY_S + 60))
    assert mail.purge(instant(400 * DAY_S)) == [make_id(0)]


def test_only_complete_envelopes_are_purged(mail: MailStore) -> None:
    """Stage 1 alone, or a refusal, frees nothing."""
    keep(mail, 0)
    keep(mail, 1)
    mail.arrived(make_id(0), b"stage 1", b"proof", head=HEAD, at=instant())
    mail.refused(make_id(1), 201, "no")
    mail.keep_hall_head(HEAD, instant(400 * DAY_S))
    assert mail.purge(instant(400 * DAY_S)) == []


def test_a_purge_that_was_cut_is_finished_by_the_sweep(tmp_path: Path) -> None:
    """The row says purged, the files are still there: they go, whatever the clock; a living one stays."""
    mail = MailStore(tmp_path)
    keep(mail, 0)
    keep(mail, 1)
    settle(mail, 0)
    copy = (tmp_path / "parts" / make_id(0).hex() / "0").read_bytes()
    mail.keep_hall_head(HEAD, instant(4 * DAY_S))
    assert mail.purge(instant(4 * DAY_S)) == [make_id(0)]
    (tmp_path / "parts" / make_id(0).hex()).mkdir()
    (tmp_path / "parts" / make_id(0).hex() / "0").write_bytes(copy)
    assert mail.sweep(None) == [make_id(0)]
    assert mail.slip(make_id(1))


def test_files_without_a_row_wait_until_they_are_old(mail: MailStore, tmp_path: Path) -> None:
    """An application may be on its way between file and row; without a clock nothing is old."""
    (tmp_path / "parts" / make_id(0).hex()).mkdir()
    now = datetime.now(UTC)
    assert [mail.sweep(None), mail.sweep(now)] == [[], []]
    assert mail.sweep(now + timedelta(hours=2)) == [make_id(0)]


def test_city_hall_forgot(mail: MailStore) -> None:
    """An alarm is journalled, its head taken, and what is not purged is offered again, however old it is."""
    for n in range(3):
        keep(mail, n, seconds=n * 20 * DAY_S)
        settle(mail, n, seconds=n * 20 * DAY_S)
    mail.purge(instant(10 * DAY_S), timedelta())
    again = mail.rearm(instant(400 * DAY_S), HallHead(1, bytes(32), "other"))
    assert again == [make_id(1), make_id(2)]
    assert [one.env_id for one in mail.due()] == again
    assert mail.hall_head() == HallHead(1, bytes(32), "other")
    assert mail.entries()[-1].kind == "alarm"


def test_city_hall_forgot_what_it_had_filed_and_then_refused(mail: MailStore) -> None:
    """Its record was filed, a page was set aside: the record is filed again. What it never took stays refused."""
    keep(mail, 0)
    keep(mail, 1)
    mail.arrived(make_id(0), b"stage 1", b"proof", head=HEAD, at=instant())
    mail.refused(make_id(0), 207, "a page did not match")
    mail.refused(make_id(1), 201, "no")
    assert mail.rearm(instant(), HallHead(1, bytes(32), "other")) == [make_id(0)]
    assert [row.refusal is None for row in mail.outbox()] == [True, False]


def test_a_sweep_between_files_and_row_costs_nothing(tmp_path: Path) -> None:
    """The old orphan of a power cut is swept while the same application is kept again."""
    mail = MailStore(tmp_path)
    files, row = mail._parts.keep, iter([True])

    def swept(env_id: bytes, items: Mapping[int, bytes]) -> None:
        files(env_id, items)
        if next(row, False):
            assert mail.sweep(datetime.now(UTC) + timedelta(hours=2)) == [env_id]

    mail._parts.keep = swept  # type: ignore[method-assign]
    sealed = make_envelope()
    mail.keep(sealed, deadline=None, at=instant(), receipt_for=box_receipt)
    assert mail.slip(sealed.env_id) == sealed.slip


def test_room_is_counted_by_disk(tmp_path: Path) -> None:
    """Above the floor each usual application counts one."""
    mail = MailStore(tmp_path, lambda: FREE_SPACE_FLOOR + 12 * USUAL_APPLICATION)
    assert mail.room_left() == 12


def test_room_is_counted_by_waiting_envelopes(mail: MailStore) -> None:
    """One kept is one less."""
    keep(mail)
    assert mail.room_left() == WAITING_LIMIT - 1


def test_originals_that_wait_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bus that never sees a depot keeps no more of them than its link can carry; a complete one makes room."""
    monkeypatch.setattr(store, "ORIGINALS_LIMIT", 1)
    mail = MailStore(tmp_path, lambda: 1 << 40)
    assert mail.room_for_originals()
    parts = [(PartRole.PREVIEW, b"v"), (PartRole.PAGE, b"p"), (PartRole.ORIGINAL, b"o")]
    sealed = make_envelope(0, parts=parts)
    mail.keep(sealed, deadline=None, at=instant(), receipt_for=box_receipt)
    mail.arrived(sealed.env_id, b"hall", b"proof")
    keep(mail, 1)
    assert not mail.room_for_originals()
    mail.complete(sealed.env_id, b"hall 2")
    assert mail.room_for_originals()


def test_a_session_takes_all_that_a_shelf_may_hold() -> None:
    """A shelf with more open applications than the lane's limit would never again bring one to city hall."""
    assert store.WAITING_LIMIT + store.ORIGINALS_LIMIT < ENVELOPES_LIMIT


@pytest.mark.parametrize("free", [FREE_SPACE_FLOOR + 1000, FREE_SPACE_FLOOR, 0])
def test_fail__a_full_shelf_says_so_before_anything_is_written(tmp_path: Path, free: int) -> None:
    """The sentence tells the room left and what to do; what was kept before can still be asked for."""
    space = [FREE_SPACE_FLOOR + USUAL_APPLICATION]
    mail = MailStore(tmp_path, lambda: space[0])
    kept = keep(mail, 0)
    space[0] = free
    with pytest.raises(ShelfFullError, match="room for 0 more applications"):
        keep(mail, 1)
    assert not (tmp_path / "parts" / make_id(1).hex()).exists()
    again = mail.keep(
        Envelope(make_envelope().header, mail.slip(make_id(0)), ()),
        deadline=None,
        at=instant(),
        receipt_for=box_receipt,
    )
    assert again == kept


def test_a_folder_that_is_no_envelopes_stays_and_stops_no_sweep(
    mail: MailStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What a file system or a person put there: no hex, too short, another spelling of a name."""
    foreign = ["lost+found", "00", f"{make_id(1).hex()} ", make_id(1).hex().upper()]
    for name in (*foreign, make_id(0).hex()):
        (tmp_path / "parts" / name).mkdir()
    assert mail.sweep(datetime.now(UTC) + timedelta(hours=2)) == [make_id(0)]
    assert {place.name for place in (tmp_path / "parts").iterdir()} == set(foreign)
    assert "parts.not_ours count=4" in caplog.text
