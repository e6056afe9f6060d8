"""What may happen to a case (申請): its four separate axes and the one table of moves. Pure."""

from collections.abc import Mapping
from enum import Enum


class CaseState(Enum):
    """Where the division's own work on a case stands. There is no word for refusing to take it."""

    HANDED_IN = "handed_in"
    CORRECTION_REQUESTED = "correction_requested"
    CORRECTED = "corrected"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    RETURNED_TO_FILER = "returned_to_filer"
    SUPERSEDED = "superseded"


class CaseEvent(Enum):
    """What a caseworker decides, or what the bus brings."""

    ACCEPT = "accept"
    REQUEST_CORRECTION = "request_correction"
    SUPPLEMENT = "supplement"
    WITHDRAW = "withdraw"
    RETURN = "return"
    SUPERSEDE = "supersede"


class Transfer(Enum):
    """How much of the envelope has arrived at city hall."""

    ARRIVED = "arrived"
    COMPLETE = "complete"


class EdgeData(Enum):
    """What the bus still holds, as far as city hall can know it."""

    HELD = "held"
    ACKNOWLEDGED = "acknowledged"


class Custody(Enum):
    """Where the insured person's paper card (被保険者証) is."""

    WITH_FILER = "with_filer"
    ON_THE_BUS = "on_the_bus"


class CaseMoveError(Exception):
    """The case is in a state that does not allow this; nothing was changed."""

    def __init__(self, state: CaseState, event: CaseEvent) -> None:
        super().__init__(
            f"case: '{event.value}' needs one of {_wanted(event)}, "
            f"but the case is '{state.value}'; open the case again to see what happened to it"
        )
        self.state = state
        self.event = event


# Rows are (state, event) -> next state; what is not here is not allowed. A supplement (second version)
# is always joined to its case, whatever its state, because what was handed in is never turned away.
_S = CaseState
_E = CaseEvent
MOVES: Mapping[tuple[CaseState, CaseEvent], CaseState] = {
    (_S.HANDED_IN, _E.ACCEPT): _S.ACCEPTED,
    (_S.HANDED_IN, _E.REQUEST_CORRECTION): _S.CORRECTION_REQUESTED,
    (_S.HANDED_IN, _E.SUPPLEMENT): _S.CORRECTED,
    (_S.HANDED_IN, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.HANDED_IN, _E.RETURN): _S.RETURNED_TO_FILER,
    (_S.HANDED_IN, _E.SUPERSEDE): _S.SUPERSEDED,
    (_S.CORRECTION_REQUESTED, _E.SUPPLEMENT): _S.CORRECTED,
    (_S.CORRECTION_REQUESTED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.CORRECTION_REQUESTED, _E.RETURN): _S.RETURNED_TO_FILER,
    (_S.CORRECTION_REQUESTED, _E.SUPERSEDE): _S.SUPERSEDED,
    (_S.CORRECTED, _E.ACCEPT): _S.ACCEPTED,
    (_S.CORRECTED, _E.REQUEST_CORRECTION): _S.CORRECTION_REQUESTED,
    (_S.CORRECTED, _E.SUPPLEMENT): _S.CORRECTED,
    (_S.CORRECTED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.CORRECTED, _E.RETURN): _S.RETURNED_TO_FILER,
    (_S.CORRECTED, _E.SUPERSEDE): _S.SUPERSEDED,
    (_S.ACCEPTED, _E.SUPPLEMENT): _S.CORRECTED,
    (_S.ACCEPTED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.WITHDRAWN, _E.SUPPLEMENT): _S.WITHDRAWN,
    (_S.RETURNED_TO_FILER, _E.SUPPLEMENT): _S.CORRECTED,
    (_S.SUPERSEDED, _E.SUPPLEMENT): _S.SUPERSEDED,
}

# Cases the caseworker has to look at now.
WAITING = frozenset({CaseState.HANDED_IN, CaseState.CORRECTED})
# Cases that still count as an application of this person (a second one beside them is a duplicate).
PENDING = WAITING | {CaseState.CORRECTION_REQUESTED, CaseState.ACCEPTED}


def move(state: CaseState, event: CaseEvent) -> CaseState:
    """Return the state after `event`; raises CaseMoveError and changes nothing when it is not allowed."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise CaseMoveError(state, event) from None


def allowed(state: CaseState) -> frozenset[CaseEvent]:
    """Return what may happen in `state`; the screens draw their buttons from it."""
    return frozenset(event for known, event in MOVES if known is state)


def transfer_of(*, complete: bool) -> Transfer:
    """Return the transfer axis: the slip alone is here, or all pages too."""
    return Transfer.COMPLETE if complete else Transfer.ARRIVED


def edge_data_of(*, complete: bool) -> EdgeData:
    """Return what the bus may do with its copy: only a receipt for all pages lets it erase."""
    return EdgeData.ACKNOWLEDGED if complete else EdgeData.HELD


def custody_of(card_custody: str) -> Custody:
    """Return where the paper card is; `card_custody` is the bag number written at the desk, or empty."""
    return Custody.ON_THE_BUS if card_custody else Custody.WITH_FILER


def _wanted(event: CaseEvent) -> list[str]:
    return sorted(state.value for state, known in MOVES if known is event)
