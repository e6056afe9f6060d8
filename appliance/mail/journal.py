"""The bus's journal on the shelf: each entry chains to the one before, one row an entry."""

from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlmodel import Session

from appliance.mail.models import MailTable
from appliance.mail.times import from_us, to_us
from sync.clock import Instant
from sync.journal import GENESIS, JournalEntry, next_entry

_JOURNAL: Final = MailTable.metadata.tables["journal"]
_START: Final = MailTable.metadata.tables["journal_start"]
_HEAD: Final = select(_JOURNAL.c.seq, _JOURNAL.c.hash).order_by(_JOURNAL.c.seq.desc()).limit(1)
_BEGIN: Final = select(_START.c.seq, _START.c.hash)
_ADD: Final = insert(_JOURNAL)
_AT: Final = select(_JOURNAL).where(_JOURNAL.c.seq == bindparam("at"))
_ALL: Final = select(_JOURNAL).order_by(_JOURNAL.c.seq)


def start(session: Session) -> tuple[int, bytes]:
    """Return number and hash of the last entry that was taken off the shelf, or GENESIS."""
    row = session.connection().execute(_BEGIN).first()
    return GENESIS if row is None else (row.seq, row.hash)


def head(session: Session) -> tuple[int, bytes]:
    """Return the newest entry's number and hash, or where the journal starts."""
    row = session.connection().execute(_HEAD).first()
    return start(session) if row is None else (row.seq, row.hash)


def append(session: Session, kind: str, object_hash: bytes, at: Instant) -> JournalEntry:
    """Add one entry inside the caller's transaction."""
    entry = next_entry(head(session), kind, object_hash, at)
    row = {
        "seq": entry.seq,
        "prev": entry.prev,
        "kind": entry.kind,
        "object_hash": entry.object_hash,
        "wall_us": to_us(entry.wall),
        "monotonic_ms": entry.monotonic_ms,
        "boot": entry.boot,
        "hash": entry.hash,
    }
    session.connection().execute(_ADD, row)
    return entry


def entry_at(session: Session, seq: int) -> JournalEntry:
    """Return one entry; raises KeyError for a number that is not on the shelf."""
    row = session.connection().execute(_AT, {"at": seq}).first()
    if row is None:
        raise KeyError(seq)
    return _entry(row)


def has_boot(session: Session, boot: int) -> bool:
    """Tell whether the start of this number has its entry."""
    mine = select(_JOURNAL.c.seq).where(_JOURNAL.c.kind == "boot", _JOURNAL.c.boot == boot)
    return session.connection().execute(mine.limit(1)).first() is not None


def entries(session: Session) -> list[JournalEntry]:
    """Return what is on the shelf, oldest first: the entries after `start`."""
    return [_entry(row) for row in session.connection().execute(_ALL)]


def last_before(session: Session, wall_us: int, seq: int) -> int:
    """Return the last number below `seq` up to which every entry is older than `wall_us`; 0 when there is none."""
    connection = session.connection()
    young = connection.execute(
        select(func.min(_JOURNAL.c.seq)).where(_JOURNAL.c.wall_us >= wall_us)
    ).scalar_one()
    newest, _ = head(session)
    first_kept = min(seq, newest + 1 if young is None else young)
    return first_kept - 1


def cut(session: Session, up_to: int) -> int:
    """Take the entries up to `up_to` off the shelf and note where it starts now; returns how many went."""
    connection = session.connection()
    row = connection.execute(_AT, {"at": up_to}).first()
    if row is None:
        return 0
    gone = connection.execute(delete(_JOURNAL).where(_JOURNAL.c.seq <= up_to)).rowcount
    values = {"seq": row.seq, "hash": row.hash}
    if connection.execute(update(_START).values(**values)).rowcount == 0:
        connection.execute(insert(_START), {"place": 1, **values})
    return gone


def _entry(row: Row[Any]) -> JournalEntry:
    return JournalEntry(
        seq=row.seq,
        prev=row.prev,
        kind=row.kind,
        object_hash=row.object_hash,
        wall=from_us(row.wall_us),
        monotonic_ms=row.monotonic_ms,
        boot=row.boot,
    )
