"""The uplink's shell around one session: feed, drain events, transmit, re-arm. It holds no rule of the protocol.

What an event asks for is done by `HallsWord`.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterator
from typing import Final

from appliance.mail.rows import DueEnvelope
from appliance.uplink.causes import Cause, LinkError
from appliance.uplink.depot import at_depot
from appliance.uplink.hallsword import HallsWord
from appliance.uplink.keeper import refused
from appliance.uplink.partners import Partners
from appliance.uplink.webline import own_address, suit
from keeping.away import DatabaseAwayError
from sync.events import Event, Progressed
from sync.lane import Want
from sync.letterbox import Letterbox
from sync.line import Line
from sync.outgoing import Due, Item
from sync.sender import Sender
from sync.states import State

log = logging.getLogger("madobus.uplink")

# How often the shelf is asked for new applications, and how often progress is written down.
LOOK_EVERY_S: Final = 0.25
NOTE_EVERY_S: Final = 1.0
# Events whose act is not durable yet. Behind them the session is not heard, and city hall is held by TCP.
ACTS_LIMIT: Final = 256
# Envelopes that are marked as being sent in one transaction.
MARKS_AHEAD: Final = 32
# A message the line does not take within this time will not arrive in any useful time: dial again.
SEND_S: Final = 30.0
# Why a session ended whose other side had nothing more to say.
CLOSED: Final = "city hall closed the connection"
# What a session may still take for its last word.
FAREWELL_S: Final = 1.0


class Pump:
    """One session over one line. `letterbox` outlives it."""

    def __init__(self, partners: Partners, line: Line, letterbox: Letterbox) -> None:
        self._partners = partners
        self._mail = partners.mail
        self._clock = partners.clock
        self._line = line
        self._letterbox = letterbox
        self._serial = 0
        self._changed = asyncio.Event()
        self._over = asyncio.Event()
        self._rearm = asyncio.Event()
        self._machine: Sender | None = None
        self._progress: dict[tuple[bytes, int], int] = {}
        self._marked: set[bytes] = set()
        self._gone = False
        self._fresh: deque[bytes] = deque()
        self._acts: asyncio.Queue[Event] = asyncio.Queue(ACTS_LIMIT)
        self._word = HallsWord(partners, self._nothing_comes)

    async def run(self) -> None:
        """Serve until the session ends; always raises LinkError that says why."""
        head = await self._word.known()
        machine = Sender(
            self._partners.device,
            head.note,
            random=self._partners.random,
            heartbeat_s=self._partners.heartbeat_s,
            letterbox=self._letterbox,
            originals=at_depot(own_address(self._line), self._partners.depots),
        )
        await self._take_due(machine)
        machine.start(self._now())
        self._machine = machine
        parts = [
            asyncio.create_task(part)
            for part in (
                self._hear(machine),
                self._keep(machine),
                self._talk(machine),
                self._wake(machine),
                self._look(machine),
                self._note(machine),
            )
        ]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
        except DatabaseAwayError:
            raise
        except OSError as error:
            raise LinkError(Cause.LINE_BROKE, str(error) or type(error).__name__) from error
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            await self._farewell(machine)
            await self._write_progress()

    def doubt(self) -> None:
        """Ask city hall for a sign of life, because the network changed."""
        if self._machine is not None:
            self._machine.doubt(self._now())
            self._changed.set()
            self._rearm.set()

    def _now(self) -> float:
        return self._clock.monotonic()

    def _nothing_comes(self) -> bool:
        return self._gone or self._machine is None or self._machine.state is State.CLOSED

    async def _hear(self, machine: Sender) -> None:
        """Feed and drain."""
        while True:
            message = await self._line.receive()
            if message is None:
                self._gone = True
                # What city hall said before it closed counts.
                await self._acts.join()
                raise LinkError(Cause.LINE_BROKE, CLOSED)
            self._partners.status.heard(self._clock.now().wall)
            machine.receive(message, self._now())
            await self._drain(machine)
            self._changed.set()

    async def _drain(self, machine: Sender) -> None:
        """Note progress at once, so that sending goes on; everything else is kept in order by `_keep`."""
        while (event := machine.next_event()) is not None:
            if isinstance(event, Progressed):
                self._progress[event.env_id, event.item] = event.offset
            else:
                await self._acts.put(event)

    async def _keep(self, machine: Sender) -> None:
        """Act on what was heard, one after the other; a slow disk holds up neither the pieces nor the timers."""
        while True:
            await self._word.act(machine, await self._acts.get())
            self._acts.task_done()
            self._changed.set()

    async def _talk(self, machine: Sender) -> None:
        """Transmit: frames first, then the most urgent piece, then wait for a change.

        Nobody else sends, so a line that takes nothing stops neither what is heard nor the timers.
        """
        while True:
            self._changed.clear()
            await self._say(machine)
            want = None if self._word.forgotten else machine.want(self._now())
            await self._say(machine)
            if want is None:
                await self._changed.wait()
                continue
            await self._mark(want.env_id)
            data = await asyncio.to_thread(self._read, want)
            if self._word.forgotten:
                continue
            if len(data) == want.length:
                machine.supply(want, data, self._now())
            else:
                # One bad place on the disk must not hold up the others; a person reads the log.
                log.error("shelf.damaged id=%s item=%d", want.env_id.hex(), want.item)
                machine.set_aside(want.env_id)

    def _read(self, want: Want) -> bytes:
        """Return the wanted bytes, or fewer where the shelf's file is damaged."""
        try:
            return self._mail.part_bytes(want.env_id, want.item, want.offset, want.length)
        except OSError:
            return b""

    async def _say(self, machine: Sender) -> None:
        for message in machine.data_to_send():
            try:
                async with asyncio.timeout(SEND_S):
                    await self._line.send(message)
            except TimeoutError as error:
                fact = f"the line took nothing for {SEND_S:.0f} s"
                raise LinkError(Cause.SILENT, fact) from error

    async def _farewell(self, machine: Sender) -> None:
        """Say why the session ends, where the line still takes it; what comes after it comes also when it does not."""
        # Not `asyncio.timeout`: in a task that is being cancelled Python 3.11 lets no TimeoutError out of it.
        saying = asyncio.create_task(self._last_words(machine))
        try:
            await asyncio.wait({saying}, timeout=FAREWELL_S)
        finally:
            saying.cancel()
            (said,) = await asyncio.gather(saying, return_exceptions=True)
        if isinstance(said, Exception) and not isinstance(said, OSError):
            raise said

    async def _last_words(self, machine: Sender) -> None:
        for message in machine.data_to_send():
            await self._line.send(message)

    async def _wake(self, machine: Sender) -> None:
        """Re-arm. A session that is over has no timer; the event that ended it ends this shell."""
        while True:
            due = machine.timer()
            if due is None:
                await self._over.wait()
                continue
            self._rearm.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.01, due - self._now())):
                    await self._rearm.wait()
            machine.wake(self._now())
            await self._drain(machine)
            self._partners.status.judge(self._clock.now().wall)
            self._changed.set()

    async def _look(self, machine: Sender) -> None:
        """Take what the desk keeps meanwhile."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            with self._spared():
                if await asyncio.to_thread(self._mail.newest) > self._serial:
                    await self._take_due(machine)
                    self._changed.set()

    async def _note(self, machine: Sender) -> None:
        while True:
            await asyncio.sleep(NOTE_EVERY_S)
            if machine.pace.goodput is not None:
                suit(self._line, machine.pace.goodput)
            await self._write_progress()

    async def _take_due(self, machine: Sender) -> None:
        for envelope in await asyncio.to_thread(self._mail.due, self._serial):
            self._serial = max(self._serial, envelope.serial)
            if envelope.state == "kept":
                self._fresh.append(envelope.env_id)
            machine.add(due_of(envelope))

    async def _mark(self, env_id: bytes) -> None:
        """Write down that an envelope is being sent, before its first byte leaves, and with it the next ones.

        One that was marked and did not leave is asked about in the next session, which costs it a round trip. One that
        left and could not be marked, because the disk took nothing, sends its slip twice.
        """
        if env_id in self._marked:
            return
        marks = {env_id}
        while self._fresh and len(marks) < MARKS_AHEAD:
            marks.add(self._fresh.popleft())
        marks -= self._marked
        self._marked |= marks
        with self._spared():
            await asyncio.to_thread(self._mail.sending, *sorted(marks))

    async def _write_progress(self) -> None:
        steps = [(env_id, item, offset) for (env_id, item), offset in self._progress.items()]
        self._progress.clear()
        if steps:
            with self._spared():
                await asyncio.to_thread(self._mail.progressed, steps)

    @contextlib.contextmanager
    def _spared(self) -> Iterator[None]:
        """Do without a word of the shelf that its disk refuses: the next session, or the next look, has it again."""
        try:
            yield
        except DatabaseAwayError as error:
            refused(self._partners.status, error)


def due_of(envelope: DueEnvelope) -> Due:
    """Return an envelope as the agreement speaks of it."""
    return Due(
        env_id=envelope.env_id,
        deadline=None if envelope.deadline is None else envelope.deadline.toordinal(),
        age=envelope.serial,
        stage=1 if envelope.state == "arrived" else 0,
        fresh=envelope.state == "kept",
        items=tuple(Item(one.item, one.role, one.length) for one in envelope.items),
        receipt=envelope.receipt,
    )
