"""`madobus simulate`: play bus days by seed, tell one of them, or show that every planted bug is caught."""

import argparse
import gc
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from provisioning.simulate.day import Outcome, play
from provisioning.simulate.planted import PLANTS, hunt
from provisioning.simulate.profile import Fault
from provisioning.simulate.remembered import remembered
from provisioning.simulate.world import Plant

# Days that one worker plays before it reports.
BATCH: Final = 100
# Days after which cycles are collected; a day leaves a few megabytes.
TIDY_EVERY: Final = 10
TOLD_VIOLATIONS: Final = 5


def main(argv: list[str]) -> int:
    """Run from the command line; 1 when an invariant was violated or a planted bug was not caught."""
    parser = argparse.ArgumentParser(prog="madobus simulate", description=__doc__)
    parser.add_argument("--days", type=int, default=1000, help="how many days (default: 1000)")
    parser.add_argument(
        "--seed", type=int, default=None, help="the first seed; alone: only this day"
    )
    parser.add_argument("--tell", action="store_true", help="print the story of the day of --seed")
    parser.add_argument(
        "--stores",
        choices=["memory", "real"],
        default="memory",
        help="real: the shelves on SQLite; about 20 s a day",
    )
    parser.add_argument("--workers", type=int, default=1, help="processes (default: 1)")
    parser.add_argument(
        "--planted", action="store_true", help="play with each planted bug until it is caught"
    )
    parser.add_argument("--plant", choices=sorted(PLANTS), help="play --seed with this planted bug")
    given = parser.parse_args(argv)
    logging.disable(logging.CRITICAL)
    with remembered():
        if given.planted:
            return _planted()
        if given.tell:
            return _tell(given.seed or 0, PLANTS.get(given.plant or ""))
        return _days(given.seed or 0, given.days, given.workers, real=given.stores == "real")


def some_days(first: int, count: int, *, real: bool = False) -> "Tally":
    """Play `count` days from a seed on, in this process."""
    with remembered(), _folder() as folder, _tidied_seldom():
        tally = Tally()
        for seed in range(first, first + count):
            tally.add(play(seed, Path(folder), real=real))
            if seed % TIDY_EVERY == 0:
                gc.collect()
        return tally


@contextmanager
def _tidied_seldom() -> Iterator[None]:
    """Collect cycles between days only: a sixth of the time goes into looking for them else."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Tally:
    """What many days came to."""

    def __init__(self) -> None:
        self.days = 0
        self.applications = 0
        self.seconds = 0.0
        self.windows = 0
        self.happened: Counter[Fault] = Counter()
        self.violated: dict[int, tuple[str, ...]] = {}

    def add(self, outcome: Outcome) -> None:
        """Add one day."""
        self.days += 1
        self.applications += outcome.applications
        self.seconds += outcome.seconds
        self.windows += outcome.doubled
        self.happened += outcome.happened
        if outcome.violations:
            self.violated[outcome.seed] = outcome.violations[:TOLD_VIOLATIONS]

    def join(self, other: "Tally") -> None:
        """Add the days of another worker."""
        self.days += other.days
        self.applications += other.applications
        self.seconds += other.seconds
        self.windows += other.windows
        self.happened += other.happened
        self.violated.update(other.violated)


def _days(first: int, count: int, workers: int, *, real: bool) -> int:
    began = time.monotonic()
    whole = Tally()
    reported = 0
    for tally in _batches(first, count, workers, real=real):
        whole.join(tally)
        for seed, violations in tally.violated.items():
            print(f"VIOLATION seed {seed}: {'; '.join(violations)}", flush=True)
        if whole.days - reported >= max(BATCH, count // 200):
            reported = whole.days
            print(_line(whole, time.monotonic() - began), flush=True)
    print(_line(whole, time.monotonic() - began))
    for fault, times in sorted(whole.happened.items(), key=lambda pair: -pair[1]):
        print(f"  {times:9,}  {fault.value}")
    print(f"  {whole.windows:9,}  numbers given twice inside the window of decision 0009")
    print(f"seeds {first} to {first + count - 1}: {len(whole.violated)} with a violation")
    if whole.violated:
        print(f"replay one: ./run simulate --seed {min(whole.violated)} --tell")
    return 1 if whole.violated else 0


def _line(tally: Tally, seconds: float) -> str:
    return (
        f"{tally.days:,} days, {tally.applications:,} applications, {tally.seconds / 86_400:,.0f} simulated days of "
        f"clock, {len(tally.violated)} violated, {tally.days / max(seconds, 0.001):.1f} days/s"
    )


def _batches(first: int, count: int, workers: int, *, real: bool) -> Iterator[Tally]:
    play_some = partial(some_days, real=real)
    jobs = [(seed, min(BATCH, first + count - seed)) for seed in range(first, first + count, BATCH)]
    if workers == 1:
        for seed, days in jobs:
            yield play_some(seed, days)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(play_some, *zip(*jobs, strict=True))


def _tell(seed: int, plant: Plant | None) -> int:
    with _folder() as folder:
        outcome = play(seed, Path(folder), plant)
    print("\n".join(outcome.story))
    print("\n".join(outcome.violations) or "no violation")
    return 1 if outcome.violations else 0


def _planted() -> int:
    missed = []
    with _folder() as folder:
        for name in PLANTS:
            found = hunt(name, Path(folder))
            if found is None:
                missed.append(name)
                print(f"{name:24} NOT CAUGHT", flush=True)
            else:
                print(f"{name:24} {found.days:6,} days  {found.violation}", flush=True)
    print(f"{len(PLANTS) - len(missed)} of {len(PLANTS)} planted bugs caught")
    return 1 if missed else 0


def _folder() -> "tempfile.TemporaryDirectory[str]":
    """Return a folder for the few real files, in memory where the machine has that."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a private folder is made in it
    return tempfile.TemporaryDirectory(prefix="madobus-simulate-", dir=memory)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
