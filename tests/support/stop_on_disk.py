"""A whole stop whose bus lives on a real ext4 of its own: what is sealed, logged and thrown away lies in its image."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from provisioning.demo.samples.stack import Stack
from tests.support.one_stop import OneStop, one_stop
from tests.support.real_disk import RealDisk, real_disk

SIZE_MIB = 512
CORRECTION = {"reason": "page_missing", "sentence": "裏面をお持ちください。"}


@dataclass(frozen=True, slots=True)
class StopOnDisk:
    """The stop, and the disk with its bus, its logs and all temporary files; None where none can be made."""

    stop: OneStop
    disk: RealDisk | None

    def image(self) -> Path | None:
        """Return the image with everything written to it that the kernel still held."""
        os.sync()
        return self.disk.image if self.disk else None

    def pids(self, *names: str) -> list[int]:
        """Return the process ids of these processes."""
        found = [self.stop.world.processes[name].pid for name in names]
        return [pid for pid in found if pid is not None]


@asynccontextmanager
async def stop_on_disk(folder: Path, stack: Stack) -> AsyncIterator[StopOnDisk]:
    """Start a world below `folder`; its bus, its logs and all temporary files are on a disk of their own."""
    with real_disk(folder / "ext4", SIZE_MIB) as disk:
        world = folder / "world"
        world.mkdir()
        temporary = os.environ.get("TMPDIR")
        if disk is not None:
            for name in ("bus", "logs", "tmp"):
                (disk.folder / name).mkdir()
                (world / name).symlink_to(disk.folder / name)
            os.environ["TMPDIR"] = str(disk.folder / "tmp")
        try:
            async with one_stop(world, stack) as stop:
                yield StopOnDisk(stop, disk)
        finally:
            os.environ.pop("TMPDIR", None)
            if temporary is not None:
                os.environ["TMPDIR"] = temporary


async def play(stop: OneStop, sheets: Sequence[Path], declared: int) -> None:
    """Play all of it: read, hand in, arrive, open, ask for corrections, close the visit."""
    await stop.begin(declared, *sheets)
    await stop.all_read()
    stop.known = await stop.hand_in()
    await stop.sign_in()
    await stop.all_at_office(stop.known)
    await stop.pages_are_equal(stop.known)
    for item in stop.known[:2]:
        await stop.office.press(f"/cases/{item['id']}/correction", **CORRECTION)
    await stop.desk.read("/state.json")
    await stop.desk.press("/visit/close", anyway="1")
