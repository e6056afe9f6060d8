"""The one table of moves: both ends agree, an illegal move raises and changes nothing."""

from itertools import product

import pytest

from sync.errors import LocalError, PeerError
from sync.frames import (
    FRAMES,
    Confirm,
    Down,
    Frame,
    Have,
    Hello,
    Journal,
    Offer,
    Piece,
    Ping,
    Pong,
    Pull,
    Receipt,
    Refuse,
    Time,
    Welcome,
    Witness,
)
from sync.refusals import Refused
from sync.states import TABLE, Role, Session, State

ID = bytes(16)
ONE_OF_EACH: dict[type[Frame], Frame] = {
    Hello: Hello("bus-07", bytes(8), "", 0),
    Welcome: Welcome(bytes(8), "note", ()),
    Offer: Offer(ID, 1, 0, fresh=True),
    Have: Have(ID, 0, ()),
    Piece: Piece(ID, 0, 0, b"x"),
    Confirm: Confirm(ID, 0, 1),
    Receipt: Receipt(ID, 1, b"r", b"p", ()),
    Down: Down(ID, "correction", 0, 1, b"x"),
    Time: Time(bytes(16)),
    Ping: Ping(1),
    Pong: Pong(1),
    Pull: Pull(ID, 1),
    Journal: Journal("", "note", ()),
    Witness: Witness("note", taken=True),
}
BUS_ONLY = {Hello, Offer, Piece, Journal}
HALL_ONLY = {Welcome, Have, Receipt, Down, Pull, Witness}


def session_at(role: Role, state: State) -> Session:
    """Return a session of one end that stands at `state`."""
    found = Session(role)
    found.state = state
    return found


def moves() -> list[tuple[Role, State, type[Frame]]]:
    """List every move there could be, but refusals."""
    kinds = [kind for kind in FRAMES if kind is not Refuse]
    return list(product(Role, State, kinds))


@pytest.mark.parametrize(("role", "state", "kind"), moves())
def test_what_one_end_may_say_the_other_may_hear(
    role: Role, state: State, kind: type[Frame]
) -> None:
    """Both ends read the same table, and an illegal move leaves the state alone."""
    frame = ONE_OF_EACH[kind]
    speaker = session_at(role, state)
    hearer = session_at(Role.HALL if role is Role.BUS else Role.BUS, state)
    after = TABLE.get((role, state, kind))
    if after is None:
        with pytest.raises(LocalError):
            speaker.say(frame)
        with pytest.raises(PeerError) as caught:
            hearer.hear(frame)
        assert caught.value.code == Refused.OUT_OF_ORDER
    else:
        speaker.say(frame)
        hearer.hear(frame)
    assert speaker.state is hearer.state is (state if after is None else after)


@pytest.mark.parametrize("kind", BUS_ONLY, ids=lambda kind: kind.__name__)
def test_the_hall_never_says_what_is_the_buss(kind: type[Frame]) -> None:
    """Hello, offers and pieces go up only."""
    assert not [key for key in TABLE if key[0] is Role.HALL and key[2] is kind]


@pytest.mark.parametrize("kind", HALL_ONLY, ids=lambda kind: kind.__name__)
def test_the_bus_never_says_what_is_the_halls(kind: type[Frame]) -> None:
    """Welcome, have, receipts, letters and pulls go down only."""
    assert not [key for key in TABLE if key[0] is Role.BUS and key[2] is kind]


@pytest.mark.parametrize("state", [State.START, State.GREETED, State.OPEN])
def test_a_refusal_of_the_session_closes_it_anywhere(state: State) -> None:
    """Either end may leave at any moment, with a number."""
    session = session_at(Role.HALL, state)
    session.say(Refuse(Refused.UNKNOWN_DEVICE, "unknown"))
    assert session.state is State.CLOSED


def test_a_refusal_of_one_thing_leaves_the_session_open() -> None:
    """A poison envelope does not end anything."""
    session = session_at(Role.BUS, State.OPEN)
    session.hear(Refuse(Refused.SLIP_SIGNATURE, "no", ID))
    assert session.state is State.OPEN


@pytest.mark.parametrize("state", [State.START, State.GREETED, State.CLOSED])
def test_a_refusal_of_one_thing_needs_an_open_session(state: State) -> None:
    """Before the welcome and after the end there is nothing to refuse."""
    with pytest.raises(PeerError):
        session_at(Role.BUS, state).hear(Refuse(Refused.SLIP_SIGNATURE, "no", ID))


def test_after_the_end_nothing_is_said() -> None:
    """A closed session stays closed."""
    session = Session(Role.BUS)
    session.say(Refuse(Refused.SILENT, "bye"))
    with pytest.raises(LocalError):
        session.say(Refuse(Refused.SILENT, "bye"))
    assert session.state is State.CLOSED


def test_the_sentence_names_who_what_and_where() -> None:
    """The message tells speaker, frame and state."""
    with pytest.raises(PeerError, match="the hall cannot say RECEIPT when start"):
        Session(Role.BUS).hear(ONE_OF_EACH[Receipt])
