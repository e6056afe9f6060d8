"""A bus's clock that was turned between two hand-ins: the office sees it, in whatever order they arrive."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from cityhall.office.inbox import View
from cityhall.office.observations import Fact
from cityhall.office.web.views import observations_of
from sync.clock import ClockQuality, Instant
from tests.support.makers import instant, make_envelope, make_id
from tests.support.office_world import OfficeWorld


def flagged(world: OfficeWorld, *moments: tuple[int, Instant]) -> set[int]:
    """Let applications arrive, n at its moment; return the numbers n of those that contradict the one before."""
    for n, at in moments:
        world.file(make_envelope(n, at=at, journal=(n + 1, bytes(32))))
    world.arrivals.take_all()
    entries = world.inbox.entries(View.ALL)
    found = world.inbox.disordered(entries)
    return {n for n, _ in moments if make_id(n).hex() in found}


def back(seconds: int, at: Instant) -> Instant:
    """Return the moment with the wall clock set back."""
    return replace(at, wall=at.wall - timedelta(seconds=seconds))


def test_an_ordinary_day_is_silent(world: OfficeWorld) -> None:
    """Three hand-ins and a start between."""
    third = replace(instant(900, boot=2), monotonic_ms=7)
    assert flagged(world, (0, instant(0)), (1, instant(600)), (2, third)) == set()


def test_a_hand_in_dated_back_is_flagged(world: OfficeWorld) -> None:
    """The wall went back an hour, the crystal went on."""
    assert flagged(world, (0, instant(0)), (1, back(3600, instant(600)))) == {1}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_arrival_does_not_matter(
    world: OfficeWorld, order: tuple[int, int, int]
) -> None:
    """The urgent one comes first, the journal says which was made first."""
    made = [instant(0), back(3600, instant(600)), back(3600, instant(700))]
    assert flagged(world, *((n, made[n]) for n in order)) == {1}


def test_an_older_start_after_a_newer_one_is_flagged(world: OfficeWorld) -> None:
    """The number of starts only grows."""
    assert flagged(world, (0, instant(0, boot=4)), (1, instant(60, boot=3))) == {1}


def test_the_caseworker_sees_it(world: OfficeWorld) -> None:
    """As a warning, never as a reason to refuse."""
    flagged(world, (0, instant(0)), (1, back(3600, instant(600))))
    entry = world.inbox.entry(make_id(1).hex())
    assert entry is not None
    seen = observations_of(
        entry.case, "032011", (), disordered=bool(world.inbox.disordered([entry]))
    )
    assert Fact.IMPOSSIBLE_ORDER in {one.fact for one in seen}


def test_an_unsynced_clock_claimed_nothing(world: OfficeWorld) -> None:
    """The first contact puts it right; that it was unsynced is said on its own."""
    lost = replace(instant(0), quality=ClockQuality.UNSYNCED)
    assert flagged(world, (0, back(86_400 * 300, lost)), (1, instant(600))) == set()
