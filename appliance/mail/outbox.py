"""The outbox tray: each sealed application's row, from kept to complete."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from appliance.mail.models import (
    DueEnvelope,
    DueItem,
    ItemTable,
    OutboxRow,
    OutboxTable,
    Refusal,
)
from appliance.mail.times import from_ms, to_ms
from sync.clock import Instant
from sync.envelope import Envelope, PartRole

OPEN_STATES = ("kept", "sending", "arrived")


class UnknownEnvelopeError(KeyError):
    """Nobody kept an envelope with this id on this shelf."""


def find(session: Session, env_id: bytes) -> OutboxTable | None:
    """Return an envelope's row, or None."""
    return session.exec(select(OutboxTable).where(OutboxTable.env_id == env_id)).first()


def row_of(session: Session, env_id: bytes) -> OutboxTable:
    """Return an envelope's row; raises UnknownEnvelopeError."""
    row = find(session, env_id)
    if row is None:
        raise UnknownEnvelopeError(f"outbox: no envelope {env_id.hex()} was kept here")
    return row


def sizes(envelope: Envelope) -> list[DueItem]:
    """List what of an envelope crosses the link."""
    parts = [DueItem(part.index + 1, part.role, part.length) for part in envelope.header.parts]
    return [DueItem(0, PartRole.RECORD, len(envelope.slip)), *parts]


def insert(
    session: Session,
    envelope: Envelope,
    *,
    deadline: date | None,
    at: Instant,
    journal_seq: int,
    receipt: bytes,
) -> None:
    """Add an envelope's row and items inside the caller's transaction."""
    session.add(
        OutboxTable(
            env_id=envelope.env_id,
            kind=envelope.header.kind,
            deadline=deadline,
            kept_ms=to_ms(at.wall),
            state="kept",
            journal_seq=journal_seq,
            box_receipt=receipt,
        )
    )
    session.flush()
    for item in sizes(envelope):
        session.add(
            ItemTable(
                env_id=envelope.env_id, item=item.item, role=item.role.value, length=item.length
            )
        )


def rows(session: Session, *only: ColumnElement[bool]) -> list[OutboxRow]:
    """List the envelopes that meet every condition, all without one, in the order they were kept."""
    sums = (
        select(ItemTable.env_id, func.sum(ItemTable.length), func.sum(ItemTable.done))
        .join(OutboxTable, col(OutboxTable.env_id) == col(ItemTable.env_id))
        .where(*only)
        .group_by(col(ItemTable.env_id))
    )
    totals = {env_id: (total, done) for env_id, total, done in session.exec(sums)}
    table = session.exec(select(OutboxTable).where(*only).order_by(col(OutboxTable.serial)))
    return [_row(row, *totals[row.env_id]) for row in table]


def these(session: Session, env_ids: Collection[bytes]) -> list[OutboxRow]:
    """List these envelopes as far as they are here; the rest of the outbox is not read."""
    return rows(session, col(OutboxTable.env_id).in_(env_ids)) if env_ids else []


def set_aside(session: Session) -> list[OutboxRow]:
    """List the envelopes city hall refused; the rest of the outbox is not read."""
    return rows(session, col(OutboxTable.state) == "refused")


def due(session: Session, after: int) -> list[DueEnvelope]:
    """List the envelopes with something left to send whose serial is above `after`."""
    unsettled = (
        col(OutboxTable.state).in_(OPEN_STATES),
        col(OutboxTable.serial) > after,
        col(OutboxTable.purged).is_(False),
    )
    query = select(OutboxTable).where(*unsettled).order_by(col(OutboxTable.serial))
    table = session.exec(query).all()
    items: dict[bytes, list[DueItem]] = {row.env_id: [] for row in table}
    for item in session.exec(
        select(ItemTable)
        .join(OutboxTable, col(OutboxTable.env_id) == col(ItemTable.env_id))
        .where(*unsettled)  # what was settled in all the years stays in the table
        .order_by(col(ItemTable.env_id), col(ItemTable.item))
    ):
        items[item.env_id].append(DueItem(item.item, PartRole(item.role), item.length))
    return [
        DueEnvelope(
            row.serial or 0,
            row.env_id,
            row.kind,
            row.deadline,
            from_ms(row.kept_ms),
            row.state,
            tuple(items[row.env_id]),
        )
        for row in table
    ]


def newest(session: Session) -> int:
    """Return the newest row's serial; 0 on an empty shelf."""
    return session.exec(select(func.max(OutboxTable.serial))).one() or 0


def waiting(session: Session) -> int:
    """Count the envelopes city hall does not hold completely."""
    query = select(func.count()).where(col(OutboxTable.state).in_(OPEN_STATES))
    return session.exec(query).one()


def counts(session: Session) -> tuple[dict[str, int], int]:
    """Return how many envelopes are in each state, and the bytes left to send."""
    states = select(OutboxTable.state, func.count()).group_by(col(OutboxTable.state))
    left = (
        select(func.sum(ItemTable.length - ItemTable.done))
        .join(OutboxTable, col(OutboxTable.env_id) == col(ItemTable.env_id))
        .where(col(OutboxTable.state).in_(OPEN_STATES))
    )
    return dict(session.exec(states).all()), session.exec(left).one() or 0


def mean_bytes(session: Session) -> int:
    """Return the mean size of an envelope on this shelf; 0 on an empty shelf."""
    total, count = session.exec(
        select(func.sum(ItemTable.length), func.count(func.distinct(ItemTable.env_id)))
    ).one()
    return int(total) // int(count) if count else 0


def progress(session: Session, steps: Iterable[tuple[bytes, int, int]]) -> None:
    """Note how many bytes of each (env_id, item) city hall says are durable."""
    for env_id, item, offset in steps:
        row = row_of(session, env_id)
        if row.state == "kept":
            row.state = "sending"
            session.add(row)
        place = session.get(ItemTable, (env_id, item))
        if place is None:
            raise UnknownEnvelopeError(f"outbox: envelope {env_id.hex()} has no item {item}")
        place.done = min(offset, place.length)
        session.add(place)


def fill(session: Session, env_id: bytes, items: Sequence[int] | None) -> None:
    """Mark items (all when None) as durable at city hall."""
    for place in session.exec(select(ItemTable).where(ItemTable.env_id == env_id)):
        if items is None or place.item in items:
            place.done = place.length
            session.add(place)


def settled_before(session: Session, moment: datetime) -> list[bytes]:
    """Name the complete, unpurged envelopes that settled at or before `moment`."""
    query = (
        select(OutboxTable.env_id)
        .where(OutboxTable.state == "complete", col(OutboxTable.purged).is_(False))
        .where(col(OutboxTable.settled_ms) <= to_ms(moment))
    )
    return list(session.exec(query))


def unpurged(session: Session) -> set[bytes]:
    """Name the envelopes whose payload belongs here."""
    return set(session.exec(select(OutboxTable.env_id).where(col(OutboxTable.purged).is_(False))))


def rearm(session: Session) -> list[bytes]:
    """Put every envelope with a payload and a word of city hall back to sending: it forgot some of them.

    Their age does not matter: a bus may have been away for long, and its clock may have been wrong.
    """
    query = select(OutboxTable).where(
        col(OutboxTable.hall_receipt).is_not(None), col(OutboxTable.purged).is_(False)
    )
    found = []
    for row in session.exec(query):
        row.state = "sending"
        row.settled_ms = None
        row.refusal_code = None
        session.add(row)
        found.append(row.env_id)
    return found


def purge_moment(now: Instant, proven_at: datetime, grace: timedelta) -> datetime:
    """Return the newest settling moment that may be purged: `grace` before city hall's log was last proven.

    The clock's error is included. A bus that hears nothing of city hall purges nothing.
    """
    return min(now.wall, proven_at) - grace - timedelta(seconds=now.uncertainty_s)


def _row(row: OutboxTable, total: int, done: int) -> OutboxRow:
    refusal = None
    if row.refusal_code is not None:
        refusal = Refusal(row.refusal_code, row.refusal_sentence)
    return OutboxRow(
        serial=row.serial or 0,
        env_id=row.env_id,
        kind=row.kind,
        deadline=row.deadline,
        kept_at=from_ms(row.kept_ms),
        state=row.state,
        bytes_total=total,
        bytes_done=done,
        journal_seq=row.journal_seq,
        box_receipt=row.box_receipt,
        hall_receipt=row.hall_receipt,
        proof=row.proof,
        filing_no=row.filing_no,
        refusal=refusal,
        settled_at=None if row.settled_ms is None else from_ms(row.settled_ms),
        purged=row.purged,
    )
