"""The bus's envelopes inside one session: offers, wants, confirmations, what city hall holds."""

from dataclasses import replace

import pytest

from sync import lane
from sync.envelope import PartRole
from sync.errors import LocalError
from sync.frames import Have, Offer, Piece
from sync.lane import OFFERS_AHEAD, Lane, Want
from sync.outgoing import Due, Item
from sync.pacing import PIECE_FIRST, Pace
from tests.support.pair import env

SLIP, PAGE = 9_000, 100_000


def due(n: int, *, fresh: bool = True, stage: int = 0) -> Due:
    """Return envelope n: a slip, a preview and a page."""
    items = (
        Item(0, PartRole.RECORD, SLIP),
        Item(1, PartRole.PREVIEW, 5_000),
        Item(2, PartRole.PAGE, PAGE),
    )
    return Due(env(n), None, n, stage, fresh, items)


class Desk:
    """A lane and the offers it made."""

    def __init__(self) -> None:
        self.offers: list[Offer] = []
        self.lane = Lane(Pace(), lambda offer, _now: self.offers.append(offer))

    def send(self) -> Piece | None:
        """Send what is wanted next."""
        want = self.lane.want(0.0)
        return None if want is None else self.lane.supply(want, bytes(want.length), 0.0)


def test_a_fresh_slip_is_wanted_at_once_and_offered_before() -> None:
    """The offer is on its way when the want comes out."""
    desk = Desk()
    desk.lane.add(due(0))
    assert desk.lane.want(0.0) == Want(env(0), 0, 0, SLIP)
    assert desk.offers == [Offer(env(0), SLIP, 0, fresh=True)]


def test_an_envelope_that_was_sent_before_waits_for_have() -> None:
    """It is offered once, and nothing of it is wanted until the hall has spoken."""
    desk = Desk()
    desk.lane.add(due(0, fresh=False, stage=1))
    assert [desk.lane.want(0.0), desk.lane.want(0.0)] == [None, None]
    assert desk.offers == [Offer(env(0), SLIP, 1, fresh=False)]
    assert desk.lane.have(Have(env(0), 1, ((0, SLIP), (2, 70)))) == {0: SLIP, 1: 0, 2: 70}
    assert desk.lane.want(0.0) == Want(env(0), 1, 0, 5_000)


def test_no_more_offers_than_the_limit_wait() -> None:
    """The next envelope is offered when a HAVE comes, or when an offered one is forgotten."""
    desk = Desk()
    for n in range(OFFERS_AHEAD + 2):
        desk.lane.add(due(n, fresh=False))
    desk.lane.want(0.0)
    assert len(desk.offers) == OFFERS_AHEAD
    desk.lane.have(Have(env(0), 2, ()))
    desk.lane.want(0.0)
    assert len(desk.offers) == OFFERS_AHEAD + 1
    desk.lane.forget(env(1))
    desk.lane.want(0.0)
    assert len(desk.offers) == OFFERS_AHEAD + 2


def test_adding_twice_changes_nothing() -> None:
    """The shelf may name an envelope again."""
    desk = Desk()
    desk.lane.add(due(0))
    desk.lane.add(due(0))
    assert len(desk.lane) == 1


def test_the_limit_of_envelopes(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit all is well, one beyond is our own error."""
    monkeypatch.setattr(lane, "ENVELOPES_LIMIT", 1)
    desk = Desk()
    desk.lane.add(due(0))
    with pytest.raises(LocalError):
        desk.lane.add(due(1))


def test_forgetting_a_stranger_changes_nothing() -> None:
    """A second stage 2 receipt is harmless."""
    desk = Desk()
    desk.lane.forget(env(0))
    assert env(0) not in desk.lane


def test_forgetting_frees_what_was_under_way() -> None:
    """A refused envelope does not keep its share of the window."""
    desk = Desk()
    desk.lane.add(due(0))
    desk.send()
    assert desk.lane.under_way == SLIP
    desk.lane.forget(env(0))
    assert (desk.lane.under_way, desk.send()) == (0, None)


def test_the_window_stops_the_wants() -> None:
    """With enough unconfirmed bytes under way nothing more is wanted until a confirmation."""
    desk = Desk()
    for n in range(3):
        desk.lane.add(due(n))
    while desk.send() is not None:
        pass
    full = desk.lane.under_way
    assert full <= Pace().window() < full + PIECE_FIRST
    assert desk.lane.confirm(env(0), 0, SLIP, 0.1)
    assert desk.lane.confirm(env(1), 0, SLIP, 0.1)
    assert desk.lane.confirm(env(2), 0, SLIP, 0.1)
    assert desk.lane.confirm(env(0), 1, 5_000, 0.1)
    assert desk.send() is not None


def test_a_want_that_is_out_of_date_sends_nothing() -> None:
    """Between want and supply the envelope was refused, or the hall spoke of another offset."""
    desk = Desk()
    desk.lane.add(due(0))
    want = desk.lane.want(0.0)
    assert want is not None
    desk.lane.have(Have(env(0), 0, ((0, 100),)))
    assert desk.lane.supply(want, bytes(want.length), 0.0) is None
    desk.lane.forget(env(0))
    assert desk.lane.supply(want, bytes(want.length), 0.0) is None


def test_fail__a_supply_of_another_length() -> None:
    """The shelf gave fewer bytes than it promised: our own error."""
    desk = Desk()
    desk.lane.add(due(0))
    want = desk.lane.want(0.0)
    assert want is not None
    with pytest.raises(LocalError):
        desk.lane.supply(want, b"short", 0.0)


@pytest.mark.parametrize(
    ("n", "item", "offset"), [(0, 0, 0), (0, 0, SLIP + 1), (0, 9, 1), (1, 0, 1)]
)
def test_a_confirmation_that_is_no_news(n: int, item: int, offset: int) -> None:
    """Old, impossible and strange confirmations change nothing."""
    desk = Desk()
    desk.lane.add(due(0))
    desk.send()
    assert not desk.lane.confirm(env(n), item, offset, 0.1)
    assert desk.lane.under_way == SLIP


def test_a_confirmation_beyond_what_was_sent_is_believed() -> None:
    """After a rewind the hall may confirm pieces that were under way before it."""
    desk = Desk()
    desk.lane.add(due(0))
    desk.send()
    desk.lane.have(Have(env(0), 0, ()))
    assert desk.lane.confirm(env(0), 0, SLIP, 0.1)
    assert desk.lane.under_way == 0


def test_a_have_for_a_stranger_is_passed_over() -> None:
    """The envelope left the session meanwhile."""
    assert Desk().lane.have(Have(env(0), 0, ())) == {}


def test_a_pull_moves_a_page_before_others() -> None:
    """Of two envelopes' pages the pulled one is wanted first."""
    desk = Desk()
    for n in range(2):
        desk.lane.add(due(n))
    for _ in range(4):
        desk.send()
    desk.lane.pull(env(1), 2)
    want = desk.lane.want(0.0)
    assert want is not None
    assert (want.env_id, want.item) == (env(1), 2)


def test_a_pull_before_have_is_remembered() -> None:
    """An offered envelope's page is pulled; it goes first once the hall has spoken."""
    desk = Desk()
    for n in range(2):
        desk.lane.add(due(n, fresh=False))
    desk.lane.want(0.0)
    desk.lane.pull(env(1), 2)
    assert desk.lane.want(0.0) is None
    for n in range(2):
        desk.lane.have(Have(env(n), 1, ((0, SLIP), (1, 5_000))))
    want = desk.lane.want(0.0)
    assert want is not None
    assert (want.env_id, want.item) == (env(1), 2)


@pytest.mark.parametrize(("n", "item"), [(5, 2), (0, 9)])
def test_a_pull_of_a_stranger_changes_nothing(n: int, item: int) -> None:
    """An unknown envelope or item is passed over."""
    desk = Desk()
    desk.lane.add(due(0))
    desk.lane.pull(env(n), item)
    assert desk.lane.want(0.0) == Want(env(0), 0, 0, SLIP)


def test_a_pull_of_a_page_that_was_sent_changes_nothing() -> None:
    """What is on its way is not queued again."""
    desk = Desk()
    desk.lane.add(due(0, fresh=False))
    desk.lane.want(0.0)
    desk.lane.have(Have(env(0), 1, ((0, SLIP), (1, 5_000), (2, PAGE))))
    desk.lane.pull(env(0), 2)
    assert desk.lane.want(0.0) is None


def test_of_two_pages_the_one_with_fewer_days_left_goes_first() -> None:
    """Also when it was kept later; one without a deadline waits behind both."""
    desk = Desk()
    for n, deadline in enumerate([None, 740_000, 739_000]):
        desk.lane.add(replace(due(n), deadline=deadline))
    order = []
    while (piece := desk.send()) is not None:
        end = piece.offset + len(piece.data)
        desk.lane.confirm(piece.env_id, piece.item, end, 0.0)
        if (piece.item, end) == (2, PAGE):
            order.append(piece.env_id)
    assert order == [env(2), env(1), env(0)]
