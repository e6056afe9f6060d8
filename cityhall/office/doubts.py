"""What the key bundle says against an envelope that was taken all the same: an old key, a box that was revoked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlmodel import Field, Session, col, select

from cityhall.office.models import OfficeTable
from cityhall.office.observations import Fact
from sync.bundle import KeyBundle, Standing
from sync.division import standing_at
from sync.envelope import Header

DIVISION = 1
"""The role of the division's key among an envelope's recipients."""

_BEHIND: Mapping[Standing, Fact] = {
    Standing.GRACE: Fact.KEY_BEHIND,
    Standing.OVERDUE: Fact.KEY_OVERDUE,
}


class DoubtRow(OfficeTable, table=True):
    """One thing to be looked at in one envelope; `fact` is a word of `observations.Fact`."""

    __tablename__ = "doubt"

    env_id: str = Field(primary_key=True)
    fact: str = Field(primary_key=True)


def doubts_of(header: Header, received: datetime, bundle: KeyBundle) -> tuple[Fact, ...]:
    """Return what to look at in a verified header: a key behind its time, or a box revoked before this came."""
    found = [_BEHIND[one] for one in [_standing(header, bundle)] if one in _BEHIND]
    device = bundle.device(header.sender)
    if device is not None and device.revoked is not None and received >= device.revoked.at:
        found.append(Fact.AFTER_REVOCATION)
    return tuple(found)


def put_doubts(session: Session, env_id: str, doubts: Iterable[Fact]) -> None:
    """Keep what was found when the envelope was opened; the bundle changes later."""
    session.add_all(DoubtRow(env_id=env_id, fact=one.value) for one in doubts)


def doubted(session: Session, env_ids: Sequence[str]) -> list[tuple[str, Fact]]:
    """Return the doubts of these envelopes, with the envelope each belongs to."""
    rows = session.exec(select(DoubtRow).where(col(DoubtRow.env_id).in_(env_ids)))
    return [(row.env_id, Fact(row.fact)) for row in rows]


def _standing(header: Header, bundle: KeyBundle) -> Standing:
    """Return how the division's key stood when the box sealed; a key the bundle forgot says nothing."""
    mine = {one.key_id for one in header.recipients if one.role == DIVISION}
    epochs = [one for one in bundle.division if one.key.key_id in mine]
    return min(
        (standing_at(one, header.time.wall) for one in epochs),
        default=Standing.FRESH,
        key=list(Standing).index,
    )
