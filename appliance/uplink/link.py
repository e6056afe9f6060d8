"""Keeping a session: dial, serve, and dial again; at once on a hint, else after a jittered pause. Never giving up."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from appliance.uplink.causes import Cause, LinkError
from appliance.uplink.dial import Dialler
from appliance.uplink.partners import Partners
from appliance.uplink.pump import Pump
from appliance.uplink.rival import Opened, let_go, open_line, race
from appliance.uplink.webline import abandon, is_stranded
from keeping.away import DatabaseAwayError
from sync.letterbox import Letterbox
from sync.line import Line
from sync.pacing import Backoff

log = logging.getLogger("madobus.uplink")


class Link:
    """The loop around sessions; `hint` says that the network may be back."""

    def __init__(
        self,
        partners: Partners,
        dialler: Dialler,
        backoff: Backoff,
        on_change: Callable[[], Awaitable[None]],
    ) -> None:
        self._partners = partners
        self._dialler = dialler
        self._backoff = backoff
        self._on_change = on_change
        self._hinted = asyncio.Event()
        self._letterbox = Letterbox()
        self._attempt: asyncio.Task[None] | None = None
        self._pump: Pump | None = None
        self._line: Line | None = None

    def hint(self) -> None:
        """Leave the pause or an attempt without a session and dial now; doubt a session that stands.

        A session whose own address has gone is over: nothing can come back to it.
        """
        self._hinted.set()
        if self._pump is not None:
            if self._line is not None and is_stranded(self._line):
                log.info("link.stranded")
                abandon(self._line)
            else:
                self._pump.doubt()
        elif self._attempt is not None:
            self._attempt.cancel()

    async def run(self) -> None:
        """Serve for ever."""
        before: Cause | None = None
        while True:
            failure = await self._try_once()
            if failure is not None:
                self._partners.status.failed(failure, self._partners.clock.now().wall)
                log.warning("link.gone cause=%s fact=%s", failure.cause.value, failure.fact)
                await self._on_change()
                # A hall that forgot gets everything at once; one that tells another past each time does not.
                if failure.cause is not Cause.HISTORY_BROKE or before is Cause.HISTORY_BROKE:
                    await self._pause()
                before = failure.cause

    async def _try_once(self) -> LinkError | None:
        """Dial and serve; None when a hint cut the attempt short."""
        self._hinted.clear()
        self._partners.status.attempts += 1
        self._attempt = asyncio.create_task(self._session())
        try:
            await asyncio.wait({self._attempt})
        finally:
            if not self._attempt.done():
                self._attempt.cancel()
                await asyncio.gather(self._attempt, return_exceptions=True)
        if self._attempt.cancelled():
            return None
        error = self._attempt.exception()
        if isinstance(error, DatabaseAwayError):
            return LinkError(Cause.OUR_DISK, str(error))
        if error is None or isinstance(error, LinkError):
            return error or LinkError(Cause.LINE_BROKE)
        raise error

    async def _session(self) -> None:
        """Dial and serve; a rival that gets through while the line is silent takes its place."""
        opened: Opened | None = await open_line(self._dialler)
        while opened is not None:
            async with opened.stack:
                opened = await self._serve(opened.line)

    async def _serve(self, line: Line) -> Opened | None:
        """Serve until the session ends, which raises, or until a rival's line is open: returns that one."""
        self._hinted.clear()
        sessions = self._partners.status.sessions
        self._line = line
        self._pump = Pump(self._partners, line, self._letterbox)
        serving = asyncio.create_task(self._pump.run())
        racing = asyncio.create_task(race(line, self._dialler))
        taken = False
        try:
            await asyncio.wait({serving, racing}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                return serving.result()
            taken = True
            log.info("link.overtaken")
            abandon(line)
            return racing.result()
        finally:
            self._pump = self._line = None
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            if not taken:
                await let_go(racing)
            if self._partners.status.sessions > sessions:
                self._backoff.reset()

    async def _pause(self) -> None:
        delay = self._backoff.next_delay()
        try:
            async with asyncio.timeout(delay):
                await self._hinted.wait()
        except TimeoutError:
            return
