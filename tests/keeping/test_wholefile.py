"""Whole files: the new one or the old one, and never a silence about a disk that took less."""

import os
from pathlib import Path

import pytest

from keeping.wholefile import PRIVATE, make_folder, sync_folder, write_durably
from tests.support.short_disk import files_end_at


def mode_of(path: Path) -> int:
    """Return the rights of a file."""
    return path.stat().st_mode & 0o777


def test_the_whole_file_is_there_and_nothing_beside_it(tmp_path: Path) -> None:
    """No side name stays behind."""
    write_durably(tmp_path / "a", b"old")
    write_durably(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_fail__a_disk_that_takes_a_part_only(tmp_path: Path) -> None:
    """A short write is an error, and the old file stays whole."""
    write_durably(tmp_path / "a", b"old")
    with files_end_at(100), pytest.raises(OSError, match="make room"):
        write_durably(tmp_path / "a", bytes(300))
    assert (tmp_path / "a").read_bytes() == b"old"


def test_a_private_file_is_private_whatever_was_there(tmp_path: Path) -> None:
    """A side name left by a power cut does not lend its rights."""
    (tmp_path / "a.part").write_bytes(b"half")
    (tmp_path / "a.part").chmod(0o644)
    write_durably(tmp_path / "a", b"new", PRIVATE)
    assert mode_of(tmp_path / "a") == PRIVATE


def test_without_a_mode_the_umask_decides(tmp_path: Path) -> None:
    """What desk and uplink share keeps the rights their units give."""
    before = os.umask(0o007)
    try:
        write_durably(tmp_path / "a", b"new")
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "a") == 0o660


def test_fail__a_folder_that_is_none(tmp_path: Path) -> None:
    """Only a folder has names to make durable."""
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        sync_folder(tmp_path / "a")


def test_a_folder_is_made_with_its_parents_once(tmp_path: Path) -> None:
    """A second time changes nothing of what stands there."""
    make_folder(tmp_path / "a" / "b", 0o700)
    (tmp_path / "a" / "b" / "c").touch()
    make_folder(tmp_path / "a" / "b", 0o777)
    assert mode_of(tmp_path / "a" / "b") == 0o700
    assert (tmp_path / "a" / "b" / "c").exists()
