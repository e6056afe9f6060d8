"""City hall's shelf: file once, number once, log once; pieces, parts, letters, pulls."""

import hashlib
import resource
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cityhall.mail import downwards, store
from cityhall.mail.arrivals import Earlier, Slip
from cityhall.mail.blobs import FolderBlobs
from cityhall.mail.database import SHELF
from cityhall.mail.downwards import TrayFullError
from cityhall.mail.models import Arrived, PartState
from cityhall.mail.pieces import FolderPieces
from cityhall.mail.store import HallMail, OtherBoxError, TooManyPiecesError
from cityhall.mail.times import fiscal_year
from keeping.database import Database, NewerSchemaError
from sync.envelope import Envelope, PartRole
from sync.ids import filing_number
from sync.merkle import EMPTY_ROOT, Tree
from sync.receipt import log_leaf
from tests.support.makers import instant, make_envelope, make_id, make_parts

AT = instant().wall
BOX = "bus-07"


def stage_1(number: str, index: int) -> bytes:
    """Return a receipt that names number and place."""
    return f"1 {number} {index}".encode()


def stage_2(number: str, index: int) -> bytes:
    """Return the second receipt."""
    return f"2 {number} {index}".encode()


def file(mail: HallMail, sealed: Envelope, at: datetime = AT) -> Arrived:
    """File a slip."""
    digest = hashlib.sha256(sealed.slip).digest()
    return mail.commit_slip(
        sealed.env_id,
        device=BOX,
        slip=sealed.slip,
        header=sealed.header,
        sha256=digest,
        at=at,
        receipt_for=stage_1,
    )


@pytest.fixture
def mail(tmp_path: Path) -> HallMail:
    """An empty shelf."""
    return HallMail(tmp_path)


def test_an_empty_shelf(mail: HallMail) -> None:
    """Nothing arrived, the log is empty."""
    assert (mail.arrivals(), mail.log_size(), mail.log_root(0), mail.changed()) == (
        [],
        0,
        EMPTY_ROOT,
        0,
    )
    assert (mail.answer(make_id()), mail.arrival(make_id())) == (None, None)


def test_a_slip_gets_number_leaf_and_receipt(mail: HallMail) -> None:
    """All in one transaction; the office sees it at once with its parts still missing."""
    sealed = make_envelope()
    answer = file(mail, sealed)
    assert (answer.filing_no, answer.log_index, answer.fresh) == ("R8-000001-4", 0, True)
    assert answer.receipt == b"1 R8-000001-4 0"
    [seen] = mail.arrivals()
    assert (seen.device, seen.kind, seen.received_at, seen.complete) == (
        "bus-07",
        "application",
        AT,
        False,
    )
    assert seen.parts == tuple(
        PartState(part.index, part.role, part.length, arrived=False) for part in sealed.header.parts
    )
    assert mail.slip(sealed.env_id) == sealed.slip
    assert mail.arrival(sealed.env_id) == seen


def test_the_same_slip_twice_is_one_filing(mail: HallMail) -> None:
    """The same answer, at any later time."""
    sealed = make_envelope()
    first = file(mail, sealed)
    again = file(mail, sealed, AT + timedelta(days=400))
    assert (again.filing_no, again.receipt, again.fresh) == (first.filing_no, first.receipt, False)
    assert (mail.log_size(), mail.changed()) == (1, 1)


def test_the_same_id_with_other_bytes_is_told(mail: HallMail) -> None:
    """What was filed stays."""
    file(mail, make_envelope())
    other = make_envelope(record=b"another record")
    assert not file(mail, other).same
    assert mail.slip(make_id()) != other.slip


def test_fail__a_slip_under_another_id(mail: HallMail) -> None:
    """Our own error."""
    sealed = make_envelope()
    with pytest.raises(ValueError, match="not the envelope's"):
        mail.commit_slip(
            make_id(5),
            device=BOX,
            slip=sealed.slip,
            header=sealed.header,
            sha256=bytes(32),
            at=AT,
            receipt_for=stage_1,
        )


def test_fail__a_slip_nobody_sent(mail: HallMail) -> None:
    """The office asks for what never arrived."""
    with pytest.raises(KeyError, match="arrived"):
        mail.slip(make_id())


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        (datetime(2026, 3, 31, 14, 59, tzinfo=UTC), 7),
        (datetime(2026, 3, 31, 15, 0, tzinfo=UTC), 8),
        (datetime(2027, 1, 1, tzinfo=UTC), 8),
        (datetime(2027, 4, 1, tzinfo=UTC), 9),
    ],
)
def test_the_numbers_year_is_japans_fiscal_year(moment: datetime, year: int) -> None:
    """It begins on the first of April, Japanese time."""
    assert fiscal_year(moment) == year


def test_each_fiscal_year_counts_from_one(mail: HallMail) -> None:
    """The log goes on, the numbers start anew."""
    file(mail, make_envelope(0), datetime(2027, 3, 31, tzinfo=UTC))
    answer = file(mail, make_envelope(1), datetime(2027, 4, 1, tzinfo=UTC))
    assert answer.filing_no.startswith("R9-000001")
    assert answer.log_index == 1


def earlier(n: int, number: str) -> Slip:
    """Return slip number n of a bus that was promised this number an hour before."""
    sealed = make_envelope(n, parts=[])
    digest = hashlib.sha256(sealed.slip).digest()
    promised = Earlier(number, AT - timedelta(hours=1))
    return Slip(BOX, sealed.header, sealed.slip, digest, AT, stage_1, promised)


def test_a_number_given_before_a_restore_is_taken_again(mail: HallMail) -> None:
    """With the moment it was received then; the year goes on behind it."""
    [again] = mail.commit_slips([earlier(0, filing_number(8, 7))])
    assert (again.filing_no, again.log_index) == (filing_number(8, 7), 0)
    assert again.received_at == AT - timedelta(hours=1)
    assert file(mail, make_envelope(1)).filing_no == filing_number(8, 8)


def test_a_number_another_envelope_has_by_now_is_not_taken(mail: HallMail) -> None:
    """The later one gets a new number and its own moment."""
    first = file(mail, make_envelope(1)).filing_no
    [moved] = mail.commit_slips([earlier(0, first)])
    assert (moved.filing_no, moved.received_at) == (filing_number(8, 2), AT)


def test_two_slips_of_one_group_that_claim_one_number(mail: HallMail) -> None:
    """The first has it; a number claimed later never lowers the count."""
    slips = [
        earlier(0, filing_number(8, 7)),
        earlier(1, filing_number(8, 7)),
        earlier(2, filing_number(8, 3)),
    ]
    numbers = [one.filing_no for one in mail.commit_slips(slips)]
    assert numbers == [filing_number(8, 7), filing_number(8, 8), filing_number(8, 3)]
    assert file(mail, make_envelope(3)).filing_no == filing_number(8, 9)


def test_the_log_equals_the_agreements_tree(mail: HallMail) -> None:
    """Roots, inclusion and consistency proofs of every size are those of sync.merkle."""
    tree = Tree()
    for n in range(13):
        sealed = make_envelope(n, parts=[])
        number = file(mail, sealed).filing_no
        tree.append(log_leaf(hashlib.sha256(sealed.slip).digest(), number))
    for size in range(1, 14):
        assert mail.log_root(size) == tree.root(size)
        for index in range(size):
            assert mail.log_inclusion(index, size) == tree.inclusion(index, size)
        for old in range(size + 1):
            assert mail.log_consistency(old, size) == tree.consistency(old, size)


def test_fail__a_log_with_a_hole(mail: HallMail, tmp_path: Path) -> None:
    """A lost row is told, not guessed around."""
    for n in range(2):
        file(mail, make_envelope(n, parts=[]))
    with mail._database.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM log WHERE level = 1")
    with pytest.raises(LookupError, match="misses subtree 1/0"):
        HallMail(tmp_path).log_root(2)


def test_pieces_are_counted_byte_for_byte(mail: HallMail) -> None:
    """Before the slip is filed, and for each part after it."""
    sealed = make_envelope()
    assert mail.have(BOX, sealed.env_id).items == {0: (0, 0)}
    assert mail.write_piece(BOX, sealed.env_id, 0, 0, sealed.slip[:500]) == 500
    assert mail.have(BOX, sealed.env_id).items == {0: (0, 500)}
    file(mail, sealed)
    mail.write_piece(BOX, sealed.env_id, 2, 0, sealed.parts[1][:70])
    have = mail.have(BOX, sealed.env_id)
    sizes = {0: len(sealed.slip), 1: len(sealed.parts[0]), 2: len(sealed.parts[1])}
    assert have.stage == 1
    assert have.items == {0: (sizes[0], sizes[0]), 1: (sizes[1], 0), 2: (sizes[2], 70)}


def test_a_piece_that_comes_twice_changes_nothing(mail: HallMail) -> None:
    """Also one that overlaps."""
    mail.write_piece(BOX, make_id(), 0, 0, b"0123456789")
    assert mail.write_piece(BOX, make_id(), 0, 0, b"01234") == 10
    assert mail.write_piece(BOX, make_id(), 0, 5, b"56789ab") == 12
    assert mail.read_pieces(BOX, make_id(), 0) == b"0123456789ab"


def test_a_part_that_is_whole_and_unchecked_counts_for_nothing(mail: HallMail) -> None:
    """The power went before the commit: it has to come again, or nothing would ever commit it."""
    sealed = make_envelope()
    file(mail, sealed)
    mail.write_piece(BOX, sealed.env_id, 1, 0, sealed.parts[0][:-1])
    length = len(sealed.parts[0])
    assert mail.have(BOX, sealed.env_id).items[1] == (length, length - 1)
    mail.write_piece(BOX, sealed.env_id, 1, length - 1, sealed.parts[0][-1:])
    assert mail.have(BOX, sealed.env_id).items[1] == (length, 0)


def test_a_new_items_name_is_durable_before_its_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A confirmed byte outlives a power cut, and so does the name it is found under; once an item is enough."""
    synced: list[tuple[str, bool]] = []

    def note(folder: Path) -> None:
        synced.append((folder.name, all(path.stat().st_size for path in folder.rglob("1"))))

    monkeypatch.setattr("cityhall.mail.pieces.sync_folder", note)
    pieces = FolderPieces(tmp_path / "pieces")
    place = f"{make_id().hex()}-{BOX}"
    pieces.write(BOX, make_id(), 1, 0, b"first")
    assert synced == [(place, False), ("pieces", False)]
    pieces.write(BOX, make_id(), 1, 5, b"second")
    assert len(synced) == 2
    pieces.write(BOX, make_id(), 2, 0, b"another")
    assert len(synced) == 4


def test_fail__a_disk_that_takes_half_a_piece(mail: HallMail) -> None:
    """Bytes are called durable only when all of them were written."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    mail.write_piece(BOX, make_id(), 0, 0, bytes(100))
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))
    try:
        with pytest.raises(OSError, match="took 100 of 300"):
            mail.write_piece(BOX, make_id(), 0, 100, bytes(300))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_fail__a_piece_behind_a_gap(mail: HallMail) -> None:
    """No hole is ever written."""
    with pytest.raises(ValueError, match="leaves a gap"):
        mail.write_piece(BOX, make_id(), 0, 1, b"x")


def test_half_envelopes_have_a_limit(mail: HallMail, monkeypatch: pytest.MonkeyPatch) -> None:
    """For each box; what is begun goes on, and what is dropped makes room."""
    monkeypatch.setattr(store, "HALF_ENVELOPES_LIMIT", 1)
    mail.write_piece(BOX, make_id(0), 0, 0, b"x")
    mail.write_piece(BOX, make_id(0), 0, 1, b"x")
    mail.write_piece("bus-08", make_id(1), 0, 0, b"x")
    with pytest.raises(TooManyPiecesError):
        mail.write_piece(BOX, make_id(1), 0, 0, b"x")
    mail.drop_pieces(BOX, make_id(0), 0)
    mail.write_piece(BOX, make_id(1), 0, 0, b"x")


def test_half_envelopes_nobody_goes_on_with_are_forgotten(mail: HallMail) -> None:
    """After sixty days."""
    mail.write_piece(BOX, make_id(), 0, 0, b"x")
    now = datetime.now(UTC)
    assert mail.sweep(now + timedelta(days=59)) == 0
    assert mail.sweep(now + timedelta(days=61)) == 1
    assert mail.have(BOX, make_id()).items == {0: (0, 0)}


def test_each_box_has_its_own_pieces(mail: HallMail) -> None:
    """What another box sends under an id it read off a receipt spoils nothing."""
    sealed = make_envelope()
    mail.write_piece("bus-08", sealed.env_id, 0, 0, b"rubbish")
    assert mail.have(BOX, sealed.env_id).items == {0: (0, 0)}
    mail.write_piece(BOX, sealed.env_id, 0, 0, sealed.slip[:5])
    assert mail.read_pieces(BOX, sealed.env_id, 0) == sealed.slip[:5]


def test_fail__another_boxs_envelope(mail: HallMail) -> None:
    """Once it is filed, nobody else is told anything of it."""
    sealed = make_envelope()
    file(mail, sealed)
    with pytest.raises(OtherBoxError):
        mail.have("bus-08", sealed.env_id)


def test_half_items_have_a_limit(mail: HallMail, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit a begun item goes on; a new one is refused."""
    monkeypatch.setattr(store, "HALF_ITEMS_LIMIT", 1)
    mail.write_piece(BOX, make_id(), 1, 0, b"x")
    mail.write_piece(BOX, make_id(), 1, 1, b"x")
    with pytest.raises(TooManyPiecesError):
        mail.write_piece(BOX, make_id(), 2, 0, b"x")


def test_dropped_pieces_start_again(mail: HallMail) -> None:
    """Dropping twice is harmless."""
    mail.write_piece(BOX, make_id(), 0, 0, b"0123456789")
    mail.drop_pieces(BOX, make_id(), 0)
    mail.drop_pieces(BOX, make_id(), 0)
    assert mail.have(BOX, make_id()).items == {0: (0, 0)}


def test_the_last_part_makes_it_whole(mail: HallMail, tmp_path: Path) -> None:
    """Then stage 2 is signed once; nothing half stays behind."""
    sealed = make_envelope()
    file(mail, sealed)
    mail.write_piece(BOX, sealed.env_id, 1, 0, b"half")
    assert not mail.commit_part(sealed.env_id, 0, sealed.parts[0])
    assert not mail.is_whole(sealed.env_id)
    assert mail.commit_part(sealed.env_id, 1, sealed.parts[1])
    assert mail.is_whole(sealed.env_id)
    first = mail.completed(sealed.env_id, stage_2)
    again = mail.completed(sealed.env_id, stage_1)
    assert first == again == b"2 R8-000001-4 0"
    assert mail.have(BOX, sealed.env_id).stage == 2
    assert [mail.part(sealed.env_id, n) for n in range(2)] == list(sealed.parts)
    assert list((tmp_path / "pieces").iterdir()) == []


def test_a_part_that_comes_twice_is_kept_once(mail: HallMail) -> None:
    """No second step for the office."""
    sealed = make_envelope()
    file(mail, sealed)
    mail.commit_part(sealed.env_id, 0, sealed.parts[0])
    moved = mail.changed()
    mail.commit_part(sealed.env_id, 0, sealed.parts[0])
    assert mail.changed() == moved


def test_fail__a_part_the_header_does_not_have(mail: HallMail) -> None:
    """Our own error."""
    file(mail, make_envelope())
    with pytest.raises(KeyError):
        mail.commit_part(make_id(), 9, b"x")


@pytest.mark.parametrize("filed", [False, True])
def test_fail__complete_before_it_is_whole(mail: HallMail, filed: bool) -> None:  # noqa: FBT001 - a table
    """No stage 2 for what is not here."""
    if filed:
        file(mail, make_envelope())
    with pytest.raises(ValueError, match="is not complete"):
        mail.completed(make_id(), stage_2)


def test_a_part_that_is_not_here_is_none(mail: HallMail) -> None:
    """The office shows that it is still on the road."""
    assert mail.part(make_id(), 0) is None


def test_the_office_sees_every_step(mail: HallMail, tmp_path: Path) -> None:
    """`changed` moves with each; `moved_since` names who moved; another process sees the same."""
    office = HallMail(tmp_path)
    for n in range(3):
        file(mail, make_envelope(n))
    seen = office.changed()
    assert [one.env_id for one in office.arrivals(after=1, limit=1)] == [make_id(1)]
    mail.commit_part(make_id(0), 0, make_envelope(0).parts[0])
    [moved] = office.moved_since(seen)
    assert (moved.env_id, moved.parts[0].arrived, moved.moved) == (make_id(0), True, seen + 1)
    assert office.changed() == seen + 1


def test_group_commit_files_many_at_once(mail: HallMail) -> None:
    """One transaction; the order is the order given."""
    slips = []
    for n in range(5):
        sealed = make_envelope(n)
        digest = hashlib.sha256(sealed.slip).digest()
        slips.append(Slip("bus-07", sealed.header, sealed.slip, digest, AT, stage_1))
    assert [one.log_index for one in mail.commit_slips(slips)] == list(range(5))


def test_letters_wait_for_their_bus_in_order_of_need(mail: HallMail) -> None:
    """Revocation before correction before pack; each until its own bus confirms it."""
    mail.post_letter("bus-07", "visit_pack", b"1", make_id(1), at=AT)
    mail.post_letter("bus-07", "correction", b"2", make_id(2))
    mail.post_letter("bus-07", "revocation", b"3", make_id(3))
    mail.post_letter("bus-08", "correction", b"4", make_id(2))
    assert mail.letters_for("bus-07") == [make_id(3), make_id(2), make_id(1)]
    assert mail.letter_delivered(make_id(2), "bus-07", AT)
    assert not mail.letter_delivered(make_id(2), "bus-07", AT)
    assert not mail.letter_delivered(make_id(9), "bus-07", AT)
    assert mail.letters_for("bus-07") == [make_id(3), make_id(1)]
    assert mail.letters_for("bus-08") == [make_id(2)]
    letter = mail.letter("bus-08", make_id(2))
    assert letter is not None
    assert letter.body == b"4"
    assert mail.letter("bus-08", make_id(1)) is None


def test_a_letter_posted_twice_goes_down_once(mail: HallMail) -> None:
    """Even when it was delivered meanwhile."""
    assert mail.post_letter("bus-07", "correction", b"x", make_id(1))
    moved = mail.downwards()
    mail.letter_delivered(make_id(1), "bus-07", AT)
    assert not mail.post_letter("bus-07", "correction", b"x", make_id(1))
    assert (mail.letters_for("bus-07"), mail.downwards()) == ([], moved)


def test_fail__a_letter_that_is_none(mail: HallMail, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another kind, or longer than the limit."""
    with pytest.raises(ValueError, match="kind must be one of"):
        mail.post_letter("bus-07", "poem", b"", make_id(1))
    monkeypatch.setattr(downwards, "BODY_LIMIT", 3)
    mail.post_letter("bus-07", "correction", b"123", make_id(1))
    with pytest.raises(ValueError, match="3 bytes are the limit"):
        mail.post_letter("bus-07", "correction", b"1234", make_id(2))


def test_the_tray_of_a_bus_has_a_limit(mail: HallMail, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit the next letter is refused; another bus has its own."""
    monkeypatch.setattr(downwards, "UNDELIVERED_LIMIT", 1)
    mail.post_letter("bus-07", "correction", b"", make_id(1))
    with pytest.raises(TrayFullError):
        mail.post_letter("bus-07", "correction", b"", make_id(2))
    assert mail.post_letter("bus-08", "correction", b"", make_id(2))


def test_a_part_is_pulled_until_it_is_here(mail: HallMail) -> None:
    """Asked twice is asked once; its arrival ends the waiting; what is here cannot be pulled."""
    sealed = make_envelope(parts=make_parts(1))
    file(mail, sealed)
    assert [mail.pull(sealed.env_id, 1), mail.pull(sealed.env_id, 1)] == [True, False]
    assert (mail.pulls("bus-07"), mail.pulls("bus-08")) == ([(sealed.env_id, 1)], [])
    mail.commit_part(sealed.env_id, 1, sealed.parts[1])
    assert (mail.pulls("bus-07"), mail.pull(sealed.env_id, 1)) == ([], False)


def test_fail__a_pull_of_a_stranger(mail: HallMail, monkeypatch: pytest.MonkeyPatch) -> None:
    """No such part; and no more than the limit."""
    with pytest.raises(KeyError):
        mail.pull(make_id(), 0)
    file(mail, make_envelope())
    monkeypatch.setattr(downwards, "PULLS_LIMIT", 1)
    mail.pull(make_id(), 0)
    with pytest.raises(TrayFullError):
        mail.pull(make_id(), 1)


def test_the_buses_link_is_remembered(mail: HallMail) -> None:
    """`since` moves only when the state does; facts are joined."""
    mail.bus_seen("bus-07", AT, {"waiting": 3})
    mail.bus_seen("bus-07", AT + timedelta(seconds=5), {"rtt_ms": 80})
    [seen] = mail.buses()
    assert (seen.since, seen.seen_at) == (AT, AT + timedelta(seconds=5))
    assert seen.facts == {"waiting": 3, "rtt_ms": 80}
    mail.bus_seen("bus-07", AT + timedelta(seconds=9), {}, connected=False)
    [seen] = mail.buses()
    assert (seen.connected, seen.since) == (False, AT + timedelta(seconds=9))


def test_blobs_overwrite_with_the_same_and_never_show_halves(tmp_path: Path) -> None:
    """A side file left by a power cut is not a part."""
    blobs = FolderBlobs(tmp_path)
    blobs.put(make_id(), 0, b"one")
    blobs.put(make_id(), 0, b"one")
    place = tmp_path / make_id().hex()[:2] / make_id().hex()
    (place / "1.part").write_bytes(b"half")
    assert (blobs.get(make_id(), 0), blobs.get(make_id(), 1)) == (b"one", None)


def test_pieces_of_a_stranger_are_nothing(tmp_path: Path) -> None:
    """No folder, no bytes, nothing to drop."""
    pieces = FolderPieces(tmp_path)
    pieces.drop([(BOX, make_id())])
    assert (pieces.envelopes(BOX), pieces.lengths(BOX, make_id())) == (0, {})


def test_fail__a_shelf_of_a_newer_program(tmp_path: Path) -> None:
    """An older program does not touch it."""
    Database(tmp_path / "hall.db", replace(SHELF, number=SHELF.number + 1)).close()
    with pytest.raises(NewerSchemaError, match="is newer than this program's"):
        HallMail(tmp_path)


def test_roles_go_through_the_shelf(mail: HallMail) -> None:
    """The office knows a preview from a page before either is here."""
    file(mail, make_envelope(parts=make_parts(1)))
    [seen] = mail.arrivals()
    assert [part.role for part in seen.parts] == [PartRole.PREVIEW, PartRole.PAGE]
