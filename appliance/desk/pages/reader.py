"""Reads sheets through bounded worker processes; one that dies costs its sheet, never the desk or another sheet."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from appliance.desk.pages import exchange, findings
from appliance.desk.pages.lane import Deep, Lane, LaneGone
from appliance.desk.pages.nursery import Nursery
from appliance.desk.pages.sheet import ReadSheet, unreadable
from papers.limits import BYTE_LIMIT

logger = logging.getLogger(__name__)

SHEET_LIMIT_S = 120
"""Wall seconds for one sheet; the worker's own processor limit is shorter."""
TRIES = 2
"""A worker may end for another reason than its sheet; a sheet that ended two is not tried again."""


class PageReader:
    """The desk's way to know what a sheet is; at most `workers` sheets are read at the same time, each in its process.

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
        self._nursery: Nursery | None = None
        self._idle: list[Lane] = []
        self._closed = False

    async def read(self, image: bytes, media_type: str, dpi: int, deep: Deep) -> ReadSheet:
        """Read one sheet. `deep` says whether to read all writing; asked with the QR code once that is known.

        `media_type` is the feeder's word and never trusted: the bytes decide; `dpi` is 0 for a photograph. Always
        returns a sheet; one that could not be read has kind "unreadable" and a finding.
        """
        self._must_be_open()
        if len(image) > BYTE_LIMIT:
            return unreadable(findings.too_many_bytes(len(image) >> 20, BYTE_LIMIT >> 20))
        asked = {"media_type": media_type, "dpi": dpi, "original": self._originals}
        request = exchange.pack(asked, image)
        async with self._places:
            for _ in range(TRIES):
                try:
                    return await self._read_in(await self._lane(), request, deep)
                except TimeoutError:
                    logger.warning("worker.ended cause=TimeoutError")
                    break
                except LaneGone as fault:
                    logger.warning("worker.ended cause=%s", type(fault).__name__)
        return unreadable(findings.reading_stopped(round(self._sheet_limit_s)))

    async def warm(self) -> None:
        """Start all workers, models open, so that the first sheet is read as fast as every other; never raises."""
        try:
            while not self._closed and len(self._idle) < self._workers:
                if self._places.locked():
                    return
                async with self._places:
                    self._idle.append(await self._new_lane())
        except (RuntimeError, TimeoutError, *LaneGone) as fault:
            logger.warning("worker.cold cause=%s", type(fault).__name__)

    async def close(self) -> None:
        """End all idle workers; a worker still reading ends with its sheet."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(lane.close() for lane in idle))
        async with self._starting:
            nursery, self._nursery = self._nursery, None
            if nursery is not None:
                await nursery.close()

    def _must_be_open(self) -> None:
        if self._closed:
            raise RuntimeError("the page reader is closed; open a new one before reading sheets")

    async def _lane(self) -> Lane:
        while self._idle:
            lane = self._idle.pop()
            if not lane.ended:
                return lane
            await lane.close()
        return await self._new_lane()

    async def _new_lane(self) -> Lane:
        async with self._starting:
            self._must_be_open()
            if self._nursery is None:
                self._nursery = await Nursery.start(self._forms)
            try:
                return await self._nursery.lane()
            except (TimeoutError, *LaneGone):
                broken, self._nursery = self._nursery, None
                await broken.close()
                raise

    async def _read_in(self, lane: Lane, request: bytes, deep: Deep) -> ReadSheet:
        """Read through a lane; it is hung up, and its process ends, where that failed or was given up."""
        try:
            sheet = await asyncio.wait_for(lane.read(request, deep), self._sheet_limit_s)
        except BaseException:
            await lane.close()
            raise
        if self._closed:
            await lane.close()
        else:
            self._idle.append(lane)
        return sheet
