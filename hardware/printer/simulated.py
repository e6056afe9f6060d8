"""A printer that lays each PDF into a folder: for tests, demonstrations, and where paper comes from another machine.

Settings: the folder. Each job is one file, `0001.pdf` and so on, whole or not there at all. A file `state` beside
them with one of the words of PrinterState (`no_paper`, `jammed`, ...) plays that trouble until it is taken away.
"""

import asyncio
import contextlib
import secrets
from pathlib import Path

from hardware.errors import DeviceFault
from hardware.printer.document import checked
from hardware.protocols import JobState, PrinterState

MAX_JOBS = 1000
MAX_QUEUE = 20
STATE_FILE = "state"
MOVING = frozenset({PrinterState.READY, PrinterState.PRINTING, PrinterState.PAPER_LOW})
"""States in which paper comes out."""


class SimulatedPrinter:
    """Writes jobs into its folder, or keeps them in memory while its state says that no paper comes out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._states: dict[str, JobState] = {}
        self._queue: dict[str, bytes] = {}

    @property
    def name(self) -> str:
        """Say where the sheets go."""
        return "simulated"

    @property
    def simulated(self) -> bool:
        """Say that no paper comes out here."""
        return True

    async def state(self) -> PrinterState:
        """Return the state that is played; READY without one."""
        try:
            word = (self._folder / STATE_FILE).read_text(encoding="utf-8").strip()
            return PrinterState(word)
        except FileNotFoundError:
            return PrinterState.READY
        except (OSError, ValueError):
            return PrinterState.FAULT

    async def print(self, document: bytes) -> str:
        """Queue one PDF and let it through when nothing is in its way."""
        checked(document, self.name)
        if len(self._queue) >= MAX_QUEUE or len(self._states) >= MAX_JOBS:
            raise DeviceFault(
                f"printer {self.name}",
                "refused",
                f"{len(self._queue)} jobs wait, {len(self._states)} were taken",
                "mend what the printer says, or start it anew",
                ja="プリンターが印刷を受け付けません。前の印刷が終わってから、もう一度押してください。",
                en="The printer takes no more jobs. Wait for those before, then press again.",
            )
        job = f"{len(self._states) + 1:04d}"
        self._states[job], self._queue[job] = JobState.WAITING, document
        await self._let_through()
        return job

    async def job(self, job: str) -> JobState:
        """Let through what waits, then tell of one job."""
        await self._let_through()
        return self._states.get(job, JobState.FAILED)

    async def cancel(self, job: str) -> None:
        """Take one job out of the queue."""
        if self._queue.pop(job, None) is not None:
            self._states[job] = JobState.CANCELLED

    async def _let_through(self) -> None:
        while self._queue and await self.state() in MOVING:
            job = next(iter(self._queue))
            document = self._queue.pop(job)
            laid = await asyncio.to_thread(self._lay_in, document)
            self._states[job] = JobState.DONE if laid else JobState.FAILED

    def _lay_in(self, document: bytes) -> bool:
        """Write one job under the next free number; False when the folder is full."""
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{secrets.token_hex(8)}.part"
        part.write_bytes(document)
        try:
            for number in range(1, MAX_JOBS + 1):
                place = self._folder / f"{number:04d}.pdf"
                with contextlib.suppress(FileExistsError):
                    place.hardlink_to(part)  # whole under its name, and never over another job
                    return True
        finally:
            part.unlink()
        return False
