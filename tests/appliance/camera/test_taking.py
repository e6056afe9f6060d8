"""When the camera takes a page: whole, still, the sharpest frame, never the same one twice."""

import pytest

from appliance.desk.camera.taking import CHOICE, IDLE_S, STILL_S, UNSURE_S, Look, State, Taker

TICK = 0.1


def difference(one: bytes, other: bytes) -> float:
    """Made-up pictures are one letter: the same or another."""
    return 0.0 if one == other else 50.0


class Played:
    """A taker before which pictures are laid."""

    def __init__(self) -> None:
        self.taker = Taker(difference)
        self.now = 100.0
        self.taken = 0
        self.state = State.EMPTY
        self.idle = False

    def lay(self, picture: str, seconds: float, reason: str = "") -> "Played":
        """Let one picture lie for so long."""
        for _ in range(round(seconds / TICK)):
            step = self.taker.step(Look(picture.encode(), reason, 1.0), self.now)
            self.now += TICK
            self.taken += step.take
            self.state, self.idle = step.state, step.idle
        return self


def test_ok__a_page_that_lies_still_is_taken_once() -> None:
    """However long it lies there."""
    played = Played().lay("a", 10)
    assert (played.taken, played.state) == (1, State.TAKEN)


def test_ok__the_next_page_is_taken_too() -> None:
    """A hand between them changes nothing."""
    played = Played().lay("a", 3).lay("hand", 0.3, "unclear").lay("b", 3)
    assert played.taken == 2


def test_ok__a_hand_over_the_same_page_takes_nothing_again() -> None:
    """The page lies where it lay."""
    assert Played().lay("a", 3).lay("hand", 0.4).lay("a", 5).taken == 1


def test_fail__nothing_is_taken_before_it_lay_still() -> None:
    """Half of the time is not enough."""
    played = Played().lay("a", STILL_S / 2)
    assert (played.taken, played.state) == (0, State.STILL)


def test_fail__a_moving_page_is_never_taken() -> None:
    """Another picture at every look."""
    played = Played()
    for picture in "abcdefghij":
        played.lay(picture, TICK)
    assert (played.taken, played.state) == (0, State.MOVING)


@pytest.mark.parametrize(
    ("reason", "state"),
    [("no_page", State.EMPTY), ("cut", State.CUT), ("unclear", State.UNCLEAR)],
)
def test_fail__a_page_that_is_not_sure_is_not_taken(reason: str, state: State) -> None:
    """After a moment the person is told why."""
    played = Played().lay("a", UNSURE_S * 2, reason)
    assert (played.taken, played.state) == (0, state)


def test_ok__the_hint_waits_a_moment() -> None:
    """Somebody is still laying the page down."""
    assert Played().lay("a", UNSURE_S / 2, "cut").state is State.STILL


def test_ok__a_press_takes_a_page_that_is_not_sure() -> None:
    """A person looked at it; one press, one page."""
    played = Played().lay("a", 2, "unclear")
    played.taker.press()
    assert played.lay("a", 5, "unclear").taken == 1


def test_ok__a_press_takes_the_same_page_again() -> None:
    """Somebody wants it once more."""
    played = Played().lay("a", 3)
    played.taker.press()
    assert played.lay("a", 3).taken == 2


def test_ok__so_many_frames_are_compared() -> None:
    """The candidates before the one that ends the choice."""
    taker, now, kept = Taker(difference), 0.0, 0
    while True:
        step = taker.step(Look(b"a", "", 1.0), now)
        now += TICK
        kept += step.keep
        if step.take:
            break
    assert kept == CHOICE


def test_ok__a_table_nobody_touches_is_idle() -> None:
    """Whether a page lies there or not; not a moment before."""
    assert not Played().lay("a", IDLE_S - 1).idle
    assert Played().lay("a", IDLE_S + 1).idle
    assert Played().lay("", IDLE_S + 1, "no_page").idle
