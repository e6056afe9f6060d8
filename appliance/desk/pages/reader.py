"""Reads sheets through a bounded worker process; one that dies costs its sheet, never the desk or another sheet."""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakSet

from appliance.desk.pages import exchange, findings
from appliance.desk.pages.sheet import QrCode, ReadSheet, unreadable
from papers.limits import BYTE_LIMIT

logger = logging.getLogger(__name__)

SHEET_LIMIT_S = 120
"""Wall seconds for one sheet; the worker's own processor limit is shorter."""
CLOSE_LIMIT_S = 2.0
ALLOTTED = {
    "OMP_NUM_THREADS": "1",
    "OPENCV_FOR_THREADS_NUM": "1",
    "MALLOC_ARENA_MAX": "2",
    # Pictures go back to the system as soon as they are freed: a third less memory for both lanes.
    "MALLOC_MMAP_THRESHOLD_": str(4 << 20),
}
WorkerGone = (OSError, asyncio.IncompleteReadError, exchange.ExchangeError)
Deep = bool | Callable[[QrCode | None], bool]


@dataclass(slots=True, eq=False)
class _Lane:
    """One way into a worker process; its other lanes read other sheets at the same time."""

    process: asyncio.subprocess.Process
    source: asyncio.StreamReader
    sink: asyncio.StreamWriter

    async def send(self, message: bytes) -> None:
        """Write one message and wait until the socket took it."""
        self.sink.write(message)
        await self.sink.drain()

    async def receive(self) -> tuple[dict[str, Any], bytes]:
        """Read one message; raises what `WorkerGone` names when the worker ended or babbles."""
        text, blob = exchange.lengths(await self.source.readexactly(exchange.PREFIX))
        head = exchange.read_head(await self.source.readexactly(text))
        return head, await self.source.readexactly(blob)

    async def close(self) -> None:
        """Hang up."""
        self.sink.close()
        with suppress(OSError):
            await self.sink.wait_closed()

    async def kill(self) -> None:
        """End the process, and with it all its lanes, at once."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await self.close()


class PageReader:
    """The desk's way to know what a sheet is; at most `workers` sheets are read at the same time, in one process.

    With `originals` each sheet comes back with its picture as fed, too. `blanks` are the folders of blank forms that
    are known beside the program's own; with None no form is known.
    """

    def __init__(
        self,
        workers: int,
        *,
        originals: bool = False,
        blanks: Sequence[Path] | None = (),
        sheet_limit_s: float = SHEET_LIMIT_S,
    ) -> None:
        self._workers = workers
        self._forms = ["--no-forms"] if blanks is None else [f"--blanks={path}" for path in blanks]
        self._originals = originals
        self._sheet_limit_s = sheet_limit_s
        self._places = asyncio.Semaphore(workers)
        self._starting = asyncio.Lock()
        self._idle: list[_Lane] = []
        self._reading: dict[asyncio.subprocess.Process, int] = {}
        self._shared: WeakSet[asyncio.subprocess.Process] = WeakSet()
        self._closed = False

    async def read(self, image: bytes, media_type: str, dpi: int, deep: Deep) -> ReadSheet:
        """Read one sheet. `deep` says whether to read all writing; asked with the QR code once that is known.

        `media_type` is the feeder's word and never trusted: the bytes decide; `dpi` is 0 for a photograph. Always
        returns a sheet; one that could not be read has kind "unreadable" and a finding.
        """
        if self._closed:
            raise RuntimeError("the page reader is closed; open a new one before reading sheets")
        if len(image) > BYTE_LIMIT:
            return unreadable(findings.too_many_bytes(len(image) >> 20, BYTE_LIMIT >> 20))
        asked = {"media_type": media_type, "dpi": dpi, "original": self._originals}
        request = exchange.pack(asked, image)
        async with self._places:
            sheet = await self._read_in_lane(await self._lane(), request, deep)
            if sheet is None:
                # Its worker ended while it read another sheet as well, and nobody knows which of the two did it.
                (alone,) = await _start(1, self._forms)
                sheet = await self._read_in_lane(alone, request, deep, keep=False)
            return sheet or unreadable(findings.reading_stopped(round(self._sheet_limit_s)))

    async def warm(self) -> None:
        """Start the worker, so that the first sheet need not wait for it."""
        async with self._places:
            if not self._closed:
                self._idle.append(await self._lane())

    async def close(self) -> None:
        """End all idle workers; a worker still reading ends with its sheet."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(lane.close() for lane in idle))
        waiting = {lane.process for lane in idle if not self._reading.get(lane.process)}
        await asyncio.gather(*(_ended(process) for process in waiting))

    async def _lane(self) -> _Lane:
        async with self._starting:
            for lane in [lane for lane in self._idle if lane.process.returncode is not None]:
                await self._drop(lane)
            if not self._idle:
                self._idle = await _start(self._workers, self._forms)
            return self._idle.pop()

    async def _read_in_lane(
        self, lane: _Lane, request: bytes, deep: Deep, *, keep: bool = True
    ) -> ReadSheet | None:
        """Read through one lane; None when its worker ended and another sheet may have been the reason."""
        process = lane.process
        self._reading[process] = self._reading.get(process, 0) + 1
        if self._reading[process] > 1:
            self._shared.add(process)
        try:
            sheet = await asyncio.wait_for(_read_one(lane, request, deep), self._sheet_limit_s)
        except (TimeoutError, *WorkerGone) as fault:
            logger.warning("worker.ended cause=%s", type(fault).__name__)
            shared = process in self._shared
            await self._drop(lane)
            if isinstance(fault, TimeoutError) or not (shared and keep):
                return unreadable(findings.reading_stopped(round(self._sheet_limit_s)))
            return None
        except BaseException:
            await self._drop(lane)
            raise
        finally:
            self._leave(process)
        if keep and not self._closed:
            self._idle.append(lane)
        else:
            await lane.close()
            if not self._reading.get(process):
                await _ended(process)
        return sheet

    def _leave(self, process: asyncio.subprocess.Process) -> None:
        self._reading[process] -= 1
        if not self._reading[process]:
            del self._reading[process]

    async def _drop(self, lane: _Lane) -> None:
        """End a lane's process; its idle lanes go with it."""
        gone = [other for other in self._idle if other.process is lane.process]
        self._idle = [other for other in self._idle if other.process is not lane.process]
        await lane.kill()
        await asyncio.gather(*(other.close() for other in gone))


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Wait until a worker that was hung up on ends, and kill it when it does not."""
    try:
        await asyncio.wait_for(process.wait(), CLOSE_LIMIT_S)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _start(lanes: int, forms: Sequence[str]) -> list[_Lane]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "HOME", "TMPDIR")
    }
    environment |= ALLOTTED
    pairs = [socket.socketpair() for _ in range(lanes)]
    theirs = [pair[1] for pair in pairs]
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "appliance.desk.pages.worker",
            *forms,
            *(str(end.fileno()) for end in theirs),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            env=environment,
            pass_fds=[end.fileno() for end in theirs],
        )
    finally:
        for end in theirs:
            end.close()
    return [_Lane(process, *await asyncio.open_connection(sock=ours)) for ours, _ in pairs]


async def _read_one(lane: _Lane, request: bytes, deep: Deep) -> ReadSheet:
    await lane.send(request)
    head, blob = await lane.receive()
    while "ask" in head:
        code = exchange.read_code(head["ask"])
        await lane.send(exchange.pack({"deep": deep if isinstance(deep, bool) else deep(code)}))
        head, blob = await lane.receive()
    return exchange.read_sheet(head, blob)
