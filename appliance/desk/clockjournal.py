"""What happened to the box's clock, written into its journal: starts, steps, sources that contradict each other."""

import asyncio
import hashlib
import logging
from collections import deque
from typing import Final

from appliance.desk.clock import DeskClock
from appliance.mail.store import MailStore
from keeping.away import DatabaseAwayError
from sync import canonical
from sync.timekeeping import News

log = logging.getLogger(__name__)

LOOK_S: Final = 1.0
"""Seconds between two looks at the clock: a step is written down this soon also while nobody hands anything in."""
ENTRIES_AN_HOUR: Final = 12
"""A flapping clock must not fill the journal; what is left out is counted in the log."""
HOUR_S: Final = 3600.0


class ClockJournal:
    """Looks at the clock and writes its news down."""

    def __init__(self, clock: DeskClock, mail: MailStore, boot_id: str) -> None:
        self._clock = clock
        self._mail = mail
        self._boot_id = boot_id
        self._begun = False
        self._written: deque[float] = deque(maxlen=ENTRIES_AN_HOUR)

    def look(self) -> None:
        """Look once; raises DatabaseAwayError when the disk takes nothing, and forgets nothing by that."""
        at = self._clock.now()
        if not self._begun:
            named = canonical.encode([at.boot, self._boot_id])
            self._mail.begin_boot(hashlib.sha256(named).digest(), at)
            self._begun = True
        while (news := self._clock.next_news()) is not None:
            try:
                self._write(news)
            except DatabaseAwayError:
                self._clock.put_back(news)
                raise

    async def watch(self) -> None:
        """Look forever; a disk that takes nothing is tried again."""
        while True:
            try:
                await asyncio.to_thread(self.look)
            except DatabaseAwayError as error:
                log.warning("clock.unwritten cause=%s", error)
            await asyncio.sleep(LOOK_S)

    def _write(self, news: News) -> None:
        now = self._clock.monotonic()
        words = (news.kind, news.source, news.before.isoformat(), news.after.isoformat())
        if len(self._written) == ENTRIES_AN_HOUR and now - self._written[0] < HOUR_S:
            log.warning("clock.left_out kind=%s source=%s before=%s after=%s", *words)
            return
        self._mail.append(news.kind, news.object_hash, self._clock.now())
        self._written.append(now)
        log.warning("clock.written kind=%s source=%s before=%s after=%s", *words)
