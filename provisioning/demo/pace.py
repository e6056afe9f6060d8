"""How fast a link lets bytes through: a fixed rate, nothing at all, or a recorded trace. Pure."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

TRACE_PACKET = 1500
"""Bytes that one line of a trace lets go."""

LONGEST_TRACE = 4_000_000
"""Lines of a trace file that are read; an hour at 13 Mbit/s has as many."""


class TraceError(ValueError):
    """A trace file is not a list of milliseconds."""


class Pace(Protocol):
    """When bytes may pass."""

    delay_s: float

    def wait(self, size: int, now: float) -> float:
        """Book `size` bytes at `now` (seconds since the pace began); return seconds until the last has passed."""


class Steady:
    """A rate in bits a second and a one-way delay; rate 0 means as fast as the machine."""

    def __init__(self, bits_per_second: float, delay_s: float) -> None:
        self._rate = bits_per_second / 8
        self._free_at = 0.0
        self.delay_s = delay_s

    def wait(self, size: int, now: float) -> float:
        """Queue behind what was booked before."""
        if not self._rate:
            return 0.0
        self._free_at = max(self._free_at, now) + size / self._rate
        return self._free_at - now


class Recorded:
    """A recorded trace: each line is a millisecond at which 1500 bytes could go; it repeats at its end."""

    def __init__(self, milliseconds: Sequence[int], delay_s: float = 0.035) -> None:
        if not milliseconds or milliseconds[-1] <= 0 or list(milliseconds) != sorted(milliseconds):
            raise TraceError(
                "A trace is a list of rising milliseconds, one a line, the last above 0."
            )
        self._at = milliseconds
        self._length = milliseconds[-1]
        self._next = 0
        self._credit = 0
        self.delay_s = delay_s

    def wait(self, size: int, now: float) -> float:
        """Take as many of the coming opportunities as the bytes need."""
        self._skip_past(int(now * 1000))
        while self._credit < size:
            self._credit += TRACE_PACKET
            self._next += 1
        self._credit -= size
        return max(0.0, self._time_of(self._next - 1) / 1000 - now)

    def _time_of(self, number: int) -> int:
        if number < 0:
            return 0
        rounds, place = divmod(number, len(self._at))
        return rounds * self._length + self._at[place]

    def _skip_past(self, now_ms: int) -> None:
        rounds, rest = divmod(now_ms, self._length)
        passed = rounds * len(self._at) + bisect_left(self._at, rest)
        if passed > self._next:
            # What nobody used is gone: a link does not save up.
            self._next = passed
            self._credit = 0


def read_trace(path: Path) -> Recorded:
    """Read a trace file; raises TraceError naming the line that is no number."""
    milliseconds: list[int] = []
    with path.open(encoding="ascii", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if number > LONGEST_TRACE:
                break
            if not line.strip().isdigit():
                raise TraceError(
                    f"{path.name} line {number}: a whole number of milliseconds is needed."
                )
            milliseconds.append(int(line))
    return Recorded(milliseconds)


@dataclass(frozen=True, slots=True)
class Condition:
    """One state of the link, named for a person. `open` False: nothing passes in either direction."""

    name: str
    open: bool
    bits_up: float = 0
    bits_down: float = 0
    delay_s: float = 0


CONDITIONS = {
    "good": Condition("good", open=True, bits_up=12e6, bits_down=30e6, delay_s=0.025),
    "poor": Condition("poor", open=True, bits_up=600e3, bits_down=1e6, delay_s=0.12),
    "gone": Condition("gone", open=False),
}


def condition(name: str) -> tuple[Condition, Pace, Pace]:
    """Return the condition of this name, or of this trace file, with its paces up and down.

    A trace `X.up` takes `X.down` beside it for the way down when there is one.
    """
    known = CONDITIONS.get(name)
    if known is not None:
        up = Steady(known.bits_up, known.delay_s)
        return known, up, Steady(known.bits_down, known.delay_s)
    path = Path(name)
    if not path.is_file():
        raise TraceError(f"--link {name}: good, poor, gone or the path of a trace file is needed.")
    down = path.with_suffix(".down")
    played = Condition(path.stem, open=True)
    return played, read_trace(path), read_trace(down if down.is_file() else path)
