"""City hall's head as one process follows it: what a second process moved in the meantime is never taken back."""

from datetime import datetime

from sqlmodel import Session

from appliance.mail import notes
from appliance.mail.models import HallHead
from sync.clock import Instant


class Heads:
    """One handle's view. A head was proven to extend what this handle knew; it counts while that is still true.

    The uplink and the import of a stick may run side by side. Each proves step by step from the head it read; a step
    from another head than the shelf's own proves nothing about that one, so the shelf keeps its own, and the next
    session asks city hall for the proof. A stick that is read twice never moves the head back.
    """

    def __init__(self) -> None:
        self.proven_by: datetime | None = None
        self._known: HallHead | None = None

    def seen(self, head: HallHead | None) -> HallHead | None:
        """Note the head that was read from the shelf."""
        self._known = head
        return head

    def keep(self, session: Session, head: HallHead, at: Instant) -> None:
        """Remember a head that was proven to extend the one known here, unless another process moved it."""
        held = notes.hall_head(session)
        known, self._known = self._known, head
        if held is None or (_same(held, known) and head.size >= held.size):
            self.force(session, head, at)

    def force(self, session: Session, head: HallHead, at: Instant) -> None:
        """Remember a head that breaks with the past."""
        before = notes.hall_proven_at(session)
        proven = at.wall if self.proven_by is None else min(at.wall, self.proven_by)
        if self.proven_by is not None and before is not None:
            # An answer that is read again after newer words proves nothing newer.
            proven = max(proven, before)
        notes.keep_hall_head(session, head, proven)
        self._known = head


def _same(held: HallHead, known: HallHead | None) -> bool:
    return known is not None and (held.size, held.root) == (known.size, known.root)
