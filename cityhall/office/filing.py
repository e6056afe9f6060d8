"""The filing date (申請日): three instants that are never merged, and the policy that picks one. Pure.

The policy is the bus's own word. It is believed only as far as its clock and city hall's signed time bear it out.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import Enum

from sync.clock import ClockQuality, fixes_a_date

JST = timezone(timedelta(hours=9), "JST")
UNSYNCED = ClockQuality.UNSYNCED.value


class FilingPolicy(Enum):
    """Which instant makes the filing date; the city decides, the record carries it with its version."""

    BUS_RECEIPT = "bus_receipt"
    CITY_ARRIVAL = "city_arrival"


class FilingNote(Enum):
    """What a caseworker has to know before trusting a filing date."""

    NEAR_MIDNIGHT = "near_midnight"
    CLOCK_UNSYNCED = "clock_unsynced"
    AFTER_ARRIVAL = "after_arrival"
    BEFORE_CITY_TIME = "before_city_time"
    WEAK_CLOCK = "weak_clock"
    UNKNOWN_POLICY = "unknown_policy"


@dataclass(frozen=True, slots=True)
class Instants:
    """The three instants of one case, UTC: handed in on the bus, arrived at city hall, registered.

    `not_before` is city hall's own signed time that the bus held when it sealed, None when it held none.
    """

    handed_in_at: datetime
    uncertainty_s: int
    clock_quality: str
    arrived_at: datetime
    registered_at: datetime | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class FilingDate:
    """The filing date in Japan's calendar: the policy the bus claimed, the one that was used, and the doubts."""

    day: date
    policy: str
    policy_version: str
    used: str
    notes: tuple[FilingNote, ...]


def day_in_japan(moment: datetime) -> date:
    """Return the calendar day of an aware moment in Japan."""
    return moment.astimezone(JST).date()


def filing_date(instants: Instants, policy: str, policy_version: str) -> FilingDate:
    """Compute the filing date; an unknown policy falls back to the arrival, which no box can move, and says so.

    A box whose clock is fast moves no date behind the arrival: the countersigned receipt says the same.
    A hand-in before city hall's own signed time, or by a clock that fixes nothing, counts from the arrival.
    """
    notes = _clock_notes(instants)
    doubts = _doubts(instants) if policy == FilingPolicy.BUS_RECEIPT.value else []
    notes.extend(doubts)
    if policy == FilingPolicy.BUS_RECEIPT.value and not doubts:
        handed_in = min(instants.handed_in_at, instants.arrived_at)
        return FilingDate(day_in_japan(handed_in), policy, policy_version, policy, tuple(notes))
    if policy not in {known.value for known in FilingPolicy}:
        notes.append(FilingNote.UNKNOWN_POLICY)
    arrival = FilingPolicy.CITY_ARRIVAL.value
    day = day_in_japan(instants.arrived_at)
    return FilingDate(day, policy, policy_version, arrival, tuple(notes))


def _clock_notes(instants: Instants) -> list[FilingNote]:
    slack = timedelta(seconds=instants.uncertainty_s)
    earliest, latest = instants.handed_in_at - slack, instants.handed_in_at + slack
    notes = []
    if instants.clock_quality == UNSYNCED:
        notes.append(FilingNote.CLOCK_UNSYNCED)
    if day_in_japan(earliest) != day_in_japan(latest):
        notes.append(FilingNote.NEAR_MIDNIGHT)
    if earliest > instants.arrived_at:
        notes.append(FilingNote.AFTER_ARRIVAL)
    return notes


def _doubts(instants: Instants) -> list[FilingNote]:
    """Return why the bus's word does not fix the date."""
    doubts = []
    if instants.not_before is not None and instants.handed_in_at < instants.not_before:
        doubts.append(FilingNote.BEFORE_CITY_TIME)
    if not fixes_a_date(ClockQuality(instants.clock_quality), instants.uncertainty_s):
        doubts.append(FilingNote.WEAK_CLOCK)
    return doubts
