"""What stands on city hall's shelf: tables, and the rows other rooms read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from sync.envelope import PartRole


class HallTable(SQLModel, registry=registry()):
    """Keeps the shelf's tables apart from every other room's."""


class ArrivalTable(HallTable, table=True):
    """One envelope city hall holds: its slip, filing number and place in the filing log."""

    __tablename__ = "arrival"
    serial: int | None = Field(default=None, primary_key=True)
    env_id: bytes = Field(unique=True)
    device: str
    kind: str
    filing_no: str = Field(unique=True)
    log_index: int = Field(unique=True, sa_type=BigInteger)
    received_ms: int = Field(sa_type=BigInteger)
    slip: bytes
    receipt: bytes
    final_receipt: bytes | None = None
    moved: int = Field(index=True, sa_type=BigInteger)


class PartTable(HallTable, table=True):
    """One sealed part an envelope's header speaks of; `arrived` once its blob is durable and matches its root."""

    __tablename__ = "part"
    env_id: bytes = Field(primary_key=True, foreign_key="arrival.env_id")
    index: int = Field(primary_key=True)
    role: int
    length: int
    arrived: bool = False


class LogTable(HallTable, table=True):
    """One complete subtree of the filing log (RFC 6962): `level` 0 holds the leaves."""

    __tablename__ = "log"
    level: int = Field(primary_key=True)
    index: int = Field(primary_key=True, sa_type=BigInteger)
    hash: bytes


class LetterTable(HallTable, table=True):
    """One letter on its way down to a bus; the body is opaque here."""

    __tablename__ = "letter"
    serial: int | None = Field(default=None, primary_key=True)
    letter_id: bytes
    device: str = Field(index=True)
    kind: str
    body: bytes
    posted_ms: int | None = Field(sa_type=BigInteger)
    delivered_ms: int | None = Field(default=None, sa_type=BigInteger)


class PullTable(HallTable, table=True):
    """One part a caseworker waits for."""

    __tablename__ = "pull"
    env_id: bytes = Field(primary_key=True)
    index: int = Field(primary_key=True)


class CounterTable(HallTable, table=True):
    """Numbers that only grow: filings of a year, changes seen by the office, changes seen by the intake."""

    __tablename__ = "counter"
    name: str = Field(primary_key=True)
    value: int = Field(default=0, sa_type=BigInteger)


class BusTable(HallTable, table=True):
    """What is known of one bus's link; `session` names the newest session and, before its slash, the intake."""

    __tablename__ = "bus"
    device: str = Field(primary_key=True)
    connected: bool
    seen_ms: int = Field(sa_type=BigInteger)
    since_ms: int = Field(sa_type=BigInteger)
    facts: str
    session: str = ""


class JournalTable(HallTable, table=True):
    """The newest head of a box's journal that city hall cosigned, and how often the box could not prove a newer one."""

    __tablename__ = "box_journal"
    device: str = Field(primary_key=True)
    size: int = Field(sa_type=BigInteger)
    root: bytes
    note: str
    alarms: int = 0
    seen_ms: int = Field(sa_type=BigInteger)


class PieceTable(HallTable, table=True):
    """A piece of an item that is still coming, where no folder is shared: `data` lies at byte `start` of it."""

    __tablename__ = "piece"
    device: str = Field(primary_key=True)
    env_id: bytes = Field(primary_key=True)
    item: int = Field(primary_key=True)
    start: int = Field(primary_key=True, sa_type=BigInteger)
    data: bytes
    kept_ms: int = Field(sa_type=BigInteger)


class UploadTable(HallTable, table=True):
    """One item that a client opened over HTTP; `length` 0 = not told yet, `token` empty = closed."""

    __tablename__ = "upload"
    device: str = Field(primary_key=True)
    env_id: bytes = Field(primary_key=True)
    item: int = Field(primary_key=True)
    token: str
    length: int
    mismatches: int = 0
    made_ms: int = Field(sa_type=BigInteger)


@dataclass(frozen=True, slots=True)
class PartState:
    """One part as the office sees it. `index` is the header's; `length` in bytes of ciphertext."""

    index: int
    role: PartRole
    length: int
    arrived: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """One envelope as the office sees it. `moved` is `changed()` at its last step, `complete` = every part is here."""

    serial: int
    env_id: bytes
    device: str
    kind: str
    filing_no: str
    log_index: int
    received_at: datetime
    parts: tuple[PartState, ...]
    complete: bool
    moved: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """The answer to a slip: its number, its place in the log and the receipts so far.

    `fresh` = it was not here before, `same` = the bytes are the ones that were filed.
    """

    env_id: bytes
    filing_no: str
    log_index: int
    received_at: datetime
    receipt: bytes
    final_receipt: bytes | None
    fresh: bool
    same: bool = True


@dataclass(frozen=True, slots=True)
class Witness:
    """The filing log as it is: its size and root, how it grew from a known size, and where one filing stands.

    `highest` is the number above which none was given out, empty before the first.
    """

    size: int
    root: bytes
    growth: tuple[bytes, ...]
    inclusion: tuple[bytes, ...]
    highest: str = ""


@dataclass(frozen=True, slots=True)
class Have:
    """What is durable of one envelope: stage 0 nothing promised, 1 slip, 2 everything; bytes by item (0 = slip).

    `items` maps item -> (length, durable bytes); at stage 0 the slip's length is 0 (not known here).
    """

    stage: int
    items: dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class OutLetter:
    """One letter still to be delivered."""

    letter_id: bytes
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class BusSeen:
    """One bus as the intake last heard it; `facts` are small numbers it told of its link."""

    device: str
    connected: bool
    seen_at: datetime
    since: datetime
    facts: dict[str, int]
