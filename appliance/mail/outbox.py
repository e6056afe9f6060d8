"""The outbox tray: each sealed application's row, from kept to complete."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, bindparam, case, func, insert, select, update
from sqlmodel import Session

from appliance.mail.models import DueItem, MailTable, OutboxRow, Refusal
from appliance.mail.times import from_ms, to_ms
from sync.clock import Instant
from sync.envelope import Envelope, PartRole

OUTBOX: Final = MailTable.metadata.tables["outbox"]
ITEM: Final = MailTable.metadata.tables["item"]

# A statement is built once: building one costs more than running it.
_MINE: Final = OUTBOX.c.env_id == bindparam("mine")
_MINE_ITEM: Final = (ITEM.c.env_id == bindparam("mine"), ITEM.c.item == bindparam("place"))
_FIND: Final = select(OUTBOX).where(_MINE)
_ADD: Final = insert(OUTBOX)
_ADD_ITEMS: Final = insert(ITEM)
_LENGTH: Final = select(ITEM.c.length).where(*_MINE_ITEM)
_STEP: Final = update(ITEM).where(*_MINE_ITEM).values(done=bindparam("held"))
_BEGIN: Final = update(OUTBOX).where(_MINE, OUTBOX.c.state == "kept").values(state="sending")
_FILL: Final = (
    update(ITEM)
    .where(ITEM.c.env_id == bindparam("mine"), ITEM.c.item <= bindparam("up_to"))
    .values(done=ITEM.c.length)
)
_EMPTY: Final = update(ITEM).where(ITEM.c.env_id == bindparam("mine")).values(done=0)
_RIPE: Final = select(OUTBOX.c.env_id).where(
    OUTBOX.c.state == "complete",
    OUTBOX.c.purged.is_(False),
    OUTBOX.c.settled_ms <= bindparam("before"),
)
_ORIGINAL_LEFT: Final = case(
    (ITEM.c.role == PartRole.ORIGINAL.value, ITEM.c.length - ITEM.c.done), else_=0
)
LAST_ITEM: Final = 1 << 31


class UnknownEnvelopeError(KeyError):
    """Nobody kept an envelope with this id on this shelf."""


def find(session: Session, env_id: bytes) -> Row[Any] | None:
    """Return an envelope's row, or None."""
    return session.connection().execute(_FIND, {"mine": env_id}).first()


def row_of(session: Session, env_id: bytes) -> Row[Any]:
    """Return an envelope's row; raises UnknownEnvelopeError."""
    row = find(session, env_id)
    if row is None:
        raise UnknownEnvelopeError(f"outbox: no envelope {env_id.hex()} was kept here")
    return row


def change(session: Session, env_id: bytes, values: Mapping[str, Any]) -> None:
    """Set columns of an envelope's row."""
    session.connection().execute(update(OUTBOX).where(_MINE).values(**values), {"mine": env_id})


def sizes(envelope: Envelope) -> list[DueItem]:
    """List what of an envelope crosses the link."""
    parts = [DueItem(part.index + 1, part.role, part.length) for part in envelope.header.parts]
    return [DueItem(0, PartRole.RECORD, len(envelope.slip)), *parts]


def add(
    session: Session,
    envelope: Envelope,
    *,
    deadline: date | None,
    at: Instant,
    journal_seq: int,
    receipt: bytes,
) -> None:
    """Add an envelope's row and items inside the caller's transaction."""
    row = {
        "env_id": envelope.env_id,
        "kind": envelope.header.kind,
        "deadline": deadline,
        "kept_ms": to_ms(at.wall),
        "state": "kept",
        "journal_seq": journal_seq,
        "box_receipt": receipt,
        "filing_no": "",
        "refusal_sentence": "",
        "purged": False,
    }
    connection = session.connection()
    connection.execute(_ADD, row)
    items = [
        {
            "env_id": envelope.env_id,
            "item": one.item,
            "role": one.role.value,
            "length": one.length,
            "done": 0,
        }
        for one in sizes(envelope)
    ]
    connection.execute(_ADD_ITEMS, items)


def rows(session: Session, *only: ColumnElement[bool]) -> list[OutboxRow]:
    """List the envelopes that meet every condition, all without one, in the order they were kept."""
    connection = session.connection()
    sums = (
        select(
            ITEM.c.env_id, func.sum(ITEM.c.length), func.sum(ITEM.c.done), func.sum(_ORIGINAL_LEFT)
        )
        .join(OUTBOX, OUTBOX.c.env_id == ITEM.c.env_id)
        .where(*only)
        .group_by(ITEM.c.env_id)
    )
    totals = {env_id: counted for env_id, *counted in connection.execute(sums)}
    table = connection.execute(select(OUTBOX).where(*only).order_by(OUTBOX.c.serial))
    return [_row(row, *totals[row.env_id]) for row in table]


def these(session: Session, env_ids: Collection[bytes]) -> list[OutboxRow]:
    """List these envelopes as far as they are here; the rest of the outbox is not read."""
    return rows(session, OUTBOX.c.env_id.in_(env_ids)) if env_ids else []


def set_aside(session: Session) -> list[OutboxRow]:
    """List the envelopes city hall refused; the rest of the outbox is not read."""
    return rows(session, OUTBOX.c.state == "refused")


def begin(session: Session, env_id: bytes) -> None:
    """Note that an envelope's first byte is about to leave; later ones change nothing."""
    if session.connection().execute(_BEGIN, {"mine": env_id}).rowcount == 0:
        row_of(session, env_id)


def progress(session: Session, steps: Iterable[tuple[bytes, int, int]]) -> None:
    """Note how many bytes of each (env_id, item) city hall says are durable."""
    connection = session.connection()
    held, begun = [], set()
    for env_id, item, offset in steps:
        if env_id not in begun:
            begin(session, env_id)
            begun.add(env_id)
        place = {"mine": env_id, "place": item}
        length = connection.execute(_LENGTH, place).scalar_one_or_none()
        if length is None:
            raise UnknownEnvelopeError(f"outbox: envelope {env_id.hex()} has no item {item}")
        held.append({**place, "held": min(offset, length)})
    if held:
        connection.execute(_STEP, held)


def fill(session: Session, env_id: bytes, up_to: int = LAST_ITEM) -> None:
    """Mark an envelope's items, from the slip to item `up_to`, as durable at city hall."""
    session.connection().execute(_FILL, {"mine": env_id, "up_to": up_to})


def settled_before(session: Session, moment: datetime) -> list[bytes]:
    """Name the complete, unpurged envelopes that settled at or before `moment`."""
    return list(session.connection().execute(_RIPE, {"before": to_ms(moment)}).scalars())


def unpurged(session: Session) -> set[bytes]:
    """Name the envelopes whose payload belongs here."""
    query = select(OUTBOX.c.env_id).where(OUTBOX.c.purged.is_(False))
    return set(session.connection().execute(query).scalars())


def has_row(session: Session, env_id: bytes) -> bool:
    """Tell whether an envelope was kept here, its payload purged or not."""
    query = select(OUTBOX.c.serial).where(OUTBOX.c.env_id == env_id)
    return session.connection().execute(query).first() is not None


def rearm(session: Session) -> list[bytes]:
    """Put every envelope with a payload and a word of city hall back to sending: it forgot some of them.

    Their age does not matter: a bus may have been away for long, and its clock may have been wrong. What city hall
    held of them counts for nothing any more, so that a stick carries them from the first byte.
    """
    query = select(OUTBOX.c.env_id).where(
        OUTBOX.c.hall_receipt.is_not(None), OUTBOX.c.purged.is_(False)
    )
    found = list(session.connection().execute(query).scalars())
    for env_id in found:
        change(session, env_id, {"state": "sending", "settled_ms": None, "refusal_code": None})
        session.connection().execute(_EMPTY, {"mine": env_id})
    return found


def purge_moment(now: Instant, proven_at: datetime, grace: timedelta) -> datetime:
    """Return the newest settling moment that may be purged: `grace` before city hall's log was last proven.

    The clock's error is included. A bus that hears nothing of city hall purges nothing.
    """
    return min(now.wall, proven_at) - grace - timedelta(seconds=now.uncertainty_s)


def _row(row: Row[Any], total: int, done: int, originals_left: int) -> OutboxRow:
    refusal = None
    if row.refusal_code is not None:
        refusal = Refusal(row.refusal_code, row.refusal_sentence)
    return OutboxRow(
        serial=row.serial,
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
        originals_left=originals_left,
    )
