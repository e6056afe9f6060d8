"""Opening and closing a visit: one random key a visit, locked under PIN and chip, destroyed at the end.

`visit.json` in the desk's folder is all that outlives a power cut without a PIN: who opened the
visit, when, and the locked key. Without the PIN nothing else in the folder can be read. Where the box
has a chip, half of the lock lies in it, in a slot that is made with the visit and undefined at its end:
from then on nobody can read the folder again, nor any copy of it made before. Without a chip the file is
overwritten, which a worn flash card may keep a copy of.
"""

import base64
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from appliance.desk.pinsecret import VISIT_SLOT, close_secret, open_secret
from hardware.protocols import Tpm
from keeping.wholefile import PRIVATE, sync_folder, write_durably
from sync.clock import ClockQuality, Instant
from sync.errors import SealError

VISIT_FILE = "visit.json"
DRAFTS_FOLDER = "drafts"
KEY_BYTES = 32
FORGOTTEN_AFTER = timedelta(days=3)
"""A visit that no PIN opened for so long was left behind: its key is destroyed."""

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

    def unlock(self, pin: str, tpm: Tpm | None = None) -> bytes:
        """Return the visit key; raises VisitPinWrong, or DeviceError when the chip has no answer."""
        try:
            return open_secret(self.wrapped, pin, tpm, VISIT_SLOT)
        except SealError as error:
            raise VisitPinWrong from error


def open_visit(
    folder: Path,
    staff_id: str,
    pin: str,
    now: datetime,
    *,
    random: Random = os.urandom,
    tpm: Tpm | None = None,
) -> tuple[VisitFile, bytes]:
    """Make a visit and its key, durable before it returns; what an older visit left is removed.

    Raises DeviceError when the chip does not take its half: then there is no visit.
    """
    _remove_drafts(folder)
    key = random(KEY_BYTES)
    wrapped = close_secret(key, pin, random, tpm, VISIT_SLOT)
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


def left_behind(file: VisitFile, last_right: datetime | None, now: Instant) -> bool:
    """Tell whether no PIN opened this visit for too long; a clock nobody set proves nothing."""
    last = max(file.opened_at, last_right or file.opened_at)
    return now.quality is not ClockQuality.UNSYNCED and now.wall - last >= FORGOTTEN_AFTER


def destroy_visit(folder: Path, tpm: Tpm | None = None) -> None:
    """Destroy the chip's half, then overwrite and remove the locked key, then the drafts it opened.

    A chip that does not answer keeps no visit on the disk: what lies there is destroyed all the same, then
    its DeviceError is raised. The next start undefines the slot of a visit that is not there.
    """
    try:
        if tpm is not None:
            tpm.undefine(VISIT_SLOT)
    finally:
        _destroy_files(folder)


def _destroy_files(folder: Path) -> None:
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
