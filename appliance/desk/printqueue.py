"""The way of receipts to the printer: asked for at once, sent and followed behind the counter's back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

from appliance.desk import prints
from appliance.desk.openvisit import OpenVisit
from appliance.desk.partners import Partners, Refused
from appliance.desk.printing import BOTH, print_slips
from appliance.desk.prints import PRINTS_MAX, Print
from appliance.desk.receipts import BatchSlip
from appliance.desk.snapshot import Snapshot
from hardware.errors import DeviceError
from hardware.protocols import JobState, PrinterState

log = logging.getLogger(__name__)

QUEUED_MAX = 4
"""Presses that may wait for the printer; more would only come out as a heap when the paper is back."""
GLANCE_S = 2.0
"""Seconds a page waits for the printer's state; a visit's end for its cancelled jobs."""
PAPER_JOB = "pdf"
"""The job's word where no printer is connected: the document goes to the browser, which prints it elsewhere."""

MakeSlip = Callable[[], Awaitable[BatchSlip]]


class PrintQueue:
    """One visit's printing. A press is durable before it is sent; nothing of it makes a person wait."""

    def __init__(self, partners: Partners, visit: OpenVisit, *, every_s: float = 1.0) -> None:
        self._printer = partners.printer
        self._paper = partners.receipt_paper
        self._visit = visit
        self._every_s = every_s
        self._tasks: set[asyncio.Task[None]] = set()
        self._taken: set[str] = set()
        """Jobs the printer took since the start and that are not over, also where the disk refused to note one."""

    async def take_up(self) -> None:
        """Go on where a restart left off: follow what the printer took; what it may have taken is unsure."""
        for batch in self._visit.snapshot.batches:
            for one in batch.prints:
                if one.over:
                    continue
                if one.job and self._printer is not None:
                    self._start(self._follow(batch.batch_id, one.number, one.job))
                else:
                    await self._note(batch.batch_id, one.number, state=prints.UNSURE)

    @property
    def waiting(self) -> int:
        """How many presses are not over."""
        return sum(not one.over for batch in self._visit.snapshot.batches for one in batch.prints)

    async def order(
        self, batch_id: str, receipts: Sequence[str], make: MakeSlip, *, whole: bool
    ) -> None:
        """Take a press and come back at once; raises Refused while too many wait or without a printer."""
        if self._printer is None:
            raise Refused("refused.print_none")
        if self.waiting >= QUEUED_MAX:
            raise Refused("refused.print_waiting", count=self.waiting)
        number = await self._ask(batch_id, receipts, whole=whole)
        self._start(self._send(batch_id, number, make))

    async def on_screen(self, batch_id: str, receipts: Sequence[str], *, whole: bool) -> int:
        """Take a press where the browser prints, and return its number."""
        number = await self._ask(batch_id, receipts, whole=whole)
        await self._note(batch_id, number, state=prints.DONE, job=PAPER_JOB)
        return number

    async def cancel(self, batch_id: str, number: int) -> None:
        """Take a press back; what is on paper stays there. Raises Refused when the printer does not answer."""
        one = next((p for p in self._prints(batch_id) if p.number == number), None)
        if one is None or one.over or not one.job or self._printer is None:
            return
        try:
            await self._printer.cancel(one.job)
        except DeviceError as error:
            log.warning("print.not_cancelled cause=%s", error.cause)
            raise Refused("refused.print_silent") from error

    async def state(self) -> PrinterState | None:
        """Return what the printer says now; None where there is none."""
        return None if self._printer is None else await glance(self._printer.state)

    async def stop(self) -> None:
        """Stop following; the printer goes on with what it has."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def clear(self) -> None:
        """Stop, and take what still waits out of the printer: it must not come out before the next provider."""
        await self.stop()
        printer = self._printer
        noted = {
            one.job
            for batch in self._visit.snapshot.batches
            for one in batch.prints
            if one.job and not one.over
        }
        jobs = sorted(noted | self._taken)
        if printer is None or not jobs:
            return
        try:
            async with asyncio.timeout(GLANCE_S):
                done = await asyncio.gather(*map(printer.cancel, jobs), return_exceptions=True)
        except TimeoutError:
            done = [TimeoutError()]
        left = sum(isinstance(each, BaseException) for each in done)
        log.info("print.cleared jobs=%d failed=%d", len(jobs), left)

    async def _ask(self, batch_id: str, receipts: Sequence[str], *, whole: bool) -> int:
        if len(self._prints(batch_id)) >= PRINTS_MAX:
            raise Refused("refused.print_often", count=PRINTS_MAX)
        await self._change(batch_id, lambda known: prints.ask(known, receipts, whole=whole))
        return len(self._prints(batch_id))

    async def _send(self, batch_id: str, number: int, make: MakeSlip) -> None:
        printer = self._printer
        if printer is None:
            return
        try:
            slip = marked(await make(), self._prints(batch_id), number)
            one = self._prints(batch_id)[number - 1]
            only = None if one.whole else frozenset(one.receipts)
            make_it = partial(print_slips, slip, paper=self._paper, sides=BOTH, only=only)
            job = await printer.print(await asyncio.to_thread(make_it))
            self._taken.add(job)
        except DeviceError as error:
            log.warning("print.refused cause=%s", error.cause)
            await self._note(batch_id, number, state=prints.FAILED)
            return
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a slip, the page says it and the counter goes on
            log.error("print.not_made cause=%s", type(error).__name__)  # noqa: TRY400 - a trace may tell of people
            await self._note(batch_id, number, state=prints.FAILED)
            return
        await self._note(batch_id, number, state=prints.WAITING, job=job)
        await self._follow(batch_id, number, job)

    async def _follow(self, batch_id: str, number: int, job: str) -> None:
        """Ask for the job until it is over; a printer that does not answer is asked again."""
        printer = self._printer
        told = self._prints(batch_id)[number - 1].state
        while printer is not None:
            try:
                state = await printer.job(job)
            except DeviceError as error:
                log.warning("print.silent cause=%s", error.cause)
            else:
                if state.value != told:
                    told = state.value
                    await self._note(batch_id, number, state=told)
                if state.over:
                    self._taken.discard(job)
                    log.log(_weight(state), "print.over state=%s", told)
                    return
            await asyncio.sleep(self._every_s)

    def _prints(self, batch_id: str) -> tuple[Print, ...]:
        found = (b.prints for b in self._visit.snapshot.batches if b.batch_id == batch_id)
        return next(found, ())

    async def _note(
        self, batch_id: str, number: int, *, state: str, job: str | None = None
    ) -> None:
        await self._change(batch_id, lambda known: prints.note(known, number, state=state, job=job))

    async def _change(
        self, batch_id: str, step: Callable[[tuple[Print, ...]], tuple[Print, ...]]
    ) -> None:
        def changed(snapshot: Snapshot) -> Snapshot:
            kept = (
                replace(batch, prints=step(batch.prints)) if batch.batch_id == batch_id else batch
                for batch in snapshot.batches
            )
            return replace(snapshot, batches=tuple(kept))

        await self._visit.alter(changed)

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def marked(slip: BatchSlip, known: Sequence[Print], number: int) -> BatchSlip:
    """Return the slip as this press prints it: what may be on paper already carries 再発行."""
    receipts, whole = prints.before(known, number)
    people = tuple(replace(one, copy=one.number in receipts) for one in slip.people)
    return replace(slip, people=people, copy=whole)


async def glance(ask: Callable[[], Awaitable[PrinterState]]) -> PrinterState:
    """Return the printer's answer if it comes soon; a page is never held up by a printer."""
    try:
        async with asyncio.timeout(GLANCE_S):
            return await ask()
    except TimeoutError:
        return PrinterState.ABSENT


def _weight(state: JobState) -> int:
    return logging.INFO if state is JobState.DONE else logging.WARNING
