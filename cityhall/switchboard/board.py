"""Which buses can be reached, and their calls. Pure: words and `now` in, words for each bus out."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from sync.calling import (
    HOLD_S,
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
from sync.callwords import (
    Answer,
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

BUSES_MAX: Final = 512
PAST_CALLS: Final = 100  # ended calls kept for calling back; the oldest goes


@dataclass(frozen=True, slots=True)
class Presence:
    """One bus: whether it can be reached, and since when (UTC seconds)."""

    device: str
    reachable: bool
    since: int


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, twice: UTC seconds for people, and seconds that never step for timers."""

    wall: int
    steady: float


class Board:
    """The truth about presence and calls. `drain` gives what is to be said to which bus, in order."""

    def __init__(self) -> None:
        self._buses: dict[str, Presence] = {}
        self._calls: dict[str, Call] = {}
        self._lines: dict[str, tuple[Line, ...]] = {}
        self._past: deque[Call] = deque()
        self._out: list[tuple[str, Message]] = []

    def presence(self) -> tuple[Presence, ...]:
        """List every bus that was ever here, by name."""
        return tuple(self._buses[device] for device in sorted(self._buses))

    def calls(self) -> tuple[Call, ...]:
        """List the calls that go on, and then those that ended, newest first."""
        return (*self._calls.values(), *reversed(self._past))

    def lines(self, call_id: str) -> tuple[Line, ...]:
        """Give a call's lines; an unknown call has none."""
        return self._lines.get(call_id, ())

    def drain(self) -> list[tuple[str, Message]]:
        """Take what is to be said."""
        out, self._out = self._out, []
        return out

    def arrive(self, device: str, now: Moment) -> None:
        """Note that a bus is connected, and tell it what it may have missed."""
        if device not in self._buses and len(self._buses) >= BUSES_MAX:
            raise PeerError(
                CallRefused.HALL_FULL,
                f"switchboard: it knows {BUSES_MAX} buses and takes no more; restart it",
            )
        self._buses[device] = Presence(device, reachable=True, since=now.wall)
        call = self._current(device)
        if call is None:
            last = next((past for past in reversed(self._past) if past.device == device), None)
            self._out.append((device, _standing(last) if last else Quiet()))
            return
        self._put(move(call, CallEvent.RETURN, Side.BUS, now.steady), tell=True)
        for line in self.lines(call.call_id):
            self._out.append((device, _said(call.call_id, line)))

    def leave(self, device: str, now: Moment) -> None:
        """Note that a bus cannot be reached; its call is held, not ended."""
        known = self._buses.get(device)
        if known is None or not known.reachable:
            return
        self._buses[device] = Presence(device, reachable=False, since=now.wall)
        call = self._current(device)
        if call is not None:
            self._put(move(call, CallEvent.LOSE, Side.BUS, now.steady), tell=False)

    def hear(self, device: str, message: Message, now: Moment) -> None:
        """Follow one message of a bus; what cannot be followed is answered with its number."""
        try:
            self._follow(device, message, now)
        except PeerError as error:
            about = getattr(message, "call_id", "")
            self._out.append((device, Refusal(error.code, about, str(error))))

    def ring(self, device: str, call_id: str, now: Moment, binding: str = "") -> Call:
        """Let a caseworker ring a bus; PeerError when it cannot be reached or has a call already."""
        known = self._buses.get(device)
        if known is None or not known.reachable:
            raise PeerError(
                CallRefused.NOT_REACHABLE,
                f"call: {device} cannot be reached now; it is shown as soon as it is back",
            )
        return self._ring(call_id, device, Side.HALL, binding, now)

    def answer(self, call_id: str, now: Moment, binding: str = "") -> Call:
        """Let a caseworker answer; the second one to answer is told that it was answered."""
        call = self._known(call_id)
        if call.state is not CallState.RINGING:
            raise PeerError(
                CallRefused.NOT_NOW,
                f"call {call_id}: it is {call.state.value} already; somebody else was faster",
            )
        return self._answer(call, Side.HALL, binding, now)

    def hang_up(self, call_id: str, now: Moment) -> Call:
        """Let a caseworker hang up, refuse, or give up."""
        return self._move(self._known(call_id), CallEvent.HANG_UP, Side.HALL, now)

    def say(self, call_id: str, line_id: str, text: str, now: Moment) -> None:
        """Let a caseworker say one line."""
        self._say(self._known(call_id), Line(line_id, Side.HALL, text, now.wall))

    def timer(self) -> float | None:
        """Say when the next patience ends."""
        return min(
            (c.deadline for c in self._calls.values() if c.deadline is not None), default=None
        )

    def wake(self, now: Moment) -> None:
        """End the calls whose patience has ended."""
        for call in list(self._calls.values()):
            if call.deadline is not None and call.deadline <= now.steady:
                self._move(call, CallEvent.TIMEOUT, Side.HALL, now)

    def _follow(self, device: str, message: Message, now: Moment) -> None:
        match message:
            case Ring(call_id, binding):
                self._ring(call_id, device, Side.BUS, binding, now)
            case Answer(call_id, binding):
                self._answer(self._of(device, call_id), Side.BUS, binding, now)
            case HangUp(call_id):
                self._move(self._of(device, call_id), CallEvent.HANG_UP, Side.BUS, now)
            case Say(call_id, line_id, text):
                line = Line(line_id, Side.BUS, text, now.wall)
                self._say(self._of(device, call_id), line)
            case _:  # a greeting in the middle is harmless; the door lets nothing else through
                return

    def _current(self, device: str) -> Call | None:
        return next((call for call in self._calls.values() if call.device == device), None)

    def _known(self, call_id: str) -> Call:
        found = self._calls.get(call_id) or next(
            (past for past in self._past if past.call_id == call_id), None
        )
        if found is None:
            raise PeerError(
                CallRefused.NO_SUCH_CALL, f"call {call_id}: there is no such call; ring again"
            )
        return found

    def _of(self, device: str, call_id: str) -> Call:
        """Find a bus's own call: another bus's number is as good as none."""
        call = self._known(call_id)
        if call.device != device:
            raise PeerError(
                CallRefused.NO_SUCH_CALL, f"call {call_id}: there is no such call; ring again"
            )
        return call

    def _ring(self, call_id: str, device: str, caller: Side, binding: str, now: Moment) -> Call:
        current = self._current(device)
        past = next((call for call in self._past if call.call_id == call_id), None)
        same = current if current is not None and current.call_id == call_id else past
        if same is not None:
            other = same.state is not CallState.ENDED and same.ringing != binding
            if same.device != device or same.caller is not caller or other:
                raise PeerError(
                    CallRefused.NOT_NOW, f"call {call_id}: the number is taken; draw a new one"
                )
            self._out.append((device, _standing(same)))
            return same
        if current is not None:
            raise PeerError(
                CallRefused.BUSY,
                f"call: {device} has the call {current.call_id}; hang up first",
            )
        if call_id in self._calls:
            raise PeerError(
                CallRefused.NOT_NOW, f"call {call_id}: the number is taken; draw a new one"
            )
        call = Call(call_id, device, caller, CallState.RINGING, now.steady, ringing=binding)
        self._put(call, tell=True)
        return call

    def _answer(self, call: Call, by: Side, binding: str, now: Moment) -> Call:
        after = answered(call, by, binding, now.steady)
        self._put(after, tell=True)
        return after

    def _move(self, call: Call, event: CallEvent, by: Side, now: Moment) -> Call:
        after = move(call, event, by, now.steady)
        self._put(after, tell=True)
        return after

    def _say(self, call: Call, line: Line) -> None:
        before = self.lines(call.call_id)
        self._lines[call.call_id] = with_line(call, before, line)
        kept = next(k for k in self.lines(call.call_id) if k.line_id == line.line_id)
        self._out.append((call.device, _said(call.call_id, kept)))

    def _put(self, call: Call, *, tell: bool) -> None:
        if call.state is not CallState.ENDED:
            self._calls[call.call_id] = call
        elif self._calls.pop(call.call_id, None) is not None:
            self._lines.pop(call.call_id, None)  # a talk is not kept: it was about a person
            self._past.append(call)
            while len(self._past) > PAST_CALLS:
                self._past.popleft()
        if tell:
            self._out.append((call.device, _standing(call)))


def reachable_again(call: Call, now: float) -> float:
    """Return how many seconds a held call still waits, for the caseworker's screen."""
    return max(0.0, call.since + HOLD_S - now) if call.state is CallState.HELD else 0.0


def worth_calling_back(call: Call) -> bool:
    """Tell whether a past call left somebody waiting."""
    return call.outcome in {Outcome.MISSED, Outcome.LOST, Outcome.GIVEN_UP}


def _standing(call: Call) -> Standing:
    ours = call.ringing if call.caller is Side.HALL else call.answering
    return Standing(call.call_id, call.caller, call.state, call.outcome, ours)


def _said(call_id: str, line: Line) -> Said:
    return Said(call_id, line.line_id, line.by, line.text, line.at)
