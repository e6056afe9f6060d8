"""Chance with a seed: every throw of a simulated day comes from here, so a seed is a day."""

import random
from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


class Chance:
    """Throws that are the same for the same seed. `fork` gives a stream that other throws do not disturb."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        # Faults are thrown, no secrets drawn: a generator with a seed is the point.
        self._random = random.Random(seed)  # noqa: S311

    def fork(self, name: str) -> "Chance":
        """Return an own stream for a part of the day."""
        return Chance(f"{self._seed}/{name}")

    def once_in(self, times: float) -> bool:
        """Tell whether something happens that happens once in so many times."""
        return self._random.random() * times < 1

    def share(self) -> float:
        """Return a number from 0 to 1."""
        return self._random.random()

    def between(self, low: float, high: float) -> float:
        """Return a number between two."""
        return low + (high - low) * self._random.random()

    def count(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both possible."""
        return self._random.randint(low, high)

    def skewed(self, low: float, high: float) -> float:
        """Return a number between two, small ones more often, in equal steps of proportion."""
        return float(low * (high / low) ** self._random.random())

    def one_of(self, things: Sequence[Thing]) -> Thing:
        """Return one of several."""
        return self._random.choice(things)

    def some_of(self, things: Sequence[Thing], count: int) -> list[Thing]:
        """Return `count` different ones, in any order."""
        return self._random.sample(things, count)

    def data(self, size: int) -> bytes:
        """Return bytes."""
        return self._random.randbytes(size)
