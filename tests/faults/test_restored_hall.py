"""City hall comes back from last night's backup: what it filed since is filed again, under the same number."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.mail.store import MailStore
from cityhall.mail.store import HallMail
from tests.support.check_world import check_world
from tests.support.density import Density
from tests.support.fault_world import FaultWorld

Fresh = Callable[[], FaultWorld]


def numbers(world: FaultWorld) -> dict[bytes, str]:
    """Return the filing number of each envelope at city hall."""
    hall = HallMail(world.hall_mail)
    found = {one.env_id: one.filing_no for one in hall.arrivals()}
    hall.close()
    return found


def alarms(world: FaultWorld) -> int:
    """Count the alarms in the bus's journal."""
    bus = MailStore(world.bus_mail)
    found = sum(entry.kind == "alarm" for entry in bus.entries())
    bus.close()
    return found


def carried(world: FaultWorld) -> dict[bytes, str]:
    """Let everything reach city hall, end both processes, and return the numbers."""
    world.serve()
    world.converge()
    return numbers(world)


def put_back(world: FaultWorld, backup: Path, *, with_pages: bool) -> None:
    """Put the backup in place of what stands there: the database alone, or the pages too."""
    for path in world.hall_mail.glob("hall.db*"):
        path.unlink()
    shutil.copy(backup / "hall.db", world.hall_mail / "hall.db")
    if with_pages:
        shutil.rmtree(world.hall_mail / "blobs")
        shutil.copytree(backup / "blobs", world.hall_mail / "blobs")


@pytest.mark.parametrize("with_pages", [True, False] if Density().every else [True])
def test_last_night_s_backup(fresh: Fresh, *, with_pages: bool) -> None:
    """Three were filed before the backup, three after it: the bus notices, all six are there once and whole."""
    world = fresh()
    carried(world)
    backup = world.hall_mail.with_name("last-night")
    shutil.copytree(world.hall_mail, backup)
    world.keep(3, first=3)
    told = carried(world)
    put_back(world, backup, with_pages=with_pages)
    assert len(numbers(world)) == 3
    world.keep(1, first=6)
    again = carried(world)
    assert alarms(world) >= 1
    assert len(again) == 7
    check_world(world, forgot=True)
    assert again.items() >= told.items()
