"""Originals inside a session: they wait for a depot's link, unless somebody pulls one."""

from dataclasses import replace

import pytest

from sync.envelope import PartRole
from sync.frames import Have, Offer
from sync.lane import Lane, Want
from sync.outgoing import Due, Item
from sync.pacing import Pace
from sync.record import OriginalNote, decode_record, encode_record
from tests.support.makers import make_record, make_sheet
from tests.support.pair import env

SLIP, PAGE, ORIGINAL = 9_000, 20_000, 30_000
ITEMS = (
    Item(0, PartRole.RECORD, SLIP),
    Item(1, PartRole.PAGE, PAGE),
    Item(2, PartRole.ORIGINAL, ORIGINAL),
)
NOTE = OriginalNote(bytes(32), 700_000, "image/jpeg")


def lane_with(*, depot: bool, envelopes: int = 1) -> Lane:
    """Return a lane with fresh envelopes of slip, page and original."""
    offers: list[Offer] = []
    lane = Lane(Pace(), lambda offer, _now: offers.append(offer), originals=depot)
    for n in range(envelopes):
        lane.add(Due(env(n), None, n, 0, fresh=True, items=ITEMS))
    return lane


def sent(lane: Lane) -> list[tuple[bytes, int]]:
    """Send and confirm everything that is wanted; returns the items in the order they were finished."""
    order = []
    while (want := lane.want(0.0)) is not None:
        assert lane.supply(want, bytes(want.length), 0.0) is not None
        end = want.offset + want.length
        lane.confirm(want.env_id, want.item, end, 0.0)
        if end == ITEMS[want.item].length:
            order.append((want.env_id, want.item))
    return order


def test_on_the_road_no_original_is_wanted() -> None:
    """Slips and pages go, the original stays."""
    assert sent(lane_with(depot=False)) == [(env(0), 0), (env(0), 1)]


def test_at_the_depot_originals_go_last() -> None:
    """Every page of every envelope goes before the first original."""
    order = sent(lane_with(depot=True, envelopes=2))
    assert [item for _, item in order] == [0, 0, 1, 1, 2, 2]


def test_a_pulled_original_goes_on_the_road_too() -> None:
    """A caseworker asked for it: it goes before the pages."""
    lane = lane_with(depot=False)
    lane.pull(env(0), 2)
    assert sent(lane) == [(env(0), 0), (env(0), 2), (env(0), 1)]


def test_an_original_that_stays_does_not_count_as_waiting() -> None:
    """City hall is told of envelopes that this link still brings something of."""
    lane = lane_with(depot=False)
    assert len(lane) == 1
    sent(lane)
    assert (len(lane), env(0) in lane) == (0, True)


def test_at_the_depot_an_envelope_waits_until_it_is_settled() -> None:
    """Also when all of it is confirmed: its last receipt is still to come."""
    lane = lane_with(depot=True)
    sent(lane)
    assert len(lane) == 1


def test_city_halls_word_does_not_let_an_original_go() -> None:
    """After a HAVE the order is made anew, and the original still stays."""
    lane = lane_with(depot=False)
    lane.want(0.0)
    lane.have(Have(env(0), 1, ((0, SLIP),)))
    assert lane.want(0.0) == Want(env(0), 1, 0, lane.want(0.0).length)  # type: ignore[union-attr]
    assert sent(lane) == [(env(0), 1)]


def test_a_record_keeps_what_it_says_of_originals() -> None:
    """Digest, bytes and type come back as they went in."""
    record = make_record(sheets=[replace(make_sheet(n), original=NOTE) for n in range(2)])
    assert [sheet.original for sheet in decode_record(encode_record(record)).sheets] == [NOTE, NOTE]


def test_fail__some_sheets_with_an_original_and_some_without() -> None:
    """The n-th original would not be the n-th sheet's."""
    record = make_record(sheets=[replace(make_sheet(0), original=NOTE), make_sheet(1)])
    with pytest.raises(ValueError, match="all have an original or none has"):
        encode_record(record)
