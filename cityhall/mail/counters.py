"""Numbers that only grow, one row a name."""

from sqlmodel import Session

from cityhall.mail.models import CounterTable

# Moves whenever something arrived: the office looks here.
ARRIVALS = "arrivals"
# Moves whenever something is to go down: the intake looks here.
DOWNWARDS = "downwards"


def bump(session: Session, name: str) -> int:
    """Add one to a number and return it."""
    row = session.get(CounterTable, name) or CounterTable(name=name)
    row.value += 1
    session.add(row)
    session.flush()
    return row.value


def reach(session: Session, name: str, least: int) -> None:
    """Raise a number to at least `least`; it never falls."""
    row = session.get(CounterTable, name) or CounterTable(name=name)
    row.value = max(row.value, least)
    session.add(row)
    session.flush()


def value(session: Session, name: str) -> int:
    """Return a number; 0 before its first bump."""
    row = session.get(CounterTable, name)
    return 0 if row is None else row.value
