"""How many days a case still has: its expiry, the 30-day clock, the answer to a correction. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from procedures.deadlines import DECISION_DAYS, decision_due

# Days a filer has for a correction; never beyond the expiry of the certification.
CORRECTION_DAYS = 14
# At or below this many days a case is drawn as urgent, at or below the second as soon.
URGENT_DAYS = 3
SOON_DAYS = 10


class Urgency(Enum):
    """How a deadline is drawn: always a word beside a sign, never colour alone."""

    OVER = "over"
    URGENT = "urgent"
    SOON = "soon"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class Clocks:
    """The days left of one case on `today`; negative days are over. `nearest` orders the inbox.

    `expires` and `decides` say whether the form has a last day for filing, and a day for the decision.
    """

    expiry: date | None
    expiry_days: int | None
    expiry_urgency: Urgency
    decision_due: date
    decision_days: int
    decision_urgency: Urgency
    nearest: date
    expires: bool
    decides: bool


def clocks(
    *,
    expiry: date | None,
    filing_day: date,
    today: date,
    expires: bool = True,
    decision_days: int = DECISION_DAYS,
) -> Clocks:
    """Return all the days left of a case; one whose form sets no day for a decision is ordered by the usual one.

    `expires` says whether the form knows a last day for filing at all.
    """
    due = decision_due(filing_day, decision_days or DECISION_DAYS)
    expiry_days = (expiry - today).days if expiry else None
    left = (due - today).days
    return Clocks(
        expiry=expiry,
        expiry_days=expiry_days,
        expiry_urgency=Urgency.CALM if expiry_days is None else urgency(expiry_days),
        decision_due=due,
        decision_days=left,
        decision_urgency=urgency(left),
        nearest=min(due, expiry) if expiry else due,
        expires=expires,
        decides=decision_days > 0,
    )


def urgency(days: int) -> Urgency:
    """Return how `days` left are drawn; the last day itself is urgent, not over."""
    if days < 0:
        return Urgency.OVER
    if days <= URGENT_DAYS:
        return Urgency.URGENT
    return Urgency.SOON if days <= SOON_DAYS else Urgency.CALM


def answer_by(*, expiry: date | None, today: date) -> date:
    """Return the day by which a correction is asked for: two weeks, or the expiry when that is nearer."""
    usual = today + timedelta(days=CORRECTION_DAYS)
    if expiry is None or expiry < today:
        return usual
    return min(usual, expiry)
