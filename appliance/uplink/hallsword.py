"""What city hall said in one session, made durable: one event after the other, each before anything is said of it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, TypeVar

from appliance.mail.rows import HallHead
from appliance.uplink.causes import Cause, LinkError, of_refusal
from appliance.uplink.evidence import HistoryBrokenError
from appliance.uplink.keeper import refused
from appliance.uplink.letterin import LetterRefusedError, keep_letter
from appliance.uplink.partners import Partners
from keeping.away import DatabaseAwayError
from sync.clock import ClockQuality, HeardTime
from sync.errors import SealError
from sync.events import (
    Ended,
    Event,
    JournalWitnessed,
    LetterCame,
    Receipted,
    SetAside,
    TimeTold,
    Welcomed,
)
from sync.receipt import COMPLETE
from sync.sender import Sender
from sync.shape import EPOCH

log = logging.getLogger("madobus.uplink")

T = TypeVar("T")

# A disk of ours that took nothing is tried again after so long.
DISK_AGAIN_S: Final = 2.0


class HallsWord:
    """Acts on events; `over` tells that nothing more is heard in the session.

    `forgotten` is set once city hall's log broke with the past: nothing more may leave in this session.
    """

    def __init__(self, partners: Partners, over: Callable[[], bool]) -> None:
        self.forgotten = False
        self._partners = partners
        self._mail = partners.mail
        self._clock = partners.clock
        self._over = over
        self._head = HallHead(0, b"", "")
        self._timed = False
        self._told_again = False
        self._told_note = ""
        self._unanswered = False

    async def known(self) -> HallHead:
        """Return, and go on from, the head of city hall's log this bus last saw proven."""
        self._head = await asyncio.to_thread(self._partners.evidence.known)
        return self._head

    async def act(self, machine: Sender, event: Event) -> None:
        """Do what an event asks for; raises LinkError when the session ends with it."""
        actions: dict[type[Event], Callable[[Sender, Any], Any]] = {
            Welcomed: self._on_welcomed,
            Receipted: self._on_receipted,
            SetAside: self._on_set_aside,
            LetterCame: self._on_letter,
            TimeTold: self._on_time,
            JournalWitnessed: self._on_witnessed,
            Ended: self._on_ended,
        }
        await actions[type(event)](machine, event)

    async def _on_welcomed(self, machine: Sender, event: Welcomed) -> None:
        try:
            head = self._partners.evidence.grown(self._head, event.note, event.path)
        except SealError as error:
            raise LinkError(Cause.HALL_BROKE_RULE, str(error)) from error
        except HistoryBrokenError as error:
            raise await self._history_broke(error) from error
        await self._remember(head)
        self._partners.status.opened(machine.pace, self._clock.now().wall)
        log.info("session.opened log=%d", head.size)

    async def _on_receipted(self, machine: Sender, event: Receipted) -> None:
        evidence, known = self._partners.evidence, self._head
        try:
            self._head = evidence.told_head(known, event)
            if not machine.carries(event.env_id):
                return
            proven = await asyncio.to_thread(evidence.receipt, known, event)
        except (SealError, OSError) as error:
            log.warning("receipt.refused id=%s cause=%s", event.env_id.hex(), error)
            machine.set_aside(event.env_id)
            return
        except HistoryBrokenError as error:
            raise await self._history_broke(error) from error
        keep = self._mail.complete if event.stage == COMPLETE else self._mail.arrived
        renumbered = await self._write(
            keep,
            event.env_id,
            event.receipt,
            event.proof,
            filing_no=proven.receipt.filing_no,
            head=proven.head,
            at=self._clock.now(),
        )
        if renumbered:
            log.error("receipt.renumbered id=%s", event.env_id.hex())
        machine.settle(event.env_id, event.stage)
        log.info("receipt.kept id=%s stage=%d", event.env_id.hex(), event.stage)
        await self._tell_journal(machine)

    async def _on_set_aside(self, _machine: Sender, event: SetAside) -> None:
        await self._write(self._mail.refused, event.env_id, event.code, event.sentence)
        log.warning("envelope.refused id=%s code=%d", event.env_id.hex(), event.code)

    async def _on_letter(self, machine: Sender, event: LetterCame) -> None:
        trust, at = self._partners.trust, self._clock.now()
        try:
            fresh = await self._write(keep_letter, self._mail, trust, event, at)
        except LetterRefusedError as error:
            log.warning("letter.refused id=%s cause=%s", event.letter_id.hex(), error)
            machine.refuse_letter(event.letter_id, error.code, str(error), self._clock.monotonic())
            return
        machine.letter_kept(event.letter_id, len(event.body), self._clock.monotonic())
        log.info("letter.kept id=%s fresh=%s", event.letter_id.hex(), fresh)

    async def _on_time(self, machine: Sender, event: TimeTold) -> None:
        try:
            told = self._partners.evidence.beacon(event.beacon, event.nonce)
        except SealError as error:
            log.warning("beacon.refused cause=%s", error)
            return
        waited_ms, at = int(event.waited_s * 1000), self._clock.now()
        await self._write(self._mail.keep_beacon, event.beacon, at, waited_ms)
        self._partners.hear(HeardTime(told, at.boot, at.monotonic_ms, waited_ms))
        if not self._timed:
            # The head came with the welcome, after the time was asked for and before it was told.
            self._timed = True
            await self._remember(self._head, timedelta(seconds=event.waited_s))
            await self._tell_journal(machine)

    async def _tell_journal(self, machine: Sender) -> None:
        """Tell city hall the journal's newest signed head, unless told already; a stick carries none.

        One head at a time: each proof begins where the answer before it ends, and two from one ground look like two
        journals to city hall, which gives the alarm.
        """
        if not self._timed or self._unanswered:
            return
        told = await asyncio.to_thread(self._mail.journal_head)
        if told is not None and told.note != self._told_note:
            self._told_note, self._unanswered = told.note, True
            machine.tell_journal(told.held, told.note, told.path, self._clock.monotonic())

    async def _on_witnessed(self, machine: Sender, event: JournalWitnessed) -> None:
        """Keep the cosigned head; one that does not stand in this journal means that an older card was put back."""
        self._unanswered = False
        try:
            head = self._partners.evidence.witnessed(self._partners.device, event.note)
        except SealError as error:
            log.warning("witness.refused cause=%s", error)
            return
        if not await self._write(self._mail.keep_witness, event.note, head, self._clock.now()):
            log.error("journal.rolled_back known=%d", head.size)
        if not event.taken and not self._told_again:
            # City hall remembers a newer head than the one the proof began at; once a session that is told apart.
            self._told_again, self._told_note = True, ""
        await self._tell_journal(machine)

    async def _on_ended(self, _machine: Sender, event: Ended) -> None:
        raise of_refusal(event.code, event.sentence, ours=event.ours)

    async def _remember(self, head: HallHead, ago: timedelta = timedelta(0)) -> None:
        """Keep a proven head, also one that did not grow: when it was proven decides what may be purged.

        By a clock nobody vouches for it was proven at no time; city hall's own time, which follows, mends that.
        """
        at = self._clock.now()
        wall = EPOCH if at.quality is ClockQuality.UNSYNCED else at.wall - ago
        await self._write(self._mail.keep_hall_head, head, replace(at, wall=wall))
        self._head = head

    async def _history_broke(self, error: HistoryBrokenError) -> LinkError:
        """City hall forgot: take its head, offer everything young again; the next session sends it."""
        # Nothing more leaves in this one, however slow the disk: without its receipt a slip would get a new number.
        self.forgotten = True
        again = await self._write(self._mail.rearm, self._clock.now(), error.head)
        log.error("history.broke envelopes=%d cause=%s", len(again), error)
        return LinkError(Cause.HISTORY_BROKE, str(error))

    async def _write(self, step: Callable[..., T], *args: Any, **named: Any) -> T:
        """Do one durable step; while the disk takes nothing it is tried again, and what can be read goes on leaving.

        Raises DatabaseAwayError once the session is over: city hall says in the next one what it said in this.
        """
        while True:
            try:
                done = await asyncio.to_thread(step, *args, **named)
            except DatabaseAwayError as error:
                refused(self._partners.status, error)
                if self._over():
                    raise
                await asyncio.sleep(DISK_AGAIN_S)
                continue
            if self._partners.status.disk(None):
                log.info("shelf.takes_again")
            return done
