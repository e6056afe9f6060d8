"""What stands on the bus's shelf: tables, and the rows other rooms read."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from sync.envelope import PartRole
from sync.journal import JournalEntry


class MailTable(SQLModel, registry=registry()):
    """Keeps the shelf's tables apart from every other room's."""


class OutboxTable(MailTable, table=True):
    """One sealed application on its way to city hall."""

    __tablename__ = "outbox"
    serial: int | None = Field(default=None, primary_key=True)
    env_id: bytes = Field(unique=True)
    kind: str
    deadline: date | None
    kept_ms: int
    state: str = Field(index=True)
    journal_seq: int
    box_receipt: bytes
    hall_receipt: bytes | None = None
    proof: bytes | None = None
    filing_no: str = ""
    refusal_code: int | None = None
    refusal_sentence: str = ""
    settled_ms: int | None = Field(default=None, index=True)
    purged: bool = False


class ItemTable(MailTable, table=True):
    """One thing of an envelope that crosses the link: item 0 is the slip, item n + 1 is part n."""

    __tablename__ = "item"
    env_id: bytes = Field(primary_key=True, foreign_key="outbox.env_id")
    item: int = Field(primary_key=True)
    role: int
    length: int
    done: int = 0


class JournalTable(MailTable, table=True):
    """The bus's own journal, one row an entry."""

    __tablename__ = "journal"
    seq: int = Field(primary_key=True)
    prev: bytes
    kind: str
    object_hash: bytes
    wall_us: int
    monotonic_ms: int
    boot: int
    hash: bytes


class JournalStartTable(MailTable, table=True):
    """Where the journal begins on this shelf: number and hash of the last entry that was taken off, one row."""

    __tablename__ = "journal_start"
    place: int = Field(primary_key=True)
    seq: int
    hash: bytes


class LetterTable(MailTable, table=True):
    """One letter from city hall; the body stays sealed (or signed) as it came."""

    __tablename__ = "letter"
    serial: int | None = Field(default=None, primary_key=True)
    letter_id: bytes = Field(unique=True)
    kind: str = Field(index=True)
    body: bytes
    arrived_ms: int
    read: bool = False


class PastLetterTable(MailTable, table=True):
    """A letter whose body has left the shelf: city hall may send it again, nobody needs it twice. `length` in bytes."""

    __tablename__ = "past_letter"
    serial: int | None = Field(default=None, primary_key=True)
    letter_id: bytes = Field(unique=True)
    length: int


class NoteTable(MailTable, table=True):
    """Small facts that are remembered one by one: link state, beacon, city hall's head."""

    __tablename__ = "note"
    name: str = Field(primary_key=True)
    value: bytes
    at_ms: int


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
    """One letter from city hall. `kind`: visit_pack | correction | key_bundle | procedure | revocation."""

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
