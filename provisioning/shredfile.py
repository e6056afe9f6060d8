"""Destroying a key file: written over, made durable, taken away."""

import os
import secrets
from pathlib import Path

from keeping.wholefile import sync_folder


def shred_file(path: Path) -> None:
    """Overwrite a file's bytes, then delete it; durable on return, harmless when it is gone.

    On flash the old sector may outlive this; the disk's own encryption is what covers that.
    """
    if not path.exists():
        return
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)
