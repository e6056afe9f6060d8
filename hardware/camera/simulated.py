"""A camera whose pictures are the files of a folder, shown in turn; unplug and plug it as you like."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from hardware.camera.faults import camera_error
from hardware.protocols import Picture
from hardware.scanner.papers import NotPaper, as_jpeg, lay_in


class SimulatedCamera:
    """Shows the folder's pictures by name, from the first again after the last.

    `hold` is how many frames one picture stays, as a page lies still under a real camera; `fps` the pace. With `again`
    off the last picture stays, until the camera is closed: it then begins with the first.
    """

    def __init__(self, folder: Path, *, hold: int = 1, fps: float = 0, again: bool = True) -> None:
        self._folder = folder
        self._hold = max(1, hold)
        self._again = again
        self._last: tuple[Path, int, Picture] | None = None
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
            picture = self._picture(self._next())
        except (NotPaper, OSError) as error:
            raise camera_error(self.name, "no_picture", str(error)) from error
        self._shown += 1
        return picture

    async def frames(self) -> AsyncIterator[Picture]:
        """Give picture after picture."""
        while True:
            yield await self.still()

    async def close(self) -> None:
        """Let nothing go: there is nothing; begin with the first picture where the last one stays."""
        if not self._again:
            self._shown = 0

    def _next(self) -> Path:
        files = sorted(f for f in self._folder.glob("*") if f.is_file())
        if not files:
            return self._folder
        turn = self._shown // self._hold
        return files[turn % len(files) if self._again else min(turn, len(files) - 1)]

    def _picture(self, file: Path) -> Picture:
        """Read a file once while it lies there: a page that lies still is the same bytes again."""
        written = file.stat().st_mtime_ns
        if self._last is None or self._last[:2] != (file, written):
            paper = lay_in(file)
            data = as_jpeg(paper, colour=True)
            shown = Picture(data, "image/jpeg", paper.width, paper.height)
            self._last = (file, written, shown)
        return self._last[2]
