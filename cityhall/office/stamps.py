"""Each bus's hand-ins in the order of its journal: a clock that was turned between two of them is seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Index, literal
from sqlmodel import Field, Session, col, select, tuple_

from cityhall.office.models import OfficeTable
from sync.clock import ClockQuality, Instant
from sync.disorder import disorder
from sync.envelope import Header
from sync.shape import EPOCH, micros_of


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where a signed header stands in its bus's journal, and the moment it says."""

    journal_seq: int
    at: Instant


class StampRow(OfficeTable, table=True):
    """One envelope's place and moment; `disorder` is a word of `sync.disorder`, or nothing."""

    __tablename__ = "stamp"
    __table_args__ = (Index("stamp_in_order", "device", "journal_seq", "boot", "monotonic_ms"),)

    env_id: str = Field(primary_key=True)
    device: str
    journal_seq: int
    boot: int
    monotonic_ms: int
    wall_us: int
    uncertainty_s: int
    quality: str
    disorder: str = ""


def stamp_of(header: Header) -> Stamp:
    """Return what a verified header says."""
    return Stamp(header.journal_seq, header.time)


def put_stamp(session: Session, env_id: str, device: str, stamp: Stamp) -> None:
    """Keep an envelope's stamp, and compare it with its neighbours: they may arrive in any order."""
    at = stamp.at
    row = StampRow(
        env_id=env_id,
        device=device,
        journal_seq=stamp.journal_seq,
        boot=at.boot,
        monotonic_ms=at.monotonic_ms,
        wall_us=micros_of(at.wall, "header's time"),
        uncertainty_s=at.uncertainty_s,
        quality=at.quality.value,
    )
    place = tuple_(col(StampRow.journal_seq), col(StampRow.boot), col(StampRow.monotonic_ms))
    here = tuple_(*(literal(one) for one in (row.journal_seq, row.boot, row.monotonic_ms)))
    mine = select(StampRow).where(StampRow.device == device).limit(1)
    earlier = mine.where(place <= here).order_by(
        col(StampRow.journal_seq).desc(),
        col(StampRow.boot).desc(),
        col(StampRow.monotonic_ms).desc(),
    )
    later = mine.where(place > here).order_by(
        col(StampRow.journal_seq), col(StampRow.boot), col(StampRow.monotonic_ms)
    )
    before, after = session.exec(earlier).first(), session.exec(later).first()
    if before is not None:
        row.disorder = _between(before, row)
    if after is not None:
        after.disorder = _between(row, after)
    session.add(row)


def disordered(session: Session, env_ids: Sequence[str]) -> frozenset[str]:
    """Return those of these envelopes whose moment contradicts the one before."""
    query = select(StampRow.env_id).where(
        col(StampRow.env_id).in_(env_ids), StampRow.disorder != ""
    )
    return frozenset(session.exec(query))


def _between(before: StampRow, after: StampRow) -> str:
    found = disorder(_instant(before), _instant(after))
    return "" if found is None else found.value


def _instant(row: StampRow) -> Instant:
    wall = EPOCH + timedelta(microseconds=row.wall_us)
    return Instant(wall, row.uncertainty_s, ClockQuality(row.quality), row.boot, row.monotonic_ms)
