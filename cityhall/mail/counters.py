"""Numbers that only grow, one row a name. Read before written only where the write lock is held."""

from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam, select, text
from sqlmodel import Session, col

from cityhall.mail.models import CounterTable

# Moves whenever something arrived: the office looks here.
ARRIVALS = "arrivals"
# Moves whenever something is to go down: the intake looks here.
DOWNWARDS = "downwards"
# Moves whenever a box said hello, at whichever intake.
SESSIONS = "sessions"

_READ = select(col(CounterTable.name), col(CounterTable.value)).where(
    col(CounterTable.name).in_(bindparam("names", expanding=True))
)
_WRITE = text(
    "INSERT INTO counter (name, value) VALUES (:name, :value)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_BUMP = text(
    "INSERT INTO counter (name, value) VALUES (:name, 1)"
    " ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value"
)


def values(session: Session, names: Iterable[str]) -> dict[str, int]:
    """Return several numbers at once; 0 before the first write."""
    wanted = list(names)
    rows = session.connection().execute(_READ, {"names": wanted})
    found = {str(name): int(number) for name, number in rows}
    return {name: found.get(name, 0) for name in wanted}


def value(session: Session, name: str) -> int:
    """Return a number; 0 before its first bump."""
    return values(session, [name])[name]


def write(session: Session, numbers: Mapping[str, int]) -> None:
    """Set several numbers, which the caller read under the same write lock."""
    rows = [{"name": name, "value": number} for name, number in numbers.items()]
    session.connection().execute(_WRITE, rows)


def bump(session: Session, name: str) -> int:
    """Add one to a number and return it."""
    return int(session.connection().execute(_BUMP, {"name": name}).scalar_one())
