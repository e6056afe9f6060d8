"""The bus's copy of its call. Pure: words and the time in, words for the switchboard out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from sync.calling import (
    LINES_MAX,
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
from sync.errors import LocalError

ID_BYTES: Final = 16


class Phone:
    """What the bus knows: whether city hall can be reached, its call, and the lines of it."""

    def __init__(self, device: str, random: Callable[[int], bytes], wall: int) -> None:
        self._device = device
        self._random = random
        self.reachable = False
        self.since = wall
        self.cause = "not tried yet"
        self.call: Call | None = None
        self.lines: tuple[Line, ...] = ()
        self.refusal: Refusal | None = None
        self._unsaid: dict[str, Say] = {}
        self._hung_up = ""  # the call we ended and were not yet told about

    def connected(self, wall: int) -> list[Message]:
        """Note that the switchboard greeted us; give what has to be said again."""
        self.reachable, self.since, self.cause = True, wall, ""
        call = self.call
        again: list[Message] = list(self._unsaid.values())
        if call is not None and call.state is CallState.RINGING and call.caller is Side.BUS:
            again.insert(0, Ring(call.call_id, call.ringing))
        if self._hung_up:
            again.append(HangUp(self._hung_up))
        return again

    def lost(self, wall: int, cause: str, now: float) -> None:
        """Note that the switchboard cannot be reached; the call is held."""
        if self.reachable:
            self.reachable, self.since = False, wall
        self.cause = cause
        if self.call is not None:
            self.call = move(self.call, CallEvent.LOSE, Side.BUS, now)

    def ring(self, now: float, call_id: str = "", binding: str = "") -> list[Message]:
        """Ring city hall; LocalError when it cannot be reached or a call goes on.

        The media's binding names the call, so whoever signs one draws the number and gives both.
        """
        if self._live() is not None:
            raise LocalError("call: one call goes on already; hang up first")
        if not self.reachable:
            raise LocalError(f"call: city hall cannot be reached ({self.cause}); try again later")
        call_id = call_id or self._random(ID_BYTES).hex()
        begun = Call(call_id, self._device, Side.BUS, CallState.RINGING, now, ringing=binding)
        self._begin(begun)
        return [Ring(call_id, binding)]

    def answer(self, now: float, binding: str = "") -> list[Message]:
        """Answer the call that rings, with the media's binding or without."""
        call = self._needed()
        if not self.reachable:
            raise LocalError("call: city hall cannot be reached now; the call is held")
        self.call = answered(call, Side.BUS, binding, now)
        return [Answer(call.call_id, self.call.answering)]

    def hang_up(self, now: float) -> list[Message]:
        """Hang up, refuse, or give up; without a call there is nothing to do."""
        call = self._live()
        if call is None:
            return []
        self.call = move(call, CallEvent.HANG_UP, Side.BUS, now)
        self._hung_up = call.call_id
        self._unsaid.clear()
        return [HangUp(call.call_id)]

    def say(self, text: str, wall: int) -> list[Message]:
        """Say one line; while the link is lost it waits and is said when the bus is back."""
        call = self._needed()
        line_id = self._random(ID_BYTES).hex()
        with_line(call, self.lines + self._waiting(), Line(line_id, Side.BUS, text, wall))
        message = Say(call.call_id, line_id, text)
        self._unsaid[line_id] = message
        return [message]

    def hear(self, message: Message, now: float) -> None:
        """Take over what the switchboard tells: it owns the truth."""
        match message:
            case Standing():
                self._stand(self._told(message, now))
            case Quiet():
                self._quiet(now)
            case Said(call_id, line_id):
                self._unsaid.pop(line_id, None)
                if self.call is not None and self.call.call_id == call_id:
                    known = {line.line_id for line in self.lines}
                    if line_id not in known and len(self.lines) < LINES_MAX:
                        self.lines = (*self.lines, message.line())
            case Refusal(number, about):
                self.refusal = message
                self._refused(number, about, now)
            case _:
                return

    def state(self, now: float) -> dict[str, Any]:
        """Write everything as JSON for the desk's screen."""
        call = self.call
        told = None
        if call is not None:
            told = {
                "call_id": call.call_id,
                "caller": call.caller.value,
                "state": call.state.value,
                "outcome": call.outcome.value,
                "seconds": max(0, int(now - call.since)),
                "bindings": {"ringing": call.ringing, "answering": call.answering},
            }
        return {
            "process": "call",
            "reachable": self.reachable,
            "since": self.since,
            "cause": self.cause,
            "call": told,
            "lines": [
                {"line_id": x.line_id, "by": x.by.value, "text": x.text, "at": x.at}
                for x in self.lines
            ],
            "unsaid": len(self._unsaid),
            "refusal": None
            if self.refusal is None
            else {"number": self.refusal.number, "sentence": self.refusal.sentence},
            "media": False,  # voice and picture are not carried yet, and no screen may pretend it
        }

    def _live(self) -> Call | None:
        call = self.call
        return call if call is not None and call.state is not CallState.ENDED else None

    def _needed(self) -> Call:
        call = self._live()
        if call is None:
            raise LocalError("call: there is no call; ring first")
        return call

    def _begin(self, call: Call) -> None:
        self.call, self.lines, self.refusal = call, (), None
        self._unsaid.clear()

    def _told(self, message: Standing, now: float) -> Call:
        """Return the call as the switchboard tells it; our own binding is what we signed, whatever it says."""
        known, caller = self.call, message.caller
        ours = known if known is not None and known.call_id == message.call_id else None
        if message.state is CallState.ENDED:
            bindings = ("", "")
        elif caller is Side.BUS:
            bindings = (ours.ringing if ours else "", message.binding)
        else:
            bindings = (message.binding, ours.answering if ours else "")
        told = Call(message.call_id, self._device, caller, message.state, now, message.outcome)
        return replace(told, ringing=bindings[0], answering=bindings[1])

    def _stand(self, told: Call) -> None:
        known = self.call
        if told.call_id == self._hung_up:
            if told.state is not CallState.ENDED:
                return  # it has not heard yet that we hung up
            self._hung_up = ""
        if known is None or known.call_id != told.call_id:
            if self._live() is None or told.state is not CallState.ENDED:
                self._begin(told)
            return
        if told.state is not known.state:
            self.call = told
        if told.state is CallState.ENDED:
            self._unsaid.clear()

    def _quiet(self, now: float) -> None:
        self._hung_up = ""
        call = self._live()
        if call is not None and call.state is not CallState.RINGING:
            self._lose(call, now)

    def _lose(self, call: Call, now: float) -> None:
        ended = replace(call, state=CallState.ENDED, since=now, outcome=Outcome.LOST)
        self.call = replace(ended, ringing="", answering="")
        self._unsaid.clear()

    def _refused(self, number: int, about: str, now: float) -> None:
        if about == self._hung_up:
            self._hung_up = ""
        call = self._live()
        if call is None or call.call_id != about:
            return
        gone = number in {CallRefused.NO_SUCH_CALL, CallRefused.BUSY, CallRefused.NOT_BOUND}
        if gone or (call.state is CallState.RINGING and call.caller is Side.BUS):
            self._lose(call, now)
        elif number == CallRefused.TOO_MUCH:
            self._unsaid.clear()

    def _waiting(self) -> tuple[Line, ...]:
        return tuple(Line(s.line_id, Side.BUS, s.text, 0) for s in self._unsaid.values())
