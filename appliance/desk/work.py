"""The work behind the screen: feeding, reading in parallel, and putting the batch together after it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Protocol

from appliance.desk.batch import Batch, read_sheet, stopped
from appliance.desk.drafts import DraftLost, DraftsFull
from appliance.desk.feeding import DISK_FULL, POWER_CUT, Stack
from appliance.desk.glance import Glance
from appliance.desk.handedpages import HandedPages
from appliance.desk.openvisit import OpenVisit
from appliance.desk.pages.sheet import Finding, QrCode, ReadSheet, unreadable
from appliance.desk.sheets import Code, FieldRead, Note, Picture, Reading
from hardware.protocols import Scanner

log = logging.getLogger(__name__)

LOST = Finding(
    "draft_lost", "block", "保存した画像を開けません。この用紙をもう一度入れてください。"
)


class Reader(Protocol):
    """Reads one sheet; `appliance.desk.pages.reader.PageReader` is the real one."""

    async def read(
        self,
        image: bytes,
        media_type: str,
        dpi: int,
        deep: Callable[[QrCode | None], bool],
    ) -> ReadSheet:
        """Return what stands on the sheet; never raises for a bad picture."""

    async def warm(self) -> None:
        """Make ready, so that the first sheet is read as fast as every other; never raises."""


class Work:
    """One open visit's background work. `settle` groups and checks a batch whose sheets are all read."""

    def __init__(
        self,
        visit: OpenVisit,
        scanner: Scanner,
        reader: Reader,
        workers: int,
        known: HandedPages,
        *,
        deep: Callable[[QrCode | None], bool],
        settle: Callable[[Batch], Batch],
        monotonic: Callable[[], float],
    ) -> None:
        self._visit = visit
        self._scanner = scanner
        self._reader = reader
        self._known = known
        self._deep = deep
        self._settle = settle
        self._queue: asyncio.Queue[int] = asyncio.Queue()
        self._under_way: set[int] = set()
        self._feed: asyncio.Task[None] | None = None
        self.feeder = scanner
        self.glance = Glance(scanner.state, monotonic)
        self._warming = asyncio.create_task(reader.warm())
        self._readers = [asyncio.create_task(self._read_on()) for _ in range(workers)]
        self._starting = False

    @property
    def feeding(self) -> bool:
        """Whether a stack is being pulled now."""
        return self._feed is not None and not self._feed.done()

    @property
    def busy(self) -> bool:
        """Whether anything is being pulled or read."""
        return self.feeding or bool(self._under_way)

    def tasks(self) -> list[asyncio.Task[None]]:
        """Return the tasks that must live; when one dies, so must the process."""
        return [*self._readers, *([self._feed] if self._feed else [])]

    async def ready(self) -> None:
        """Wait until the reader is as fast as it gets; feeding may begin before."""
        await asyncio.wait({self._warming})

    async def feed(self, feeder: Scanner | None = None) -> bool:
        """Start pulling the stack, through the sheet scanner or another feeder; False when it is pulled already.

        That feeding has begun is kept before this returns, so that a cut from here on is noticed.
        """
        if self.feeding or self._starting:
            return False
        self._starting = True
        self.feeder = feeder or self._scanner
        try:
            await self._visit.change(lambda batch: replace(batch, feeding=True, trouble=None))
            self._feed = asyncio.create_task(self._feed_through())
        finally:
            self._starting = False
        return True

    async def resume(self) -> None:
        """Go on after a restart: say that a power cut stopped the feeding, read what is still unread."""
        batch = self._visit.batch
        if batch is None:
            return
        if batch.feeding:
            await self._visit.change(lambda b: stopped(b, POWER_CUT))
        for number in batch.unread():
            self._enqueue(number)
        await self.settle()

    async def settle(self) -> None:
        """Group and check the batch once nothing is left to feed or read."""
        batch = self._visit.batch
        if batch is None or batch.feeding or not batch.sheets or batch.unread():
            return
        if not batch.grouped:
            await self._visit.change(self._settle)
            log.info("batch.settled applications=%d", len(self._visit.current().applications))

    async def stop(self) -> None:
        """End all work; what was kept stays, the rest is done again after the next unlocking."""
        tasks = [*self.tasks(), self._warming]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.glance.close()

    def _enqueue(self, number: int) -> None:
        if number not in self._under_way:
            self._under_way.add(number)
            self._queue.put_nowait(number)

    async def _feed_through(self) -> None:
        # A question under way holds some scanners: feeding would be told that they are busy.
        await self.glance.rest()
        await Stack(self.feeder, self._visit, self._known, self._arrived).feed()
        await self.settle()

    def _arrived(self, number: int) -> None:
        if not self._visit.current().sheet(number).settled:
            self._enqueue(number)

    async def _read_on(self) -> None:
        while True:
            number = await self._queue.get()
            try:
                await self._read_one(number)
            except DraftsFull:
                log.warning("read.stopped cause=disk_full sheet=%d", number)
                await self._tell_full()
            finally:
                self._under_way.discard(number)
            await self.settle()

    async def _read_one(self, number: int) -> None:
        sheet = self._visit.current().sheet(number)
        try:
            image = await self._visit.fed(number)
        except DraftLost:
            found = unreadable(LOST)
        else:
            found = await self._reader.read(image, sheet.media_type, sheet.dpi, self._deep)
        await self._visit.keep_picture("page", number, found.page)
        await self._visit.keep_picture("preview", number, found.preview)
        if found.original:
            await self._visit.keep_picture("original", number, found.original)
        await self._visit.change(lambda batch: read_sheet(batch, number, as_reading(found)))

    async def _tell_full(self) -> None:
        try:
            await self._visit.change(lambda batch: replace(batch, trouble=DISK_FULL))
        except DraftsFull:
            log.warning("draft.full told=screen")


def as_reading(found: ReadSheet) -> Reading:
    """Return what the reader said, without the pictures."""
    code = found.qr
    return Reading(
        kind=found.kind,
        page=_picture(found.page_type, found.page),
        preview=_picture(found.preview_type, found.preview),
        code=None
        if code is None
        else Code(code.payload, code.insurer_no, code.insured_no, code.reference, code.token),
        fields=tuple(
            FieldRead(f.key, f.value, f.raw, f.confidence, f.source, f.box) for f in found.fields
        ),
        notes=tuple(Note(f.code, f.severity, f.sentence) for f in found.findings),
        width=found.width,
        height=found.height,
        original=_picture(found.original_type, found.original) if found.original else None,
    )


def _picture(media_type: str, data: bytes) -> Picture:
    return Picture(media_type, len(data), sha256(data).hexdigest())
