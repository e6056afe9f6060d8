"""One call between a bus and city hall: every move it may make, for both ends, in one table.

The switchboard owns the truth; the bus keeps a copy and asks the same table before it speaks. A call
survives a lost link: it is held under its own number until the bus is back or the patience ends.
Everything may come twice, so a repeated move changes nothing. An illegal move raises and changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, IntEnum, unique
from types import MappingProxyType
from typing import Final

from sync.errors import PeerError

RING_S: Final = 45.0  # seconds a call rings before it counts as missed
HOLD_S: Final = 90.0  # seconds a call waits for a lost bus to come back
LINES_MAX: Final = 200  # text lines kept of one call
TEXT_MAX: Final = 500  # characters of one line


@unique
class CallRefused(IntEnum):
    """Why a message about a call is not followed; a number is never reused. 40x ends the connection."""

    NOT_UNDERSTOOD = 400
    UNKNOWN_DEVICE = 401
    REVOKED_DEVICE = 402
    NEWER_CONNECTION = 403
    HALL_FULL = 404
    NO_SUCH_CALL = 410
    NOT_NOW = 411
    BUSY = 412
    TOO_MUCH = 413
    NOT_REACHABLE = 414
    NOT_BOUND = 415


class Side(Enum):
    """Who speaks."""

    BUS = "bus"
    HALL = "hall"


class CallState(Enum):
    """Where a call stands."""

    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    ENDED = "ended"


class CallEvent(Enum):
    """What can happen to a call."""

    ANSWER = "answer"
    HANG_UP = "hang_up"
    LOSE = "lose"
    RETURN = "return"
    TIMEOUT = "timeout"


class Outcome(Enum):
    """How a call ended; the last four are worth calling back."""

    NONE = ""
    HUNG_UP = "hung_up"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    MISSED = "missed"
    LOST = "lost"


TABLE: Final[Mapping[tuple[CallState, CallEvent], CallState]] = MappingProxyType(
    {
        (CallState.RINGING, CallEvent.ANSWER): CallState.TALKING,
        (CallState.RINGING, CallEvent.HANG_UP): CallState.ENDED,
        # A ringing bus in a tunnel goes on ringing: its own patience ends it.
        (CallState.RINGING, CallEvent.LOSE): CallState.RINGING,
        (CallState.RINGING, CallEvent.RETURN): CallState.RINGING,
        (CallState.RINGING, CallEvent.TIMEOUT): CallState.ENDED,
        (CallState.TALKING, CallEvent.ANSWER): CallState.TALKING,
        (CallState.TALKING, CallEvent.HANG_UP): CallState.ENDED,
        (CallState.TALKING, CallEvent.LOSE): CallState.HELD,
        (CallState.TALKING, CallEvent.RETURN): CallState.TALKING,
        (CallState.HELD, CallEvent.ANSWER): CallState.HELD,
        (CallState.HELD, CallEvent.HANG_UP): CallState.ENDED,
        (CallState.HELD, CallEvent.LOSE): CallState.HELD,
        (CallState.HELD, CallEvent.RETURN): CallState.TALKING,
        (CallState.HELD, CallEvent.TIMEOUT): CallState.ENDED,
        (CallState.ENDED, CallEvent.HANG_UP): CallState.ENDED,
        (CallState.ENDED, CallEvent.LOSE): CallState.ENDED,
        (CallState.ENDED, CallEvent.RETURN): CallState.ENDED,
    }
)
_PATIENCE: Final = MappingProxyType({CallState.RINGING: RING_S, CallState.HELD: HOLD_S})


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `since` is when its state began, in seconds of its owner's monotonic clock.

    `ringing` and `answering` are the two sides' signed bindings of the media (`sync/mediabinding.py`), or empty.
    """

    call_id: str
    device: str
    caller: Side
    state: CallState
    since: float
    outcome: Outcome = Outcome.NONE
    ringing: str = ""
    answering: str = ""

    @property
    def deadline(self) -> float | None:
        """Return when its patience ends; None while it has no reason to end by itself."""
        patience = _PATIENCE.get(self.state)
        return None if patience is None else self.since + patience


def move(call: Call, event: CallEvent, by: Side, now: float) -> Call:
    """Return the call after an event; PeerError with a CallRefused number when it may not happen now."""
    after = TABLE.get((call.state, event))
    if after is None:
        raise PeerError(
            CallRefused.NOT_NOW,
            f"call {call.call_id}: {event.value} is not possible when {call.state.value}; "
            "look at the call's state again",
        )
    if event is CallEvent.ANSWER and by is call.caller:
        raise PeerError(
            CallRefused.NOT_NOW,
            f"call {call.call_id}: whoever rings cannot answer; wait for the other side",
        )
    if after is call.state:
        return call
    if after is CallState.ENDED:
        # What was bound ends with the call: no binding is kept, and none is used again.
        outcome = _outcome(call, event, by)
        return replace(call, state=after, since=now, outcome=outcome, ringing="", answering="")
    return replace(call, state=after, since=now, outcome=Outcome.NONE)


def answered(call: Call, by: Side, binding: str, now: float) -> Call:
    """Return the call after an answer with the media's binding, or without one; PeerError when it may not be.

    The first answer counts; who rang without a binding is answered without one.
    """
    after = move(call, CallEvent.ANSWER, by, now)
    if binding and not call.ringing:
        raise PeerError(
            CallRefused.NOT_BOUND,
            f"call {call.call_id}: the ringing bound no media, so the answer cannot; answer without",
        )
    return after if after is call else replace(after, answering=binding)


def _outcome(call: Call, event: CallEvent, by: Side) -> Outcome:
    if event is CallEvent.TIMEOUT:
        return Outcome.MISSED if call.state is CallState.RINGING else Outcome.LOST
    if call.state is CallState.RINGING:
        return Outcome.GIVEN_UP if by is call.caller else Outcome.REFUSED
    return Outcome.HUNG_UP


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text in a call; `at` is UTC seconds as the switchboard wrote it down."""

    line_id: str
    by: Side
    text: str
    at: int


def with_line(call: Call, lines: tuple[Line, ...], line: Line) -> tuple[Line, ...]:
    """Return the lines with one more; the same line again changes nothing. PeerError when it may not be."""
    if any(known.line_id == line.line_id for known in lines):
        return lines
    if call.state not in {CallState.TALKING, CallState.HELD}:
        raise PeerError(
            CallRefused.NOT_NOW,
            f"call {call.call_id}: a line needs a call that was answered; it is {call.state.value}",
        )
    if not line.text.strip() or len(line.text) > TEXT_MAX or len(lines) >= LINES_MAX:
        raise PeerError(
            CallRefused.TOO_MUCH,
            f"call {call.call_id}: a line has 1 to {TEXT_MAX} characters, a call {LINES_MAX} lines; "
            "write less, or ring again",
        )
    return (*lines, line)
