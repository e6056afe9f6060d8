"""SIGKILL at a durable step of a real process: nothing acknowledged is lost, nothing doubled, all converges."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.check_world import check_shelf, check_words, check_world
from tests.support.density import Density
from tests.support.fault_world import FaultWorld, make_world
from tests.support.nursery import How, Nursery, Plan, Steps

pytestmark = pytest.mark.usefixtures("stepping")

DAY_OF_DESK = 2
KILLS = (How.KILL_BEFORE, How.KILL_AFTER, How.KILL_HALF)
Fresh = Callable[[], FaultWorld]
StepsOfADay = Callable[[str, Steps], int]


def killed(density: Density, world: FaultWorld, name: str, plan: Plan) -> None:
    """Kill one end by the plan, look at every word that was given, start again and check everything."""
    world.serve(name, plan)
    world.wait_complete_or_dead(name)
    if world.running[name].over:
        assert world.stop(name).killed, world.words()
        density.count("processes killed")
    check_words(world)
    world.converge()
    check_world(world)


def test_the_desk_at_every_step(density: Density, nest: Nursery, memory: Path) -> None:
    """What it told an applicant is on the shelf; keeping all again gives the same receipts and no double."""
    counted = make_world(nest, memory / "counted").keep(DAY_OF_DESK)
    last = int(counted.lines()[-1].split()[1])

    def trial(at: int) -> None:
        for how in KILLS if density.every else KILLS[at % 3 :][:1]:
            world = make_world(nest, memory / f"{at}-{how.name}")
            assert world.keep(DAY_OF_DESK, Plan(how, at)).killed
            density.count("processes killed")
            check_shelf(world)
            world.keep(DAY_OF_DESK)
            check_shelf(world)
            nest.end_all()

    density.sow("desk kill points", last, 6, trial)


def test_the_uplink_at_every_step(
    density: Density, fresh: Fresh, steps_of_a_day: StepsOfADay
) -> None:
    """Restarted, it carries on; city hall holds every application once, and the bus its receipts."""

    def trial(at: int) -> None:
        killed(density, fresh(), "uplink", Plan(KILLS[at % 3], at))

    density.sow("uplink kill points", steps_of_a_day("uplink", Steps.ALL), 2, trial)


def test_the_intake_at_every_step(
    density: Density, fresh: Fresh, steps_of_a_day: StepsOfADay
) -> None:
    """Restarted, it has everything it ever gave a receipt for, and takes the rest."""

    def trial(at: int) -> None:
        killed(density, fresh(), "intake", Plan(KILLS[at % 3], at))

    density.sow("intake kill points", steps_of_a_day("intake", Steps.ALL), 2, trial)


def test_the_intake_between_commit_and_reply(
    density: Density, fresh: Fresh, steps_of_a_day: StepsOfADay
) -> None:
    """It dies right after a sync, before it says a word: the bus asks again and gets the same number once."""

    def trial(at: int) -> None:
        killed(density, fresh(), "intake", Plan(How.KILL_AFTER, at, Steps.SYNCS))

    last = steps_of_a_day("intake", Steps.SYNCS)
    density.sow("intake kill points after a sync", last, 2, trial)
