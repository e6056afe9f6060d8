"""Says of one day which filing lies outside what is proven, and which impossible order was not seen."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from cityhall.office.filing import FilingNote, FilingPolicy, Instants, day_in_japan, filing_date
from sync.clock import DRIFT_PPM, ClockQuality, fixes_a_date
from sync.disorder import SLACK_MS, disorder
from sync.journal import JournalEntry, impossible_orders, verify_chain
from tests.clocks.faults import FORGED, HALL_OFF_S
from tests.clocks.machine import PPM_MAX
from tests.clocks.world import HandIn, World

ROUNDING_S = 2


def problems(world: World, done: Counter[str], counts: Counter[str]) -> Iterator[str]:
    """Name what must not be; `done` are the day's faults, `counts` is added to."""
    entries = [one.entry for one in world.hand_ins]
    verify_chain(entries)
    if impossible_orders(entries):
        yield "an honest journal is called impossible"
    for one in world.hand_ins:
        counts["hand-ins"] += 1
        counts[one.at.quality.value] += 1
        for problem in _bounds(one, counts):
            counts["filings outside the proven bounds"] += 1
            yield problem
        yield from _truth(one, done, counts)
        yield from _date(one, counts)
    for before, after in pairwise(world.hand_ins):
        yield from _order(before, after, counts)


def _bounds(one: HandIn, counts: Counter[str]) -> Iterator[str]:
    """Check the sandwich: city hall's word before, city hall's receipt after."""
    hall = one.hall
    if hall is None or one.arrived_truth is None:
        yield "a hand-in never arrived"
        return
    counts["receipts"] += 2
    if not one.box.not_before <= one.box.filed:
        yield "a box receipt is filed before its bound"
    if not hall.not_before <= hall.filed <= hall.received:
        yield "city hall's receipt is filed outside its bounds"
    counts["moved into the bounds"] += hall.filed != one.box.filed
    slack = timedelta(seconds=HALL_OFF_S + ROUNDING_S)
    if not hall.not_before - slack <= one.truth <= hall.received + slack:
        yield "the bounds do not hold the truth to city hall's own error"
    early, late = one.truth - hall.filed, hall.filed - one.truth
    width = hall.received - hall.not_before
    if max(early, late) > width + slack:
        yield "a filing is wrong by more than its bounds and city hall's own error"


def _truth(one: HandIn, done: Counter[str], counts: Counter[str]) -> Iterator[str]:
    """Check what a vouched clock claims: off by no more than its doubt and city hall's own error."""
    if one.at.quality is ClockQuality.UNSYNCED:
        return
    off = abs((one.at.wall - one.truth).total_seconds())
    if off <= one.at.uncertainty_s + HALL_OFF_S + ROUNDING_S:
        return
    if one.told_in_boot or not FORGED & set(done):
        yield f"a {one.at.quality.value} clock is {off:.0f} s off and doubts {one.at.uncertainty_s} s"
    counts["believed a forger before any contact of its boot"] += 1


def _date(one: HandIn, counts: Counter[str]) -> Iterator[str]:
    """Check the filing date the office makes of it."""
    if one.hall is None:
        return
    filing, received = one.moment.filing, one.hall.received
    beacon = one.hall.not_before
    instants = Instants(
        filing.handed_in_at, filing.uncertainty_s, filing.clock_quality, received, None, beacon
    )
    found = filing_date(instants, filing.policy, filing.policy_version)
    if found.day > day_in_japan(received):
        yield "a filing date lies behind the arrival"
    by_bus = found.used == FilingPolicy.BUS_RECEIPT.value
    if by_bus and not fixes_a_date(one.at.quality, filing.uncertainty_s):
        yield "a clock that fixes nothing fixed a date"
    if not by_bus and found.day != day_in_japan(received):
        yield "a date is neither the hand-in's nor the arrival's"
    if one.at.quality is ClockQuality.UNSYNCED and FilingNote.CLOCK_UNSYNCED not in found.notes:
        yield "nobody says that the clock was not sure"
    counts["dated by the hand-in" if by_bus else "dated by the arrival"] += 1


def _order(before: HandIn, after: HandIn, counts: Counter[str]) -> Iterator[str]:
    """Compare what two clocks claim with the time that truly passed, and what a forger makes of their order."""
    passed = (after.truth - before.truth).total_seconds()
    found = disorder(before.at, after.at)
    vouched = ClockQuality.UNSYNCED not in {before.at.quality, after.at.quality}
    moved = (after.at.wall - before.at.wall).total_seconds()
    doubt = before.at.uncertainty_s + after.at.uncertainty_s + SLACK_MS / 1000
    edge = passed * PPM_MAX / 1e6 + 0.01
    if before.at.boot == after.at.boot:
        allowed = doubt + passed * DRIFT_PPM / 1e6
        impossible = vouched and abs(moved - passed) > allowed + edge
        possible = abs(moved - passed) < allowed - edge
    else:
        impossible, possible = vouched and moved < -doubt - edge, moved > -doubt + edge
    counts["impossible orders"] += impossible
    counts["impossible orders flagged"] += impossible and found is not None
    if impossible and found is None:
        yield "an impossible order was not flagged"
    if possible and found is not None:
        yield f"a possible order was flagged {found.value}"
    if passed > SLACK_MS / 1000 + 0.1:
        counts["turned orders"] += 1
        turned: tuple[JournalEntry, JournalEntry] = (after.entry, before.entry)
        if disorder(after.at, before.at) is None or not impossible_orders(turned):
            yield "two hand-ins in turned order were not flagged"
        else:
            counts["turned orders flagged"] += 1
