"""Small facts remembered one by one: how the link is, the newest beacon, city hall's proven head."""

import json
from datetime import datetime

from sqlmodel import Session

from appliance.mail.models import HallHead, HeardBeacon, LinkState, NoteTable
from appliance.mail.times import EPOCH, from_ms, to_ms
from sync.clock import Instant

UNKNOWN = LinkState("unknown", None, None, 0, "")
STATES = ("good", "poor", "gone", "unknown")


def link(session: Session) -> LinkState:
    """Return what the uplink last said of the link."""
    row = session.get(NoteTable, "link")
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
    row = session.get(NoteTable, "beacon")
    return None if row is None else row.value


def keep_beacon(session: Session, data: bytes, at: Instant, waited_ms: int) -> None:
    """Remember a verified beacon, and where in this boot it was heard, `waited_ms` after it was asked for."""
    _put(session, "beacon", data, at.wall)
    heard = {"boot": at.boot, "monotonic_ms": at.monotonic_ms, "waited_ms": waited_ms}
    _put(session, "beacon_heard", json.dumps(heard).encode(), at.wall)


def heard_beacon(session: Session) -> HeardBeacon | None:
    """Return the newest beacon with the moment of its hearing."""
    data, heard = beacon(session), session.get(NoteTable, "beacon_heard")
    if data is None or heard is None:
        return None
    return HeardBeacon(data, **json.loads(heard.value))


def hall_head(session: Session) -> HallHead | None:
    """Return city hall's log head as last proven, or None before the first receipt."""
    row = session.get(NoteTable, "hall_head")
    if row is None:
        return None
    told = json.loads(row.value)
    return HallHead(told["size"], bytes.fromhex(told["root"]), told["note"])


def hall_proven_at(session: Session) -> datetime | None:
    """Return when city hall's log was last proven to have only grown, or None before the first time."""
    row = session.get(NoteTable, "hall_head")
    return None if row is None else from_ms(row.at_ms)


def keep_hall_head(session: Session, head: HallHead, at: Instant) -> None:
    """Remember a head that was proven to extend the one before."""
    told = {"size": head.size, "root": head.root.hex(), "note": head.note}
    _put(session, "hall_head", json.dumps(told).encode(), at.wall)


def _put(session: Session, name: str, value: bytes, at: datetime) -> None:
    session.merge(NoteTable(name=name, value=value, at_ms=to_ms(at)))


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)
