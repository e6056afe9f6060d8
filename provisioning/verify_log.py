"""`madobus verify log`: city hall's filing log from its first leaf to its root, and each receipt beside it."""

import argparse
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pysqlite3.dbapi2 as sqlite

from cityhall.mail.arrivals import DIGEST_BYTES, digest
from provisioning.broken import BrokenError
from provisioning.verify_journal import known_head
from sync.errors import SealError
from sync.ids import filing_number, filing_parts
from sync.merkle import CompactRange, node_hash
from sync.proof import log_leaf, whole_leaf
from sync.receipt import ARRIVED, COMPLETE, HallReceipt, own_hall_receipt

NAME: Final = "hall.db"
_LEVEL: Final = 'SELECT "index", hash FROM log WHERE level = ? ORDER BY "index"'
_ARRIVALS: Final = "SELECT log_index, env_id, filing_no, slip, receipt, final_receipt FROM arrival ORDER BY log_index"
_YEARS: Final = "SELECT name, value FROM counter WHERE name LIKE 'filings-R%'"
_JOURNALS: Final = "SELECT device, size, root FROM box_journal ORDER BY device"
_RESTORE: Final = (
    "the database is not what city hall wrote: keep it, and restore the newest backup beside it"
)

Arrival = tuple[int, bytes, str, bytes, bytes, bytes | None]


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found on the way."""

    size: int
    root: bytes
    filings: int
    completions: int
    others: int
    erased: int
    highest: str
    journals: dict[str, str]
    met: bool


def add(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("place", type=Path, help="the folder of city hall's mail (hall.db)")
    parser.add_argument(
        "--head", type=known_head, help="SIZE:ROOT, a head that a bus or a paper remembers"
    )


def run(given: argparse.Namespace) -> dict[str, object]:
    """Check the log and return its facts; raises BrokenError for the first thing that does not hold."""
    began = time.process_time()
    found = verify(given.place, given.head)
    took = time.process_time() - began
    return {
        "holds": "yes",
        "head": f"{found.size}:{found.root.hex()}",
        "filings": found.filings,
        "completions": found.completions,
        "other_leaves": found.others,
        "slips_erased": found.erased,
        "highest_number": found.highest,
        "journals_witnessed": found.journals,
        "head_remembered": "met" if found.met else "not given",
        "cpu_seconds": round(took, 3),
        "leaves_per_cpu_s": round(found.size / max(took, 1e-6)),
    }


def verify(place: Path, known: tuple[int, bytes] | None = None) -> Facts:
    """Read the whole log without writing a byte; raises BrokenError, OSError and ValueError."""
    path = place / NAME
    if not path.is_file():
        raise FileNotFoundError(f"{place}: there is no {NAME}; name the folder of city hall's mail")
    with closing(sqlite.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            connection.execute("BEGIN")
            return _Reading(connection, known).facts()
        except sqlite.OperationalError as error:
            raise ValueError(f"{path}: this is no shelf of city hall ({error})") from error


class _Reading:
    """One consistent view of the log and what stands beside it."""

    def __init__(self, connection: "sqlite.Connection", known: tuple[int, bytes] | None) -> None:
        self._connection = connection
        self._known = known
        self._range = CompactRange()
        self._met = known is None
        self._erased = 0
        self._highest: dict[int, int] = {}
        # Of each filing that is whole one hash, until its leaf is met: 100 bytes of memory.
        self._whole: dict[bytes, str] = {}
        self._foreign: set[bytes] = set()

    def facts(self) -> Facts:
        """Compare leaves with filings, then subtrees with leaves."""
        filings, completions = self._leaves()
        level = 0
        while self._subtrees(level):
            level += 1
        self._numbers()
        if not self._met and self._known is not None:
            fact = f"the log has {self._range.size} leaves and no such root"
            raise BrokenError(f"head of {self._known[0]}", "the log extends it", fact, _RESTORE)
        witnessed = self._connection.execute(_JOURNALS)
        newest = max(self._highest.items(), default=None)
        return Facts(
            size=self._range.size,
            root=self._range.root(),
            filings=filings,
            completions=completions,
            others=len(self._foreign),
            erased=self._erased,
            highest="" if newest is None else filing_number(*newest),
            journals={name: f"{size}:{bytes(root).hex()}" for name, size, root in witnessed},
            met=self._known is not None,
        )

    def _leaves(self) -> tuple[int, int]:
        arrivals: Iterator[Arrival] = self._connection.execute(_ARRIVALS)
        row = next(arrivals, None)
        filings = completions = 0
        self._meet()
        for index, stored in self._level(0):
            if row is not None and row[0] == index:
                self._filing(row, bytes(stored))
                filings += 1
                row = next(arrivals, None)
            elif self._whole.pop(bytes(stored), None) is not None:
                completions += 1
            else:
                self._foreign.add(bytes(stored))
            self._range.append(bytes(stored))
            self._meet()
        if row is not None:
            raise BrokenError(
                f"filing {row[2]}", "every filing has its leaf", "there is none", _RESTORE
            )
        if self._whole:
            number = next(iter(self._whole.values()))
            rule = "what was told to be complete has its second leaf"
            raise BrokenError(f"filing {number}", rule, "there is none behind it", _RESTORE)
        return filings, completions

    def _filing(self, row: Arrival, leaf: bytes) -> None:
        index, env_id, number, slip, receipt, final = row
        place = f"filing {number}, leaf {index}"
        first = _told(place, receipt, ARRIVED)
        told = first.env_id, first.filing_no, first.log_index
        if told != (env_id, number, index):
            raise BrokenError(
                place, "its receipt says what the log says", "it says other", _RESTORE
            )
        if digest(slip) != first.envelope_sha256:
            raise BrokenError(
                place, "its receipt is for this slip", "the slip is another", _RESTORE
            )
        self._erased += len(slip) == DIGEST_BYTES
        if log_leaf(first.envelope_sha256, number) != leaf:
            raise BrokenError(
                place, "its leaf is of its slip and number", "the leaf is another", _RESTORE
            )
        if final is not None:
            last = _told(place, final, COMPLETE)
            if (last.envelope_sha256, last.filing_no) != (first.envelope_sha256, number):
                raise BrokenError(
                    place, "both receipts say the same", "the second says other", _RESTORE
                )
            self._whole[whole_leaf(last.envelope_sha256, number)] = number
        year, serial = filing_parts(number)
        self._highest[year] = max(self._highest.get(year, 0), serial)

    def _subtrees(self, level: int) -> bool:
        """Compare the subtrees above a level with the pairs below them; False when there are none."""
        below, above = self._level(level), self._level(level + 1)
        count = 0
        for (left, first), (_, second) in zip(below, below, strict=False):
            made = next(above, None)
            if made is None or bytes(made[1]) != node_hash(bytes(first), bytes(second)):
                place = f"subtree {level + 1}/{left // 2}"
                raise BrokenError(place, "it is the hash of the two below", "it is not", _RESTORE)
            count += 1
        if next(above, None) is not None:
            place = f"subtree {level + 1}/{count}"
            raise BrokenError(place, "only complete subtrees stand there", "it is not", _RESTORE)
        return count > 0

    def _level(self, level: int) -> Iterator[Any]:
        """Give a level's places in order; raises BrokenError for the first that is missing."""
        return map(_in_order(level), enumerate(self._connection.execute(_LEVEL, (level,))))

    def _meet(self) -> None:
        if self._known is not None and self._range.size == self._known[0]:
            self._met = self._range.root() == self._known[1]

    def _numbers(self) -> None:
        for name, value in self._connection.execute(_YEARS):
            year = int(name.removeprefix("filings-R"))
            serial = self._highest.get(year, 0)
            if serial > value:
                place = f"numbers of R{year}"
                rule = "none is above the highest given out"
                raise BrokenError(place, rule, f"{serial} is above {value}", _RESTORE)
            self._highest[year] = value


def _in_order(level: int) -> Any:
    def checked(at: tuple[int, Any]) -> Any:
        number, row = at
        if row[0] != number:
            place = f"leaf {number}" if level == 0 else f"subtree {level}/{number}"
            raise BrokenError(place, "none is left out", f"the next one is {row[0]}", _RESTORE)
        return row

    return checked


def _told(place: str, data: bytes, stage: int) -> HallReceipt:
    try:
        receipt = own_hall_receipt(data)
    except SealError as error:
        raise BrokenError(place, "its receipt can be read", str(error), _RESTORE) from error
    if receipt.stage != stage:
        raise BrokenError(
            place, f"its receipt is of stage {stage}", f"it is of {receipt.stage}", _RESTORE
        )
    return receipt
