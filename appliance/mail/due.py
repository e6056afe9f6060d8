"""What is left to send, and how much of it: asked several times a second, so it reads no more than it must."""

from typing import Final

from sqlalchemy import bindparam, distinct, exists, func, or_, select
from sqlmodel import Session

from appliance.mail.models import DueEnvelope, DueItem
from appliance.mail.outbox import ITEM, OUTBOX
from appliance.mail.rows import OPEN_STATES
from appliance.mail.times import from_ms
from sync.envelope import PartRole

# How many of the newest envelopes the mean size is taken from.
RECENT: Final = 200

_OPEN: Final = OUTBOX.c.state.in_(OPEN_STATES)
_LEFT: Final = (_OPEN, OUTBOX.c.serial > bindparam("after"), OUTBOX.c.purged.is_(False))
_ENVELOPES: Final = (
    select(
        OUTBOX.c.serial,
        OUTBOX.c.env_id,
        OUTBOX.c.kind,
        OUTBOX.c.deadline,
        OUTBOX.c.kept_ms,
        OUTBOX.c.state,
        OUTBOX.c.hall_receipt,
    )
    .where(*_LEFT)
    .order_by(OUTBOX.c.serial)
)
_ITEMS: Final = (
    select(ITEM.c.env_id, ITEM.c.item, ITEM.c.role, ITEM.c.length)
    .join(OUTBOX, OUTBOX.c.env_id == ITEM.c.env_id)
    .where(*_LEFT)  # what was settled in all the years stays in the table
    .order_by(ITEM.c.env_id, ITEM.c.item)
)
_HELD: Final = (
    select(ITEM.c.env_id, ITEM.c.item)
    .join(OUTBOX, OUTBOX.c.env_id == ITEM.c.env_id)
    .where(_OPEN, ITEM.c.done == ITEM.c.length)
)
_NEWEST: Final = select(func.max(OUTBOX.c.serial))
# Originals wait for the depot and for nobody: what is left of them is counted apart.
_ON_THE_ROAD: Final = ITEM.c.role != PartRole.ORIGINAL.value
_HAS_ORIGINALS: Final = exists().where(ITEM.c.env_id == OUTBOX.c.env_id, ~_ON_THE_ROAD)
_LACKS: Final = exists().where(
    ITEM.c.env_id == OUTBOX.c.env_id, _ON_THE_ROAD, ITEM.c.done < ITEM.c.length
)
_WAITING: Final = (
    select(func.count())
    .select_from(OUTBOX)
    .where(_OPEN, or_(OUTBOX.c.state != "arrived", _LACKS, ~_HAS_ORIGINALS))
)
_WITH_ORIGINALS: Final = select(func.count()).select_from(OUTBOX).where(_OPEN, _HAS_ORIGINALS)
_STATES: Final = select(OUTBOX.c.state, func.count().label("held")).group_by(OUTBOX.c.state)
_BYTES: Final = (
    select(func.sum(ITEM.c.length - ITEM.c.done))
    .join(OUTBOX, OUTBOX.c.env_id == ITEM.c.env_id)
    .where(_OPEN, _ON_THE_ROAD)
)
_ORIGINALS: Final = (
    select(func.sum(ITEM.c.length - ITEM.c.done))
    .join(OUTBOX, OUTBOX.c.env_id == ITEM.c.env_id)
    .where(_OPEN, ~_ON_THE_ROAD)
)
_RECENT: Final = select(OUTBOX.c.env_id).order_by(OUTBOX.c.serial.desc()).limit(RECENT)
_MEAN: Final = select(func.sum(ITEM.c.length), func.count(distinct(ITEM.c.env_id))).where(
    ITEM.c.env_id.in_(_RECENT)
)
_ROLES: Final = {role.value: role for role in PartRole}


def due(session: Session, after: int) -> list[DueEnvelope]:
    """List the envelopes with something left to send whose serial is above `after`."""
    connection = session.connection()
    envelopes = connection.execute(_ENVELOPES, {"after": after}).all()
    items: dict[bytes, list[DueItem]] = {row.env_id: [] for row in envelopes}
    for env_id, item, role, length in connection.execute(_ITEMS, {"after": after}):
        items[env_id].append(DueItem(item, _ROLES[role], length))
    return [
        DueEnvelope(
            serial,
            env_id,
            kind,
            deadline,
            from_ms(kept),
            state,
            tuple(items[env_id]),
            # Only a broken log puts an envelope with a receipt back to "sending" (`rearm`).
            (receipt or b"") if state == "sending" else b"",
        )
        for serial, env_id, kind, deadline, kept, state, receipt in envelopes
    ]


def held(session: Session) -> set[tuple[bytes, int]]:
    """Name each (env_id, item) that city hall holds whole, of the envelopes it does not hold completely."""
    return {(env_id, item) for env_id, item in session.connection().execute(_HELD)}


def newest(session: Session) -> int:
    """Return the newest row's serial; 0 on an empty shelf."""
    return session.connection().execute(_NEWEST).scalar_one() or 0


def waiting(session: Session) -> int:
    """Count the envelopes of which city hall lacks more than originals, or whose receipt is not here."""
    count: int = session.connection().execute(_WAITING).scalar_one()
    return count


def with_originals(session: Session) -> int:
    """Count the envelopes with originals that city hall does not hold completely."""
    count: int = session.connection().execute(_WITH_ORIGINALS).scalar_one()
    return count


def counts(session: Session) -> tuple[dict[str, int], int]:
    """Return how many envelopes are in each state, and the bytes left to send, originals not among them."""
    connection = session.connection()
    states = {row.state: row.held for row in connection.execute(_STATES)}
    return states, connection.execute(_BYTES).scalar_one() or 0


def originals_left(session: Session) -> int:
    """Return the bytes of originals that wait for a depot."""
    return session.connection().execute(_ORIGINALS).scalar_one() or 0


def mean_bytes(session: Session) -> int:
    """Return the mean size of the newest envelopes on this shelf; 0 on an empty shelf."""
    total, count = session.connection().execute(_MEAN).one()
    return int(total) // int(count) if count else 0
