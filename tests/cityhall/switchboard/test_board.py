"""The switchboard's truth: presence, calls, lines, and what each bus is told."""

import pytest

from cityhall.switchboard import board as board_room
from cityhall.switchboard.board import Board, Moment, Presence, worth_calling_back
from sync.calling import HOLD_S, RING_S, CallRefused, CallState, Outcome, Side
from sync.callwords import (
    Answer,
    Greet,
    HangUp,
    Message,
    Quiet,
    Refusal,
    Ring,
    Said,
    Say,
    Standing,
)
from sync.errors import PeerError

BUS = "bus-07"
OTHER = "bus-08"
CALL = "a" * 32
LATER = "b" * 32
LINE = "1" * 32


def at(second: float) -> Moment:
    """The moment so many seconds after the start."""
    return Moment(1_790_000_000 + int(second), second)


def standing(call_id: str, state: CallState, caller: Side, how: Outcome = Outcome.NONE) -> Standing:
    """What a bus is told of a call."""
    return Standing(call_id, caller, state, how)


def connected(*devices: str) -> Board:
    """A board with these buses, all told what there was to tell."""
    board = Board()
    for device in devices:
        board.arrive(device, at(0))
    board.drain()
    return board


def talking(board: Board) -> Board:
    """Let the bus ring and a caseworker answer."""
    board.hear(BUS, Ring(CALL), at(1))
    board.answer(CALL, at(2))
    board.drain()
    return board


def state_of(board: Board, call_id: str = CALL) -> CallState:
    """How a call stands."""
    return next(c.state for c in board.calls() if c.call_id == call_id)


def test_ok__a_bus_is_reachable_since_it_came() -> None:
    """And unreachable since it left."""
    board = Board()
    board.arrive(BUS, at(5))
    here = board.presence()
    board.leave(BUS, at(9))
    assert here == (Presence(BUS, reachable=True, since=at(5).wall),)
    assert board.presence() == (Presence(BUS, reachable=False, since=at(9).wall),)


def test_ok__leaving_twice_is_leaving_once() -> None:
    """Also for a bus that never came."""
    board = connected(BUS)
    board.leave(BUS, at(1))
    board.leave(BUS, at(2))
    board.leave(OTHER, at(2))
    assert board.presence() == (Presence(BUS, reachable=False, since=at(1).wall),)


def test_ok__a_newcomer_is_told_that_there_is_no_call() -> None:
    """So that it does not believe an old one."""
    board = Board()
    board.arrive(BUS, at(0))
    assert board.drain() == [(BUS, Quiet())]


def test_ok__a_bus_rings_and_is_answered() -> None:
    """Both moves are told to the bus."""
    board = connected(BUS)
    board.hear(BUS, Ring(CALL), at(1))
    board.answer(CALL, at(2))
    assert board.drain() == [
        (BUS, standing(CALL, CallState.RINGING, Side.BUS)),
        (BUS, standing(CALL, CallState.TALKING, Side.BUS)),
    ]


def test_ok__a_caseworker_rings_and_the_bus_answers() -> None:
    """The other way round."""
    board = connected(BUS)
    board.ring(BUS, CALL, at(1))
    board.hear(BUS, Answer(CALL), at(2))
    assert state_of(board) is CallState.TALKING


def test_ok__a_repeated_ring_is_the_same_call() -> None:
    """The bus draws the number, so a repeat after a lost link does not ring twice."""
    board = connected(BUS)
    board.hear(BUS, Ring(CALL), at(1))
    board.hear(BUS, Ring(CALL), at(2))
    assert len(board.calls()) == 1


def test_ok__a_ring_repeated_after_the_end_is_told_the_end() -> None:
    """It does not begin anew."""
    board = connected(BUS)
    board.hear(BUS, Ring(CALL), at(1))
    board.wake(at(1 + RING_S))
    board.drain()
    board.hear(BUS, Ring(CALL), at(100))
    assert board.drain() == [(BUS, standing(CALL, CallState.ENDED, Side.BUS, Outcome.MISSED))]


@pytest.mark.parametrize(
    ("message", "number"),
    [
        (Ring(LATER), CallRefused.BUSY),
        (Answer(LATER), CallRefused.NO_SUCH_CALL),
        (HangUp(LATER), CallRefused.NO_SUCH_CALL),
        (Say(LATER, LINE, "a"), CallRefused.NO_SUCH_CALL),
        (Answer(CALL), CallRefused.NOT_NOW),
        (Say(CALL, LINE, "a"), CallRefused.NOT_NOW),
    ],
)
def test_fail__what_cannot_be_followed_is_answered_with_its_number(
    message: Message, number: int
) -> None:
    """While the bus's own call rings."""
    board = connected(BUS)
    board.hear(BUS, Ring(CALL), at(1))
    board.drain()
    board.hear(BUS, message, at(2))
    ((device, refusal),) = board.drain()
    assert isinstance(refusal, Refusal)
    assert (device, refusal.number) == (BUS, number)


@pytest.mark.parametrize("message", [Answer(CALL), HangUp(CALL), Say(CALL, LINE, "a"), Ring(CALL)])
def test_fail__another_buss_call_is_none_of_its_business(message: Message) -> None:
    """A bus can neither answer, end, read nor take over a call that is not its own."""
    board = talking(connected(BUS, OTHER))
    board.hear(OTHER, message, at(3))
    told = board.drain()
    assert [(device, type(what)) for device, what in told] == [(OTHER, Refusal)]
    assert state_of(board) is CallState.TALKING


def test_fail__a_past_number_of_another_bus_is_taken() -> None:
    """Numbers are never used again."""
    board = talking(connected(BUS, OTHER))
    board.hang_up(CALL, at(3))
    board.drain()
    board.hear(OTHER, Ring(CALL), at(4))
    ((_, refusal),) = board.drain()
    assert isinstance(refusal, Refusal)


def test_ok__a_greeting_in_the_middle_is_harmless() -> None:
    """Nothing happens, nothing is said."""
    board = connected(BUS)
    board.hear(BUS, Greet(), at(1))
    assert board.drain() == []


@pytest.mark.parametrize("device", [OTHER, "bus-99"])
def test_fail__a_bus_that_is_not_there_cannot_be_rung(device: str) -> None:
    """Gone or never seen."""
    board = connected(BUS, OTHER)
    board.leave(OTHER, at(1))
    with pytest.raises(PeerError) as caught:
        board.ring(device, CALL, at(2))
    assert caught.value.code == CallRefused.NOT_REACHABLE


def test_fail__the_second_caseworker_to_answer_is_told() -> None:
    """One call has one caseworker."""
    board = connected(BUS)
    board.hear(BUS, Ring(CALL), at(1))
    board.answer(CALL, at(2))
    with pytest.raises(PeerError, match="faster"):
        board.answer(CALL, at(3))


def test_fail__a_caseworker_cannot_end_what_never_was() -> None:
    """An unknown number is told as such."""
    with pytest.raises(PeerError) as caught:
        connected(BUS).hang_up(CALL, at(1))
    assert caught.value.code == CallRefused.NO_SUCH_CALL


def test_ok__a_lost_bus_finds_its_call_again() -> None:
    """The call is held and goes on under the same number, with every line."""
    board = talking(connected(BUS))
    board.say(CALL, LINE, "聞こえますか", at(3))
    board.leave(BUS, at(4))
    held = state_of(board)
    board.drain()
    board.arrive(BUS, at(30))
    assert held is CallState.HELD
    assert board.drain() == [
        (BUS, standing(CALL, CallState.TALKING, Side.BUS)),
        (BUS, Said(CALL, LINE, Side.HALL, "聞こえますか", at(3).wall)),
    ]


def test_ok__a_held_call_ends_when_patience_does() -> None:
    """The timer says when; one moment before it nothing happens."""
    board = talking(connected(BUS))
    board.leave(BUS, at(4))
    due = board.timer()
    assert due == 4 + HOLD_S
    board.wake(at(due - 0.1))
    before = state_of(board)
    board.wake(at(due))
    assert (before, state_of(board)) == (CallState.HELD, CallState.ENDED)
    assert worth_calling_back(board.calls()[0])
    assert board.timer() is None


def test_ok__a_bus_back_too_late_is_told_how_it_ended() -> None:
    """It must not go on talking to nobody."""
    board = talking(connected(BUS))
    board.leave(BUS, at(4))
    board.wake(at(4 + HOLD_S))
    board.drain()
    board.arrive(BUS, at(300))
    assert board.drain() == [(BUS, standing(CALL, CallState.ENDED, Side.BUS, Outcome.LOST))]


def test_ok__a_line_is_told_back_with_its_time() -> None:
    """The bus knows by that that it is written down; a repeat has the same time."""
    board = talking(connected(BUS))
    board.hear(BUS, Say(CALL, LINE, "はい"), at(3))
    board.hear(BUS, Say(CALL, LINE, "はい"), at(9))
    said = (BUS, Said(CALL, LINE, Side.BUS, "はい", at(3).wall))
    assert board.drain() == [said, said]
    assert len(board.lines(CALL)) == 1


def test_ok__a_talk_is_forgotten_when_it_ends() -> None:
    """Lines are about a person and are not kept."""
    board = talking(connected(BUS))
    board.say(CALL, LINE, "聞こえますか", at(3))
    board.hang_up(CALL, at(4))
    assert board.lines(CALL) == ()


def test_ok__hanging_up_twice_is_hanging_up_once() -> None:
    """Both sides may do it at the same time."""
    board = talking(connected(BUS))
    board.hang_up(CALL, at(3))
    board.hear(BUS, HangUp(CALL), at(3))
    assert len(board.calls()) == 1


def test_ok__old_calls_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the newest are kept for calling back."""
    monkeypatch.setattr(board_room, "PAST_CALLS", 2)
    board = connected(BUS)
    for number in range(3):
        board.hear(BUS, Ring(f"{number:032x}"), at(number))
        board.hear(BUS, HangUp(f"{number:032x}"), at(number))
    assert [c.call_id[-1] for c in board.calls()] == ["2", "1"]


def test_fail__one_bus_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A known bus still finds its place."""
    monkeypatch.setattr(board_room, "BUSES_MAX", 1)
    board = connected(BUS)
    board.arrive(BUS, at(1))
    with pytest.raises(PeerError) as caught:
        board.arrive(OTHER, at(1))
    assert caught.value.code == CallRefused.HALL_FULL


def test_ok__each_side_is_told_the_others_binding() -> None:
    """The bus hears city hall's own, whoever rang."""
    board = connected(BUS, OTHER)
    board.hear(BUS, Ring(CALL, "bus"), at(1))
    board.answer(CALL, at(2), "hall")
    board.ring(OTHER, LATER, at(3), "hall")
    board.hear(OTHER, Answer(LATER, "bus"), at(4))
    told = [(device, one.binding) for device, one in board.drain() if isinstance(one, Standing)]
    assert told == [(BUS, ""), (BUS, "hall"), (OTHER, "hall"), (OTHER, "hall")]
    bindings = {call.call_id: (call.ringing, call.answering) for call in board.calls()}
    assert bindings == {CALL: ("bus", "hall"), LATER: ("hall", "bus")}


def test_ok__an_ended_call_keeps_no_binding() -> None:
    """It stays in the list of past calls without."""
    board = connected(BUS)
    board.hear(BUS, Ring(CALL, "bus"), at(1))
    board.hear(BUS, Ring(CALL, "bus"), at(2))
    board.hang_up(CALL, at(3))
    (call,) = board.calls()
    assert (call.ringing, call.answering) == ("", "")


def test_fail__a_repeated_ringing_with_another_binding() -> None:
    """One number, one certificate: a second one is refused, and the first rings on."""
    board = connected(BUS)
    board.hear(BUS, Ring(CALL, "bus"), at(1))
    board.drain()
    board.hear(BUS, Ring(CALL, "thief"), at(2))
    ((_, told),) = board.drain()
    assert isinstance(told, Refusal)
    assert told.number == CallRefused.NOT_NOW
    assert board.calls()[0].ringing == "bus"


def test_fail__an_answer_that_binds_what_rang_unbound() -> None:
    """A call of lines stays one."""
    board = connected(BUS)
    board.hear(BUS, Ring(CALL), at(1))
    with pytest.raises(PeerError) as error:
        board.answer(CALL, at(2), "hall")
    assert error.value.code == CallRefused.NOT_BOUND
    assert state_of(board) is CallState.RINGING
