"""What the shelf remembers of each bus's link: heard when, by which intake, with which small numbers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select, text, update
from sqlmodel import Session, col
from sqlmodel import select as sqlmodel_select

from cityhall.mail import counters
from cityhall.mail.models import BusSeen, BusTable
from cityhall.mail.times import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Sighting:
    """A bus was heard in this session, and told these small numbers of its link."""

    device: str
    session: str
    at: datetime
    facts: dict[str, int]


_PUT = text(
    "INSERT INTO bus (device, connected, seen_ms, since_ms, facts, session)"
    " VALUES (:device, :connected, :at, :at, :facts, :session) ON CONFLICT (device) DO UPDATE SET"
    " connected = excluded.connected, seen_ms = excluded.seen_ms, facts = excluded.facts, session = excluded.session,"
    " since_ms = CASE WHEN bus.connected = excluded.connected THEN bus.since_ms ELSE excluded.since_ms END"
)
_FACTS = select(col(BusTable.device), col(BusTable.facts), col(BusTable.session)).where(
    col(BusTable.device).in_(bindparam("devices", expanding=True))
)
# Only the newest session of a box says that it is heard or gone, whichever intake it talks to.
_HEARD = text(
    "UPDATE bus SET connected = :connected, seen_ms = :at, facts = :facts,"
    " since_ms = CASE WHEN connected = :connected THEN since_ms ELSE :at END"
    " WHERE device = :device AND session = :session"
)


def put(session: Session, seen: Sighting, *, connected: bool, newest: bool = False) -> None:
    """Remember that a bus was heard or went; `newest` says that its session takes over from any other."""
    facts, held = _facts(session, [seen.device]).get(seen.device, ({}, ""))
    row = {
        "device": seen.device,
        "connected": connected,
        "at": to_ms(seen.at),
        "facts": json.dumps({**facts, **seen.facts}),
        "session": seen.session if newest else held,
    }
    session.connection().execute(_PUT, row)
    if newest:
        counters.bump(session, counters.SESSIONS)


def heard(session: Session, sightings: Sequence[Sighting], *, connected: bool = True) -> None:
    """Remember what several buses told; what an older session tells is not news."""
    known = _facts(session, [seen.device for seen in sightings])
    rows = [
        {
            "device": seen.device,
            "session": seen.session,
            "connected": connected,
            "at": to_ms(seen.at),
            "facts": json.dumps({**known.get(seen.device, ({}, ""))[0], **seen.facts}),
        }
        for seen in sorted(sightings, key=lambda seen: seen.device)  # one order of locks for all
    ]
    if rows:
        session.connection().execute(_HEARD, rows)


def nobody(session: Session, at: datetime, intake: str | None) -> None:
    """Note that no bus is connected to an intake (None = to any) that starts."""
    quiet = update(BusTable).where(col(BusTable.connected).is_(True))
    if intake is not None:
        here = col(BusTable.session).startswith(f"{intake}/", autoescape=True)
        quiet = quiet.where(or_(here, col(BusTable.session) == ""))
    session.connection().execute(quiet.values(connected=False, since_ms=to_ms(at)))


def newest(session: Session) -> dict[str, str]:
    """Return the newest session of each box, by its name."""
    rows = session.connection().execute(select(col(BusTable.device), col(BusTable.session)))
    return {str(device): str(token) for device, token in rows}


def listed(session: Session) -> list[BusSeen]:
    """List every bus that was ever heard."""
    return [
        BusSeen(
            row.device,
            row.connected,
            from_ms(row.seen_ms),
            from_ms(row.since_ms),
            json.loads(row.facts),
        )
        for row in session.exec(sqlmodel_select(BusTable).order_by(col(BusTable.device)))
    ]


def _facts(session: Session, devices: Sequence[str]) -> dict[str, tuple[dict[str, int], str]]:
    rows = session.connection().execute(_FACTS, {"devices": list(devices)})
    return {device: (json.loads(facts), token) for device, facts, token in rows}
