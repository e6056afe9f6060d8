"""Legal days: when a renewal may be filed, when a decision is due, how old somebody is by law."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

DECISION_DAYS = 30
SATURDAY = 5
CLOSED_DAY_RULES = ("none", "next_open_day")
FIRST_DAY, LAST_DAY = date(1868, 1, 1), date(2199, 12, 31)
"""No answer is a day outside these: software writes 9999-12-31 for "no end", and no day can be counted from it."""


@dataclass(frozen=True, slots=True)
class WindowRule:
    """When an application may be filed, counted from an anchor day; cities may differ by a day.

    `closed_days` are the city's beside weekends and the turn of the year.
    """

    anchor: str
    opens_days: int
    closes_days: int
    duty_months: int
    closed_day_rule: str = "none"
    closed_days: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Window:
    """First day, the day until which a provider ought to have filed, and last day; all inclusive."""

    opens: date
    duty: date
    closes: date


RENEWAL = WindowRule("prev_valid_to", opens_days=60, closes_days=0, duty_months=1)


def day_of(written: str) -> date | None:
    """Return an ISO text as a day, or None where it is none that may be counted from."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def window(expiry: date, rule: WindowRule = RENEWAL) -> Window:
    """Return the filing window of a validity that ends on `expiry` (介護保険法28条, one month: 居宅基準8条3項)."""
    closes = expiry - timedelta(days=rule.closes_days)
    if rule.closed_day_rule == "next_open_day":
        while is_closed(closes, rule.closed_days):
            closes += timedelta(days=1)
    return Window(
        expiry - timedelta(days=rule.opens_days), months_before(expiry, rule.duty_months), closes
    )


def decision_due(filed: date, days: int = DECISION_DAYS) -> date:
    """Return the day by which the city decides or sends 延期通知; the first day is not counted."""
    return filed + timedelta(days=days)


def is_closed(day: date, closed_days: frozenset[date] = frozenset()) -> bool:
    """Tell whether a town hall is closed: weekend, turn of the year, or one of the city's own closed days."""
    turn_of_year = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() >= SATURDAY or turn_of_year or day in closed_days


def months_before(day: date, months: int) -> date:
    """Return the same day of an earlier month, or that month's last day if it is shorter."""
    count = day.year * 12 + day.month - 1 - months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def is_month_end(day: date) -> bool:
    """Tell whether a day is the last of its month, as every validity's last day is."""
    return (day + timedelta(days=1)).day == 1


def validity_months(start: date, end: date) -> int:
    """Return the months a validity covers; a started month counts as one."""
    return (end.year - start.year) * 12 + end.month - start.month + 1


def age_at(born: date, day: date) -> int:
    """Return the age by law, which is reached at the end of the day before the birthday."""
    following = day + timedelta(days=1)
    return following.year - born.year - ((following.month, following.day) < (born.month, born.day))
