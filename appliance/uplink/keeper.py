"""The uplink's housekeeping: what waits, what the desk is told, what may be purged."""

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from appliance.mail.rows import OPEN_STATES, PURGE_GRACE, LinkState
from appliance.uplink.status import Status
from sync.clock import Clock, ClockQuality

if TYPE_CHECKING:
    from appliance.mail.store import MailStore

log = logging.getLogger("madobus.uplink")

TELL_EVERY_S: Final = 1.0
PURGE_EVERY_S: Final = 600.0
STATES: Final = (*OPEN_STATES, "complete", "refused")


def refused(status: Status, error: OSError) -> None:
    """Say once that this box's own disk took nothing; whoever wrote tries again."""
    if status.disk(error):
        log.error("shelf.refuses cause=%s", error)


class Keeper:
    """Tells the desk how the link is and purges what city hall holds for longer than `grace`."""

    def __init__(
        self, mail: "MailStore", status: Status, clock: Clock, grace: timedelta = PURGE_GRACE
    ) -> None:
        self._mail = mail
        self._status = status
        self._clock = clock
        self._grace = grace
        self._told: LinkState | None = None

    async def tell(self) -> None:
        """Write the link's state for the desk when it changed; a disk that takes nothing is tried again later."""
        try:
            await self._tell()
        except OSError as error:
            refused(self._status, error)

    async def _tell(self) -> None:
        counts, bytes_left = await asyncio.to_thread(self._mail.counts)
        self._status.waiting = sum(counts.get(state, 0) for state in OPEN_STATES)
        self._status.queue = {state: counts.get(state, 0) for state in STATES}
        self._status.queue["bytes_left"] = bytes_left
        link = self._status.link()
        if link != self._told:
            await asyncio.to_thread(self._mail.set_link, link)
            self._told = link
            if self._status.disk(None):
                log.info("shelf.takes_again")

    async def run(self) -> None:
        """Tell every second, purge every ten minutes."""
        purge_at = 0.0
        while True:
            await self.tell()
            if self._clock.monotonic() >= purge_at:
                purge_at = self._clock.monotonic() + PURGE_EVERY_S
                try:
                    await self.purge()
                except OSError as error:
                    refused(self._status, error)
            await asyncio.sleep(TELL_EVERY_S)

    async def purge(self) -> None:
        """Remove payloads past their grace, folders no row speaks of, and rows past their years.

        While nobody vouches for the clock nothing is old: it may have jumped. What is purged already goes anyhow.
        """
        now = self._clock.now()
        if now.quality is ClockQuality.UNSYNCED:
            await asyncio.to_thread(self._mail.sweep, None)
            return
        purged = await asyncio.to_thread(self._mail.purge, now, self._grace)
        swept = await asyncio.to_thread(self._mail.sweep, now.wall)
        if purged or swept:
            log.info("shelf.purged envelopes=%d orphans=%d", len(purged), len(swept))
        pruned = await asyncio.to_thread(self._mail.prune, now)
        if pruned.any:
            log.info(
                "shelf.pruned rows=%d entries=%d letters=%d",
                pruned.applications,
                pruned.entries,
                pruned.letters,
            )
