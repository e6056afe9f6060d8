"""The counter: whether a visit is open, who may open it, and what stands on it."""

import asyncio
import logging
from collections.abc import Callable

from appliance.desk.attempts import Attempts, keep_attempts, read_attempts
from appliance.desk.clock import japan_day
from appliance.desk.drafts import DraftLost, DraftUnreadable
from appliance.desk.formtray import FormTray
from appliance.desk.handedpages import HandedPages
from appliance.desk.keyring import WrongPin
from appliance.desk.letters import Pack, visit_packs
from appliance.desk.openvisit import OpenVisit, draft_drawer, load_snapshot
from appliance.desk.partners import CHIP_SAYS, Partners, Refused
from appliance.desk.pinsecret import VISIT_SLOT
from appliance.desk.printqueue import PrintQueue
from appliance.desk.recording import Stop
from appliance.desk.snapshot import Snapshot, SnapshotLost
from appliance.desk.talk import Talk
from appliance.desk.tray import Tray
from appliance.desk.unsent import Unsent, read_unsent
from appliance.desk.visit import (
    VisitFile,
    VisitPinWrong,
    VisitUnreadable,
    destroy_visit,
    left_behind,
    open_visit,
    read_visit,
)
from hardware.errors import DeviceError
from sync.keys import OpeningKey

log = logging.getLogger(__name__)


class Counter:
    """One kiosk screen's counter. At most one visit is open on a box.

    `spent` is true, and `on_spent` was called, once an open visit was locked or closed: the process should
    then begin anew, since its memory still has what the visit showed. `lock_due` says that a person shut the
    screen while work ran: the visit is locked once it is through, unless somebody comes back before.
    """

    def __init__(self, partners: Partners) -> None:
        self.partners = partners
        self.visit: OpenVisit | None = None
        self.tray: Tray | None = None
        self.talk: Talk | None = None
        self.prints: PrintQueue | None = None
        self.notice = ""
        self.spent = False
        self.lock_due = False
        self.on_spent: Callable[[], None] = _nothing
        self._known = HandedPages(partners.folder)
        self._turn = asyncio.Lock()

    @property
    def standing(self) -> str:
        """One word: closed | locked | open. A visit that the disk does not give is locked."""
        if self.visit is not None:
            return "open"
        try:
            return "closed" if read_visit(self.partners.folder) is None else "locked"
        except VisitUnreadable:
            return "locked"

    @property
    def disk_fault(self) -> str:
        """What the disk says when it does not give the visit that may be there; else nothing."""
        if self.visit is not None:
            return ""
        try:
            read_visit(self.partners.folder)
        except VisitUnreadable as unreadable:
            return unreadable.fact
        return ""

    @property
    def phase(self) -> str:
        """Where a person goes on: closed | locked | stop | open | a batch's phase."""
        if self.visit is None:
            return self.standing
        if self.visit.pack is None:
            return "stop"
        return "open" if self.visit.batch is None else self.visit.batch.phase.value

    @property
    def opener(self) -> str:
        """The staff id of the visit that is open or locked; nothing when there is none or it is not known."""
        try:
            file = read_visit(self.partners.folder)
        except VisitUnreadable:
            return ""
        return "" if file is None else file.staff_id

    async def sign_in(self, staff_id: str, pin: str) -> None:
        """Open a visit, or unlock the one that is open; raises Refused."""
        async with self._turn:
            folder = self.partners.folder
            now = self.partners.clock.now().wall
            attempts = read_attempts(folder)
            if attempts.waits(now):
                raise Refused("refused.pin_wait", seconds=attempts.waits(now))
            file = self._read_visit()
            if file is not None and file.staff_id != staff_id:
                raise Refused("refused.pin_other", staff=file.staff_id)
            # The try is counted before it is looked at, so that pulling the plug wins nothing.
            await asyncio.to_thread(keep_attempts, folder, attempts.failed(now))
            try:
                reading, taken, key = await asyncio.to_thread(self._unlock, file, staff_id, pin)
            except (WrongPin, VisitPinWrong):
                log.warning("pin.wrong")
                raise Refused("refused.pin_wrong") from None
            except DeviceError as error:
                # The PIN was not looked at: it was no wrong one.
                await asyncio.to_thread(keep_attempts, folder, attempts)
                log.error("chip.failed cause=%s", error.cause)  # noqa: TRY400 - a word, not a trace
                raise Refused(CHIP_SAYS.get(error.cause, "refused.chip_fault")) from error
            await asyncio.to_thread(keep_attempts, folder, Attempts(right=now))
            self.lock_due = False
            if self.visit is None:
                await self._take_up(taken, key, reading)
                if file not in (None, taken):
                    self.notice = "notice.draft_lost"
            aside = await asyncio.to_thread(self.partners.mail.set_aside)
            if aside and not self.notice:
                self.notice = "notice.not_taken"

    async def choose_stop(self, stop_id: str) -> None:
        """Say which stop this is: a visit pack's stop, its id or its letter's id; raises Refused."""
        visit = self.opened()
        for pack in await self.packs():
            names = (pack.content.stop, pack.content.pack_id.hex(), pack.letter_id)
            if stop_id in names:
                await visit.choose(pack.letter_id, pack.content)
                return
        raise Refused("refused.stop_unknown")

    async def packs(self) -> list[Pack]:
        """Return the stops city hall sent."""
        return await asyncio.to_thread(self._packs, self.opened().reading)

    def opened(self) -> OpenVisit:
        """Return the open visit; raises Refused when there is none."""
        if self.visit is None:
            raise Refused("refused.visit_none")
        return self.visit

    def on_tray(self) -> Tray:
        """Return the batch's tray; raises Refused when no visit is open."""
        if self.tray is None:
            raise Refused("refused.visit_none")
        return self.tray

    def on_talk(self) -> Talk:
        """Return what this visit says to the division and hears of it; raises Refused when none is open."""
        if self.talk is None:
            raise Refused("refused.visit_none")
        return self.talk

    def on_prints(self) -> PrintQueue:
        """Return this visit's way to the printer; raises Refused when no visit is open."""
        if self.prints is None:
            raise Refused("refused.visit_none")
        return self.prints

    def on_forms(self) -> FormTray:
        """Return the cases that are filled in one at a time; raises Refused when no visit is open."""
        return FormTray(self.partners, self.opened(), self.on_tray())

    def stop_here(self) -> Stop:
        """Return what records and receipts say of this stop; raises Refused before it is chosen."""
        visit = self.opened()
        pack = visit.pack
        if pack is None:
            raise Refused("refused.stop_none")
        partners, policy = self.partners, self.partners.policy
        form = partners.procedure if visit.batch is None else partners.form_of(visit.batch)
        return Stop(
            pack.run,
            pack.stop,
            pack.provider_no,
            pack.provider_name,
            policy.officer(pack.officer_id, visit.staff.staff_id),
            pack.designated_counter,
            policy.fixes_date(form),
            policy.version,
        )

    async def lock(self) -> None:
        """Forget the visit's key; the draft stays sealed until the PIN is given again."""
        async with self._turn:
            self.lock_due = False
            if self.talk is not None:
                await self.talk.pause()
            await self._let_go()
            log.info("visit.locked")
            self._spend()

    async def close(self, *, anyway: bool) -> None:
        """Destroy the visit's key and drafts; raises Refused while work would be thrown away."""
        async with self._turn:
            if self.on_tray().unfinished and not anyway:
                raise Refused("refused.visit_unfinished")
            await self.on_talk().finish()
            await self.on_prints().clear()
            await self._let_go()
            try:
                await asyncio.to_thread(destroy_visit, self.partners.folder, self.partners.tpm)
            except DeviceError as error:
                log.error("chip.failed cause=%s", error.cause)  # noqa: TRY400 - a word, not a trace
                self.notice = "notice.chip_left"
            log.info("visit.closed")
            self._spend()

    async def forget_left_behind(self) -> None:
        """Destroy a visit that no PIN opened for three days, and what a cut at a visit's end left in the chip."""
        async with self._turn:
            if self.visit is None:
                await asyncio.to_thread(self._forget)

    async def stop(self) -> None:
        """End the background work; the visit stays as it is on disk."""
        await self._let_go()

    def tasks(self) -> list[asyncio.Task[None]]:
        """Return the background tasks that must live."""
        return [] if self.tray is None else self.tray.work.tasks()

    def _spend(self) -> None:
        self.spent = True
        self.on_spent()

    def _forget(self) -> None:
        partners = self.partners
        try:
            file = read_visit(partners.folder)
            if file is None:
                if partners.tpm is not None:
                    partners.tpm.undefine(VISIT_SLOT)
            elif left_behind(file, read_attempts(partners.folder).right, partners.clock.now()):
                self.notice = "notice.forgotten"
                log.warning("visit.forgotten")
                destroy_visit(partners.folder, partners.tpm)
        except VisitUnreadable as unreadable:
            log.error("visit.unreadable %s", unreadable)  # noqa: TRY400 - a sentence, not a trace
        except DeviceError as error:
            log.error("chip.failed cause=%s", error.cause)  # noqa: TRY400 - a word, not a trace

    def _read_visit(self) -> VisitFile | None:
        try:
            return read_visit(self.partners.folder)
        except VisitUnreadable as unreadable:
            log.error("visit.unreadable %s", unreadable)  # noqa: TRY400 - a sentence, not a trace
            raise Refused("refused.visit_unreadable", fact=unreadable.fact) from unreadable

    def _unlock(
        self,
        file: VisitFile | None,
        staff_id: str,
        pin: str,
    ) -> tuple[OpeningKey, VisitFile, bytes]:
        partners = self.partners
        reading = partners.keyring.open_reading(staff_id, pin, partners.tpm)
        if file is not None:
            try:
                return reading, file, file.unlock(pin, partners.tpm)
            except DeviceError as error:
                if error.cause != "empty":
                    raise
            # The chip was reset, or the power went in the middle of the visit's end: nothing opens it any more.
            log.warning("visit.key_gone")
            destroy_visit(partners.folder, partners.tpm)
        now = partners.clock.now().wall
        partners.bundles.refresh()
        partners.forms.refresh(japan_day(now))
        made, key = open_visit(
            partners.folder, staff_id, pin, now, random=partners.random, tpm=partners.tpm
        )
        return reading, made, key

    async def _take_up(self, file: VisitFile, key: bytes, reading: OpeningKey) -> None:
        partners = self.partners
        await asyncio.to_thread(partners.bundles.refresh)
        notice = ""
        try:
            drafts = draft_drawer(partners.folder, key)
            snapshot = await asyncio.to_thread(load_snapshot, drafts)
            unsent = await asyncio.to_thread(read_unsent, drafts)
        except (DraftUnreadable, OSError) as error:
            # Going on with an empty draft would write over what may be whole.
            log.exception("draft.unreadable")
            fact = error.fact if isinstance(error, DraftUnreadable) else error.strerror
            raise Refused("refused.visit_unreadable", fact=fact) from error
        except (DraftLost, SnapshotLost):
            log.exception("draft.lost")
            snapshot, notice, unsent = Snapshot(), "notice.draft_lost", Unsent(drafts, {})
        staff = partners.keyring.staff[file.staff_id]
        visit = OpenVisit(file, staff, drafts, reading, snapshot, unsent=unsent)
        for pack in await asyncio.to_thread(self._packs, reading):
            if pack.letter_id == snapshot.pack:
                visit.pack = pack.content
        tray = Tray(partners, visit, self._known)
        await tray.take_up()
        talk = Talk(partners, visit)
        await talk.take_up()
        queue = PrintQueue(partners, visit)
        await queue.take_up()
        self.visit, self.tray, self.talk, self.notice = visit, tray, talk, notice
        self.prints = queue
        log.info("visit.open batches=%d", len(snapshot.batches))

    async def _let_go(self) -> None:
        tray, self.tray, self.talk, self.visit = self.tray, None, None, None
        queue, self.prints = self.prints, None
        if tray is not None:
            await tray.work.stop()
        if queue is not None:
            await queue.stop()

    def _packs(self, reading: OpeningKey) -> list[Pack]:
        return visit_packs(self.partners.mail, self.partners.bundles.current, reading)


def _nothing() -> None:
    """Where nobody asks, a spent counter is used on: tests, and programs that hold one for a moment."""
