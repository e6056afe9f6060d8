"""One envelope that is coming in: what each piece is, gaps, restarts."""

import pytest

from sync.frames import Have, Piece
from sync.incoming import MISMATCH_LIMIT, Incoming, Verdict

ID = bytes(16)


def coming(expected: int = 0) -> Incoming:
    """Return an envelope whose slip of ten bytes is here up to `expected`."""
    found = Incoming(10)
    found.hold(0, {0: (0, expected)})
    return found


@pytest.mark.parametrize(
    ("item", "offset", "size", "verdict"),
    [
        (0, 4, 3, Verdict.NEXT),
        (0, 2, 3, Verdict.NEXT),
        (0, 0, 4, Verdict.OLD),
        (0, 5, 2, Verdict.GAP),
        (0, 4, 7, Verdict.TOO_LONG),
        (1, 0, 1, Verdict.NO_ITEM),
    ],
)
def test_what_a_piece_is(item: int, offset: int, size: int, verdict: Verdict) -> None:
    """With four bytes here of ten."""
    assert coming(4).judge(Piece(ID, item, offset, bytes(size))) is verdict


def test_parts_may_come_while_their_slip_is_being_filed() -> None:
    """The slip is whole here and not filed yet: its parts are early, not unknown."""
    found = coming(4)
    found.take(Piece(ID, 0, 4, b"abcdef"))
    assert found.judge(Piece(ID, 1, 0, b"x")) is Verdict.EARLY
    found.hold(1, {0: (10, 10)})
    assert found.judge(Piece(ID, 1, 0, b"x")) is Verdict.NO_ITEM


@pytest.mark.parametrize("held", [10, 11])
def test_a_slip_that_is_whole_and_unfiled_comes_again(held: int) -> None:
    """Nobody files it otherwise, and its parts would wait in memory for ever."""
    found = coming(held)
    assert found.told(ID) == Have(ID, 0, ())
    assert found.judge(Piece(ID, 0, 0, b"x")) is Verdict.NEXT
    assert found.judge(Piece(ID, 1, 0, b"x")) is Verdict.NO_ITEM


def test_of_an_overlap_only_the_new_bytes_are_taken() -> None:
    """The rest is here already."""
    assert coming(4).take(Piece(ID, 0, 2, b"abcdef")) == (4, b"cdef", False)


def test_the_last_piece_is_told() -> None:
    """The item is whole."""
    assert coming(4).take(Piece(ID, 0, 4, b"abcdef")) == (4, b"abcdef", True)


def test_a_gap_is_news_once_until_the_right_piece_comes() -> None:
    """Pieces that were on the wire before a restart ask for nothing more."""
    found = coming(4)
    assert [found.ask(0), found.ask(0)] == [True, False]
    found.take(Piece(ID, 0, 4, b"a"))
    assert found.ask(0)


def test_an_item_may_come_again_once() -> None:
    """The second mismatch is the last."""
    found = coming(10)
    assert [found.restart(0) for _ in range(MISMATCH_LIMIT)] == [True, False]
    assert found.slots[0].expected == 0


def test_the_bus_is_told_what_is_above_zero() -> None:
    """Items in order, empty ones left out."""
    found = coming(4)
    found.hold(1, {0: (10, 10), 2: (50, 7), 1: (20, 0)})
    assert found.told(ID) == Have(ID, 1, ((0, 4), (2, 7)))


def test_parts_of_a_slip_that_comes_again_are_passed_over() -> None:
    """They were on the wire before the bus heard of it, and come again behind the slip."""
    found = coming(4)
    found.take(Piece(ID, 0, 4, b"abcdef"))
    found.early.append(Piece(ID, 1, 0, b"x"))
    assert found.restart(0)
    assert (found.early, found.told(ID)) == ([], Have(ID, 0, ()))
    assert found.judge(Piece(ID, 1, 1, b"y")) is Verdict.OLD
    found.take(Piece(ID, 0, 0, b"0123456789"))
    assert found.judge(Piece(ID, 1, 0, b"x")) is Verdict.EARLY
    found.hold(1, {0: (10, 10)})
    assert found.judge(Piece(ID, 1, 0, b"x")) is Verdict.NO_ITEM


def test_city_halls_word_for_parts_of_an_unfiled_slip_is_taken() -> None:
    """Only the slip itself must come again; what lies here of a part stays."""
    found = Incoming(10)
    found.hold(0, {0: (0, 10), 1: (20, 7)})
    assert found.judge(Piece(ID, 1, 7, b"x")) is Verdict.NEXT
