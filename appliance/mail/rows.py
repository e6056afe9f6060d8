"""What the shelf tells other rooms, one row each. Loading this loads no database library."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sync.envelope import PartRole
from sync.journal import JournalEntry

# An envelope city hall does not hold completely is in one of these states.
OPEN_STATES = ("kept", "sending", "arrived")
# A payload stays this long after city hall's proven stage 2 receipt.
PURGE_GRACE = timedelta(hours=72)


class InboxFullError(RuntimeError):
    """The inbox holds as many letters as it may; old ones have to be removed first."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the shelf answers once an application is durable."""

    entry: JournalEntry
    receipt: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """City hall's number (docs/protocol.md) and sentence for an envelope it does not take."""

    code: int
    sentence: str


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One application as desk and uplink see it. `state`: kept | sending | arrived | complete | refused."""

    serial: int
    env_id: bytes
    kind: str
    deadline: date | None
    kept_at: datetime
    state: str
    bytes_total: int
    bytes_done: int
    journal_seq: int
    box_receipt: bytes
    hall_receipt: bytes | None
    proof: bytes | None
    filing_no: str
    refusal: Refusal | None
    settled_at: datetime | None
    purged: bool
    originals_left: int = 0

    @property
    def standing(self) -> str:
        """Return the state a person asks for: with only originals left an application is complete."""
        left = self.bytes_total - self.bytes_done
        only_originals = self.state == "arrived" and 0 < left == self.originals_left
        return "complete" if only_originals else self.state


@dataclass(frozen=True, slots=True)
class DueItem:
    """One thing still to send: `item` 0 is the slip, item n + 1 is part n; lengths in bytes."""

    item: int
    role: PartRole
    length: int


@dataclass(frozen=True, slots=True)
class DueEnvelope:
    """One envelope city hall does not hold completely. `state`: kept | sending | arrived.

    `receipt` is city hall's own, of a filing its log lost; it is handed back so that the number stays.
    """

    serial: int
    env_id: bytes
    kind: str
    deadline: date | None
    kept_at: datetime
    state: str
    items: tuple[DueItem, ...]
    receipt: bytes = b""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter from city hall. `kind`: one of `inbox.KINDS`."""

    letter_id: bytes
    kind: str
    body: bytes
    arrived_at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class LinkState:
    """The link in words. `state`: good | poor | gone | unknown; `waiting` counts envelopes; `cause` is a sentence."""

    state: str
    since: datetime | None
    last_contact: datetime | None
    waiting: int
    cause: str


@dataclass(frozen=True, slots=True)
class HeardBeacon:
    """City hall's signed time as it came, and when in which boot it was heard; `waited_ms` bounds its age."""

    data: bytes
    boot: int
    monotonic_ms: int
    waited_ms: int


@dataclass(frozen=True, slots=True)
class HallHead:
    """City hall's filing log as this bus last saw it proven: size, root and the signed note that says so."""

    size: int
    root: bytes
    note: str
