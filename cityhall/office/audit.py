"""The audit: who opened or changed what and why. Append-only, hash-chained, written before anything is shown."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from sqlmodel import col, select

from cityhall.office.models import AuditRow
from keeping.database import Database
from sync.canonical import encode

GENESIS = bytes(32)
# Everything that is ever written as an action; each has its words on the screens.
ACTIONS = frozenset(
    {
        "account.added",
        "account.removed",
        "audit.shown",
        "case.accept",
        "case.carried",
        "case.erased",
        "case.opened",
        "case.received",
        "case.request_correction",
        "case.withdraw",
        "custody.moved",
        "custody.received",
        "custody.shown",
        "epoch.shredded",
        "erasure.confirmed",
        "erasure.proposed",
        "erasure.refused",
        "erasure.shown",
        "erasure.withdrawn",
        "inbox.shown",
        "measures.received",
        "move.refused",
        "open.failed",
        "original.pulled",
        "original.shown",
        "page.pulled",
        "page.shown",
        "preview.shown",
        "question.answered",
        "question.opened",
        "question.received",
        "recovery.drilled",
        "recovery.opened",
        "retention.proposed",
        "sign_in.locked",
        "sign_in.refused",
        "signed_in",
        "signed_out",
        "survey.received",
    }
)
# Longest text of any column; a line holds codes and ids, never a name, a number or a sentence of a case.
LONGEST = 200


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line. `actor` is an account or a task of this process, `origin` the address it came from."""

    seq: int
    prev: bytes
    at: datetime
    actor: str
    action: str
    case_id: str
    reason: str
    detail: str
    origin: str

    @property
    def hash(self) -> bytes:
        """SHA-256 over this line in canonical form, the line before included."""
        micros = int(self.at.astimezone(UTC).timestamp() * 1_000_000)
        words = [self.actor, self.action, self.case_id, self.reason, self.detail, self.origin]
        return hashlib.sha256(encode([self.seq, self.prev, micros, *words])).digest()


class AuditError(Exception):
    """The audit is broken: a line was changed, lost or put in from outside."""


class AuditPen(Protocol):
    """What the rooms that show something need of the audit."""

    def write(
        self,
        *,
        actor: str,
        action: str,
        case_id: str = "",
        reason: str = "",
        detail: str = "",
        origin: str = "",
    ) -> AuditLine:
        """Add a line and return it once it is on disk."""


class Audit:
    """The audit in office.db."""

    def __init__(self, database: Database, now: "Now") -> None:
        self._database = database
        self._now = now
        self._walked = (0, GENESIS)

    def write(
        self,
        *,
        actor: str,
        action: str,
        case_id: str = "",
        reason: str = "",
        detail: str = "",
        origin: str = "",
    ) -> AuditLine:
        """Add a line and return it once it is on disk."""
        if action not in ACTIONS:
            raise AuditError(
                f"audit: '{action}' is no known action; add it to ACTIONS and the texts"
            )
        line = AuditLine(0, GENESIS, self._now(), actor, action, case_id, reason, detail, origin)
        for text in (actor, action, case_id, reason, detail, origin):
            if len(text) > LONGEST:
                raise AuditError(f"audit: a column holds {LONGEST} signs, got {len(text)}; shorten")
        with self._database.writing() as session:
            last = session.exec(
                select(AuditRow).order_by(col(AuditRow.seq).desc()).limit(1)
            ).first()
            if last is not None:
                line = replace(line, seq=last.seq + 1, prev=last.hash)
            session.add(_row(line))
        return line

    def head(self) -> tuple[int, bytes]:
        """Return the next line's number and the hash it will cover."""
        with self._database.reading() as session:
            last = session.exec(
                select(AuditRow).order_by(col(AuditRow.seq).desc()).limit(1)
            ).first()
        return (0, GENESIS) if last is None else (last.seq + 1, last.hash)

    def lines(
        self, *, case_id: str = "", actor: str = "", before: int | None = None, limit: int = 100
    ) -> list[AuditLine]:
        """Return the newest lines first; only one case's or one person's when given, older than `before`."""
        query = select(AuditRow).order_by(col(AuditRow.seq).desc()).limit(limit)
        if case_id:
            query = query.where(AuditRow.case_id == case_id)
        if actor:
            query = query.where(AuditRow.actor == actor)
        if before is not None:
            query = query.where(AuditRow.seq < before)
        with self._database.reading() as session:
            return [_line(row) for row in session.exec(query)]

    def check(self) -> tuple[int, bytes]:
        """Walk the chain on from where this process last walked it and return its head.

        The first walk begins at the first line. Raises AuditError at the first broken line.
        """
        count, head = self._walked
        query = select(AuditRow).where(AuditRow.seq >= count).order_by(col(AuditRow.seq))
        with self._database.reading() as session:
            lines = ((_line(row), row.hash) for row in session.exec(query))
            self._walked = check_chain(lines, (count, head))
        return self._walked


class Now(Protocol):
    """Gives the wall time."""

    def __call__(self) -> datetime:
        """Return this moment, aware UTC."""


def check_chain(
    lines: Iterable[tuple[AuditLine, bytes]], after: tuple[int, bytes] = (0, GENESIS)
) -> tuple[int, bytes]:
    """Check lines (oldest first) with their stored hashes from `after` on; returns count and head. Pure."""
    count, head = after
    for line, stored in lines:
        if line.seq != count or line.prev != head or line.hash != stored:
            raise AuditError(
                f"audit: line {count} must follow the line before it, but it does not; "
                "compare with the last printed head and restore from the backup"
            )
        count, head = count + 1, stored
    return count, head


def _row(line: AuditLine) -> AuditRow:
    return AuditRow(
        seq=line.seq,
        prev=line.prev,
        at=line.at,
        actor=line.actor,
        action=line.action,
        case_id=line.case_id,
        reason=line.reason,
        detail=line.detail,
        origin=line.origin,
        hash=line.hash,
    )


def _line(row: AuditRow) -> AuditLine:
    return AuditLine(
        row.seq,
        row.prev,
        row.at,
        row.actor,
        row.action,
        row.case_id,
        row.reason,
        row.detail,
        row.origin,
    )
