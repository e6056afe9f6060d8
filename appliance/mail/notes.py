"""Small facts remembered one by one: how the link is, the newest beacon, city hall's proven head."""

import json
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session

from appliance.mail.models import HallHead, HeardBeacon, LinkState, MailTable
from appliance.mail.times import EPOCH, from_ms, to_ms
from sync.clock import Instant

UNKNOWN = LinkState("unknown", None, None, 0, "")
STATES = ("good", "poor", "gone", "unknown")
# Exports onto sticks whose answers are still waited for; the oldest is forgotten.
EXPORTS_LIMIT = 64

_NOTE: Final = MailTable.metadata.tables["note"]
_EXPORT: Final = "export/"
_GET: Final = select(_NOTE).where(_NOTE.c.name == bindparam("mine"))
_ADD: Final = insert(_NOTE)
_PUT: Final = _ADD.on_conflict_do_update(
    index_elements=[_NOTE.c.name],
    set_={"value": _ADD.excluded.value, "at_ms": _ADD.excluded.at_ms},
)


def link(session: Session) -> LinkState:
    """Return what the uplink last said of the link."""
    row = _get(session, "link")
    if row is None:
        return UNKNOWN
    told = json.loads(row.value)
    return LinkState(
        told["state"],
        _moment(told["since"]),
        _moment(told["last_contact"]),
        told["waiting"],
        told["cause"],
    )


def set_link(session: Session, state: LinkState) -> None:
    """Remember how the link is; the desk reads it."""
    if state.state not in STATES:
        raise ValueError(f"link: the state must be one of {', '.join(STATES)}, not {state.state!r}")
    told = {
        "state": state.state,
        "since": state.since and to_ms(state.since),
        "last_contact": state.last_contact and to_ms(state.last_contact),
        "waiting": state.waiting,
        "cause": state.cause,
    }
    _put(session, "link", json.dumps(told).encode(), state.since or EPOCH)


def beacon(session: Session) -> bytes | None:
    """Return city hall's newest signed time as it came, or None before the first contact."""
    row = _get(session, "beacon")
    return None if row is None else row.value


def keep_beacon(session: Session, data: bytes, at: Instant, waited_ms: int) -> None:
    """Remember a verified beacon, and where in this boot it was heard, `waited_ms` after it was asked for."""
    _put(session, "beacon", data, at.wall)
    heard = {"boot": at.boot, "monotonic_ms": at.monotonic_ms, "waited_ms": waited_ms}
    _put(session, "beacon_heard", json.dumps(heard).encode(), at.wall)


def heard_beacon(session: Session) -> HeardBeacon | None:
    """Return the newest beacon with the moment of its hearing."""
    data, heard = beacon(session), _get(session, "beacon_heard")
    if data is None or heard is None:
        return None
    return HeardBeacon(data, **json.loads(heard.value))


def hall_head(session: Session) -> HallHead | None:
    """Return city hall's log head as last proven, or None before the first receipt."""
    row = _get(session, "hall_head")
    if row is None:
        return None
    return _head(row.value)


def hall_proven_at(session: Session) -> datetime | None:
    """Return when city hall's log was last proven to have only grown, or None before the first time."""
    row = _get(session, "hall_head")
    return None if row is None else from_ms(row.at_ms)


def keep_hall_head(session: Session, head: HallHead, proven_at: datetime) -> None:
    """Remember a head, and when city hall proved it to extend the one before."""
    _put(session, "hall_head", _told(head), proven_at)


def export_head(session: Session, name: str) -> HallHead | None:
    """Return the head an export onto a stick named, or None for one that is not remembered."""
    row = _get(session, f"{_EXPORT}{name}")
    return None if row is None else _head(row.value)


def keep_export(session: Session, name: str, head: HallHead, at: Instant) -> None:
    """Remember which head an export named; of the oldest exports nothing is kept."""
    mine = _NOTE.c.name.startswith(_EXPORT)
    last = session.connection().execute(select(func.max(_NOTE.c.at_ms)).where(mine)).scalar_one()
    # The newest stays the newest also after the clock stepped back.
    moment = at.wall if last is None else max(at.wall, from_ms(last + 1))
    _put(session, f"{_EXPORT}{name}", _told(head), moment)
    old = select(_NOTE.c.name).where(mine).order_by(_NOTE.c.at_ms.desc(), _NOTE.c.name)
    session.connection().execute(
        delete(_NOTE).where(_NOTE.c.name.in_(old.offset(EXPORTS_LIMIT).scalar_subquery()))
    )


def value(session: Session, name: str) -> bytes | None:
    """Return what is remembered under a name, or None."""
    row = _get(session, name)
    return None if row is None else row.value


def put(session: Session, name: str, value: bytes, at: datetime) -> None:
    """Remember something under a name."""
    _put(session, name, value, at)


def _told(head: HallHead) -> bytes:
    return json.dumps({"size": head.size, "root": head.root.hex(), "note": head.note}).encode()


def _head(value: bytes) -> HallHead:
    told = json.loads(value)
    return HallHead(told["size"], bytes.fromhex(told["root"]), told["note"])


def _get(session: Session, name: str) -> Row[Any] | None:
    return session.connection().execute(_GET, {"mine": name}).first()


def _put(session: Session, name: str, value: bytes, at: datetime) -> None:
    session.connection().execute(_PUT, {"name": name, "value": value, "at_ms": to_ms(at)})


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)
