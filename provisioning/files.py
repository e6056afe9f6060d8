"""Whole files, right mode, on disk before anyone is told: the only way provisioning writes."""

import errno
import os
from pathlib import Path

SECRET = 0o600
PUBLIC = 0o644


def write_whole(path: Path, content: bytes | str, mode: int = PUBLIC) -> None:
    """Write a file so that after a power cut it is either the old one or the new one, never a piece."""
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        os.fchmod(handle, mode)
        # A nearly full disk may take a part of the bytes without an error.
        if os.write(handle, data) != len(data):
            raise OSError(errno.ENOSPC, f"{path.name}: the disk took a part only; make room")
        os.fsync(handle)
    finally:
        os.close(handle)
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
