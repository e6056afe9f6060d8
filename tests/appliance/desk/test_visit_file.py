"""Opening and closing a visit on disk."""

import os
from pathlib import Path

import pytest

from appliance.desk.drafts import DraftLost, Drafts, DraftsFull, DraftUnreadable
from appliance.desk.visit import (
    DRAFTS_FOLDER,
    VISIT_FILE,
    VisitPinWrong,
    VisitUnreadable,
    destroy_visit,
    open_visit,
    read_visit,
)
from sync.drawer import Drawer
from tests.support.counterworld import NOON, PIN, STAFF


def test_the_pin_gives_the_key_back(tmp_path: Path) -> None:
    """After a power cut the PIN opens what the PIN closed."""
    _, key = open_visit(tmp_path, STAFF, PIN, NOON)
    found = read_visit(tmp_path)
    assert found is not None
    assert found.unlock(PIN) == key
    assert (found.staff_id, found.opened_at) == (STAFF, NOON)


def test_fail__another_pin(tmp_path: Path) -> None:
    """A wrong PIN gives nothing."""
    made, _ = open_visit(tmp_path, STAFF, PIN, NOON)
    with pytest.raises(VisitPinWrong):
        made.unlock("000000")


def test_each_visit_has_its_own_key(tmp_path: Path) -> None:
    """The same PIN never makes the same key."""
    assert open_visit(tmp_path, STAFF, PIN, NOON)[1] != open_visit(tmp_path, STAFF, PIN, NOON)[1]


def test_the_key_is_not_on_disk_in_clear(tmp_path: Path) -> None:
    """What lies on the disk does not contain the key."""
    _, key = open_visit(tmp_path, STAFF, PIN, NOON)
    assert key not in (tmp_path / VISIT_FILE).read_bytes()


def test_a_destroyed_visit_leaves_neither_key_nor_draft(tmp_path: Path) -> None:
    """After closing, nothing on the box opens any more."""
    _, key = open_visit(tmp_path, STAFF, PIN, NOON)
    Drafts(tmp_path / DRAFTS_FOLDER, Drawer(key)).write("visit", b"draft")
    destroy_visit(tmp_path)
    assert read_visit(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_destroying_twice_is_harmless(tmp_path: Path) -> None:
    """A power cut in the middle of closing may repeat it."""
    open_visit(tmp_path, STAFF, PIN, NOON)
    destroy_visit(tmp_path)
    destroy_visit(tmp_path)


def test_a_torn_visit_file_counts_as_destroyed(tmp_path: Path) -> None:
    """Half a key file is no visit."""
    open_visit(tmp_path, STAFF, PIN, NOON)
    path = tmp_path / VISIT_FILE
    path.write_bytes(path.read_bytes()[:40])
    assert read_visit(tmp_path) is None


def test_fail__a_visit_file_that_the_disk_does_not_give(tmp_path: Path) -> None:
    """Only a file that is not there means no visit; the sentence says what to do."""
    (tmp_path / VISIT_FILE).mkdir()
    with pytest.raises(VisitUnreadable, match="Is a directory; start the box again"):
        read_visit(tmp_path)


def test_a_new_visit_removes_what_an_older_one_left(tmp_path: Path) -> None:
    """Drafts whose key is gone are only litter."""
    (tmp_path / DRAFTS_FOLDER).mkdir()
    (tmp_path / DRAFTS_FOLDER / "000-0001-fed.sealed").write_bytes(b"old")
    open_visit(tmp_path, STAFF, PIN, NOON)
    assert not (tmp_path / DRAFTS_FOLDER).exists()


def test_drafts_lie_sealed_on_the_disk(tmp_path: Path) -> None:
    """A thief of the disk reads nothing."""
    drafts = Drafts(tmp_path, Drawer(bytes(32)))
    drafts.write("visit", "髙﨑　𠮷雄".encode())
    assert "髙﨑".encode() not in (tmp_path / "visit.sealed").read_bytes()
    assert drafts.read("visit").decode() == "髙﨑　𠮷雄"


def test_drafts_cannot_be_swapped(tmp_path: Path) -> None:
    """A draft under another name does not open."""
    drafts = Drafts(tmp_path, Drawer(bytes(32)))
    drafts.write("one", b"1")
    (tmp_path / "one.sealed").rename(tmp_path / "two.sealed")
    with pytest.raises(DraftLost, match="two"):
        drafts.read("two")


def test_fail__a_draft_that_the_disk_does_not_give(tmp_path: Path) -> None:
    """A disk that fails is told apart from a draft that is lost."""
    drafts = Drafts(tmp_path, Drawer(bytes(32)))
    (tmp_path / "one.sealed").mkdir()
    with pytest.raises(DraftUnreadable, match="Is a directory"):
        drafts.read("one")
    with pytest.raises(DraftLost) as caught:
        drafts.read("two")
    assert not isinstance(caught.value, DraftUnreadable)


def test_a_half_written_draft_leaves_the_old_one(tmp_path: Path) -> None:
    """What a power cut leaves as .part is not read."""
    drafts = Drafts(tmp_path, Drawer(bytes(32)))
    drafts.write("visit", b"old")
    (tmp_path / "visit.sealed.part").write_bytes(b"half")
    assert drafts.read("visit") == b"old"
    assert drafts.names() == ["visit"]


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    """A write that fails is an answer, never a silence."""
    drafts = Drafts(tmp_path / "gone", Drawer(bytes(32)))
    (tmp_path / "gone").rmdir()
    with pytest.raises(DraftsFull, match="disk"):
        drafts.write("visit", b"draft")


def test_room_ends_at_its_floor(tmp_path: Path) -> None:
    """Below the named floor no sheet is taken."""
    free = [0]
    drafts = Drafts(tmp_path, Drawer(bytes(32)), lambda _: free[0])
    free[0] = 256 * 1024 * 1024
    assert not drafts.room()
    free[0] += 1
    assert drafts.room()


def test_drafts_are_for_this_user_only(tmp_path: Path) -> None:
    """Files carry mode 0600."""
    drafts = Drafts(tmp_path, Drawer(bytes(32)))
    drafts.write("visit", b"draft")
    assert os.stat(tmp_path / "visit.sealed").st_mode & 0o777 == 0o600  # noqa: PTH116 - the mode as the kernel has it
