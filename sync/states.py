"""Every move a session may make, for both ends, in one table (drawn in docs/protocol.md).

This file does not know which end it runs on: the sender asks it with BUS for what it says and with HALL for
what it hears, the receiver the other way round. An illegal move raises and changes nothing.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from sync.errors import LocalError, PeerError
from sync.frames import (
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
from sync.refusals import Refused, ends_session


class Role(Enum):
    """Who speaks."""

    BUS = "bus"
    HALL = "hall"


class State(Enum):
    """Where a session stands."""

    START = "start"
    GREETED = "greeted"
    OPEN = "open"
    CLOSED = "closed"


# The bus does not wait for the welcome: its first slips ride behind its hello ("slip first").
_EARLY: Final = (Offer, Piece, Time, Ping)
_BUS_TALK: Final = (Offer, Piece, Confirm, Time, Ping, Pong, Journal)
_HALL_TALK: Final = (Have, Confirm, Receipt, Down, Time, Ping, Pong, Pull, Witness)


def _table() -> Mapping[tuple[Role, State, type[Frame]], State]:
    table: dict[tuple[Role, State, type[Frame]], State] = {
        (Role.BUS, State.START, Hello): State.GREETED,
        (Role.HALL, State.GREETED, Welcome): State.OPEN,
    }
    table.update({(Role.BUS, State.GREETED, kind): State.GREETED for kind in _EARLY})
    table.update({(Role.BUS, State.OPEN, kind): State.OPEN for kind in _BUS_TALK})
    table.update({(Role.HALL, State.OPEN, kind): State.OPEN for kind in _HALL_TALK})
    return MappingProxyType(table)


TABLE: Final = _table()


class Session:
    """The state of one session as one end sees it."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self.peer = Role.HALL if role is Role.BUS else Role.BUS
        self.state = State.START

    def say(self, frame: Frame) -> None:
        """Note that we send a frame; raises LocalError when the table does not allow it."""
        after = _after(self.role, self.state, frame)
        if after is None:
            raise LocalError(
                f"session: the {self.role.value} cannot say {_name(frame)} when {self.state.value}"
            )
        self.state = after

    def hear(self, frame: Frame) -> None:
        """Note that the other side sent a frame; raises PeerError(OUT_OF_ORDER)."""
        after = _after(self.peer, self.state, frame)
        if after is None:
            raise PeerError(
                Refused.OUT_OF_ORDER,
                f"session: the {self.peer.value} cannot say {_name(frame)} when {self.state.value}",
            )
        self.state = after


def _after(role: Role, state: State, frame: Frame) -> State | None:
    if isinstance(frame, Refuse):
        return _after_refusal(state, frame)
    return TABLE.get((role, state, type(frame)))


def _after_refusal(state: State, frame: Refuse) -> State | None:
    """Return the next state: one thing is refused in an open session only, the session itself anywhere."""
    if state is State.CLOSED:
        return None
    if ends_session(frame.code):
        return State.CLOSED
    return state if state is State.OPEN else None


def _name(frame: Frame) -> str:
    return type(frame).__name__.upper()
