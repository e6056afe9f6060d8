"""What city hall remembers of each box's journal: the newest head it cosigned. It never goes back."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from cityhall.mail.models import JournalTable
from cityhall.mail.times import to_ms
from sync.journal import Checkpoint
from sync.merkle import EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class KnownJournal:
    """The newest head of one box, with its cosigned note; `alarms` = how often the box could not prove a newer one."""

    head: Checkpoint
    note: str
    alarms: int


NOTHING_KNOWN = KnownJournal(Checkpoint("", 0, EMPTY_ROOT), "", 0)


def known(session: Session, device: str) -> KnownJournal:
    """Return what is remembered of a box."""
    row = session.get(JournalTable, device)
    if row is None:
        return NOTHING_KNOWN
    return KnownJournal(Checkpoint("", row.size, bytes(row.root)), row.note, row.alarms)


def keep(session: Session, device: str, head: Checkpoint, note: str, at: datetime) -> None:
    """Remember a cosigned head, unless a larger one came over another road meanwhile."""
    row = _row(session, device)
    if head.size >= row.size:
        row.size, row.root, row.note, row.seen_ms = head.size, head.root, note, to_ms(at)
        session.add(row)


def alarm(session: Session, device: str) -> int:
    """Count that a box could not prove its journal; returns how often that was."""
    row = _row(session, device)
    row.alarms += 1
    session.add(row)
    return row.alarms


def _row(session: Session, device: str) -> JournalTable:
    """Return what is remembered of a box, or the row of one nothing is known of yet."""
    found = session.get(JournalTable, device)
    if found is not None:
        return found
    return JournalTable(device=device, size=0, root=EMPTY_ROOT, note="", alarms=0, seen_ms=0)
