"""What stands on a simulated box's card: rows and files as in `appliance.mail`, and what a power cut leaves."""

from dataclasses import dataclass, field
from datetime import date, datetime

from appliance.mail.models import DueItem, HallHead, HeardBeacon, Letter, LinkState
from provisioning.simulate.chance import Chance
from provisioning.simulate.files import Files
from provisioning.simulate.home import Home
from sync.journal import GENESIS, JournalEntry
from sync.merkle import EMPTY_ROOT

ItemName = tuple[bytes, int]


@dataclass(frozen=True, slots=True)
class BoxRow:
    """One application's row; `done` are the bytes of each item that city hall says it holds."""

    serial: int
    env_id: bytes
    kind: str
    deadline: date | None
    kept_at: datetime
    state: str
    journal_seq: int
    box_receipt: bytes
    items: tuple[DueItem, ...]
    done: tuple[int, ...]
    hall_receipt: bytes | None = None
    proof: bytes | None = None
    filing_no: str = ""
    refusal: tuple[int, str] | None = None
    settled_at: datetime | None = None
    purged: bool = False


@dataclass(slots=True)
class BoxTables:
    """The database: every row is frozen, so a copy of the tables is a copy of the whole."""

    rows: dict[bytes, BoxRow] = field(default_factory=dict)
    serial: int = 0
    journal: list[JournalEntry] = field(default_factory=list)
    newest: tuple[int, bytes] = GENESIS
    letters: dict[bytes, Letter] = field(default_factory=dict)
    link: LinkState | None = None
    beacon: HeardBeacon | None = None
    head: HallHead | None = None
    proven_at: datetime | None = None

    def head_seen(self) -> tuple[int, bytes]:
        """Return size and root of city hall's log as the box last saw it proven."""
        return (0, EMPTY_ROOT) if self.head is None else (self.head.size, self.head.root)

    def copy(self) -> "BoxTables":
        """Return a copy that later changes do not touch."""
        return BoxTables(
            dict(self.rows),
            self.serial,
            list(self.journal),
            self.newest,
            dict(self.letters),
            self.link,
            self.beacon,
            self.head,
            self.proven_at,
        )


@dataclass(slots=True)
class BoxDisk:
    """The card. `synced` is the database a power cut leaves; `touched` is when an envelope's folder was written."""

    tables: BoxTables = field(default_factory=BoxTables)
    synced: BoxTables | None = None
    files: Files[ItemName] = field(default_factory=Files)
    touched: dict[bytes, datetime] = field(default_factory=dict)
    home: Home | None = None

    def go_dark(self, chance: Chance) -> int:
        """Lose what was not synced; returns how many names did not last."""
        if self.synced is not None:
            self.tables, self.synced = self.synced, None
        return self.files.go_dark(chance)

    def copy(self) -> "BoxDisk":
        """Return an image of the card."""
        home = None if self.home is None else self.home.copy()
        return BoxDisk(self.tables.copy(), None, self.files.copy(), dict(self.touched), home)
