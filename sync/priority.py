"""In which order: slips, previews, pages somebody waits for, pages by days left, originals (docs/protocol.md)."""

import heapq
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from sync.envelope import PartRole
from sync.errors import LocalError

# Things to send that are held in order at once: 5,000 envelopes of 40 items.
WORK_LIMIT: Final = 200_000
NO_DEADLINE: Final = 1 << 31


class Urgency(IntEnum):
    """The class of a thing; lower goes first. Receipts, times and letters are frames and never queue here."""

    SLIP = 0
    PREVIEW = 1
    PULLED = 2
    PAGE = 3
    ORIGINAL = 4


@dataclass(frozen=True, slots=True, order=True)
class Rank:
    """Where a thing stands: class, then deadline (day number), then age, then its place in the envelope."""

    urgency: int
    deadline: int
    age: int
    item: int


def urgency_of(item: int, role: PartRole) -> Urgency:
    """Return the class of an item nobody pulled."""
    if item == 0:
        return Urgency.SLIP
    return _URGENCIES[role]


_URGENCIES: Final = {
    PartRole.PREVIEW: Urgency.PREVIEW,
    PartRole.PAGE: Urgency.PAGE,
    PartRole.ORIGINAL: Urgency.ORIGINAL,
}


class Schedule:
    """Things to send, most urgent first; a thing is (env_id, item) and stands here at most once."""

    def __init__(self) -> None:
        self._heap: list[tuple[Rank, bytes, int]] = []
        self._ranks: dict[tuple[bytes, int], Rank] = {}

    def __len__(self) -> int:
        return len(self._ranks)

    def put(self, env_id: bytes, rank: Rank) -> None:
        """Add a thing, or move it to another rank; raises LocalError above the limit."""
        key = (env_id, rank.item)
        if key not in self._ranks and len(self._ranks) >= WORK_LIMIT:
            raise LocalError(f"schedule: {WORK_LIMIT} things are the limit")
        if self._ranks.get(key) != rank:
            self._ranks[key] = rank
            heapq.heappush(self._heap, (rank, env_id, rank.item))

    def first(self) -> tuple[bytes, int] | None:
        """Return the most urgent thing without taking it, or None."""
        while self._heap:
            rank, env_id, item = self._heap[0]
            if self._ranks.get((env_id, item)) == rank:
                return env_id, item
            heapq.heappop(self._heap)
        return None

    def drop(self, env_id: bytes, item: int) -> None:
        """Forget a thing; one that is not here changes nothing."""
        self._ranks.pop((env_id, item), None)
