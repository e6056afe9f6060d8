"""The table of a call: every move, allowed or not."""

from dataclasses import replace

import pytest

from sync.calling import (
    HOLD_S,
    LINES_MAX,
    RING_S,
    TABLE,
    TEXT_MAX,
    Call,
    CallEvent,
    CallRefused,
    CallState,
    Line,
    Outcome,
    Side,
    answered,
    move,
    with_line,
)
from sync.errors import PeerError

NUMBER = "0" * 32


def call(state: CallState, caller: Side = Side.BUS) -> Call:
    """A call that has stood in this state since second 10."""
    return Call(NUMBER, "bus-07", caller, state, 10.0)


def line(number: int, text: str = "聞こえますか") -> Line:
    """The line with this number."""
    return Line(f"{number:032x}", Side.BUS, text, 1_790_000_000)


@pytest.mark.parametrize("state", list(CallState))
@pytest.mark.parametrize("event", list(CallEvent))
def test_ok__the_table_is_the_whole_truth(state: CallState, event: CallEvent) -> None:
    """What is in the table happens, what is not raises NOT_NOW."""
    allowed = TABLE.get((state, event))
    if allowed is None:
        with pytest.raises(PeerError) as caught:
            move(call(state), event, Side.HALL, 11.0)
        assert caught.value.code == CallRefused.NOT_NOW
    else:
        assert move(call(state), event, Side.HALL, 11.0).state is allowed


@pytest.mark.parametrize(("state", "event"), [k for k, v in TABLE.items() if k[0] is v])
def test_ok__a_repeated_move_changes_nothing(state: CallState, event: CallEvent) -> None:
    """Everything may come twice."""
    assert move(call(state), event, Side.HALL, 99.0) == call(state)


@pytest.mark.parametrize("caller", list(Side))
def test_fail__whoever_rings_cannot_answer(caller: Side) -> None:
    """Neither side can answer its own ring."""
    with pytest.raises(PeerError, match="cannot answer"):
        move(call(CallState.RINGING, caller), CallEvent.ANSWER, caller, 11.0)


@pytest.mark.parametrize(
    ("state", "event", "by", "outcome"),
    [
        (CallState.RINGING, CallEvent.HANG_UP, Side.BUS, Outcome.GIVEN_UP),
        (CallState.RINGING, CallEvent.HANG_UP, Side.HALL, Outcome.REFUSED),
        (CallState.RINGING, CallEvent.TIMEOUT, Side.HALL, Outcome.MISSED),
        (CallState.TALKING, CallEvent.HANG_UP, Side.BUS, Outcome.HUNG_UP),
        (CallState.HELD, CallEvent.HANG_UP, Side.HALL, Outcome.HUNG_UP),
        (CallState.HELD, CallEvent.TIMEOUT, Side.HALL, Outcome.LOST),
    ],
)
def test_ok__an_ended_call_says_how(
    state: CallState, event: CallEvent, by: Side, outcome: Outcome
) -> None:
    """Who hung up when decides whether somebody should be called back."""
    assert move(call(state), event, by, 11.0).outcome is outcome


@pytest.mark.parametrize(
    ("state", "deadline"),
    [
        (CallState.RINGING, 10 + RING_S),
        (CallState.TALKING, None),
        (CallState.HELD, 10 + HOLD_S),
        (CallState.ENDED, None),
    ],
)
def test_ok__only_waiting_has_a_deadline(state: CallState, deadline: float | None) -> None:
    """Talking takes as long as it takes."""
    assert call(state).deadline == deadline


def test_ok__a_new_state_begins_now() -> None:
    """The time in a state counts from the move."""
    assert move(call(CallState.TALKING), CallEvent.LOSE, Side.BUS, 42.0).since == 42.0


def test_ok__lines_keep_their_order() -> None:
    """As they were said."""
    lines = with_line(call(CallState.TALKING), (line(1),), line(2))
    assert [x.line_id for x in lines] == [line(1).line_id, line(2).line_id]


def test_ok__the_same_line_twice_is_one_line() -> None:
    """Even when the call has ended since."""
    assert with_line(call(CallState.ENDED), (line(1),), line(1)) == (line(1),)


@pytest.mark.parametrize("state", [CallState.RINGING, CallState.ENDED])
def test_fail__a_line_needs_an_answered_call(state: CallState) -> None:
    """Nobody would read it."""
    with pytest.raises(PeerError) as caught:
        with_line(call(state), (), line(1))
    assert caught.value.code == CallRefused.NOT_NOW


@pytest.mark.parametrize("text", ["", " \n", "あ" * (TEXT_MAX + 1)])
def test_fail__an_empty_or_endless_line(text: str) -> None:
    """One character beyond the limit is too much."""
    with pytest.raises(PeerError) as caught:
        with_line(call(CallState.TALKING), (), line(1, text))
    assert caught.value.code == CallRefused.TOO_MUCH


def test_ok__a_line_at_the_limit() -> None:
    """The limit itself is allowed, also while the call is held."""
    assert with_line(call(CallState.HELD), (), line(1, "あ" * TEXT_MAX))


def test_fail__one_line_too_many() -> None:
    """A call has room for LINES_MAX lines."""
    lines: tuple[Line, ...] = ()
    for number in range(LINES_MAX):
        lines = with_line(call(CallState.TALKING), lines, line(number))
    with pytest.raises(PeerError):
        with_line(call(CallState.TALKING), lines, line(LINES_MAX))


def test_ok__an_answer_binds_the_media_once() -> None:
    """The first binding counts; a repeat changes nothing, and the end forgets both."""
    ringing = replace(call(CallState.RINGING), ringing="ring")
    talking = answered(ringing, Side.HALL, "answer", 20.0)
    assert (talking.ringing, talking.answering) == ("ring", "answer")
    assert answered(talking, Side.HALL, "another", 21.0) == talking
    ended = move(talking, CallEvent.HANG_UP, Side.BUS, 22.0)
    assert (ended.ringing, ended.answering) == ("", "")


def test_ok__a_bound_ringing_may_be_answered_with_words_alone() -> None:
    """Whoever cannot take media says so by binding none."""
    ringing = replace(call(CallState.RINGING), ringing="ring")
    assert answered(ringing, Side.HALL, "", 20.0).answering == ""


def test_fail__an_answer_cannot_bind_what_did_not_ring_bound() -> None:
    """There is no certificate of the caller that it could answer."""
    with pytest.raises(PeerError) as error:
        answered(call(CallState.RINGING), Side.HALL, "answer", 20.0)
    assert error.value.code == CallRefused.NOT_BOUND
