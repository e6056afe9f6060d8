"""Whole files: after a power cut there is the old one or the new one, never a piece."""

import os
from pathlib import Path

SECRET = 0o600
PUBLIC = 0o644


def write_whole(path: Path, content: bytes | str, mode: int = SECRET) -> None:
    """Write beside, force to disk, rename, force the folder; raises OSError, also for a short write."""
    data = content.encode() if isinstance(content, str) else content
    part = path.with_name(f"{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        os.fchmod(handle, mode)
        if os.write(handle, data) != len(data):
            raise OSError(f"{path.name}: the disk took less than {len(data)} bytes")
        os.fsync(handle)
    finally:
        os.close(handle)
    part.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Force a folder's names to disk: a renamed file is durable only after this."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
