"""One envelope on its way: which items it has, what was sent of them and what city hall holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from sync.envelope import PartRole
from sync.frames import SLIP_ITEM
from sync.receipt import COMPLETE


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to send: item 0 is the slip, item n + 1 is part n; `length` in bytes."""

    item: int
    role: PartRole
    length: int


@dataclass(frozen=True, slots=True)
class Due:
    """An envelope the shell hands to the sender.

    `deadline` is a day number (date.toordinal) or None, `age` grows with each kept envelope, `stage` is the
    receipt the bus holds (0 or 1), `fresh` = no byte of it was ever sent, `receipt` = city hall's own receipt,
    handed back because its log lost the filing.
    """

    env_id: bytes
    deadline: int | None
    age: int
    stage: int
    fresh: bool
    items: Sequence[Item]
    receipt: bytes = b""


@dataclass(slots=True)
class Run:
    """How far one item is: bytes sent in this session or held before, and bytes confirmed durable."""

    role: PartRole
    length: int
    sent: int = 0
    confirmed: int = 0

    @property
    def under_way(self) -> int:
        """Bytes sent and not confirmed."""
        return self.sent - self.confirmed

    def restart(self, offset: int) -> None:
        """Go on from what city hall holds."""
        self.sent = self.confirmed = min(offset, self.length)


class Outgoing:
    """One envelope inside a session of the bus."""

    def __init__(self, due: Due) -> None:
        self.due = due
        self.offered = False
        self.known = due.fresh
        self.pulled: set[int] = set()
        self.runs = {one.item: Run(one.role, one.length) for one in due.items}

    @property
    def slip_length(self) -> int:
        """The slip's bytes."""
        return self.runs[SLIP_ITEM].length

    @property
    def under_way(self) -> int:
        """Bytes sent and not confirmed, over all items."""
        return sum(run.under_way for run in self.runs.values())

    def unsent(self) -> list[int]:
        """Name the items with bytes left to send."""
        return [item for item, run in self.runs.items() if run.sent < run.length]

    def hold(self, stage: int, held: dict[int, int]) -> None:
        """Take city hall's word for what it holds; at stage 2 that is everything."""
        for item, run in self.runs.items():
            run.restart(run.length if stage == COMPLETE else held.get(item, 0))
        self.known = True
