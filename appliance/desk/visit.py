"""Opening and closing a visit: one random key a visit, wrapped under the PIN, destroyed at the end.

`visit.json` in the desk's folder is all that outlives a power cut without a PIN: who opened the
visit, when, and the wrapped key. Without the PIN nothing else in the folder can be read; once
the file is destroyed, nobody can read it again.
"""

import base64
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from keeping.wholefile import PRIVATE, sync_folder, write_durably
from sync.errors import SealError
from sync.keys import lock_secret, unlock_secret

VISIT_FILE = "visit.json"
DRAFTS_FOLDER = "drafts"
KEY_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12

Random = Callable[[int], bytes]


class VisitPinWrong(Exception):  # noqa: N818 - a fact about the entry
    """The PIN does not open this visit."""


class VisitUnreadable(Exception):  # noqa: N818 - a fact about the disk, told to a person as a sentence
    """Whether a visit is open cannot be told now; `fact` is the disk's own word, e.g. "Input/output error"."""

    def __init__(self, fact: str) -> None:
        super().__init__(
            f"{VISIT_FILE}: must be readable before a visit is opened or gone on with; {fact}; "
            "start the box again, and have its disk looked at when it says so again"
        )
        self.fact = fact


@dataclass(frozen=True, slots=True)
class VisitFile:
    """The visit as it stands on disk; `visit` is 16 random bytes as hex, `opened_at` UTC."""

    visit: str
    staff_id: str
    opened_at: datetime
    wrapped: bytes

    def unlock(self, pin: str) -> bytes:
        """Return the visit key; raises VisitPinWrong."""
        try:
            return unlock_secret(self.wrapped, pin)
        except SealError as error:
            raise VisitPinWrong from error


def open_visit(
    folder: Path,
    staff_id: str,
    pin: str,
    now: datetime,
    random: Random = os.urandom,
) -> tuple[VisitFile, bytes]:
    """Make a visit and its key, durable before it returns; what an older visit left is removed."""
    _remove_drafts(folder)
    key = random(KEY_BYTES)
    wrapped = lock_secret(key, pin, random(SALT_BYTES), random(NONCE_BYTES))
    made = VisitFile(random(16).hex(), staff_id, now, wrapped)
    entry = {
        "visit": made.visit,
        "staff_id": staff_id,
        "opened_at": now.isoformat(),
        "key": base64.b64encode(wrapped).decode(),
    }
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(folder / VISIT_FILE, json.dumps(entry).encode(), PRIVATE)
    return made, key


def read_visit(folder: Path) -> VisitFile | None:
    """Return the visit that is open on this box, or None; a torn file counts as destroyed.

    Raises VisitUnreadable when the disk does not give the file: a visit may be there, so none may be begun.
    """
    try:
        entry = json.loads((folder / VISIT_FILE).read_text(encoding="utf-8"))
        return VisitFile(
            str(entry["visit"]),
            str(entry["staff_id"]),
            datetime.fromisoformat(entry["opened_at"]),
            base64.b64decode(entry["key"], validate=True),
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    except OSError as error:
        raise VisitUnreadable(error.strerror or type(error).__name__) from error


def destroy_visit(folder: Path) -> None:
    """Overwrite and remove the wrapped key first, then the drafts it opened."""
    path = folder / VISIT_FILE
    if path.exists():
        with path.open("r+b") as file:
            file.write(b"\0" * path.stat().st_size)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        sync_folder(folder)
    _remove_drafts(folder)


def _remove_drafts(folder: Path) -> None:
    shutil.rmtree(folder / DRAFTS_FOLDER, ignore_errors=True)
