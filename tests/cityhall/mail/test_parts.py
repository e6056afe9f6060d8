"""Parts that are durable and checked; the last one makes an envelope whole."""

from pathlib import Path

import pytest

from cityhall.mail.blobs import FolderBlobs
from cityhall.mail.store import HallMail
from tests.support.makers import make_envelope, make_id
from tests.support.shelf import BOX, file, stage_1, stage_2


def test_the_last_part_makes_it_whole(mail: HallMail) -> None:
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
    assert mail._pieces.envelopes(BOX) == 0


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


def test_blobs_overwrite_with_the_same_and_never_show_halves(tmp_path: Path) -> None:
    """A side file left by a power cut is not a part."""
    blobs = FolderBlobs(tmp_path)
    blobs.put(make_id(), 0, b"one")
    blobs.put(make_id(), 0, b"one")
    place = tmp_path / make_id().hex()[:2] / make_id().hex()
    (place / "1.part").write_bytes(b"half")
    assert (blobs.get(make_id(), 0), blobs.get(make_id(), 1)) == (b"one", None)
