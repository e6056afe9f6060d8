"""Whole files that survive a power cut: the old one or the new one, on disk before anyone is told."""

import errno
import os
from pathlib import Path

PRIVATE = 0o600


def write_durably(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write a whole file, durable with its name; `mode` None leaves the rights to the umask. Raises OSError."""
    put_whole(path, data, mode)
    sync_folder(path.parent)


def put_whole(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write a whole file whose bytes are durable; its name is so only after `sync_folder`. Raises OSError."""
    part = path.with_name(f"{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666 if mode is None else mode)
    try:
        if mode is not None:
            os.fchmod(handle, mode)
        # A nearly full disk may take a part of the bytes without an error.
        if os.write(handle, data) != len(data):
            raise OSError(
                errno.ENOSPC, "the disk took a part of the file only; make room", str(path)
            )
        os.fsync(handle)
    finally:
        os.close(handle)
    part.replace(path)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder, durable with its name and those of the parents it lacked. Raises OSError."""
    lacking = [one for one in folder.parents if not one.is_dir()]
    folder.mkdir(parents=True, exist_ok=True, mode=mode)
    for one in (folder, *lacking):
        sync_folder(one.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
