"""A camera whose pictures are the files of a folder, shown in turn; unplug and plug it as you like."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from hardware.camera.faults import camera_error
from hardware.protocols import Picture
from hardware.scanner.papers import NotPaper, as_jpeg, lay_in


class SimulatedCamera:
    """Shows the folder's pictures by name, from the first again after the last.

    `hold` is how many frames one picture stays, as a page lies still under a real camera; `fps` the pace.
    """

    def __init__(self, folder: Path, *, hold: int = 1, fps: float = 0) -> None:
        self._folder = folder
        self._hold = max(1, hold)
        self._pause_s = 1 / fps if fps > 0 else 0.0
        self._shown = 0
        self.plugged = True

    @property
    def name(self) -> str:
        """Say that nobody should take these pictures for real."""
        return "simulated"

    @property
    def simulated(self) -> bool:
        """Say that the pictures come from files."""
        return True

    async def still(self) -> Picture:
        """Give the next picture."""
        await asyncio.sleep(self._pause_s)
        if not self.plugged:
            raise camera_error(self.name, "absent")
        try:
            paper = lay_in(self._next())
            data = as_jpeg(paper, colour=True)
        except (NotPaper, OSError) as error:
            raise camera_error(self.name, "no_picture", str(error)) from error
        self._shown += 1
        return Picture(data, "image/jpeg", paper.width, paper.height)

    async def frames(self) -> AsyncIterator[Picture]:
        """Give picture after picture."""
        while True:
            yield await self.still()

    async def close(self) -> None:
        """Do nothing: there is nothing to let go."""

    def _next(self) -> Path:
        files = sorted(f for f in self._folder.glob("*") if f.is_file())
        return files[self._shown // self._hold % len(files)] if files else self._folder
