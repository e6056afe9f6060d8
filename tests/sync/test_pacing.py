"""How fast: goodput, piece size, window, and the pause before the next attempt."""

import pytest

from sync.frames import PIECE_MAX
from sync.pacing import (
    FIRST_DELAY_S,
    LAST_DELAY_S,
    PIECE_FIRST,
    PIECE_MIN,
    SAMPLES,
    WINDOW_FIRST,
    WINDOW_MAX,
    WINDOW_MIN,
    Backoff,
    Pace,
)


def paced(rate: float, rtt_s: float) -> Pace:
    """Return what is measured after a second at `rate` bytes a second."""
    pace = Pace()
    pace.round_trip(rtt_s)
    pace.sent(0.0)
    pace.confirmed(int(rate), 1.0, idle=False)
    return pace


def test_before_any_measure_the_first_guesses_hold() -> None:
    """A new session starts with a middling piece and window."""
    pace = Pace()
    assert (pace.goodput, pace.piece_size(), pace.window()) == (None, PIECE_FIRST, WINDOW_FIRST)


@pytest.mark.parametrize(
    ("rate", "piece"),
    [(8_000, PIECE_MIN), (100_000, 25_000), (262_144, PIECE_MAX), (5_000_000, PIECE_MAX)],
)
def test_a_piece_is_a_quarter_second_within_its_bounds(rate: float, piece: int) -> None:
    """Pieces grow with the link, from 16 to 64 KiB."""
    assert paced(rate, 0.1).piece_size() == piece


@pytest.mark.parametrize(
    ("rate", "rtt_s", "window"),
    [
        (8_000, 0.3, WINDOW_MIN),
        (50_000, 0.3, 90_000),
        (100_000, 0.3, 330_000),
        (500_000, 0.3, 512 * 1024),
        (2_000_000, 0.3, 2_000_000),
        (50_000_000, 0.6, WINDOW_MAX),
    ],
)
def test_the_window_is_what_the_link_carries_soon(rate: float, rtt_s: float, window: int) -> None:
    """Bytes under way follow goodput and round trip, within their bounds."""
    assert paced(rate, rtt_s).window() == window


def test_confirmations_that_come_at_once_are_no_speed() -> None:
    """Behind a lost packet nothing is confirmed, and then everything: the mean is the link's."""
    pace = paced(100_000, 0.1)
    pace.confirmed(0, 3.0, idle=False)
    pace.confirmed(200_000, 3.25, idle=False)
    assert pace.goodput == pytest.approx(300_000 / 3.25)


def test_what_was_long_ago_is_forgotten() -> None:
    """The last samples count and no others."""
    pace = paced(400_000, 0.1)
    for second in range(1, SAMPLES + 1):
        pace.confirmed(1_000, 1.0 + second, idle=False)
    assert pace.goodput == 1_000


def test_a_rest_is_not_measured() -> None:
    """When nothing is under way the clock stops."""
    pace = paced(400_000, 0.1)
    pace.confirmed(1, 1.1, idle=True)
    pace.sent(100.0)
    pace.confirmed(400_000, 101.0, idle=True)
    assert pace.goodput == 400_000


def test_confirmations_that_come_close_together_make_one_sample() -> None:
    """A sample needs a quarter of a second."""
    pace = Pace()
    pace.sent(0.0)
    pace.sent(0.1)
    pace.confirmed(50_000, 0.2, idle=False)
    assert pace.goodput is None
    pace.confirmed(50_000, 0.5, idle=False)
    assert pace.goodput == 200_000


def test_a_confirmation_before_anything_was_sent_measures_nothing() -> None:
    """What an earlier session sent is not this session's speed."""
    pace = Pace()
    pace.confirmed(50_000, 5.0, idle=False)
    assert pace.goodput is None


def test_the_shortest_round_trip_counts() -> None:
    """A loaded path's round trips are longer; the path's own is the least."""
    pace = Pace()
    for seconds in (0.3, 0.1, 0.7):
        pace.round_trip(seconds)
    assert pace.rtt_s == 0.1


def test_the_pause_doubles_up_to_its_cap() -> None:
    """With the largest jitter: near tries of at most a second, then 2, 4 ... 30 seconds and never more."""
    backoff = Backoff(lambda: 1.0)
    delays = [backoff.next_delay() for _ in range(20)]
    assert delays[:12] == [FIRST_DELAY_S, 0.5, *[1.0] * 8, 2.0, 4.0]
    assert max(delays) == delays[-1] == LAST_DELAY_S


def test_jitter_halves_the_pause_at_most() -> None:
    """Buses that lost the link together do not come back together."""
    assert Backoff(lambda: 0.0).next_delay() == FIRST_DELAY_S / 2


def test_success_starts_the_pause_anew() -> None:
    """After a session the first pause is short again."""
    backoff = Backoff(lambda: 1.0, cap_s=4.0)
    delays = [backoff.next_delay() for _ in range(20)]
    backoff.reset()
    assert (delays[-1], backoff.next_delay()) == (4.0, FIRST_DELAY_S)
