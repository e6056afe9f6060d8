"""The shelf's old rows: what leaves, when, and what stays in its place (docs/decisions/0010)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, select
from sqlmodel import Session

from appliance.mail import inbox, journal, notes, outbox
from appliance.mail.outbox import ITEM, OUTBOX
from appliance.mail.times import to_ms, to_us
from sync.clock import Instant

# A year's questions about a receipt, and a month more.
ROW_AGE: Final = timedelta(days=400)
# Rows of one kind in one transaction, so that the desk never waits long for the write lock.
AT_ONCE: Final = 500

_OVER: Final = (
    select(OUTBOX.c.env_id)
    .where(
        OUTBOX.c.state == "complete",
        OUTBOX.c.purged.is_(True),
        OUTBOX.c.settled_ms < bindparam("before"),
        # A serial is never given twice: whoever waits for newer ones would miss it.
        OUTBOX.c.serial < select(func.max(OUTBOX.c.serial)).scalar_subquery(),
    )
    .order_by(OUTBOX.c.settled_ms)
    .limit(bindparam("limit"))
)
_FIRST_ENTRY: Final = select(func.min(OUTBOX.c.journal_seq))


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows of each kind left."""

    applications: int
    entries: int
    letters: int

    @property
    def any(self) -> bool:
        """Tell whether anything left."""
        return bool(self.applications or self.entries or self.letters)


def prune(session: Session, now: Instant, age: timedelta = ROW_AGE) -> Pruned:
    """Take off what is older than `age` inside the caller's transaction; a bus without contact loses nothing."""
    proven_at = notes.hall_proven_at(session)
    if proven_at is None:
        return Pruned(0, 0, 0)
    before = outbox.purge_moment(now, proven_at, age)
    applications = _applications(session, before)
    letters = inbox.retire(session, to_ms(before), AT_ONCE)
    return Pruned(applications, _entries(session, before, now), letters)


def _applications(session: Session, before: datetime) -> int:
    connection = session.connection()
    over: list[Any] = list(
        connection.execute(_OVER, {"before": to_ms(before), "limit": AT_ONCE}).scalars()
    )
    if over:
        connection.execute(delete(ITEM).where(ITEM.c.env_id.in_(over)))
        connection.execute(delete(OUTBOX).where(OUTBOX.c.env_id.in_(over)))
    return len(over)


def _entries(session: Session, before: datetime, now: Instant) -> int:
    """Cut the journal's beginning, up to the first entry that is young or that an application still speaks of."""
    begun, _ = journal.start(session)
    newest, _ = journal.head(session)
    named = session.connection().execute(_FIRST_ENTRY).scalar_one()
    first_named = newest + 1 if named is None else int(named)
    up_to = min(journal.last_before(session, to_us(before), first_named), begun + AT_ONCE)
    if up_to <= begun:
        return 0
    gone = journal.cut(session, up_to)
    seq, digest = journal.start(session)
    journal.append(session, "cut", hashlib.sha256(seq.to_bytes(8, "big") + digest).digest(), now)
    return gone
