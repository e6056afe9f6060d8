"""The bus's journal on the shelf: each entry chains to the one before, one row an entry."""

from sqlmodel import Session, col, select

from appliance.mail.models import JournalTable
from appliance.mail.times import from_us, to_us
from sync.clock import Instant
from sync.journal import GENESIS, JournalEntry, next_entry


def head(session: Session) -> tuple[int, bytes]:
    """Return the newest entry's number and hash, or GENESIS."""
    query = select(JournalTable).order_by(col(JournalTable.seq).desc()).limit(1)
    row = session.exec(query).first()
    return GENESIS if row is None else (row.seq, row.hash)


def append(session: Session, kind: str, object_hash: bytes, at: Instant) -> JournalEntry:
    """Add one entry inside the caller's transaction."""
    entry = next_entry(head(session), kind, object_hash, at)
    session.add(
        JournalTable(
            seq=entry.seq,
            prev=entry.prev,
            kind=entry.kind,
            object_hash=entry.object_hash,
            wall_us=to_us(entry.wall),
            monotonic_ms=entry.monotonic_ms,
            boot=entry.boot,
            hash=entry.hash,
        )
    )
    session.flush()
    return entry


def entry_at(session: Session, seq: int) -> JournalEntry:
    """Return one entry; raises KeyError for a number that was never written."""
    row = session.get(JournalTable, seq)
    if row is None:
        raise KeyError(seq)
    return _entry(row)


def entries(session: Session) -> list[JournalEntry]:
    """Return the whole journal, oldest first."""
    return [
        _entry(row) for row in session.exec(select(JournalTable).order_by(col(JournalTable.seq)))
    ]


def _entry(row: JournalTable) -> JournalEntry:
    return JournalEntry(
        seq=row.seq,
        prev=row.prev,
        kind=row.kind,
        object_hash=row.object_hash,
        wall=from_us(row.wall_us),
        monotonic_ms=row.monotonic_ms,
        boot=row.boot,
    )
