"""What stands on the bus's shelf: tables, and the rows other rooms read."""

from datetime import date

from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from appliance.mail.rows import (
    DueEnvelope,
    DueItem,
    HallHead,
    HeardBeacon,
    Kept,
    Letter,
    LinkState,
    OutboxRow,
    Refusal,
)


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


__all__ = [
    "DueEnvelope",
    "DueItem",
    "HallHead",
    "HeardBeacon",
    "ItemTable",
    "JournalStartTable",
    "JournalTable",
    "Kept",
    "Letter",
    "LetterTable",
    "LinkState",
    "MailTable",
    "NoteTable",
    "OutboxRow",
    "OutboxTable",
    "PastLetterTable",
    "Refusal",
]
