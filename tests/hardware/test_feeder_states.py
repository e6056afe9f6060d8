"""The feeder's course: every state, every happening, one table."""

import pytest

from hardware.protocols import FeederState
from hardware.scanner.faults import feeder_error
from hardware.scanner.states import MOVES, RESTS, Course, Happening, happening_of

STOPS = ("jammed", "double_fed", "cover_open", "absent", "busy")


def course_at(state: FeederState) -> Course:
    """Lead a course to a state by what can happen."""
    course = Course()
    if state is FeederState.LOADED:
        return course
    course.meet(Happening.BEGIN)
    if state is not FeederState.FEEDING:
        course.meet(Happening(state.value))
    return course


@pytest.mark.parametrize("state", RESTS)
def test_ok__a_feed_may_begin_from_every_rest(state: FeederState) -> None:
    """A person who presses again says that the remedy was done."""
    assert course_at(state).meet(Happening.BEGIN) is FeederState.FEEDING


@pytest.mark.parametrize("cause", STOPS)
def test_ok__a_stop_is_shown_by_its_name(cause: str) -> None:
    """The error's cause is the state's word."""
    course = course_at(FeederState.FEEDING)
    assert course.meet(happening_of(cause)).value == cause


@pytest.mark.parametrize("cause", ["hung", "io", "unusable", "no_room"])
def test_ok__a_broken_driver_says_nothing_of_the_paper(cause: str) -> None:
    """The rest of the stack still lies there."""
    assert feeder_error("x", cause).cause == cause
    assert course_at(FeederState.FEEDING).meet(happening_of(cause)) is FeederState.LOADED


@pytest.mark.parametrize("state", [FeederState.JAMMED, FeederState.DOUBLE_FED])
def test_ok__a_paper_sensor_does_not_end_a_jam(state: FeederState) -> None:
    """It sees the stack, not what sticks in the path."""
    course = course_at(state)
    course.meet(Happening.SEES_PAPER)
    assert course.meet(Happening.SEES_NONE) is state


def test_ok__a_closed_cover_is_seen() -> None:
    """Whoever closes it is not asked to press anything for that."""
    course = course_at(FeederState.COVER_OPEN)
    assert course.meet(Happening.SEES_PAPER) is FeederState.LOADED


@pytest.mark.parametrize("state", list(FeederState))
@pytest.mark.parametrize("happening", list(Happening))
def test_fail__what_cannot_happen_changes_nothing(state: FeederState, happening: Happening) -> None:
    """A move is in the table, or it is refused and the state stays."""
    course = course_at(state)
    if (state, happening) in MOVES:
        assert course.meet(happening) is MOVES[state, happening]
        return
    with pytest.raises(ValueError, match="cannot happen"):
        course.meet(happening)
    assert course.state is state
