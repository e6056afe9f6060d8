"""The bus's copy of its call."""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.call.phone import Phone
from cityhall.switchboard.board import Board, Moment
from sync.calling import TEXT_MAX, CallRefused, CallState, Outcome, Side
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
from sync.errors import LocalError, PeerError

CALL = "a" * 32
LINE = "1" * 32


def phone(*, reachable: bool = True) -> Phone:
    """A phone whose random numbers count upwards."""
    count = itertools.count(1)
    one = Phone("bus-07", lambda size: next(count).to_bytes(size, "big"), 100)
    if reachable:
        one.connected(110)
    return one


def in_call() -> Phone:
    """A phone whose ring was answered."""
    one = phone()
    (ring,) = one.ring(1.0)
    assert isinstance(ring, Ring)
    one.hear(Standing(ring.call_id, Side.BUS, CallState.TALKING, Outcome.NONE), 2.0)
    return one


def state_of(one: Phone) -> CallState | None:
    """How its call stands."""
    return one.call.state if one.call else None


def test_ok__it_tells_since_when_city_hall_can_be_reached() -> None:
    """Or cannot, with the cause."""
    one = phone()
    up = (one.reachable, one.since, one.cause)
    one.lost(120, "tunnel", 5.0)
    one.lost(130, "still tunnel", 6.0)
    assert up == (True, 110, "")
    assert (one.reachable, one.since, one.cause) == (False, 120, "still tunnel")


def test_ok__ringing_draws_a_number_and_says_so() -> None:
    """The number is ours, so a repeat is the same call."""
    one = phone()
    assert one.ring(1.0) == [Ring(f"{1:032x}")]
    assert state_of(one) is CallState.RINGING


def test_fail__nobody_can_be_rung_without_a_link() -> None:
    """The sentence says why; nothing is pretended."""
    with pytest.raises(LocalError, match="cannot be reached"):
        phone(reachable=False).ring(1.0)


def test_fail__one_call_at_a_time() -> None:
    """The first one must end before."""
    one = in_call()
    with pytest.raises(LocalError, match="hang up first"):
        one.ring(3.0)


def test_ok__city_halls_ring_is_answered() -> None:
    """The bus answers under city hall's number."""
    one = phone()
    one.hear(Standing(CALL, Side.HALL, CallState.RINGING, Outcome.NONE), 1.0)
    assert one.answer(2.0) == [Answer(CALL)]
    assert state_of(one) is CallState.TALKING


def test_fail__there_is_nothing_to_answer() -> None:
    """Without a call, after its end, to one's own ring, and without a link."""
    one = phone()
    with pytest.raises(LocalError):
        one.answer(1.0)
    one.ring(1.0)
    with pytest.raises(PeerError):
        one.answer(1.0)
    one.hang_up(2.0)
    with pytest.raises(LocalError):
        one.answer(3.0)
    one.hear(Standing(CALL, Side.HALL, CallState.RINGING, Outcome.NONE), 4.0)
    one.lost(120, "tunnel", 5.0)
    with pytest.raises(LocalError, match="held"):
        one.answer(6.0)


def test_ok__hanging_up_without_a_call_is_nothing() -> None:
    """The button may be pressed at any time."""
    assert phone().hang_up(1.0) == []


def test_ok__hanging_up_ends_the_call_here_at_once() -> None:
    """City hall is told."""
    one = in_call()
    assert one.hang_up(3.0) == [HangUp(f"{1:032x}")]
    assert state_of(one) is CallState.ENDED


def test_ok__hanging_up_in_a_tunnel_is_said_when_the_link_is_back() -> None:
    """The call does not come back to life meanwhile."""
    one = in_call()
    one.lost(120, "tunnel", 3.0)
    one.hang_up(4.0)
    again = one.connected(130)
    one.hear(Standing(f"{1:032x}", Side.BUS, CallState.TALKING, Outcome.NONE), 5.0)
    still = state_of(one)
    one.hear(Standing(f"{1:032x}", Side.BUS, CallState.ENDED, Outcome.HUNG_UP), 6.0)
    assert (again, still) == ([HangUp(f"{1:032x}")], CallState.ENDED)
    assert one.connected(140) == []


@pytest.mark.parametrize(
    "news", [Quiet(), Refusal(CallRefused.NO_SUCH_CALL, f"{1:032x}", "no such call")]
)
def test_ok__a_hang_up_nobody_needs_is_not_repeated(news: Message) -> None:
    """The switchboard has forgotten the call by itself."""
    one = in_call()
    one.hang_up(3.0)
    one.hear(news, 4.0)
    assert one.connected(130) == []


def test_ok__a_lost_call_is_held_and_comes_back() -> None:
    """The switchboard says when it goes on."""
    one = in_call()
    one.lost(120, "tunnel", 5.0)
    held = state_of(one)
    one.connected(140)
    one.hear(Standing(f"{1:032x}", Side.BUS, CallState.TALKING, Outcome.NONE), 6.0)
    assert (held, state_of(one)) == (CallState.HELD, CallState.TALKING)


def test_ok__a_ring_is_repeated_after_a_loss() -> None:
    """The switchboard may never have heard it."""
    one = phone()
    one.ring(1.0)
    one.lost(120, "tunnel", 2.0)
    assert one.connected(130) == [Ring(f"{1:032x}")]


def test_ok__a_quiet_switchboard_does_not_silence_a_fresh_ring() -> None:
    """It only had not heard it yet; an old call, however, is over."""
    one = phone()
    one.ring(1.0)
    one.hear(Quiet(), 2.0)
    ringing = state_of(one)
    other = in_call()
    other.hear(Quiet(), 3.0)
    assert ringing is CallState.RINGING
    assert (state_of(other), other.call and other.call.outcome) == (
        CallState.ENDED,
        Outcome.LOST,
    )


def test_ok__a_line_waits_until_it_is_written_down() -> None:
    """It is said again after a loss, and no more once it was told back."""
    one = in_call()
    (say,) = one.say("聞こえますか", 115)
    assert isinstance(say, Say)
    one.lost(120, "tunnel", 5.0)
    again = one.connected(130)
    one.hear(Said(say.call_id, say.line_id, Side.BUS, say.text, 131), 6.0)
    one.lost(140, "tunnel", 7.0)
    assert again == [say]
    assert one.connected(150) == []
    assert [line.text for line in one.lines] == ["聞こえますか"]


def test_ok__the_same_line_told_twice_is_one_line() -> None:
    """And a line of another call is none of ours."""
    one = in_call()
    said = Said(f"{1:032x}", LINE, Side.HALL, "はい", 131)
    one.hear(said, 3.0)
    one.hear(said, 4.0)
    one.hear(Said(CALL, "2" * 32, Side.HALL, "?", 131), 5.0)
    assert len(one.lines) == 1


def test_fail__a_line_is_checked_before_it_is_said() -> None:
    """Too long, and without a call."""
    with pytest.raises(PeerError):
        in_call().say("あ" * (TEXT_MAX + 1), 115)
    with pytest.raises(LocalError):
        phone().say("a", 115)


def test_ok__a_refused_ring_is_over() -> None:
    """With its sentence for the screen; a refusal about another call changes nothing."""
    one = phone()
    one.ring(1.0)
    one.hear(Refusal(CallRefused.BUSY, CALL, "other"), 2.0)
    still = state_of(one)
    one.hear(Refusal(CallRefused.BUSY, f"{1:032x}", "busy"), 3.0)
    assert (still, state_of(one)) == (CallState.RINGING, CallState.ENDED)
    assert one.state(4.0)["refusal"] == {"number": 412, "sentence": "busy"}


def test_ok__a_refused_line_is_not_said_for_ever() -> None:
    """Too much is dropped; the call goes on."""
    one = in_call()
    one.say("a", 115)
    one.hear(Refusal(CallRefused.TOO_MUCH, f"{1:032x}", "full"), 3.0)
    assert (one.connected(130), state_of(one)) == ([], CallState.TALKING)


def test_ok__a_new_ring_replaces_an_ended_call_and_not_a_living_one_by_an_ended() -> None:
    """News of an old call's end does not end the present one."""
    one = in_call()
    one.hear(Standing(CALL, Side.HALL, CallState.ENDED, Outcome.MISSED), 3.0)
    assert state_of(one) is CallState.TALKING
    one.hang_up(4.0)
    one.hear(Standing(CALL, Side.HALL, CallState.RINGING, Outcome.NONE), 5.0)
    assert one.call is not None
    assert one.call.call_id == CALL


def test_ok__the_state_pretends_no_media() -> None:
    """And has all a screen needs, with and without a call."""
    assert phone().state(1.0)["call"] is None
    told = in_call().state(7.0)
    assert (told["media"], told["call"]["state"], told["call"]["seconds"]) == (False, "talking", 5)
    one = phone()
    one.hear(Greet(), 1.0)
    assert one.state(1.0)["call"] is None


WORDS = st.sampled_from(
    [
        "ring",
        "answer",
        "hang_up",
        "say",
        "lose",
        "link",
        "hall_ring",
        "hall_answer",
        "hall_end",
        "w",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, max_size=40))
def test_ok__both_ends_agree_whatever_happens(steps: list[str]) -> None:
    """After any walk, once the link is back and all is said, bus and switchboard see one call alike."""
    walk = Walk()
    for step in steps:
        walk.take(step)
    walk.take("link")
    known = {c.call_id: c for c in walk.board.calls()}
    mine = walk.phone.call
    if mine is not None and mine.state is not CallState.ENDED:
        assert known[mine.call_id].state is mine.state
        told = {line.line_id for line in walk.board.lines(mine.call_id)}
        assert {line.line_id for line in walk.phone.lines} == told
    live = [c for c in known.values() if c.state is not CallState.ENDED]
    assert [c.call_id for c in live] == ([mine.call_id] if mine and live else [])


class Walk:
    """A phone and a board over a link that loses everything on its way when it breaks."""

    def __init__(self) -> None:
        self.board = Board()
        self.phone = phone(reachable=False)
        self.up = False
        self.time = 0.0
        self.count = itertools.count(1000)

    def take(self, step: str) -> None:
        """Do one thing, if it may be done, and let both talk."""
        self.time += 7.0
        now = Moment(int(self.time), self.time)
        try:
            self._do(step, now)
        except (LocalError, PeerError):
            return
        finally:
            self._settle(now)

    def _do(self, step: str, now: Moment) -> None:
        at_the_bus = {
            "ring": lambda: self.phone.ring(self.time),
            "answer": lambda: self.phone.answer(self.time),
            "hang_up": lambda: self.phone.hang_up(self.time),
            "say": lambda: self.phone.say("a", now.wall),
            "link": lambda: self._link(now),
        }
        in_the_hall: dict[str, Callable[[], object]] = {
            "lose": lambda: self._lose(now),
            "hall_ring": lambda: self.board.ring("bus-07", f"{next(self.count):032x}", now),
            "hall_answer": lambda: self.board.answer(self._latest(), now),
            "hall_end": lambda: self.board.hang_up(self._latest(), now),
            "w": lambda: self.board.wake(now),
        }
        if step in in_the_hall:
            in_the_hall[step]()
            return
        said = at_the_bus[step]()
        if self.up:
            for message in said:
                self.board.hear("bus-07", message, now)

    def _lose(self, now: Moment) -> None:
        if self.up:
            self.up = False
            self.phone.lost(now.wall, "tunnel", self.time)
            self.board.leave("bus-07", now)

    def _link(self, now: Moment) -> list[Message]:
        if self.up:
            return []
        self.up = True
        self.board.arrive("bus-07", now)
        return self.phone.connected(now.wall)

    def _latest(self) -> str:
        calls = self.board.calls()
        return calls[0].call_id if calls else CALL

    def _settle(self, now: Moment) -> None:
        for _, message in self.board.drain():
            if self.up:
                self.phone.hear(message, now.steady)


def test_ok__a_bound_ringing_is_repeated_with_its_binding() -> None:
    """After a lost link, because nobody knows whether it was heard."""
    one = phone()
    one.ring(1.0, CALL, "ours")
    one.lost(120, "tunnel", 2.0)
    assert one.connected(130) == [Ring(CALL, "ours")]


def test_ok__city_halls_binding_is_heard_and_ours_stays() -> None:
    """Whatever the switchboard tells, what we signed is what we signed."""
    one = phone()
    one.hear(Standing(CALL, Side.HALL, CallState.RINGING, Outcome.NONE, "theirs"), 1.0)
    assert one.answer(2.0, "ours") == [Answer(CALL, "ours")]
    one.lost(120, "tunnel", 3.0)
    one.hear(Standing(CALL, Side.HALL, CallState.TALKING, Outcome.NONE, "theirs"), 4.0)
    assert one.call is not None
    assert (one.call.ringing, one.call.answering) == ("theirs", "ours")


@pytest.mark.parametrize("end", ["told", "quiet", "refused"])
def test_ok__bindings_are_forgotten_when_the_call_ends(end: str) -> None:
    """However it ends, none is used again."""
    one = phone()
    one.ring(1.0, CALL, "ours")
    one.hear(Standing(CALL, Side.BUS, CallState.TALKING, Outcome.NONE, "theirs"), 2.0)
    ends: dict[str, Message] = {
        "told": Standing(CALL, Side.BUS, CallState.ENDED, Outcome.HUNG_UP),
        "quiet": Quiet(),
        "refused": Refusal(CallRefused.NO_SUCH_CALL, CALL, "no such call"),
    }
    one.hear(ends[end], 3.0)
    assert one.call is not None
    assert (one.call.state, one.call.ringing, one.call.answering) == (CallState.ENDED, "", "")


def test_fail__an_answer_cannot_bind_an_unbound_ringing() -> None:
    """Nothing is said, and the call rings on."""
    one = phone()
    one.hear(Standing(CALL, Side.HALL, CallState.RINGING, Outcome.NONE), 1.0)
    with pytest.raises(PeerError):
        one.answer(2.0, "ours")
    assert state_of(one) is CallState.RINGING


def test_fail__a_binding_that_does_not_hold_ends_the_ringing() -> None:
    """The person at the desk sees at once that nobody was rung."""
    one = phone()
    one.ring(1.0, CALL, "ours")
    one.hear(Refusal(CallRefused.NOT_BOUND, CALL, "no"), 2.0)
    assert state_of(one) is CallState.ENDED
