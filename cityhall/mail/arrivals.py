"""The arrivals tray: every envelope city hall holds, its number and its place in the log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

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


def find(session: Session, env_id: bytes) -> ArrivalTable | None:
    """Return an envelope's row, or None."""
    return session.exec(select(ArrivalTable).where(ArrivalTable.env_id == env_id)).first()


def device_of(session: Session, env_id: bytes) -> str:
    """Return which box filed an envelope; raises KeyError."""
    row = find(session, env_id)
    if row is None:
        raise KeyError(f"hall shelf: no envelope {env_id.hex()} arrived")
    return row.device


def parts_of(session: Session, env_id: bytes) -> Sequence[PartTable]:
    """Return an envelope's parts by index."""
    query = select(PartTable).where(PartTable.env_id == env_id).order_by(col(PartTable.index))
    return session.exec(query).all()


def part_arrived(session: Session, env_id: bytes, index: int) -> bool:
    """Note that a part is durable and checked; return whether every part is here now."""
    row = session.get(PartTable, (env_id, index))
    if row is None:
        raise KeyError(f"hall shelf: envelope {env_id.hex()} has no part {index}")
    if not row.arrived:
        row.arrived = True
        session.add(row)
        waited = session.get(PullTable, (env_id, index))
        if waited is not None:
            session.delete(waited)
        _move(session, env_id)
    session.flush()
    return whole(session, env_id)


def whole(session: Session, env_id: bytes) -> bool:
    """Tell whether every part of a filed envelope is here."""
    return all(part.arrived for part in parts_of(session, env_id))


def finish(
    session: Session, env_id: bytes, receipt_for: Callable[[str, int], bytes]
) -> tuple[ArrivalTable, bool]:
    """Keep the stage 2 receipt of an envelope whose parts are all here; returns its row, and whether that was news.

    The second time gives the first answer.
    """
    row = find(session, env_id)
    if row is None or not whole(session, env_id):
        raise ValueError(f"hall shelf: envelope {env_id.hex()} is not complete")
    if row.final_receipt is not None:
        return row, False
    row.final_receipt = receipt_for(row.filing_no, row.log_index)
    session.add(row)
    _move(session, env_id)
    return row, True


def listed(session: Session, after: int, limit: int) -> list[Arrival]:
    """List arrivals whose serial is above `after`, oldest first."""
    query = (
        select(ArrivalTable)
        .where(col(ArrivalTable.serial) > after)
        .order_by(col(ArrivalTable.serial))
        .limit(limit)
    )
    return [seen(session, row) for row in session.exec(query).all()]


def moved_since(session: Session, change: int, limit: int) -> list[Arrival]:
    """List arrivals that took a step after `change`, oldest step first."""
    query = (
        select(ArrivalTable)
        .where(col(ArrivalTable.moved) > change)
        .order_by(col(ArrivalTable.moved))
        .limit(limit)
    )
    return [seen(session, row) for row in session.exec(query).all()]


def seen(session: Session, row: ArrivalTable) -> Arrival:
    """Return a row as the office sees it."""
    parts = tuple(
        PartState(part.index, PartRole(part.role), part.length, part.arrived)
        for part in parts_of(session, row.env_id)
    )
    return Arrival(
        serial=row.serial or 0,
        env_id=row.env_id,
        device=row.device,
        kind=row.kind,
        filing_no=row.filing_no,
        log_index=row.log_index,
        received_at=from_ms(row.received_ms),
        parts=parts,
        complete=row.final_receipt is not None,
        moved=row.moved,
    )


def answer(row: ArrivalTable, *, fresh: bool, same: bool = True) -> Arrived:
    """Return what a bus is told about a filed slip."""
    return Arrived(
        row.env_id,
        row.filing_no,
        row.log_index,
        from_ms(row.received_ms),
        row.receipt,
        row.final_receipt,
        fresh,
        same,
    )


def _move(session: Session, env_id: bytes) -> None:
    row = find(session, env_id)
    if row is not None:
        row.moved = counters.bump(session, counters.ARRIVALS)
        session.add(row)
