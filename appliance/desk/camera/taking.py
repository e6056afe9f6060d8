"""When a page is taken: it is whole, it lies still, it is not the one taken last. Pure: looks in, words out."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

MOVING = 4.0
"""Grey levels by which a moving picture differs from the one before; a camera's own noise stays below 2."""
STILL_S = 0.6
"""A page lies still this long before it is taken."""
CHOICE = 4
"""Frames of which the sharpest is kept."""
UNSURE_S = 1.5
"""A still picture whose page is not sure gets its hint after this."""
IDLE_S = 90.0
"""Nothing moves this long: nobody is there, the camera rests."""
ALIKE = 3.0
"""Grey levels between two pictures of the same page in the same place."""

Difference = Callable[[bytes, bytes], float]


class State(Enum):
    """What the person before the camera is told."""

    EMPTY = "empty"
    MOVING = "moving"
    CUT = "cut"
    UNCLEAR = "unclear"
    STILL = "still"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen in one frame. `small` is a tiny grey picture, `reason` why no page is sure; empty when one is."""

    small: bytes
    reason: str
    sharpness: float


@dataclass(frozen=True, slots=True)
class Step:
    """What one look led to. `keep`: this frame is a candidate; `take`: the best candidate is the page."""

    state: State
    keep: bool = False
    take: bool = False
    idle: bool = False


class Taker:
    """Watches look after look; `pressed` takes the next still picture even when its page is not sure."""

    def __init__(self, difference: Difference) -> None:
        self._difference = difference
        self._last: bytes | None = None
        self._taken: bytes | None = None
        self._still_since: float | None = None
        self._moved_at: float | None = None
        self._kept = 0
        self._pressed = False

    def press(self) -> None:
        """Take what lies there, whole or not: a person looked at it."""
        self._pressed = True

    def step(self, look: Look, now: float) -> Step:
        """Take one look in; `now` never steps."""
        if self._moved(look, now):
            return Step(State.MOVING)
        since = now if self._still_since is None else self._still_since
        self._still_since = since
        moved_at = now if self._moved_at is None else self._moved_at
        idle = now - moved_at >= IDLE_S
        if not self._pressed:
            if self._again(look):
                return Step(State.TAKEN, idle=idle)
            if look.reason:
                self._kept = 0
                return Step(_why(look.reason, now - since), idle=idle)
            if now - since < STILL_S:
                return Step(State.STILL)
        return self._choose(look)

    def _moved(self, look: Look, now: float) -> bool:
        last, self._last = self._last, look.small
        if last is not None and self._difference(last, look.small) < MOVING:
            return False
        self._moved_at, self._still_since, self._kept = now, None, 0
        return True

    def _again(self, look: Look) -> bool:
        """Tell whether this is the page taken last, left where it was."""
        return self._taken is not None and self._difference(self._taken, look.small) < ALIKE

    def _choose(self, look: Look) -> Step:
        self._kept += 1
        if self._kept < CHOICE:
            return Step(State.STILL, keep=True)
        self._kept, self._pressed, self._taken = 0, False, look.small
        return Step(State.TAKEN, keep=True, take=True)


def _why(reason: str, still_s: float) -> State:
    """Give the hint only once the picture has been still for a while; before, somebody lays the page down."""
    if reason == "no_page":
        return State.EMPTY
    if still_s < UNSURE_S:
        return State.STILL
    return State.CUT if reason == "cut" else State.UNCLEAR
