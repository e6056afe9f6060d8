"""Group commit: slips that come together, from whichever bus, are filed in one transaction."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from cityhall.mail.arrivals import Slip
from cityhall.mail.models import Arrived
from cityhall.mail.store import HallMail
from keeping.away import DatabaseAwayError
from sync.errors import PeerError
from sync.refusals import Refused

log = logging.getLogger("madobus.intake")

# Slips in one transaction, and slips that may wait for the next one.
GROUP_LIMIT: Final = 128
WAITING_LIMIT: Final = 1024

Job = tuple[Slip, "asyncio.Future[Arrived]"]


class GroupCommit:
    """One writer for all sessions; `run` must live as long as the process."""

    def __init__(self, mail: HallMail) -> None:
        self._mail = mail
        self._jobs: asyncio.Queue[Job] = asyncio.Queue(WAITING_LIMIT)

    async def file(self, slip: Slip) -> Arrived:
        """Return once the slip is durable, numbered and in the log.

        Raises PeerError for a slip that cannot get a receipt and OSError when the disk does not take it.
        """
        answer: asyncio.Future[Arrived] = asyncio.get_running_loop().create_future()
        await self._jobs.put((slip, answer))
        return await answer

    async def run(self) -> None:
        """File what waits, again and again."""
        while True:
            jobs = [await self._jobs.get()]
            while len(jobs) < GROUP_LIMIT and not self._jobs.empty():
                jobs.append(self._jobs.get_nowait())
            await self._commit(jobs)

    async def _commit(self, jobs: Sequence[Job]) -> None:
        """Commit a group; when one slip spoils it, each half is tried, so that it costs the others little."""
        try:
            answers = await asyncio.to_thread(self._mail.commit_slips, [slip for slip, _ in jobs])
        except (ValueError, OSError, SQLAlchemyError) as error:
            if len(jobs) > 1 and not isinstance(error, DatabaseAwayError):
                middle = len(jobs) // 2
                await self._commit(jobs[:middle])
                await self._commit(jobs[middle:])
                return
            log.warning("intake.commit_failed slips=%d cause=%s", len(jobs), type(error).__name__)
            for _, answer in jobs:
                _fail(answer, error)
            return
        for (_, answer), arrived in zip(jobs, answers, strict=True):
            if not answer.done():
                answer.set_result(arrived)


def _fail(answer: "asyncio.Future[Arrived]", error: Exception) -> None:
    if answer.done():
        return
    if isinstance(error, ValueError):
        sentence = f"slip: no receipt can be made for it: {error}"
        answer.set_exception(PeerError(Refused.SLIP_SHAPE, sentence))
    else:
        answer.set_exception(OSError(f"the shelf took no filing: {type(error).__name__}"))
