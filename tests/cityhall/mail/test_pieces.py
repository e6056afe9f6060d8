"""Items that are still coming: byte for byte, each box its own, within limits."""

import resource
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cityhall.mail import store
from cityhall.mail.pieces import FolderPieces
from cityhall.mail.store import HallMail, OtherBoxError, TooManyPiecesError
from tests.support.makers import make_envelope, make_id
from tests.support.shelf import BOX, OpenMail, file


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


def test_fail__a_disk_that_takes_half_a_piece(tmp_path: Path) -> None:
    """Bytes are called durable only when all of them were written."""
    mail = HallMail(tmp_path)
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


def test_pieces_of_a_stranger_are_nothing(tmp_path: Path) -> None:
    """No folder, no bytes, nothing to drop."""
    pieces = FolderPieces(tmp_path)
    pieces.drop([(BOX, make_id())])
    assert (pieces.envelopes(BOX), pieces.lengths(BOX, make_id())) == (0, {})


def test_two_sessions_of_one_box_write_the_same_piece(open_mail: OpenMail) -> None:
    """The older one is not ended yet: the item is kept once, every byte where it belongs."""
    shelves = [open_mail() for _ in range(2)]
    data = bytes(range(256)) * 40
    starts = range(0, len(data), 512)

    def send(mail: HallMail) -> list[int]:
        return [mail.write_piece(BOX, make_id(), 1, at, data[at : at + 512]) for at in starts]

    with ThreadPoolExecutor(2) as sending:
        told = list(sending.map(send, shelves))
    assert [one[-1] for one in told] == [len(data)] * 2
    assert shelves[0].read_pieces(BOX, make_id(), 1) == data
