"""Reads sheets through bounded worker processes; a worker that dies costs its sheet, never the desk."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from appliance.desk.pages import exchange, findings
from appliance.desk.pages.sheet import QrCode, ReadSheet, unreadable
from papers.limits import BYTE_LIMIT

logger = logging.getLogger(__name__)

SHEET_LIMIT_S = 120
"""Wall seconds for one sheet; the worker's own processor limit is shorter."""
CLOSE_LIMIT_S = 2.0
WorkerGone = (OSError, asyncio.IncompleteReadError, exchange.ExchangeError)
Deep = bool | Callable[[QrCode | None], bool]


@dataclass(slots=True)
class _Worker:
    process: asyncio.subprocess.Process

    async def send(self, message: bytes) -> None:
        """Write one message and wait until the pipe took it."""
        sink = self.process.stdin
        if sink is None:
            raise OSError("a worker has no input")
        sink.write(message)
        await sink.drain()

    async def receive(self) -> tuple[dict[str, Any], bytes]:
        """Read one message; raises what `WorkerGone` names when the worker ended or babbles."""
        source = self.process.stdout
        if source is None:
            raise OSError("a worker has no output")
        text, blob = exchange.lengths(await source.readexactly(exchange.PREFIX))
        head = exchange.read_head(await source.readexactly(text))
        return head, await source.readexactly(blob)

    async def end(self) -> None:
        """Hang up, and kill when that is not enough."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), CLOSE_LIMIT_S)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End the process at once."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


class PageReader:
    """The desk's way to know what a sheet is; at most `workers` sheets are read at the same time."""

    def __init__(self, workers: int, *, sheet_limit_s: float = SHEET_LIMIT_S) -> None:
        self._sheet_limit_s = sheet_limit_s
        self._places = asyncio.Semaphore(workers)
        self._idle: list[_Worker] = []
        self._closed = False

    async def read(self, image: bytes, media_type: str, dpi: int, deep: Deep) -> ReadSheet:
        """Read one sheet. `deep` says whether to read all writing; asked with the QR code once that is known.

        `media_type` is the feeder's word and never trusted: the bytes decide. Always returns a sheet; one
        that could not be read has kind "unreadable" and a finding.
        """
        if self._closed:
            raise RuntimeError("the page reader is closed; open a new one before reading sheets")
        if len(image) > BYTE_LIMIT:
            return unreadable(findings.too_many_bytes(len(image) >> 20, BYTE_LIMIT >> 20))
        async with self._places:
            worker = self._idle.pop() if self._idle else await _start()
            try:
                sheet = await asyncio.wait_for(
                    _read_one(worker, image, media_type, dpi, deep), self._sheet_limit_s
                )
            except (TimeoutError, *WorkerGone) as fault:
                logger.warning("worker.ended cause=%s", type(fault).__name__)
                await worker.kill()
                return unreadable(findings.reading_stopped(round(self._sheet_limit_s)))
            except BaseException:
                await worker.kill()
                raise
            if self._closed:
                await worker.end()
            else:
                self._idle.append(worker)
            return sheet

    async def close(self) -> None:
        """End all idle workers; a worker still reading ends with its sheet."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(worker.end() for worker in idle))


async def _start() -> _Worker:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "HOME", "TMPDIR")
    }
    environment |= {"OMP_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1", "MALLOC_ARENA_MAX": "2"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "appliance.desk.pages.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    return _Worker(process)


async def _read_one(
    worker: _Worker, image: bytes, media_type: str, dpi: int, deep: Deep
) -> ReadSheet:
    await worker.send(exchange.pack({"media_type": media_type, "dpi": dpi}, image))
    head, blob = await worker.receive()
    while "ask" in head:
        code = exchange.read_code(head["ask"])
        await worker.send(exchange.pack({"deep": deep if isinstance(deep, bool) else deep(code)}))
        head, blob = await worker.receive()
    return exchange.read_sheet(head, blob)
