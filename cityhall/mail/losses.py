"""What a restored backup lost: the numbers it may have given out are left out, once a loss."""

from typing import Final

from sqlmodel import Session, col, select

from cityhall.mail import counters
from cityhall.mail.log import NO_NUMBER
from cityhall.mail.models import CounterTable
from sync.ids import SERIAL_MAX

# Numbers left out after a loss: more than a city files between the newest head any bus saw and the loss.
MARGIN: Final = 10_000
# How often this shelf learned that it had lost filings.
LOSSES: Final = "losses"
_FILINGS: Final = "filings-R"
_SKIPPED: Final = "skipped-R"


def highest(session: Session) -> tuple[int, int]:
    """Return the newest year and the serial in it above which no number was given out."""
    query = select(CounterTable).where(col(CounterTable.name).startswith(_FILINGS))
    years = [(int(row.name.removeprefix(_FILINGS)), row.value) for row in session.exec(query)]
    return max(years, default=NO_NUMBER)


def skip(session: Session, year: int, known: int, margin: int) -> bool:
    """Raise a year's counter `margin` beyond its own and the lost shelf's `known` number; False when done already.

    After a loss every number up to the raised counter counts as given out. A lost head that names no higher one
    speaks of the same loss, or of an older. The steps the office reads by are raised too: it may have read lost ones.
    """
    skipped = _row(session, f"{_SKIPPED}{year}")
    if skipped.value and known <= skipped.value:
        return False
    filings = _row(session, f"{_FILINGS}{year}")
    filings.value = skipped.value = min(SERIAL_MAX, max(filings.value, known) + margin)
    losses, steps = _row(session, LOSSES), _row(session, counters.ARRIVALS)
    losses.value += 1
    steps.value += margin
    session.add_all((filings, skipped, losses, steps))
    session.flush()
    return True


def _row(session: Session, name: str) -> CounterTable:
    return session.get(CounterTable, name) or CounterTable(name=name)
