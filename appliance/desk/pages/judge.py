"""Says how sure a value is that two looks gave: they must agree, and its form and its day must hold."""

from dataclasses import dataclass
from datetime import date

from appliance.desk.pages import values
from appliance.desk.pages.eras import mended

DISAGREED = 0.55
"""Most confidence a value may have when two looks at it differ."""
IMPLAUSIBLE = 0.4
RINGED = 0.9
"""Most confidence a circled choice may have."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A canonical value and how sure it is (0 to 1)."""

    value: str
    sure: float


def judged(  # noqa: PLR0917 - two looks at one field
    key: str, kind: str, one: str, other: str, weakest: float, today: date
) -> Judged | None:
    """Judge what two looks read; `weakest` is the least probability of a letter of the first. None: no value."""
    if kind == "date":
        one, other = mended(one), mended(other)
    first, second = values.read_value(kind, one), values.read_value(kind, other)
    chosen = first or second
    if chosen is None:
        return None
    sure = chosen.support * (0.5 + 0.5 * weakest)
    if first is None or second is None or not alike(first.text, second.text):
        sure = min(sure, DISAGREED)
    if kind == "date" and not values.plausible(key, chosen.text, today):
        sure = min(sure, IMPLAUSIBLE)
    return Judged(chosen.text, sure)


def judged_period(
    keys: tuple[str, str], raw: str, again: str, weakest: float, today: date
) -> list[tuple[str, Judged]]:
    """Judge the first and last day that two looks read; a single day that can only be the last is that."""
    days, others = values.dates_in(mended(raw)), values.dates_in(mended(again))
    if len(days) < len(others):
        days, others = others, days
    meant: tuple[str, ...] = keys
    if len(days) == 1 and values.plausible(keys[1], days[0], today):
        # Only a last day is followed by a first of a month.
        meant = keys[1:]
    found = []
    for key, day in zip(meant, days, strict=False):
        sure = values.LIKELY * (0.5 + 0.5 * weakest)
        if day not in others:
            sure = min(sure, DISAGREED)
        if not values.plausible(key, day, today) or days != sorted(days):
            sure = min(sure, IMPLAUSIBLE)
        found.append((key, Judged(day, sure)))
    return found


def alike(one: str, other: str) -> bool:
    """Tell whether two readings are the same but for blanks."""
    return "".join(one.split()) == "".join(other.split())
