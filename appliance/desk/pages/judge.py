"""Says how sure a value is that two looks gave: they must agree, and its form and its day must hold."""

from dataclasses import dataclass
from datetime import date

from appliance.desk.pages import values

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


def alike(one: str, other: str) -> bool:
    """Tell whether two readings are the same but for blanks."""
    return "".join(one.split()) == "".join(other.split())
