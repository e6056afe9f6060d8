"""The way down at both ends: half letters, gaps, refusals, how many at a time."""

import pytest

from sync.errors import PeerError
from sync.frames import Down
from sync.letterbox import DOWN_BYTES, LETTERS_AHEAD, LETTERS_BYTES, Letterbox, LettersDown

A, B = b"a" * 16, b"b" * 16


def down(data: bytes, *, offset: int = 0, total: int = 10, letter_id: bytes = A) -> Down:
    """Return a piece of a letter."""
    return Down(letter_id, "correction", offset, total, data)


def test_a_letter_in_two_pieces_is_whole_at_the_second() -> None:
    """The body comes out once the last byte is here, and the box is empty again."""
    box = Letterbox()
    assert box.take(down(b"01234")) is None
    assert box.take(down(b"56789", offset=5)) == b"0123456789"
    assert box == Letterbox()


def test_an_empty_letter_is_whole_at_once() -> None:
    """No byte is a body too."""
    assert Letterbox().take(down(b"", total=0)) == b""


def test_an_old_piece_and_an_overlap_do_no_harm() -> None:
    """Bytes that are here already are passed over."""
    box = Letterbox()
    box.take(down(b"01234"))
    assert box.take(down(b"012")) is None
    assert box.take(down(b"3456789", offset=3)) == b"0123456789"


def test_another_letter_takes_the_box() -> None:
    """The hall may have something more urgent now; the half letter is forgotten."""
    box = Letterbox()
    box.take(down(b"01234"))
    box.take(down(b"xy", letter_id=B))
    assert (box.letter_id, box.data) == (B, b"xy")


@pytest.mark.parametrize("frame", [down(b"x", offset=1), down(b"0123456789!")])
def test_fail__a_gap_or_a_byte_too_many(frame: Down) -> None:
    """The hall broke a rule."""
    with pytest.raises(PeerError):
        Letterbox().take(frame)


def test_letters_leave_one_after_the_other_in_pieces() -> None:
    """A large letter is cut into pieces; nothing is left after the last."""
    letters = LettersDown()
    letters.put(A, "key_bundle", bytes(DOWN_BYTES + 1))
    letters.put(B, "correction", b"")
    sent = []
    while (piece := letters.piece()) is not None:
        sent.append((piece.letter_id, piece.offset, len(piece.data)))
    assert sent == [(A, 0, DOWN_BYTES), (A, DOWN_BYTES, 1), (B, 0, 0)]


def test_a_half_letter_goes_on_where_the_bus_stands() -> None:
    """What the bus holds from an earlier session is not sent again."""
    letters = LettersDown()
    letters.half_here(A, 4)
    letters.put(A, "correction", b"0123456789")
    assert letters.piece() == down(b"456789", offset=4)


def test_a_half_letter_of_another_length_starts_anew() -> None:
    """A bus that claims more than there is gets it from the start."""
    letters = LettersDown()
    letters.half_here(A, 10)
    letters.put(A, "correction", b"0123456789")
    assert letters.piece() == down(b"0123456789")


def test_no_more_letters_than_the_limit() -> None:
    """At the limit one more is not taken; a confirmation makes room."""
    letters = LettersDown()
    taken = [letters.put(bytes([n]) * 16, "correction", b"x") for n in range(LETTERS_AHEAD + 1)]
    assert taken == [True] * LETTERS_AHEAD + [False]
    assert letters.confirm(bytes(16), 1)
    assert letters.room == 1


def test_a_letter_under_way_is_not_taken_twice() -> None:
    """The shelf may offer it again until it is confirmed."""
    letters = LettersDown()
    assert (letters.put(A, "correction", b"x"), letters.put(A, "correction", b"x")) == (True, False)


@pytest.mark.parametrize(("letter_id", "size"), [(B, 1), (A, 2)])
def test_a_confirmation_of_something_else_counts_for_nothing(letter_id: bytes, size: int) -> None:
    """Only the whole letter, byte for byte in length, is confirmed."""
    letters = LettersDown()
    letters.put(A, "correction", b"x")
    assert not letters.confirm(letter_id, size)


def test_a_refused_letter_does_not_come_again_in_this_session() -> None:
    """The others go on."""
    letters = LettersDown()
    letters.put(A, "correction", b"x")
    letters.put(B, "correction", b"y")
    letters.refuse(A)
    assert not letters.put(A, "correction", b"x")
    piece = letters.piece()
    assert piece is not None
    assert piece.letter_id == B


def test_many_letters_ahead_are_few_when_they_are_large() -> None:
    """A stick may take 64 letters; beyond the limit in bytes the next one waits for the next stick."""
    letters = LettersDown(ahead=64)
    large = bytes(LETTERS_BYTES // 4)
    taken = [letters.put(bytes([n]) * 16, "visit_pack", large) for n in range(5)]
    assert taken == [True] * 4 + [False]
    letters.confirm(bytes(16), len(large))
    assert letters.put(bytes([9]) * 16, "correction", b"x")
