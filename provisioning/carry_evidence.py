"""What an answer on a stick proves: the uplink's own checks, begun at the export's head, at the answer's own time."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from appliance.mail.models import HallHead
from appliance.mail.store import MailStore
from appliance.uplink.evidence import NOTHING_KNOWN, Evidence, HistoryBrokenError
from appliance.uplink.trust import Trust
from sync.clock import Clock, ClockQuality, Instant
from sync.errors import SealError
from sync.events import Receipted
from sync.frames import Frame, Receipt, Welcome


class ReplayEvidence(Evidence):
    """The uplink's own checks, begun at the head that the export named."""

    def __init__(self, trust: Trust, mail: MailStore, begin: HallHead) -> None:
        super().__init__(trust, mail)
        self._shelf = mail
        self._begin = begin

    def known(self) -> HallHead:
        """Return the head of the export; the shelf counts steps once they pass the head it remembers."""
        self._shelf.follow_from(self._begin)
        return self._begin

    def linked(self, frames: Iterable[Frame]) -> bool:
        """Tell whether the answer's steps, from the export's head on, pass the head this bus remembers now.

        Then all before it is older truth and all after it extends it. An answer that was overtaken by the link or by
        another stick proves nothing about what is remembered; the next contact does.
        """
        remembered = self._shelf.hall_head() or NOTHING_KNOWN
        step, passed = self._begin, [self._begin]
        for frame in frames:
            try:
                step = self._next(step, frame)
            except SealError:
                continue
            except HistoryBrokenError:
                break
            passed.append(step)
        return (remembered.size, remembered.root) in {(one.size, one.root) for one in passed}

    def _next(self, step: HallHead, frame: Frame) -> HallHead:
        if isinstance(frame, Welcome):
            return self.grown(step, frame.note, frame.path)
        if isinstance(frame, Receipt):
            told = Receipted(frame.env_id, frame.stage, frame.receipt, frame.proof, frame.path)
            return self.told_head(step, told)
        return step


class StickClock:
    """The box's clock, not before city hall made the answer: a clock nobody vouches for goes by that alone."""

    def __init__(self, own: Clock, made: datetime) -> None:
        self._own = own
        self._made = made

    def now(self) -> Instant:
        """Return this moment as well as the box can vouch for it."""
        own = self._own.now()
        if own.quality is ClockQuality.UNSYNCED or own.wall < self._made:
            return replace(own, wall=self._made)
        return own

    def monotonic(self) -> float:
        """Return seconds that never step."""
        return self._own.monotonic()
