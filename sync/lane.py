"""The bus's envelopes inside one session: which bytes go next, what is under way, what city hall holds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sync.envelope import PartRole
from sync.errors import LocalError
from sync.frames import Have, Offer, Piece
from sync.outgoing import Due, Outgoing, Run
from sync.pacing import Pace
from sync.priority import NO_DEADLINE, Rank, Schedule, Urgency, urgency_of

# Envelopes in one session; the shelf holds at most 5,000 that wait.
ENVELOPES_LIMIT: Final = 8192
# Offers that may wait for city hall's HAVE.
OFFERS_AHEAD: Final = 32


@dataclass(frozen=True, slots=True)
class Want:
    """The bytes the sender wants next; the shell reads them from the shelf and calls `supply`."""

    env_id: bytes
    item: int
    offset: int
    length: int


class Lane:
    """Every envelope of a session; `announce` puts an OFFER on the wire before its first byte is wanted.

    Originals go only where `originals` says that the link is a depot's, or when somebody pulls one.
    """

    def __init__(
        self, pace: Pace, announce: Callable[[Offer, float], None], *, originals: bool = False
    ) -> None:
        self.under_way = 0
        self._pace = pace
        self._announce = announce
        self._originals = originals
        self._envelopes: dict[bytes, Outgoing] = {}
        self._schedule = Schedule()
        self._offers = 0

    def __len__(self) -> int:
        """Count the envelopes city hall lacks something of that goes over this link."""
        return sum(self._waits(envelope) for envelope in self._envelopes.values())

    def __contains__(self, env_id: bytes) -> bool:
        return env_id in self._envelopes

    def add(self, due: Due) -> None:
        """Take an envelope; one that is here already changes nothing."""
        if due.env_id in self._envelopes:
            return
        if len(self._envelopes) >= ENVELOPES_LIMIT:
            raise LocalError(f"sender: {ENVELOPES_LIMIT} envelopes are the limit of a session")
        envelope = Outgoing(due)
        self._envelopes[due.env_id] = envelope
        self._queue(envelope)

    def forget(self, env_id: bytes) -> None:
        """Let go of an envelope; an unknown one changes nothing."""
        envelope = self._envelopes.pop(env_id, None)
        if envelope is None:
            return
        if envelope.offered and not envelope.known:
            self._offers -= 1
        self.under_way -= envelope.under_way
        self._park(envelope)

    def want(self, now: float) -> Want | None:
        """Return the most urgent bytes to send next, or None: nothing left, or enough under way."""
        while (first := self._schedule.first()) is not None:
            env_id, item = first
            envelope = self._envelopes[env_id]
            if not envelope.offered and not self._offer(envelope, now):
                return None
            if envelope.known:
                return self._piece_of(envelope, item)
            self._park(envelope)
        return None

    def supply(self, want: Want, data: bytes, now: float) -> Piece | None:
        """Return the frame for the wanted bytes; None when the want is out of date (refused, restarted)."""
        envelope = self._envelopes.get(want.env_id)
        if envelope is None or envelope.runs[want.item].sent != want.offset:
            return None
        if len(data) != want.length:
            raise LocalError(f"sender: {want.length} bytes were wanted, {len(data)} supplied")
        run = envelope.runs[want.item]
        run.sent += want.length
        self.under_way += want.length
        self._pace.sent(now)
        if run.sent == run.length:
            self._schedule.drop(want.env_id, want.item)
        return Piece(want.env_id, want.item, want.offset, data)

    def have(self, frame: Have) -> dict[int, int]:
        """Go on from what city hall holds; returns item -> durable bytes, nothing for a stranger."""
        envelope = self._envelopes.get(frame.env_id)
        if envelope is None:
            return {}
        if not envelope.known:
            self._offers -= 1
        self.under_way -= envelope.under_way
        envelope.hold(frame.stage, dict(frame.held))
        self._queue(envelope)
        return {item: run.confirmed for item, run in envelope.runs.items()}

    def confirm(self, env_id: bytes, item: int, offset: int, now: float) -> bool:
        """Note that the first `offset` bytes of an item are durable; False when that is no news."""
        envelope = self._envelopes.get(env_id)
        run = None if envelope is None else envelope.runs.get(item)
        if run is None or not run.confirmed < offset <= run.length:
            return False
        self._advance(run, offset, now)
        return True

    def pull(self, env_id: bytes, item: int) -> None:
        """Send an item's rest before the other pages; a stranger's changes nothing."""
        envelope = self._envelopes.get(env_id)
        if envelope is None or item not in envelope.runs:
            return
        envelope.pulled.add(item)
        if item in envelope.unsent() and (envelope.known or not envelope.offered):
            self._schedule.put(env_id, self._rank(envelope, item))

    def _advance(self, run: Run, offset: int, now: float) -> None:
        news = offset - run.confirmed
        self.under_way -= run.under_way
        run.confirmed = offset
        run.sent = max(run.sent, offset)
        self.under_way += run.under_way
        self._pace.confirmed(news, now, idle=self.under_way == 0)

    def _offer(self, envelope: Outgoing, now: float) -> bool:
        """Announce an envelope; False when as many offers as allowed wait for their HAVE."""
        due = envelope.due
        if not envelope.known:
            if self._offers >= OFFERS_AHEAD:
                return False
            self._offers += 1
        envelope.offered = True
        offer = Offer(due.env_id, envelope.slip_length, due.stage, due.fresh, due.receipt)
        self._announce(offer, now)
        return True

    def _park(self, envelope: Outgoing) -> None:
        """Take an envelope out of the order, until its HAVE comes or for good."""
        for item in envelope.runs:
            self._schedule.drop(envelope.due.env_id, item)

    def _queue(self, envelope: Outgoing) -> None:
        self._park(envelope)
        for item in envelope.unsent():
            if self._goes(envelope, item):
                self._schedule.put(envelope.due.env_id, self._rank(envelope, item))

    def _goes(self, envelope: Outgoing, item: int) -> bool:
        original = envelope.runs[item].role is PartRole.ORIGINAL
        return self._originals or not original or item in envelope.pulled

    def _waits(self, envelope: Outgoing) -> bool:
        """Tell whether an envelope is here for more than originals that wait for a depot."""
        stays = [item for item in envelope.runs if not self._goes(envelope, item)]
        lacks = {item for item, run in envelope.runs.items() if run.confirmed < run.length}
        return not stays or bool(lacks - set(stays))

    def _rank(self, envelope: Outgoing, item: int) -> Rank:
        due = envelope.due
        urgency = urgency_of(item, envelope.runs[item].role)
        if urgency >= Urgency.PAGE and item in envelope.pulled:
            urgency = Urgency.PULLED
        deadline = NO_DEADLINE if due.deadline is None else due.deadline
        return Rank(urgency, deadline, due.age, item)

    def _piece_of(self, envelope: Outgoing, item: int) -> Want | None:
        run = envelope.runs[item]
        size = min(self._pace.piece_size(), run.length - run.sent)
        if size > self._pace.window() - self.under_way:
            return None
        return Want(envelope.due.env_id, item, run.sent, size)
