"""The intake's shell around one session: feed, drain events, transmit, re-arm. It holds no rule of the protocol."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from sqlalchemy.exc import OperationalError

from cityhall.intake.filing import Filed, Filing, ItemMismatchError, Partners
from cityhall.intake.inlet import Inlet, Sign
from cityhall.intake.letters import Letters
from cityhall.intake.restored import heed_receipt, known_size
from cityhall.intake.sessions import Sessions
from cityhall.intake.witnessing import Witnessing
from cityhall.mail.buses import Sighting
from cityhall.mail.store import OtherBoxError, TooManyPiecesError
from sync.bundle import Device
from sync.envelope import SLIP_MAX
from sync.errors import LocalError, PeerError
from sync.events import (
    BusHello,
    BusTold,
    Ended,
    Event,
    JournalTold,
    LetterRefused,
    LetterTaken,
    Offered,
    PieceCame,
    TimeAsked,
)
from sync.frames import SLIP_ITEM
from sync.letterbox import LETTERS_AHEAD
from sync.line import Line
from sync.receiver import Receiver
from sync.refusals import Refused
from sync.states import State

log = logging.getLogger("madobus.intake")

SEEN_EVERY_S: Final = 2.0
# Slips of one session that are being filed at the same time.
PENDING_LIMIT: Final = 32
# A message the bus's line does not take within this time ends the session: nothing is kept in store for it.
SEND_S: Final = 30.0
# What a session that a newer one replaced may still take for its last word.
FAREWELL_S: Final = 1.0


class Pump:
    """One bus on one line; `certified` is the name its certificate bears, `letters` how many go down unconfirmed."""

    def __init__(
        self,
        partners: Partners,
        sessions: Sessions,
        line: Line,
        certified: str,
        letters: int = LETTERS_AHEAD,
    ) -> None:
        self._partners = partners
        self._sessions = sessions
        self._line = line
        self._certified = certified
        self._time = partners.time
        self._machine = Receiver(slip_max=SLIP_MAX, now=self._time.monotonic(), letters=letters)
        self._letters = Letters(partners, self._machine, certified)
        self._inlet = Inlet(line)
        self._device: Device | None = None
        self._filing: Filing | None = None
        self._witnessing: Witnessing | None = None
        self._pending: dict[bytes, tuple[PieceCame, asyncio.Task[Filed | None]]] = {}
        self._sending: asyncio.Timeout | None = None
        self._look = False
        self._told_size = 0
        self._waiting = 0
        self._seen_at = 0.0
        self._token = sessions.new_token()

    def nudge(self) -> None:
        """Look for letters, pulls and revocations again."""
        self._look = True
        self._inlet.nudge()

    def supersede(self) -> None:
        """End this session because a newer one of the same box came."""
        sentence = "session: a newer one of this box took over"
        self._machine.dismiss(Refused.NEWER_SESSION, sentence)
        if self._sending is not None:
            self._sending.reschedule(asyncio.get_running_loop().time() + FAREWELL_S)
        self._inlet.nudge()

    async def run(self) -> None:
        """Serve the bus until the session ends on either side."""
        try:
            while self._machine.state is not State.CLOSED and await self._turn():
                pass
        except TimeoutError:
            log.warning("session.stuck device=%s", self._certified)
        except OSError:
            log.info("session.cut while=sending")
        finally:
            self._sessions.leave(self)
            filing = [task for _, task in self._pending.values()]
            for task in filing:
                task.cancel()
            await asyncio.gather(*filing, return_exceptions=True)
            await self._inlet.close()
            await self._left()

    async def _turn(self) -> bool:
        """Do one round; False when the line is gone."""
        due = self._machine.timer()
        now = self._time.monotonic()
        what = await self._inlet.next(0.0 if due is None else due - now)
        now = self._time.monotonic()
        if what is Sign.GONE:
            return False
        if isinstance(what, bytes):
            self._machine.receive(what, now)
        else:
            self._machine.wake(now)
        await self._guarded(self._inside())
        while (event := self._machine.next_event()) is not None:
            await self._guarded(self._act(event))
            await self._transmit()
        await self._transmit()
        return True

    async def _inside(self) -> None:
        """Tell what became of slips that were being filed, and look at the shelf when the house says so."""
        for env_id in [one for one, (_, task) in self._pending.items() if task.done()]:
            if self._machine.state is State.OPEN:
                await self._settle(env_id)
        if self._look:
            self._look = False
            await self._downwards()

    async def _guarded(self, work: Awaitable[None]) -> None:
        """Do a step; a disk that takes nothing ends the session with its number, the bus keeps everything.

        A session that a newer one replaced while the shelf was asked has nobody to tell the answer.
        """
        try:
            await work
        except LocalError:
            if self._machine.state is not State.CLOSED:
                raise
            log.info("session.over while=answering")
        except (OSError, OperationalError) as error:
            # SQLite's own text repeats the whole statement; the kind of failure is enough.
            cause = error.orig if isinstance(error, OperationalError) else error
            log.error("intake.disk cause=%s", cause)  # noqa: TRY400 - the errno says it all
            sentence = "intake: the disk takes nothing; call the city's operations"
            self._machine.dismiss(Refused.HALL_FULL, sentence)

    async def _transmit(self) -> None:
        while messages := self._machine.data_to_send():
            for message in messages:
                over = self._machine.state is State.CLOSED
                try:
                    async with asyncio.timeout(FAREWELL_S if over else SEND_S) as self._sending:
                        await self._line.send(message)
                finally:
                    self._sending = None

    async def _act(self, event: Event) -> None:
        actions: dict[type[Event], Callable[[Any], Any]] = {
            BusHello: self._on_hello,
            Offered: self._on_offered,
            PieceCame: self._on_piece,
            LetterTaken: self._on_letter_taken,
            LetterRefused: self._letters.refused,
            TimeAsked: self._on_time_asked,
            JournalTold: self._on_journal,
            BusTold: self._on_told,
            Ended: self._on_ended,
        }
        await actions[type(event)](event)

    async def _on_hello(self, event: BusHello) -> None:
        try:
            device = self._partners.register.let_in(event.device, self._certified, event.waiting)
        except PeerError as error:
            log.warning("session.refused code=%d certified=%s", error.code, self._certified)
            self._machine.dismiss(error.code, str(error))
            return
        self._device, self._waiting = device, event.waiting
        self._filing = Filing(self._partners, device)
        self._witnessing = Witnessing(self._partners, device)
        mail, came = self._partners.mail, self._time.now()
        await asyncio.to_thread(
            mail.bus_came, device.name, self._token, came, {"waiting": event.waiting}
        )
        self._sessions.enter(device.name, self, self._token)
        known = await asyncio.to_thread(known_size, self._partners, event.note)
        note, path, self._told_size = await asyncio.to_thread(
            self._partners.countersigner.head, known
        )
        self._machine.welcome(note, path)
        await self._downwards()
        log.info("session.opened device=%s waiting=%d", device.name, event.waiting)

    async def _on_offered(self, event: Offered) -> None:
        await self._settle(event.env_id)
        if event.fresh:
            # Its slip is on the wire from the first byte; filing it finds out whether it was here before.
            self._machine.have(event.env_id, 0, {SLIP_ITEM: (0, 0)}, silent=True)
            return
        mail = self._partners.mail
        try:
            have = await asyncio.to_thread(mail.have, self._name(), event.env_id)
        except OtherBoxError as error:
            log.warning("envelope.of_another id=%s device=%s", event.env_id.hex(), self._name())
            self._machine.refuse(event.env_id, Refused.SLIP_SENDER, str(error))
            return
        if event.receipt and not have.stage:
            told = self._files().told_before(event.env_id, event.receipt)
            if told is not None:
                await asyncio.to_thread(heed_receipt, self._partners, told)
        self._machine.have(event.env_id, have.stage, have.items)
        if have.stage:
            filed = await self._files().word(event.env_id)
            if filed is not None and filed.stage > event.stage:
                await self._hand_out(event.env_id, filed)

    async def _on_piece(self, event: PieceCame) -> None:
        """Keep a piece. Whole slips are filed side by side, so that one bus alone fills a group commit."""
        await self._settle(event.env_id)
        work = self._files().piece(event)
        if event.item != SLIP_ITEM or not event.last:
            await self._finish(event, work)
            return
        if len(self._pending) >= PENDING_LIMIT:
            await self._settle(next(iter(self._pending)))
        task = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._inlet.nudge())
        self._pending[event.env_id] = (event, task)

    async def _settle(self, env_id: bytes) -> None:
        """Wait for a slip that is being filed, and tell the bus; an envelope without one changes nothing."""
        pending = self._pending.pop(env_id, None)
        if pending is not None:
            await self._finish(*pending)

    async def _finish(self, event: PieceCame, work: Awaitable[Filed | None]) -> None:
        try:
            filed = await work
        except PeerError as error:
            log.warning("envelope.refused id=%s code=%d", event.env_id.hex(), error.code)
            self._machine.refuse(event.env_id, error.code, str(error))
            return
        except TooManyPiecesError as error:
            self._machine.dismiss(Refused.TOO_MUCH, str(error))
            return
        except (FileNotFoundError, ValueError):
            # The box's next hello learns what is durable, and goes on from there.
            log.info("item.moved id=%s item=%d", event.env_id.hex(), event.item)
            sentence = f"part: item {event.item} went on over another road; dial again"
            self._machine.dismiss(Refused.NEWER_SESSION, sentence)
            return
        except ItemMismatchError:
            sentence = f"part: item {event.item} does not match its header, twice"
            log.warning("item.mismatch id=%s item=%d", event.env_id.hex(), event.item)
            self._machine.restart(event.env_id, event.item, sentence)
            return
        self._machine.stored(event.env_id, event.item, event.offset + len(event.data))
        if filed is not None:
            if event.item == SLIP_ITEM:
                have = filed.have
                if have is None:
                    mail = self._partners.mail
                    have = await asyncio.to_thread(mail.have, self._name(), event.env_id)
                self._machine.have(event.env_id, have.stage, have.items, silent=True)
            await self._hand_out(event.env_id, filed)

    async def _hand_out(self, env_id: bytes, filed: Filed) -> None:
        countersigner = self._partners.countersigner
        found = countersigner.proof_at_hand(filed.log_index, self._told_size)
        if found is None:
            found = await asyncio.to_thread(countersigner.proof, filed.log_index, self._told_size)
        proof, path, self._told_size = found
        self._machine.receipt(env_id, filed.stage, filed.receipt, proof, path)
        log.info("envelope.receipted id=%s stage=%d", env_id.hex(), filed.stage)

    async def _on_letter_taken(self, event: LetterTaken) -> None:
        await self._letters.taken(event)
        await self._downwards()

    async def _on_time_asked(self, event: TimeAsked) -> None:
        if self._machine.state is State.OPEN:
            now = self._time.now()
            newest = self._partners.register.rank
            told = self._partners.countersigner.beacon(event.nonce, now, newest)
            self._machine.tell_time(told)

    async def _on_journal(self, event: JournalTold) -> None:
        if self._witnessing is None:
            raise LocalError("session: a journal is told after the welcome only")
        note, taken = await asyncio.to_thread(self._witnessing.told, event)
        self._machine.witness(note, taken=taken)

    async def _on_told(self, event: BusTold) -> None:
        self._waiting = event.waiting
        if self._machine.state is State.OPEN and not self._still_welcome():
            return
        now = self._time.monotonic()
        if self._device is not None and now - self._seen_at >= SEEN_EVERY_S:
            facts = {"waiting": event.waiting, "rtt_ms": event.rtt_ms}
            self._seen_at = now
            seen = Sighting(self._device.name, self._token, self._time.now(), facts)
            self._sessions.hear(seen)

    async def _on_ended(self, event: Ended) -> None:
        log.info("session.ended device=%s code=%d ours=%s", self._certified, event.code, event.ours)

    async def _downwards(self) -> None:
        """Look at the shelf for what goes down; a box that is not welcome any more gets nothing."""
        if self._machine.state is State.OPEN and self._still_welcome():
            await self._letters.look()

    def _still_welcome(self) -> bool:
        """End the session of a box that was revoked meanwhile, unless it still brings what it journaled before."""
        try:
            self._partners.register.let_in(self._name(), self._certified, self._waiting)
        except PeerError as error:
            self._machine.dismiss(error.code, str(error))
            return False
        return True

    async def _left(self) -> None:
        """Remember that this box went; a shelf that is away learns it when the box comes again."""
        if self._device is not None:
            mail, now = self._partners.mail, self._time.now()
            try:
                await asyncio.to_thread(mail.bus_left, self._device.name, self._token, now)
            except OSError as error:
                log.warning("shelf.away cause=%s", type(error).__name__)

    def _name(self) -> str:
        return self._certified

    def _files(self) -> Filing:
        if self._filing is None:
            raise PeerError(Refused.OUT_OF_ORDER, "session: hello comes first")
        return self._filing
