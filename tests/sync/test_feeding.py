"""sync.feeding: a file is read as fast as city hall answers, and nothing is fed that it could not place."""

import pytest

from sync.feeding import Feeder, Step
from sync.frames import (
    Confirm,
    Frame,
    Have,
    Hello,
    Offer,
    Piece,
    Pong,
    Receipt,
    Refuse,
    Welcome,
)

ENV, OTHER = bytes(16), bytes(range(16))
HELLO = Hello("bus-07", bytes(8), "", 1)
WELCOME = Welcome(bytes(8), "note", ())
OFFER = Offer(ENV, 10, 0, fresh=False)
UNKNOWN = Have(ENV, 0, ())
FILED = Confirm(ENV, 0, 10)


def slip(offset: int = 0, size: int = 10) -> Piece:
    """Return a piece of the slip."""
    return Piece(ENV, 0, offset, bytes(size))


def part(offset: int = 0, size: int = 5) -> Piece:
    """Return a piece of the first part."""
    return Piece(ENV, 1, offset, bytes(size))


def after(*story: tuple[str, Frame]) -> Feeder:
    """Return a feeder that fed (">") and heard ("<") these frames."""
    feeder = Feeder()
    for way, frame in story:
        (feeder.fed if way == ">" else feeder.heard)(frame)
    return feeder


OPEN = ((">", HELLO), ("<", WELCOME))
OFFERED = (*OPEN, (">", OFFER))
KNOWN = (*OFFERED, ("<", UNKNOWN))
FILING = (*KNOWN, (">", slip()))


@pytest.mark.parametrize(
    ("story", "frame", "step"),
    [
        ((), HELLO, Step.FEED),
        (((">", HELLO),), OFFER, Step.WAIT),
        (OPEN, OFFER, Step.FEED),
        (OPEN, Confirm(OTHER, 0, 3), Step.FEED),
        (OPEN, slip(), Step.SKIP),
        (OFFERED, slip(), Step.WAIT),
        (KNOWN, slip(), Step.FEED),
        (KNOWN, part(), Step.SKIP),
        ((*KNOWN, (">", slip(0, 4))), slip(4, 6), Step.FEED),
        ((*KNOWN, (">", slip(0, 4))), slip(6, 4), Step.SKIP),
        ((*OFFERED, ("<", Have(ENV, 0, ((0, 4),)))), slip(4, 6), Step.FEED),
        ((*OFFERED, ("<", Have(ENV, 0, ((0, 4),)))), slip(0, 4), Step.SKIP),
        ((*KNOWN, (">", slip(0, 4))), part(), Step.SKIP),
        (FILING, part(), Step.WAIT),
        ((*FILING, ("<", FILED)), part(), Step.FEED),
        ((*FILING, ("<", FILED)), slip(), Step.SKIP),
        ((*FILING, ("<", Confirm(ENV, 0, 4))), part(), Step.WAIT),
        ((*FILING, ("<", Receipt(ENV, 1, b"r", b"p", ()))), part(), Step.FEED),
        ((*FILING, ("<", UNKNOWN)), part(), Step.SKIP),
        ((*FILING, ("<", Refuse(201, "no", ENV))), part(), Step.SKIP),
        ((*FILING, ("<", Refuse(109, "full"))), part(), Step.WAIT),
        ((*OFFERED, ("<", Refuse(202, "no", ENV))), slip(), Step.SKIP),
        ((*OFFERED, ("<", Have(ENV, 1, ((0, 10), (1, 5))))), part(), Step.SKIP),
        ((*OFFERED, ("<", Have(ENV, 1, ((0, 10), (1, 5))))), part(5), Step.FEED),
        ((*OFFERED, ("<", Have(ENV, 1, ((0, 10), (1, 5))))), part(9), Step.SKIP),
    ],
)
def test_a_step(story: tuple[tuple[str, Frame], ...], frame: Frame, step: Step) -> None:
    """After this story the file's next frame is fed, kept back, or passed over."""
    assert after(*story).step(frame) is step


@pytest.mark.parametrize(
    ("story", "settled"),
    [
        (((">", HELLO),), False),
        (OPEN, True),
        (OFFERED, False),
        (KNOWN, True),
        (FILING, False),
        ((*FILING, ("<", FILED)), True),
        ((*FILING, ("<", Refuse(201, "no", ENV))), True),
        ((*OPEN, (">", Confirm(OTHER, 0, 3)), ("<", Pong(1))), True),
    ],
)
def test_the_file_ends_when_all_is_answered(
    story: tuple[tuple[str, Frame], ...], *, settled: bool
) -> None:
    """A slip that is being filed is waited for: its receipt belongs onto the stick."""
    assert after(*story).settled is settled
