"""The feeder's course: which state follows which happening, one table for every driver. Pure; nobody is asked."""

from enum import Enum

from hardware.protocols import FeederState

_S = FeederState


class Happening(Enum):
    """What a driver can meet; the words of a stop are the causes of `hardware.scanner.faults`."""

    BEGIN = "begin"
    SHEET = "sheet"
    THROUGH = "through"
    EMPTY = "empty"
    JAMMED = "jammed"
    DOUBLE_FED = "double_fed"
    COVER_OPEN = "cover_open"
    BUSY = "busy"
    ABSENT = "absent"
    BROKEN = "broken"
    SEES_PAPER = "sees_paper"
    SEES_NONE = "sees_none"
    SEES_OPEN = "sees_open"


_H = Happening
RESTS = tuple(state for state in FeederState if state is not _S.FEEDING)
FREE = (_S.EMPTY, _S.LOADED, _S.BUSY, _S.ABSENT)
"""States that a paper sensor may end by itself; a jam, two sheets at once and a cover need a hand and a new start."""

MOVES: dict[tuple[FeederState, Happening], FeederState] = {
    **{(state, _H.BEGIN): _S.FEEDING for state in RESTS},
    (_S.FEEDING, _H.SHEET): _S.FEEDING,
    (_S.FEEDING, _H.THROUGH): _S.EMPTY,
    (_S.FEEDING, _H.EMPTY): _S.EMPTY,
    (_S.FEEDING, _H.JAMMED): _S.JAMMED,
    (_S.FEEDING, _H.DOUBLE_FED): _S.DOUBLE_FED,
    (_S.FEEDING, _H.COVER_OPEN): _S.COVER_OPEN,
    (_S.FEEDING, _H.BUSY): _S.BUSY,
    (_S.FEEDING, _H.ABSENT): _S.ABSENT,
    # A driver that hung or broke off says nothing about the paper: the rest of the stack still lies there.
    (_S.FEEDING, _H.BROKEN): _S.LOADED,
    **{(state, _H.SEES_PAPER): _S.LOADED for state in FREE},
    **{(state, _H.SEES_NONE): _S.EMPTY for state in FREE},
    **{(state, _H.SEES_PAPER): state for state in (_S.JAMMED, _S.DOUBLE_FED)},
    **{(state, _H.SEES_NONE): state for state in (_S.JAMMED, _S.DOUBLE_FED)},
    (_S.COVER_OPEN, _H.SEES_PAPER): _S.LOADED,
    (_S.COVER_OPEN, _H.SEES_NONE): _S.EMPTY,
    **{(state, _H.SEES_OPEN): _S.COVER_OPEN for state in RESTS},
}


class Course:
    """Where one feeder stands. Until something was met, paper is assumed: pulling is how one finds out."""

    def __init__(self) -> None:
        self._state = FeederState.LOADED

    @property
    def state(self) -> FeederState:
        """Say where it stands."""
        return self._state

    @property
    def feeding(self) -> bool:
        """Say whether a stack is being pulled."""
        return self._state is FeederState.FEEDING

    def meet(self, happening: Happening) -> FeederState:
        """Move on; raises ValueError, and stays, when this cannot happen here."""
        move = (self._state, happening)
        if move not in MOVES:
            told = f"{happening.value} cannot happen while {self._state.value}"
            raise ValueError(f"feeder: {told}; end the feed first")
        self._state = MOVES[move]
        return self._state


def happening_of(cause: str) -> Happening:
    """Take an error's cause for what happened; one that tells nothing of the paper is BROKEN."""
    try:
        return Happening(cause)
    except ValueError:
        return Happening.BROKEN
