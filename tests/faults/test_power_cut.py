"""The power goes at a sync: what was acknowledged is there when it is back. The disks are shown to have teeth."""

from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.mail.store import MailStore
from cityhall.mail.store import HallMail
from tests.support.check_world import acknowledged, check_shelf, check_words, check_world
from tests.support.density import Density
from tests.support.fault_world import FaultWorld, make_world
from tests.support.lossy_mount import LossyMount
from tests.support.nursery import How, Nursery, Plan, Steps
from tests.support.programs import CANARY
from tests.support.real_disk import RealDisk

KEPT = 2
StepsOfADay = Callable[[str, Steps], int]


def cut_desk(
    world: FaultWorld, disk: LossyMount, at: int, *, torn: bool = False, weak: str = ""
) -> int:
    """Cut the desk's power at sync `at` of an empty disk; returns how many applications it had acknowledged."""
    disk.format()
    world.said.clear()
    child = world.start_keep(KEPT, weak=weak)
    disk.trouble(cut_at=at, torn=torn, seed=at, victims=(child.pid,))
    world.heard(child.begin())
    assert child.killed, f"only {disk.syncs()} syncs"
    disk.trouble()
    return len(list(acknowledged(world.said)))


def desk_syncs(world: FaultWorld, disk: LossyMount) -> int:
    """Return how many syncs a desk makes until everything is kept and closed."""
    disk.format()
    world.keep(KEPT)
    return disk.syncs()


@pytest.mark.parametrize("torn", [False, True], ids=["drop", "torn"])
def test_the_desk(
    density: Density, nest: Nursery, glass_disk: LossyMount, tmp_path: Path, *, torn: bool
) -> None:
    """Each receipt it had told an applicant is on the shelf; keeping again completes it without a double."""
    world = make_world(nest, tmp_path, bus_mail=glass_disk.folder / "mail")

    def trial(at: int) -> None:
        density.count("acknowledged before a cut", cut_desk(world, glass_disk, at, torn=torn))
        density.count("power cuts")
        world.keep(KEPT)
        check_shelf(world)

    last = desk_syncs(world, glass_disk)
    density.sow(f"desk power cuts ({'torn' if torn else 'drop'})", last, 3, trial)


@pytest.mark.parametrize("end", ["uplink", "intake"])
def test_an_end_of_the_link(
    density: Density, nest: Nursery, glass_disk: LossyMount, tmp_path: Path, end: str
) -> None:
    """With the power back it knows every word it gave; all converges in two contacts."""
    shelf = {"uplink": "bus_mail", "intake": "hall_mail"}[end]

    def a_day(at: int, folder: Path) -> int:
        glass_disk.format()
        world = make_world(nest, folder, **{shelf: glass_disk.folder / "mail"})
        world.keep(3)
        for name in ("intake", "uplink"):
            child = world.start(name)
            if name == end:
                trouble = {"cut_at": at, "torn": at % 2 == 0, "seed": at}
                glass_disk.trouble(victims=(child.pid,), **trouble)
            child.begin()
            world.wait_ready(name)
        world.wait_complete_or_dead(end)
        count = glass_disk.syncs()
        if world.running[end].over:
            world.stop(end)
            density.count("power cuts")
        glass_disk.trouble()
        check_words(world)
        world.converge()
        check_world(world)
        nest.end_all()
        return count

    last = a_day(0, tmp_path / "counted")

    def trial(at: int) -> None:
        a_day(at, tmp_path / str(at))

    density.sow(f"{end} power cuts", last, 1, trial)


@pytest.mark.parametrize(
    ("shelf", "folders"), [(MailStore, {"parts"}), (HallMail, {"blobs", "pieces"})]
)
def test_a_new_shelf(
    glass_disk: LossyMount, shelf: type[MailStore | HallMail], folders: set[str]
) -> None:
    """Its own folders are there from the first word on: what will lie in them can be kept."""
    shelf(glass_disk.folder / "mail").close()
    glass_disk.cut()
    assert folders <= {path.name for path in (glass_disk.folder / "mail").iterdir()}


@pytest.mark.parametrize("weak", ["no_full_sync", "no_folder_sync"])
def test_teeth__a_hasty_desk_loses_what_it_acknowledged(
    nest: Nursery, glass_disk: LossyMount, tmp_path: Path, weak: str
) -> None:
    """The same desk without full synchronisation, or without syncing folders, is found out at some cut."""
    world = make_world(nest, tmp_path, bus_mail=glass_disk.folder / "mail")
    for at in range(13, 40):
        told = cut_desk(world, glass_disk, at, weak=weak)
        try:
            check_shelf(world)
        except (AssertionError, FileNotFoundError):
            assert told, "nothing was acknowledged, so nothing could be lost"
            return
    pytest.fail("a desk that does not sync was not found out: this disk proves nothing")


def test_a_real_file_system(density: Density, stepping: Nursery, ext4: RealDisk) -> None:
    """ext4 is stopped in the middle of a call and mounted again: each receipt is on the shelf, no name is readable."""
    mail = ext4.folder / "mail"
    counted = make_world(stepping, ext4.image.parent / "counted", bus_mail=mail).keep(KEPT)
    last = int(counted.lines()[-1].split()[1])

    def trial(at: int) -> None:
        place = ext4.image.parent / str(at)
        world = make_world(stepping, place, bus_mail=ext4.folder / str(at))
        child = world.keep(KEPT, cut_at(ext4, at))
        stepping.end_all()
        ext4.power_back()
        assert child.killed
        density.count("power cuts of a real ext4")
        world.keep(KEPT)
        check_shelf(world)
        assert not ext4.holds(CANARY.encode())

    density.sow("desk power cuts (ext4)", last, 3, trial)


def test_teeth__a_real_file_system_forgets_what_was_not_synced(
    stepping: Nursery, ext4: RealDisk
) -> None:
    """The hasty desk loses an acknowledged row on ext4 too."""
    for at in range(60, 130, 5):
        world = make_world(stepping, ext4.image.parent / f"{at}", bus_mail=ext4.folder / f"{at}")
        child = world.keep(KEPT, cut_at(ext4, at), weak="no_full_sync")
        stepping.end_all()
        ext4.power_back()
        assert child.killed
        try:
            check_shelf(world)
        except AssertionError:
            assert list(acknowledged(world.said))
            return
    pytest.fail("a desk that does not sync was not found out: this cut proves nothing")


def cut_at(disk: RealDisk, at: int) -> Plan:
    """Return the plan that stops a file system at a step on it."""
    return Plan(How.POWER_CUT, at, Steps.DISK, disk=str(disk.folder))
