"""What stands on city hall's simulated disks: the rows and files of `cityhall.mail`, and what a power cut leaves."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cityhall.mail.models import OutLetter
from provisioning.simulate.chance import Chance
from provisioning.simulate.files import Files
from provisioning.simulate.home import Home
from sync.ids import filing_number
from sync.merkle import Tree

FILINGS: Final = "filings-R"

PieceName = tuple[str, bytes, int]
BlobName = tuple[bytes, int]


@dataclass(frozen=True, slots=True)
class HallRow:
    """One filed envelope; `lengths` and `arrived` stand by part index."""

    serial: int
    env_id: bytes
    device: str
    filing_no: str
    log_index: int
    received_at: datetime
    slip: bytes
    receipt: bytes
    lengths: tuple[int, ...]
    arrived: tuple[bool, ...]
    final_receipt: bytes | None = None


@dataclass(slots=True)
class HallTables:
    """The database. `log` holds the leaves, oldest first."""

    rows: dict[bytes, HallRow] = field(default_factory=dict)
    log: tuple[bytes, ...] = ()
    counters: dict[str, int] = field(default_factory=dict)
    letters: dict[tuple[str, bytes], OutLetter] = field(default_factory=dict)
    delivered: frozenset[tuple[str, bytes]] = frozenset()
    pulls: frozenset[tuple[bytes, int]] = frozenset()
    sessions: dict[str, str] = field(default_factory=dict)

    def copy(self) -> "HallTables":
        """Return a copy that later changes do not touch."""
        return HallTables(
            dict(self.rows),
            self.log,
            dict(self.counters),
            dict(self.letters),
            self.delivered,
            self.pulls,
            dict(self.sessions),
        )

    def bump(self, name: str) -> int:
        """Add one to a number and return it."""
        self.counters[name] = self.value(name) + 1
        return self.counters[name]

    def value(self, name: str) -> int:
        """Return a number; 0 before its first bump."""
        return self.counters.get(name, 0)

    def highest(self) -> str:
        """Return the number above which none was given out, empty before the first."""
        years = [int(one[len(FILINGS) :]) for one in self.counters if one.startswith(FILINGS)]
        year = max(years, default=0)
        return filing_number(year, self.value(f"{FILINGS}{year}")) if year else ""


@dataclass(slots=True)
class HallDisk:
    """Database, pieces that are coming, and whole parts. `synced` is what a power cut leaves of the first."""

    tables: HallTables = field(default_factory=HallTables)
    synced: HallTables | None = None
    pieces: Files[PieceName] = field(default_factory=Files)
    blobs: Files[BlobName] = field(default_factory=Files)
    touched: dict[PieceName, datetime] = field(default_factory=dict)
    full: bool = False
    home: Home | None = None
    _tree: Tree = field(default_factory=Tree)
    _grown: tuple[bytes, ...] = ()

    def tree(self) -> Tree:
        """Return the log as a tree; it is grown, not made anew, where the log only grew."""
        log = self.tables.log
        if log is not self._grown:
            if self._grown != log[: len(self._grown)]:
                self._tree, self._grown = Tree(), ()
            for leaf in log[len(self._grown) :]:
                self._tree.append(leaf)
            self._grown = log
        return self._tree

    def go_dark(self, chance: Chance) -> int:
        """Lose what was not synced; returns how many names did not last."""
        if self.synced is not None:
            self.tables, self.synced = self.synced, None
        return self.pieces.go_dark(chance) + self.blobs.go_dark(chance)

    def copy(self) -> "HallDisk":
        """Return a backup."""
        made = HallDisk(self.tables.copy(), None, self.pieces.copy(), self.blobs.copy())
        made.touched = dict(self.touched)
        made.home = None if self.home is None else self.home.copy()
        return made
