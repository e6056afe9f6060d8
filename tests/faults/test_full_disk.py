"""The bus's disk is full: new applications stop with a sentence, what was acknowledged stays and is carried."""

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.demo.samples.stack import Stack
from provisioning.demo.screens import ScreenError
from tests.support.one_stop import one_stop, sheets_of

pytestmark = pytest.mark.journey

DISK_MIB = 320
FLOOR_MIB = 200
FILL_TRIES = 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a world's folder whose bus stands on a disk of its own; skips where mounting is not allowed."""
    bus = tmp_path / "bus"
    bus.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(bus)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small disk of its own needs root and the right to mount")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(bus)], check=True)


def fill(bus: Path, leave_mib: int) -> Path:
    """Write a file until so many MiB are left; returns it. The bus goes on writing meanwhile: then it is tried anew."""
    path = bus / "something-else"
    with path.open("wb") as file:
        for left in reversed(range(FILL_TRIES)):
            disk = os.statvfs(bus)
            try:
                os.posix_fallocate(
                    file.fileno(), 0, disk.f_bavail * disk.f_frsize - (leave_mib << 20)
                )
                break
            except OSError as error:
                if error.errno != errno.ENOSPC or not left:
                    raise
    return path


async def test_a_disk_nearly_full_stops_new_applications(small_disk: Path, papers: Stack) -> None:
    """Below the floor no batch begins, the sentence says so; what was handed in before reaches the office."""
    front = sheets_of(papers, 0)[0]
    async with one_stop(small_disk, papers) as stop:
        await stop.begin(1, front)
        await stop.all_read()
        stop.world.switch_link("gone")
        handed = await stop.hand_in()
        fill(stop.world.bus_folder, FLOOR_MIB)
        with pytest.raises(ScreenError, match="保存場所の空きは 0 件分です"):
            await stop.desk.press("/batch/declare", count="1")
        assert len(await stop.handed()) == 1
        stop.world.switch_link("good")
        await stop.sign_in()
        await stop.all_at_office(handed)
        assert await stop.pages_are_equal(handed)


async def test_the_disk_full_to_the_last_byte_at_hand_in(small_disk: Path, papers: Stack) -> None:
    """The hand-in is refused in words, no receipt is shown; with room again the same draft is handed in."""
    front = sheets_of(papers, 0)[0]
    async with one_stop(small_disk, papers) as stop:
        await stop.begin(1, front)
        await stop.all_read()
        await stop.confirm_all()
        filler = fill(stop.world.bus_folder, 0)
        with pytest.raises(ScreenError, match=r"answered 4.*お預かり済みのものは安全です"):
            await stop.desk.press("/batch/hand-in", confirmed="1", protective="1")
        assert await stop.handed() == []
        filler.unlink()
        await stop.desk.press("/batch/hand-in", confirmed="1", protective="1")
        handed = await stop.handed()
        await stop.sign_in()
        await stop.all_at_office(handed)
        assert await stop.times_at_office() == {handed[0]["id"]: 1}


async def test_the_disk_full_in_the_middle_of_the_draft(small_disk: Path, papers: Stack) -> None:
    """Feeding is refused in words when not one sheet could be kept."""
    async with one_stop(small_disk, papers) as stop:
        await stop.pack_on_board()
        await stop.open_visit()
        await stop.desk.press("/batch/declare", count="1")
        await stop.lay(sheets_of(papers, 0)[0])
        filler = fill(stop.world.bus_folder, 0)
        with pytest.raises(ScreenError, match="保存場所が足りないため、読み取りを始められません"):
            await stop.desk.press("/batch/feed")
        filler.unlink()
        await stop.desk.press("/batch/feed")
        state = await stop.all_read()
        assert [sheet["kind"] for sheet in state["sheets"]] == ["form_front"]
