"""The disk refuses: an error, no room, read only, slow. Nobody is told what is not so, and all of it is made good."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.check_world import acknowledged, check_shelf, check_words, check_world
from tests.support.density import Density
from tests.support.fault_world import FaultWorld, make_world
from tests.support.lossy_mount import LossyMount
from tests.support.nursery import How, Nursery, Plan, Steps, wait_until
from tests.support.real_disk import RealDisk

KEPT = 2
LONG = 10_000
Fresh = Callable[[], FaultWorld]
StepsOfADay = Callable[[str, Steps], int]


def words(world: FaultWorld, word: str) -> int:
    """Count the lines that begin with a word."""
    return sum(line.startswith(f"{word} ") for line in world.said)


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC], ids=["EIO", "ENOSPC"])
def test_the_desk_at_every_step(
    density: Density, stepping: Nursery, memory: Path, error: int
) -> None:
    """One call fails: the applicant is told so or the receipt holds; pressed again, everything is kept once."""
    counted = make_world(stepping, memory / "counted").keep(KEPT, Plan(kinds=Steps.DISK))
    last = int(counted.lines()[-1].split()[1])

    def trial(at: int) -> None:
        world = make_world(stepping, memory / str(at))
        world.keep(KEPT, Plan(How.FAIL, at, Steps.DISK, error=error))
        check_shelf(world)
        world.keep(KEPT)
        check_shelf(world)
        assert len(set(acknowledged(world.said))) == KEPT
        stepping.end_all()

    density.sow(f"desk disk errors ({errno.errorcode[error]})", last, 3, trial)


@pytest.mark.parametrize("end", ["uplink", "intake"])
def test_an_end_of_the_link_at_every_step(
    density: Density, fresh: Fresh, stepping: Nursery, steps_of_a_day: StepsOfADay, end: str
) -> None:
    """One to thirty calls in a row fail: no word is untrue, and all converges once the disk works again."""
    assert stepping.steps

    def trial(at: int) -> None:
        world = fresh()
        error, span = (errno.EIO, 1) if at % 2 else (errno.ENOSPC, 30)
        world.serve(end, Plan(How.FAIL, at, Steps.DISK, span, error))
        world.wait_complete_or_dead(end)
        check_words(world)
        world.converge()
        check_world(world)

    density.sow(f"{end} disk errors", steps_of_a_day(end, Steps.DISK), 1, trial)


def test_a_failed_sync_is_never_taken_for_a_later_one(
    density: Density, nest: Nursery, glass_disk: LossyMount, tmp_path: Path
) -> None:
    """The kernel tells a failed sync once and calls the pages clean: what was acknowledged survives the next cut."""
    world = make_world(nest, tmp_path, bus_mail=glass_disk.folder / "mail")
    glass_disk.format()
    world.keep(KEPT)
    last = glass_disk.syncs()

    def trial(at: int) -> None:
        glass_disk.format()
        world.said.clear()
        child = world.start_keep(KEPT + 1)
        glass_disk.trouble(fail_at=at)
        world.heard(child.begin())
        world.keep(KEPT)
        nest.end_all()
        glass_disk.cut()
        world.keep(KEPT + 1)
        check_shelf(world)

    density.sow("failed syncs", last, 3, trial)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS], ids=["full", "read only"])
@pytest.mark.parametrize("end", ["uplink", "intake"])
def test_a_disk_that_takes_nothing_for_a_while(
    nest: Nursery, glass_disk: LossyMount, tmp_path: Path, end: str, error: int
) -> None:
    """Nothing is settled and nothing untrue is said meanwhile; with room again all converges."""
    shelf = {"uplink": "bus_mail", "intake": "hall_mail"}[end]
    world = make_world(nest, tmp_path, **{shelf: glass_disk.folder / "mail"})
    world.keep(2)
    world.serve()
    world.wait_complete_or_dead(end)
    glass_disk.trouble(error=error)
    if end == "uplink":
        refused(world)
        glass_disk.trouble()
    world.keep(1, first=2)
    glass_disk.trouble(error=error)
    wait_until(lambda: complaints(world, end), world.words)
    assert not world.running[end].over
    glass_disk.trouble()
    check_words(world)
    world.converge()
    check_world(world)


def complaints(world: FaultWorld, end: str) -> bool:
    """Tell whether an end of the link said that its disk takes nothing."""
    word = {"uplink": "shelf.refuses cause=", "intake": "intake.disk cause="}[end]
    return word in world.log(end)


def refused(world: FaultWorld) -> None:
    """Let the desk try on a disk that takes nothing: it says so, and nothing is acknowledged."""
    before = len(world.said)
    world.keep(1, first=2)
    assert not [line for line in world.said[before:] if line.startswith("kept")]


def test_a_card_that_turns_read_only(nest: Nursery, ext4: RealDisk) -> None:
    """A real ext4, remounted read-only: what was acknowledged is read, new applications are refused in words."""
    world = make_world(nest, ext4.image.parent / "world", bus_mail=ext4.folder / "mail")
    world.keep(1)
    ext4.make_read_only()
    child = world.keep(KEPT)
    assert (words(world, "kept"), child.status) != (1 + KEPT, 0)
    nest.end_all()
    ext4.power_back()
    world.keep(KEPT)
    check_shelf(world)
    assert len(set(acknowledged(world.said))) == KEPT


def test_a_slow_card(nest: Nursery, glass_disk: LossyMount, tmp_path: Path) -> None:
    """Each sync takes long: the word comes after it, never before, whenever the power goes."""
    world = make_world(nest, tmp_path, bus_mail=glass_disk.folder / "mail")
    child = world.start_keep(1)
    glass_disk.trouble(slow_s=0.05)
    child.begin()
    wait_until(lambda: child.over or bool(child.lines()), child.log)
    glass_disk.cut()
    nest.ended(child)
    world.said += child.lines()
    assert words(world, "kept") == 1
    world.keep(1)
    check_shelf(world)
