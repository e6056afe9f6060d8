"""How fast: the link's measured goodput, the size of a piece, the bytes under way, and the next attempt."""

from collections import deque
from collections.abc import Callable
from typing import Final

from sync.frames import PIECE_MAX

PIECE_MIN: Final = 16 * 1024
PIECE_FIRST: Final = 32 * 1024
# A piece is about this long on the wire, so that an urgent frame waits behind little.
PIECE_SECONDS: Final = 0.25
WINDOW_MIN: Final = 64 * 1024
WINDOW_FIRST: Final = 128 * 1024
WINDOW_MAX: Final = 4 * 1024 * 1024
# What may be under way beside a round trip's worth. Much, so that a link which quickens, comes back or lost packets
# finds work at once (measured: bench link); on a slow link little, because an urgent frame waits behind all of it.
AHEAD_SECONDS: Final = 3.0
AHEAD_MAX: Final = 512 * 1024
SLOW_BELOW: Final = 64 * 1024
SLOW_AHEAD_SECONDS: Final = 1.5
# The time city hall takes to make a piece durable, beside the round trip.
DURABLE_SECONDS: Final = 0.2
# Five seconds: behind a lost packet many confirmations come at once, which is no speed.
SAMPLE_SECONDS: Final = 0.25
SAMPLES: Final = 20
FIRST_DELAY_S: Final = 0.25
LAST_DELAY_S: Final = 30.0
# A hall that is restarted, or a modem that registers again, is back within seconds: so many tries stay this close.
NEAR_TRIES: Final = 10
NEAR_DOUBLINGS: Final = 2
# 2 ** 10 times the first delay is far beyond the longest one.
DOUBLINGS_MAX: Final = 10


class Pace:
    """What the confirmations say of the link. Times are seconds that never step, sizes are bytes."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, float]] = deque(maxlen=SAMPLES)
        self._since: float | None = None
        self._bytes = 0
        self.rtt_s: float | None = None

    @property
    def goodput(self) -> float | None:
        """Bytes a second while something was under way, over the last samples; None before the first."""
        if not self._samples:
            return None
        return sum(size for size, _ in self._samples) / sum(took for _, took in self._samples)

    def sent(self, now: float) -> None:
        """Note that something is under way; measuring starts with the first byte after a rest."""
        if self._since is None:
            self._since = now

    def confirmed(self, size: int, now: float, *, idle: bool) -> None:
        """Note that `size` more bytes are durable; `idle` = nothing is under way any more."""
        self._bytes += size
        if self._since is not None and now - self._since >= SAMPLE_SECONDS:
            self._samples.append((self._bytes, now - self._since))
            self._since, self._bytes = now, 0
        if idle:
            self._since, self._bytes = None, 0

    def round_trip(self, seconds: float) -> None:
        """Note one round trip; the shortest counts."""
        self.rtt_s = seconds if self.rtt_s is None else min(self.rtt_s, seconds)

    def piece_size(self) -> int:
        """Return how many bytes the next piece carries."""
        if self.goodput is None:
            return PIECE_FIRST
        return int(min(PIECE_MAX, max(PIECE_MIN, self.goodput * PIECE_SECONDS)))

    def window(self) -> int:
        """Return how many unconfirmed bytes may be under way."""
        if self.goodput is None or self.rtt_s is None:
            return WINDOW_FIRST
        seconds = SLOW_AHEAD_SECONDS if self.goodput < SLOW_BELOW else AHEAD_SECONDS
        ahead = min(AHEAD_MAX, self.goodput * (self.rtt_s + seconds))
        wanted = max(ahead, 2 * self.goodput * (self.rtt_s + DURABLE_SECONDS))
        return int(min(WINDOW_MAX, max(WINDOW_MIN, wanted)))


class Backoff:
    """When to try again: near tries first, then doubling; jittered, never above `cap_s`, never giving up."""

    def __init__(self, random: Callable[[], float], cap_s: float = LAST_DELAY_S) -> None:
        self._random = random
        self._cap_s = cap_s
        self._tries = 0

    def next_delay(self) -> float:
        """Return the seconds until the next attempt."""
        late = self._tries - NEAR_TRIES + 1
        doublings = min(self._tries, NEAR_DOUBLINGS) + max(0, late)
        full: float = min(self._cap_s, FIRST_DELAY_S * 2 ** min(doublings, DOUBLINGS_MAX))
        self._tries += 1
        return full * (0.5 + self._random() / 2)

    def reset(self) -> None:
        """Start small again after a session opened."""
        self._tries = 0
