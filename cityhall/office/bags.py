"""Where an original (原本) is: its own states beside the case's, and the one table of moves. Pure."""

from collections.abc import Mapping
from enum import Enum

from sync.custody import BAG, LOST, RETURNED, WITH_FILER


class PaperState(Enum):
    """Where one original of a case is."""

    WITH_FILER = "with_filer"
    ON_THE_BUS = "on_the_bus"
    AT_CITY_HALL = "at_city_hall"
    INTERIM_ISSUED = "interim_issued"
    RETURNED = "returned"
    LOST = "lost"


class PaperEvent(Enum):
    """What an officer notes of an original."""

    ARRIVE = "arrive"
    ISSUE_INTERIM = "issue_interim"
    GIVE_BACK = "give_back"
    LOSE = "lose"


class PaperMoveError(Exception):
    """The original is where this cannot happen; nothing was changed. Look at the list of bags again."""


OF_THE_BUS: Mapping[str, PaperState] = {
    BAG: PaperState.ON_THE_BUS,
    WITH_FILER: PaperState.WITH_FILER,
    LOST: PaperState.LOST,
    RETURNED: PaperState.RETURNED,
}
"""What a desk's words mean here."""

_S, _E = PaperState, PaperEvent
MOVES: Mapping[tuple[PaperState, PaperEvent], PaperState] = {
    (_S.WITH_FILER, _E.ARRIVE): _S.AT_CITY_HALL,
    (_S.ON_THE_BUS, _E.ARRIVE): _S.AT_CITY_HALL,
    (_S.ON_THE_BUS, _E.LOSE): _S.LOST,
    (_S.AT_CITY_HALL, _E.ISSUE_INTERIM): _S.INTERIM_ISSUED,
    (_S.AT_CITY_HALL, _E.GIVE_BACK): _S.RETURNED,
    (_S.AT_CITY_HALL, _E.LOSE): _S.LOST,
    (_S.INTERIM_ISSUED, _E.GIVE_BACK): _S.RETURNED,
    # Who lost the certificate gets an interim one, too; and what was lost may be found.
    (_S.LOST, _E.ISSUE_INTERIM): _S.INTERIM_ISSUED,
    (_S.LOST, _E.ARRIVE): _S.AT_CITY_HALL,
    (_S.RETURNED, _E.ARRIVE): _S.AT_CITY_HALL,
}


def move(state: PaperState, event: PaperEvent) -> PaperState:
    """Return the state after `event`; raises PaperMoveError and changes nothing when it is not allowed."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise PaperMoveError(f"original: '{event.value}' cannot follow '{state.value}'") from None


def allowed(state: PaperState) -> tuple[PaperEvent, ...]:
    """Return what may be noted in `state`, in the order of the screens."""
    return tuple(event for event in PaperEvent if (state, event) in MOVES)
