"""What the office itself notices about a case, beside the desk's defects. Shown, never a reason to refuse. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from cityhall.office.filing import FilingDate, FilingNote
from procedures.deadlines import RENEWAL, WindowRule, window


class Severity(Enum):
    """How loudly a fact is shown; the words are those of the desk's defects."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


class Fact(Enum):
    """One thing the office noticed."""

    WRONG_INSURER = "wrong_insurer"
    DUPLICATE = "duplicate"
    AFTER_EXPIRY = "after_expiry"
    BEFORE_WINDOW = "before_window"
    EXPIRY_UNKNOWN = "expiry_unknown"
    NEAR_MIDNIGHT = "near_midnight"
    CLOCK_UNSYNCED = "clock_unsynced"
    AFTER_ARRIVAL = "after_arrival"
    BEFORE_CITY_TIME = "before_city_time"
    WEAK_CLOCK = "weak_clock"
    UNKNOWN_POLICY = "unknown_policy"
    IMPOSSIBLE_ORDER = "impossible_order"
    KEY_BEHIND = "key_behind"
    KEY_OVERDUE = "key_overdue"
    AFTER_REVOCATION = "after_revocation"


@dataclass(frozen=True, slots=True)
class Observation:
    """A fact, how loud it is, and the case ids it points to (duplicates)."""

    fact: Fact
    severity: Severity
    cases: tuple[str, ...] = ()


_OF_NOTE = {
    FilingNote.NEAR_MIDNIGHT: Observation(Fact.NEAR_MIDNIGHT, Severity.WARN),
    FilingNote.CLOCK_UNSYNCED: Observation(Fact.CLOCK_UNSYNCED, Severity.WARN),
    FilingNote.AFTER_ARRIVAL: Observation(Fact.AFTER_ARRIVAL, Severity.WARN),
    FilingNote.BEFORE_CITY_TIME: Observation(Fact.BEFORE_CITY_TIME, Severity.WARN),
    FilingNote.WEAK_CLOCK: Observation(Fact.WEAK_CLOCK, Severity.WARN),
    FilingNote.UNKNOWN_POLICY: Observation(Fact.UNKNOWN_POLICY, Severity.WARN),
}

# A key a little behind its time is the overlap's own business; a caseworker need not act.
_LOUDNESS = {Fact.KEY_BEHIND: Severity.INFO}


def observe(
    *,
    filing: FilingDate,
    expiry: date | None,
    insurer_no: str,
    own_insurer_no: str,
    duplicates: Iterable[str],
    disordered: bool = False,
    doubts: Iterable[Fact] = (),
    rule: WindowRule | None = RENEWAL,
) -> tuple[Observation, ...]:
    """Return what has to be looked at, loudest first; `rule` is the form's window, None where it has none."""
    found = [_OF_NOTE[note] for note in filing.notes]
    if insurer_no and insurer_no != own_insurer_no:
        found.append(Observation(Fact.WRONG_INSURER, Severity.BLOCK))
    others = tuple(duplicates)
    if others:
        found.append(Observation(Fact.DUPLICATE, Severity.WARN, others))
    if disordered:
        found.append(Observation(Fact.IMPOSSIBLE_ORDER, Severity.WARN))
    found.extend(Observation(one, _LOUDNESS.get(one, Severity.WARN)) for one in doubts)
    found.extend(_of_window(filing.day, expiry, rule) if rule else ())
    loudness = list(Severity)
    return tuple(sorted(found, key=lambda item: loudness.index(item.severity)))


def _of_window(day: date, expiry: date | None, rule: WindowRule) -> list[Observation]:
    if expiry is None:
        return [Observation(Fact.EXPIRY_UNKNOWN, Severity.WARN)]
    opening = window(expiry, rule)
    if day > opening.closes:
        return [Observation(Fact.AFTER_EXPIRY, Severity.WARN)]
    if day < opening.opens:
        return [Observation(Fact.BEFORE_WINDOW, Severity.INFO)]
    return []
