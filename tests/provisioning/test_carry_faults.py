"""A stick that is pulled out, cut, damaged or full: nothing is lost, and a person is told."""

import asyncio
import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from appliance.mail.store import MailStore
from appliance.uplink.clock import UplinkClock
from appliance.uplink.trust import Trust
from cityhall.mail.models import Arrived
from cityhall.mail.store import HallMail
from hardware.clock.system import SystemClock
from keeping.wholefile import write_durably
from provisioning.carry_answer import Answer, Outcome
from provisioning.carry_folder import Stick
from sync.carry import Way
from tests.support.garbage import turned
from tests.support.makers import make_id
from tests.support.sticks import Trip, filed_once, make_trip, proven

STEP = 1_000


@pytest.fixture
def trip(tmp_path: Path) -> Trip:
    """A bus, a city hall and an empty stick."""
    return make_trip(tmp_path)


class Pulled:
    """Writes whole files until the stick is pulled out in the middle of one."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, path: Path, data: bytes) -> None:
        """Write, or leave half a file beside and fail as a stick that is gone."""
        if self.left == 0:
            path.with_name(f"{path.name}.part").write_bytes(data[: len(data) // 2])
            raise OSError(errno.EIO, "the stick is gone")
        self.left -= 1
        write_durably(path, data)


class Small:
    """A stick of so many bytes."""

    def __init__(self, size: int) -> None:
        self.left = size

    def __call__(self, path: Path, data: bytes) -> None:
        """Write, or fail as a full stick."""
        if len(data) > self.left:
            raise OSError(errno.ENOSPC, "no space left on the stick")
        self.left -= len(data)
        write_durably(path, data)


@pytest.mark.parametrize("after", range(4))
async def test_pulled_out_while_the_bus_writes(trip: Trip, after: int) -> None:
    """What was written whole is taken; the next export carries everything."""
    trip.keep(0, 1, page_bytes=5_000)
    with pytest.raises(OSError, match="the stick is gone"):
        trip.export(body_max=10_000, write=Pulled(after))
    for taken in await trip.at_hall():
        assert taken.refused == 0
    await trip.home()
    await trip.round()
    assert filed_once(trip.hall, 2)
    assert proven(trip)


@pytest.mark.parametrize("after", range(3))
async def test_pulled_out_while_city_hall_writes(trip: Trip, after: int) -> None:
    """What was filed stays filed, nothing twice; what the whole files tell counts, the rest with the next contact."""
    trip.keep(0, 1, page_bytes=5_000)
    trip.export()
    [taken] = await trip.at_hall(body_max=400, write=Pulled(after))
    assert "nothing is filed twice" in taken.note
    assert filed_once(trip.hall, 2)
    await trip.home()
    [again] = await trip.at_hall()
    assert again.note == ""
    await trip.home()
    await trip.round()
    assert filed_once(trip.hall, 2)
    assert proven(trip)


def cuts(size: int) -> Iterator[int]:
    """Yield every thousandth byte of a file."""
    yield from range(0, size, STEP)


async def test_an_export_that_was_cut_anywhere(trip: Trip) -> None:
    """A sentence, and nothing of the file is taken; the same stick whole works afterwards."""
    trip.keep(0, page_bytes=5_000)
    trip.export()
    [path] = trip.carried.iterdir()
    data = path.read_bytes()
    for size in cuts(len(data)):
        path.write_bytes(data[:size])
        [taken] = await trip.at_hall()
        assert (taken.admitted, "nothing" in taken.note) == (False, True)
    assert trip.hall.mail.arrivals() == []
    path.write_bytes(data)
    await trip.at_hall()
    await trip.home()
    assert proven(trip)


async def test_an_answer_that_was_cut_anywhere(trip: Trip) -> None:
    """The bus takes nothing of it and says so."""
    trip.keep(0, page_bytes=5_000)
    trip.export()
    await trip.at_hall()
    [path] = trip.carried.glob("*-down-*")
    data = path.read_bytes()
    for size in cuts(len(data)):
        path.write_bytes(data[:size])
        [home] = await trip.home()
        assert (home.outcome, home.complete) == (Outcome.DAMAGED, 0)
    path.write_bytes(data)
    await trip.home()
    assert proven(trip)


@pytest.mark.parametrize("lost", range(1, 4))
async def test_one_file_of_an_export_is_damaged(trip: Trip, lost: int) -> None:
    """The others count as far as they can; the next stick brings the rest, and nobody is refused."""
    trip.keep(0, 1, page_bytes=5_000)
    exported = trip.export(body_max=9_000)
    assert exported.files > 3
    path = sorted(trip.carried.iterdir())[lost]
    path.write_bytes(turned(path.read_bytes()))
    [taken] = await trip.at_hall()
    assert f"file {lost + 1}: carry file" in taken.note
    assert taken.refused == 0
    await trip.home()
    await trip.round()
    assert filed_once(trip.hall, 2)
    assert proven(trip)


async def test_a_stick_that_is_too_small_carries_the_records(trip: Trip) -> None:
    """All of them before any page, and in words what is not on it."""
    trip.keep(0, 1, 2)
    exported = trip.export(write=Small(70_000))
    assert (exported.full, exported.all_on_it) == (True, False)
    assert (exported.records, exported.whole) == (3, 0)
    await trip.at_hall()
    await trip.home()
    assert [row.state for row in trip.bus.mail.outbox()] == ["arrived"] * 3
    await trip.round()
    assert filed_once(trip.hall, 3)
    assert proven(trip)


async def test_no_more_than_the_limit_is_written(trip: Trip) -> None:
    """Also over several files; the smallest limit writes nothing and says so."""
    trip.keep(0, 1, 2)
    exported = trip.export(limit=70_000, body_max=20_000)
    assert exported.full
    assert exported.size <= 70_000
    assert exported.records == 3
    nothing = trip.export(limit=0)
    assert (nothing.files, nothing.records, nothing.full) == (0, 0, True)


async def test_a_stick_with_no_room_for_the_answer(trip: Trip) -> None:
    """What city hall filed is filed; the bus hears of it over the link, or once there is room."""
    trip.keep(0)
    trip.export()
    [taken] = await trip.at_hall(write=Small(0))
    assert (taken.complete, taken.answer_files) == (1, 0)
    assert "make room" in taken.note
    await trip.at_hall()
    await trip.home()
    assert proven(trip)


async def test_a_real_stick_of_one_megabyte(trip: Trip) -> None:
    """The file system itself says that it is full; the bus's files leave room for the answer."""
    with mounted(trip.stick, "1m"):
        trip.keep(*range(3), page_bytes=600_000)
        exported = trip.export()
        assert (exported.full, exported.records, exported.whole) == (True, 3, 1)
        await trip.at_hall()
        await trip.home()
        states = [row.state for row in trip.bus.mail.outbox()]
        assert states == ["complete", "arrived", "arrived"]
        assert list(trip.carried.iterdir()) == []


def mounted(place: Path, size: str) -> "Mounted":
    """Mount a small file system, or skip where that is not allowed."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    return Mounted(place, size)


class Mounted:
    """A file system in memory at a place."""

    def __init__(self, place: Path, size: str) -> None:
        self._place = place
        self._size = size

    def __enter__(self) -> None:
        """Mount it; a container that does not allow it is skipped."""
        command = ["mount", "-t", "tmpfs", "-o", f"size={self._size}", "tmpfs", str(self._place)]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except FileNotFoundError:
            pytest.skip("this machine has no mount")
        if done.returncode != 0:
            pytest.skip("mounting is not allowed here")

    def __exit__(self, *_: object) -> None:
        """Unmount it."""
        subprocess.run(["umount", str(self._place)], capture_output=True, check=True)


async def test_a_damaged_place_on_the_buss_disk_is_named(trip: Trip) -> None:
    """The others travel; a person is told which one does not."""
    trip.keep(0, 1)
    (trip.bus.folder / "mail" / "parts" / make_id(0).hex() / "2").write_bytes(b"short")
    exported = trip.export()
    assert exported.damaged == (make_id(0).hex(),)
    assert exported.whole == 1
    await trip.at_hall()
    await trip.home()
    assert [row.state for row in trip.bus.mail.outbox()] == ["arrived", "complete"]


async def test_fail__a_broken_log_at_city_hall_ends_the_import(
    trip: Trip, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Aloud, and at once: nobody waits for an answer that cannot come."""
    trip.keep(0)
    trip.export()

    def broken(*_: object) -> list[Arrived]:
        raise LookupError("hall shelf: the filing log misses subtree 0/0; restore it")

    monkeypatch.setattr(HallMail, "commit_slips", broken)
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(60):
            await trip.at_hall()
    assert caught.group_contains(LookupError, match="misses subtree")


async def test_what_else_is_on_the_stick_stays(trip: Trip) -> None:
    """Photographs, and a file that only looks like ours."""
    trip.keep(0)
    trip.carried.mkdir()
    (trip.stick / "holiday.jpg").write_bytes(b"photo")
    (trip.carried / "notes.carry").write_bytes(b"text")
    await trip.round()
    assert proven(trip)
    assert [path.name for path in trip.carried.iterdir()] == ["notes.carry"]
    assert (trip.stick / "holiday.jpg").exists()


class FailingShelf(MailStore):
    """A shelf whose disk takes so many receipts and no more."""

    left = 0

    def complete(self, *given: Any, **named: Any) -> bool:
        """Keep a receipt, or fail as a full disk."""
        if self.left == 0:
            raise OSError(errno.ENOSPC, "no space left on the bus")
        self.left -= 1
        return super().complete(*given, **named)


@pytest.mark.parametrize("after", range(4))
async def test_the_bus_fails_while_it_takes_the_answer_in(trip: Trip, after: int) -> None:
    """Whatever was kept stays, the answer stays on the stick, and reading it again does the rest."""
    trip.keep(0, 1, 2, 3, page_bytes=5_000)
    trip.export()
    await trip.at_hall()
    settings, stick = trip.bus.settings(), Stick(trip.stick)
    trust = Trust(settings.uplink.bundle, settings.uplink.root)
    with closing(FailingShelf(settings.mail)) as shelf:
        shelf.left = after
        clock = UplinkClock(SystemClock())
        answer = Answer(settings, shelf, trust, stick, clock)
        cut = await answer.take(stick.places(Way.DOWN))
    assert (cut.outcome, cut.complete) == (Outcome.DAMAGED, after)
    assert "no space left on the bus" in cut.note
    [home] = await trip.home()
    assert (home.outcome, home.complete) == (Outcome.TAKEN, 4 - after)
    assert proven(trip)
