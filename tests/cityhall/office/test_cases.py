import pytest

from cityhall.office.cases import (
    MOVES,
    PENDING,
    WAITING,
    CaseEvent,
    CaseMoveError,
    CaseState,
    Custody,
    EdgeData,
    Transfer,
    allowed,
    custody_of,
    edge_data_of,
    move,
    transfer_of,
)

EVERY = [(state, event) for state in CaseState for event in CaseEvent]


@pytest.mark.parametrize(("state", "event"), EVERY)
def test_move_follows_the_table_or_raises(state: CaseState, event: CaseEvent) -> None:
    """Every cell of state x event either moves as the table says or raises and names the state."""
    if (state, event) in MOVES:
        assert move(state, event) is MOVES[state, event]
    else:
        with pytest.raises(CaseMoveError) as refusal:
            move(state, event)
        assert refusal.value.state is state


@pytest.mark.parametrize("state", CaseState)
def test_supplement_is_never_turned_away(state: CaseState) -> None:
    """What was handed in joins its case in every state."""
    assert CaseEvent.SUPPLEMENT in allowed(state)


@pytest.mark.parametrize("state", [CaseState.HANDED_IN, CaseState.CORRECTED])
def test_only_looked_at_cases_can_be_accepted(state: CaseState) -> None:
    """A case that waits for a caseworker can be accepted."""
    assert CaseEvent.ACCEPT in allowed(state)


def test_an_outstanding_correction_blocks_accepting() -> None:
    """While the provider has the word, the case is not registered."""
    assert CaseEvent.ACCEPT not in allowed(CaseState.CORRECTION_REQUESTED)


def test_a_supplement_after_accepting_asks_for_a_new_look() -> None:
    """A page that comes after registration brings the case back to the inbox."""
    assert move(CaseState.ACCEPTED, CaseEvent.SUPPLEMENT) in WAITING


def test_no_state_or_event_is_a_refusal() -> None:
    """The law knows no refusing to take an application; nor do our words."""
    words = {one.value for one in CaseState} | {one.value for one in CaseEvent}
    assert not {word for word in words if "reject" in word or "refuse" in word}


def test_every_state_can_be_reached() -> None:
    """No state stands in the list without a way to it."""
    assert set(MOVES.values()) | {CaseState.HANDED_IN} == set(CaseState)


def test_waiting_cases_are_pending() -> None:
    """A case in the inbox counts as an application of that person."""
    assert WAITING < PENDING


def test_move_error_names_the_states_that_would_do() -> None:
    """The message says what would have been needed and what was there."""
    with pytest.raises(CaseMoveError, match=r"corrected.*handed_in.*accepted"):
        move(CaseState.ACCEPTED, CaseEvent.ACCEPT)


@pytest.mark.parametrize(
    ("complete", "expected"), [(False, Transfer.ARRIVED), (True, Transfer.COMPLETE)]
)
def test_transfer_is_its_own_axis(complete: bool, expected: Transfer) -> None:  # noqa: FBT001 - a table's cell
    """The transfer axis knows only what has arrived."""
    assert transfer_of(complete=complete) is expected


@pytest.mark.parametrize(
    ("complete", "expected"), [(False, EdgeData.HELD), (True, EdgeData.ACKNOWLEDGED)]
)
def test_the_bus_may_erase_only_what_is_complete(complete: bool, expected: EdgeData) -> None:  # noqa: FBT001 - a table's cell
    """Until everything has arrived the bus holds its copy."""
    assert edge_data_of(complete=complete) is expected


@pytest.mark.parametrize(
    ("bag", "expected"), [("", Custody.WITH_FILER), ("014", Custody.ON_THE_BUS)]
)
def test_custody_follows_the_bag_number(bag: str, expected: Custody) -> None:
    """A bag number means that the bus took the card."""
    assert custody_of(bag) is expected
