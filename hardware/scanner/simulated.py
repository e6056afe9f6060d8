"""A scanner whose stack is a folder of pictures, fed in the order of their names.

Settings: `scanner = "simulated"`, `sheets = "/path/of/folder"`, `duplex = true` takes two files for the two sides of
a leaf. Files laid in later are the next stack.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal, TypeAlias

from hardware.errors import DeviceError
from hardware.protocols import FeederState, Sheet
from hardware.scanner.faults import feeder_error
from hardware.scanner.papers import Paper, as_jpeg, lay_in, white_side
from hardware.scanner.states import Course, Happening, happening_of
from hardware.scanner.tray import Fault, Tray

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".avif", ".tif", ".tiff", ".bmp", ".gif"})
SIDES: tuple[Literal["back"], Literal["front"]] = ("back", "front")
_CAUSES = {
    Fault.JAM: "jammed",
    Fault.MULTIPICK: "double_fed",
    Fault.COVER: "cover_open",
    Fault.BUSY: "busy",
    Fault.OFF: "absent",
    Fault.DROP: "io",
    Fault.HANG: "hung",
    Fault.LOST: "io",
}


Mark: TypeAlias = tuple[str, int, int]


class SimulatedScanner:
    """Feeds each picture of the folder once; a file written anew is a new sheet."""

    def __init__(self, folder: Path, dpi: int = 300, *, duplex: bool = False) -> None:
        self._folder = folder
        self._dpi = dpi
        self._tray = Tray()
        self._checked: dict[Mark, Paper] = {}
        self._fed: set[Mark] = set()
        self._stop = ""  # why the stack ends before a file that cannot be fed
        self._duplex = duplex
        self._course = Course()

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
        if self._course.feeding:
            return FeederState.FEEDING
        await asyncio.to_thread(self._look)
        return self._tray.state

    async def feed(self) -> AsyncIterator[Sheet]:
        """Give the pictures one by one; see `Scanner.feed`."""
        if self._course.feeding:
            raise feeder_error(self.name, "busy", "it is feeding already")
        self._course.meet(Happening.BEGIN)
        outcome = Happening.BROKEN
        try:
            self._lay_back()
            await asyncio.to_thread(self._look)
            number = 0
            while (data := await self._side(first=number == 0)) is not None:
                number += 1
                self._course.meet(Happening.SHEET)
                side = SIDES[number % len(SIDES)] if self._duplex else ""
                yield Sheet(number, data, "image/jpeg", self._dpi, side)
            outcome = Happening.THROUGH
        except DeviceError as error:
            outcome = happening_of(error.cause)
            raise
        finally:
            self._course.meet(outcome)

    async def close(self) -> None:
        """Do nothing: there is nothing to let go."""

    async def _side(self, *, first: bool) -> bytes | None:
        """Give the next side's picture; None when the stack is through."""
        half = self._tray.half
        paper = self._next(first=first)
        if paper is not None:
            return await asyncio.to_thread(self._read, paper)
        if half is not None:
            self._tray.turn()
            return await asyncio.to_thread(white_side, half)
        return None

    def _lay_back(self) -> None:
        """Let a leaf that stuck between its sides be fed whole."""
        half = self._tray.half
        self._tray.put_back()
        self._fed -= {mark for mark, known in self._checked.items() if known is half}

    def _next(self, *, first: bool) -> Paper | None:
        fault = self._tray.active
        cause = _CAUSES.get(fault) if fault else None
        if fault is Fault.LOST:
            self._tray.set_fault(None)
            if self._tray.sheets:
                self._pull()
        if cause:
            lost = int(fault is Fault.LOST)
            raise feeder_error(self.name, cause, undelivered=lost)
        if self._tray.sheets:
            return self._pull()
        if self._stop:
            raise feeder_error(self.name, "io", self._stop)
        if first:
            raise feeder_error(self.name, "empty")
        return None

    def _pull(self) -> Paper:
        """Take the top sheet, and remember every file that left the tray with it."""
        before = list(self._tray.sheets)
        paper = self._tray.pull(duplex=self._duplex)
        left = before[: len(before) - len(self._tray.sheets)]
        self._fed |= {mark for mark, known in self._checked.items() if known in left}
        return paper

    def _read(self, paper: Paper) -> bytes:
        try:
            return as_jpeg(paper, colour=False)
        except OSError as error:
            raise feeder_error(self.name, "io", f"{paper.path.name}: {error}") from error

    def _look(self) -> None:
        """Let the tray be what lies in the folder now and was not fed; stop before a broken file."""
        marks = {_mark(file): file for file in self._files()}
        self._fed &= marks.keys()
        self._checked = {mark: self._checked[mark] for mark in marks if mark in self._checked}
        self._tray.sheets.clear()
        self._stop = ""
        for mark, file in marks.items():
            if mark in self._fed:
                continue
            try:
                self._checked[mark] = self._checked.get(mark) or lay_in(file)
                self._tray.load([self._checked[mark]])
            except ValueError as error:
                self._stop = str(error)
                return

    def _files(self) -> list[Path]:
        return sorted(f for f in self._folder.glob("*") if f.suffix.lower() in SUFFIXES)


def _mark(file: Path) -> Mark:
    """Tell one version of a file from another; a file that is gone meanwhile has none of it."""
    try:
        about = file.stat()
    except FileNotFoundError:
        return (file.name, 0, 0)
    return (file.name, about.st_mtime_ns, about.st_size)
