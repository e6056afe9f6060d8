"""A bit that turned, on a card or on purpose, is noticed wherever a hash, a tag or a signature covers it."""

from tests.threats.flips import everything, flip, is_noticed


def test_what_is_whole_is_not_refused() -> None:
    """The readers refuse for the turned bit, not for anything else."""
    assert [one.name for one in everything() if is_noticed(one, one.data)] == []


def test_a_turned_bit_is_noticed() -> None:
    """Spread over slip, part, journal, checkpoint, receipts, bundle and draft."""
    assert flip(360)[1] == []
