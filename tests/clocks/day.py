"""One day with broken clocks, all of it thrown from one seed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from tests.clocks.faults import FAULTS
from tests.clocks.judge import problems
from tests.clocks.machine import PPM_MAX
from tests.clocks.world import Keys, World

# 23:59:58 in Japan on the last day of a certification.
LAST_SECONDS: Final = datetime(2026, 11, 30, 14, 59, 58, tzinfo=UTC)
MORNING: Final = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Verdict:
    """What was found of one day: its faults in order, and what must not be."""

    seed: int
    story: tuple[str, ...]
    problems: tuple[str, ...]


def live(
    keys: Keys,
    seed: int,
    counts: Counter[str],
    story: Sequence[str] = (),
    made: type[World] = World,
) -> Verdict:
    """Live the day of a seed, or one whose faults are told; whatever is raised is a refusal of service."""
    chance = Random(seed)  # noqa: S311 - a day that can be told again
    begin = MORNING + timedelta(seconds=chance.uniform(0, 36_000))
    if chance.random() < 0.1:
        begin = LAST_SECONDS - timedelta(seconds=chance.uniform(0, 900))
    world = made(keys, chance, begin, chance.uniform(-PPM_MAX, PPM_MAX))
    named = {one.__name__: one for one in FAULTS}
    chosen = list(story) or [chance.choice(FAULTS).__name__ for _ in range(chance.randint(2, 6))]
    try:
        for name in chosen:
            named[name](world)
            world.pass_by(chance.choice((1.0, 20.0, 600.0, 7200.0)))
            world.hand_in()
        world.pass_by(chance.uniform(1, 30_000))
        world.contact()
        found = tuple(problems(world, Counter(chosen), counts))
    except Exception as refusal:  # noqa: BLE001 - nobody is sent away for a clock
        found = (f"refused: {type(refusal).__name__}: {refusal}",)
        counts["refused"] += 1
    counts["runs"] += 1
    counts["runs with a violation"] += bool(found)
    return Verdict(seed, tuple(chosen), found)
