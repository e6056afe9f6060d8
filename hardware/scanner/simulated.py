"""A scanner whose stack is a folder of pictures, fed in the order of their names.

Settings: `scanner = "simulated"`, `sheets = "/path/of/folder"`. Files laid in later are the next stack.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from hardware.protocols import FeederState, Sheet
from hardware.scanner.faults import feeder_error
from hardware.scanner.papers import NotPaper, Paper, as_jpeg, lay_in
from hardware.scanner.tray import MAX_SHEETS, Fault, Tray

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".avif", ".tif", ".tiff", ".bmp", ".gif"})
_CAUSES = {
    Fault.JAM: "jammed",
    Fault.COVER: "cover_open",
    Fault.BUSY: "busy",
    Fault.OFF: "absent",
    Fault.DROP: "io",
    Fault.HANG: "hung",
}


class SimulatedScanner:
    """Feeds each picture of the folder once; a file written anew is a new sheet."""

    def __init__(self, folder: Path, dpi: int = 300) -> None:
        self._folder = folder
        self._dpi = dpi
        self._tray = Tray()
        self._seen: set[tuple[str, int, int]] = set()
        self._feeding = False

    @property
    def name(self) -> str:
        """Say that nobody should take these sheets for paper."""
        return "simulated"

    @property
    def simulated(self) -> bool:
        """Say that the sheets come from files."""
        return True

    def set_fault(self, fault: Fault | None, after: int = 0) -> None:
        """Let the feeder jam, open, double or fall silent after so many more sheets; None clears it."""
        self._tray.set_fault(fault, after)

    async def state(self) -> FeederState:
        """Look into the folder."""
        if self._feeding:
            return FeederState.BUSY
        await asyncio.to_thread(self._look)
        return self._tray.state

    async def feed(self) -> AsyncIterator[Sheet]:
        """Give the pictures one by one; see `Scanner.feed`."""
        if self._feeding:
            raise feeder_error(self.name, "busy", "it is feeding already")
        self._feeding = True
        try:
            await asyncio.to_thread(self._look)
            number = 0
            while paper := self._next(first=number == 0):
                data = await asyncio.to_thread(as_jpeg, paper, colour=False)
                number += 1
                yield Sheet(number, data, "image/jpeg", self._dpi)
        finally:
            self._feeding = False

    async def close(self) -> None:
        """Do nothing: there is nothing to let go."""

    def _next(self, *, first: bool) -> Paper | None:
        cause = _CAUSES.get(self._tray.active) if self._tray.active else None
        if cause:
            raise feeder_error(self.name, cause)
        if self._tray.sheets:
            return self._tray.pull()
        if first:
            raise feeder_error(self.name, "empty")
        return None

    def _look(self) -> None:
        files = sorted(f for f in self._folder.glob("*") if f.suffix.lower() in SUFFIXES)
        for file in files[:MAX_SHEETS]:
            about = file.stat()
            mark = (file.name, about.st_mtime_ns, about.st_size)
            if mark in self._seen:
                continue
            try:
                self._tray.load([lay_in(file)])
            except (NotPaper, ValueError) as error:
                raise feeder_error(self.name, "io", str(error)) from error
            self._seen.add(mark)
