"""The arrivals tray: every envelope city hall holds, its number and its place in the log."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, select, update
from sqlmodel import Session, col
from sqlmodel import select as sqlmodel_select

from cityhall.mail import counters
from cityhall.mail.models import Arrival, ArrivalTable, Arrived, PartState, PartTable, PullTable
from cityhall.mail.times import from_ms
from sync.envelope import Header, PartRole


@dataclass(frozen=True, slots=True)
class Earlier:
    """What city hall promised for a slip before its shelf was restored from a backup, read from our own receipt."""

    filing_no: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Slip:
    """One verified slip to be filed. `receipt_for(filing_no, log_index)` signs its stage 1 receipt.

    `earlier` is taken again unless another envelope has that number now; then `filing_no` is a new one.
    """

    device: str
    header: Header
    data: bytes
    sha256: bytes
    received_at: datetime
    receipt_for: Callable[[str, int], bytes]
    earlier: Earlier | None = None


# No slip is so short: what has this length in the slip's place is the digest of an erased one.
DIGEST_BYTES: Final = 32

_ANSWER = select(
    col(ArrivalTable.env_id),
    col(ArrivalTable.device),
    col(ArrivalTable.filing_no),
    col(ArrivalTable.log_index),
    col(ArrivalTable.received_ms),
    col(ArrivalTable.receipt),
    col(ArrivalTable.final_receipt),
    func.length(col(ArrivalTable.slip)).label("slip_length"),
).where(col(ArrivalTable.env_id) == bindparam("of"))
_SLIP = select(col(ArrivalTable.slip)).where(col(ArrivalTable.env_id) == bindparam("of"))
_PARTS = (
    select(col(PartTable.index), col(PartTable.role), col(PartTable.length), col(PartTable.arrived))
    .where(col(PartTable.env_id) == bindparam("of"))
    .order_by(col(PartTable.index))
)
_PART = (
    select(col(PartTable.arrived), col(ArrivalTable.device))
    .join(ArrivalTable, col(ArrivalTable.env_id) == col(PartTable.env_id))
    .where(col(PartTable.env_id) == bindparam("of"), col(PartTable.index) == bindparam("at"))
)
_MISSING = (
    select(func.count())
    .select_from(PartTable)
    .where(col(PartTable.env_id) == bindparam("of"), col(PartTable.arrived).is_(False))
)
_ARRIVED = (
    update(PartTable)
    .where(col(PartTable.env_id) == bindparam("of"), col(PartTable.index) == bindparam("at"))
    .values(arrived=True)
)
_WAITED = delete(PullTable).where(
    col(PullTable.env_id) == bindparam("of"), col(PullTable.index) == bindparam("at")
)
_MOVE = (
    update(ArrivalTable)
    .where(col(ArrivalTable.env_id) == bindparam("of"))
    .values(moved=bindparam("to"))
)
_FORGET = (
    update(ArrivalTable)
    .where(col(ArrivalTable.env_id) == bindparam("of"))
    .values(slip=bindparam("digest"))
)
_FINISH = _MOVE.values(final_receipt=bindparam("final"))


def told(session: Session, env_id: bytes) -> dict[str, Any] | None:
    """Return what is known of an envelope without its slip's bytes (but `slip_length`), or None."""
    row = session.connection().execute(_ANSWER, {"of": env_id}).mappings().first()
    return None if row is None else {str(name): value for name, value in row.items()}


def find(session: Session, env_id: bytes) -> ArrivalTable | None:
    """Return an envelope's row, or None."""
    return session.exec(sqlmodel_select(ArrivalTable).where(ArrivalTable.env_id == env_id)).first()


def slip(session: Session, env_id: bytes) -> bytes:
    """Return an envelope's slip; raises KeyError, also for one that was erased."""
    found = session.connection().execute(_SLIP, {"of": env_id}).scalar()
    if found is None or len(found) == DIGEST_BYTES:
        raise KeyError(f"hall shelf: no envelope {env_id.hex()} arrived")
    return bytes(found)


def digest(slip_or_digest: bytes) -> bytes:
    """Return the SHA-256 of what the column `slip` holds: a slip, or the digest an erased one left."""
    if len(slip_or_digest) == DIGEST_BYTES:
        return slip_or_digest
    return hashlib.sha256(slip_or_digest).digest()


def forget(session: Session, env_id: bytes) -> str:
    """Leave of a whole envelope's slip its SHA-256, which the log's leaf covers; returns the box that filed it.

    Raises KeyError for an envelope that never came, ValueError while parts are missing: the bus would bring them.
    """
    row = find(session, env_id)
    if row is None:
        raise KeyError(f"hall shelf: no envelope {env_id.hex()} arrived")
    if row.final_receipt is None:
        raise ValueError(f"hall shelf: envelope {env_id.hex()} is not complete; its bus brings it")
    session.connection().execute(_FORGET, {"of": env_id, "digest": digest(row.slip)})
    return row.device


def parts_of(session: Session, env_id: bytes) -> list[PartState]:
    """Return an envelope's parts by index."""
    return [
        PartState(index, PartRole(role), length, bool(arrived))
        for index, role, length, arrived in session.connection().execute(_PARTS, {"of": env_id})
    ]


def part_arrived(session: Session, env_id: bytes, index: int) -> tuple[bool, str]:
    """Note that a part is durable and checked; return whether every part is here now, and the box that filed it."""
    connection, place = session.connection(), {"of": env_id, "at": index}
    row = connection.execute(_PART, place).first()
    if row is None:
        raise KeyError(f"hall shelf: envelope {env_id.hex()} has no part {index}")
    arrived, device = row
    if not arrived:
        connection.execute(_ARRIVED, place)
        connection.execute(_WAITED, place)
        moved = counters.bump(session, counters.ARRIVALS)
        connection.execute(_MOVE, {"of": env_id, "to": moved})
    return whole(session, env_id), str(device)


def whole(session: Session, env_id: bytes) -> bool:
    """Tell whether no part of an envelope is missing."""
    return not session.connection().execute(_MISSING, {"of": env_id}).scalar_one()


def finish(
    session: Session, env_id: bytes, receipt_for: Callable[[str, int], bytes]
) -> tuple[Arrived, str]:
    """Keep the stage 2 receipt of an envelope whose parts are all here; the second time gives the first answer.

    Returns the answer (`fresh` the first time) and the box that filed the envelope.
    """
    row = told(session, env_id)
    if row is None or not whole(session, env_id):
        raise ValueError(f"hall shelf: envelope {env_id.hex()} is not complete")
    fresh = row["final_receipt"] is None
    if fresh:
        receipt = receipt_for(row["filing_no"], row["log_index"])
        moved = counters.bump(session, counters.ARRIVALS)
        session.connection().execute(_FINISH, {"of": env_id, "to": moved, "final": receipt})
        row = {**row, "final_receipt": receipt}
    return answer(row, fresh=fresh), row["device"]


def listed(session: Session, after: int, limit: int) -> list[Arrival]:
    """List arrivals whose serial is above `after`, oldest first."""
    query = (
        sqlmodel_select(ArrivalTable)
        .where(col(ArrivalTable.serial) > after)
        .order_by(col(ArrivalTable.serial))
        .limit(limit)
    )
    return [seen(session, row) for row in session.exec(query).all()]


def moved_since(session: Session, change: int, limit: int) -> list[Arrival]:
    """List arrivals that took a step after `change`, oldest step first."""
    query = (
        sqlmodel_select(ArrivalTable)
        .where(col(ArrivalTable.moved) > change)
        .order_by(col(ArrivalTable.moved))
        .limit(limit)
    )
    return [seen(session, row) for row in session.exec(query).all()]


def seen(session: Session, row: ArrivalTable) -> Arrival:
    """Return a row as the office sees it."""
    return Arrival(
        serial=row.serial or 0,
        env_id=row.env_id,
        device=row.device,
        kind=row.kind,
        filing_no=row.filing_no,
        log_index=row.log_index,
        received_at=from_ms(row.received_ms),
        parts=tuple(parts_of(session, row.env_id)),
        complete=row.final_receipt is not None,
        moved=row.moved,
    )


def answer(row: Mapping[str, Any], *, fresh: bool, same: bool = True) -> Arrived:
    """Return what a bus is told about a filed slip, from a row of `told`."""
    return Arrived(
        row["env_id"],
        row["filing_no"],
        row["log_index"],
        from_ms(row["received_ms"]),
        row["receipt"],
        row.get("final_receipt"),
        fresh,
        same,
    )
