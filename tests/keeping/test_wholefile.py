"""Whole files: what is written, with which rights, and what stays after a failure."""

import stat
from pathlib import Path

import pytest

from keeping.wholefile import PUBLIC, write_whole


@pytest.mark.parametrize("content", [b"", b"bytes", "文字"])
def test_what_was_written_is_read(tmp_path: Path, content: bytes | str) -> None:
    """Bytes as they are, text as UTF-8."""
    write_whole(tmp_path / "file", content)
    expected = content.encode() if isinstance(content, str) else content
    assert (tmp_path / "file").read_bytes() == expected


def test_a_file_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    """Unless it is said to be public."""
    write_whole(tmp_path / "secret", b"x")
    write_whole(tmp_path / "public", b"x", PUBLIC)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("secret", "public")]
    assert modes == [0o600, 0o644]


def test_a_newer_file_takes_the_place_of_the_older(tmp_path: Path) -> None:
    """And no half-written one is left beside it."""
    for content in (b"old and longer", b"new"):
        write_whole(tmp_path / "file", content)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"new")]
