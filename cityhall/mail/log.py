"""The filing log as rows: one row a complete subtree, so that any proof needs a few dozen rows (RFC 6962).

A node never changes once it is committed, so this process remembers the newest ones; a proof of what was just
filed reads nothing. A database that came back from a backup beneath it is another log: then it forgets them.
"""

from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import Final

from sqlalchemy import bindparam, func, select, tuple_
from sqlmodel import Session, col

from cityhall.mail.bulk import insert_rows
from cityhall.mail.models import LogTable, Witness
from sync.ids import filing_number
from sync.merkle import EMPTY_ROOT, node_hash

# Nodes kept in memory: about 250 bytes each, enough for proofs of the last ten thousand filings.
NODES_LIMIT: Final = 32_768
# Rows of one reading; a proof and a growth together need at most 250.
READ_LIMIT: Final = 250

# A complete subtree: its level and its number there; and a span of leaves, from and up to.
Place = tuple[int, int]
# The year and serial above which no filing number was given out; before the first one:
NO_NUMBER: Final = (0, 0)
Span = tuple[int, int]

_NEWEST = select(func.max(col(LogTable.index))).where(col(LogTable.level) == 0).scalar_subquery()
# The newest leaf, and the one that was the newest before.
_LEAVES = select(col(LogTable.index), col(LogTable.hash)).where(
    col(LogTable.level) == 0, col(LogTable.index).in_((_NEWEST, bindparam("before")))
)
_NODES = select(col(LogTable.level), col(LogTable.index), col(LogTable.hash)).where(
    tuple_(col(LogTable.level), col(LogTable.index)).in_(bindparam("places", expanding=True))
)


class Log:
    """The log of one shelf. `size` is what this process last saw committed; every method takes a transaction.

    `highest` is the newest year and the serial in it above which no filing number was given out.
    """

    def __init__(self) -> None:
        self.size = 0
        self.highest = NO_NUMBER
        self._nodes: dict[Place, bytes] = {}
        self._newest = (-1, b"")
        self._lock = Lock()

    def measure(self, session: Session) -> int:
        """Read the number of leaves and remember it; a log without the leaf seen last is another one."""
        before = self._newest
        rows = session.connection().execute(_LEAVES, {"before": before[0]})
        leaves = {int(index): bytes(digest) for index, digest in rows}
        newest = max(leaves, default=-1)
        with self._lock:
            if before[0] >= 0 and leaves.get(before[0]) != before[1]:
                # A standby that was behind took over, or this view is an older one: then only reading is lost.
                self._nodes.clear()
                self.size, self._newest = 0, (-1, b"")
            self._note_newest(newest, leaves.get(newest, b""))
        return newest + 1

    def append(self, session: Session, leaves: Sequence[bytes], first: int) -> dict[Place, bytes]:
        """Add leaf hashes from index `first` (which must be the log's size); returns the new nodes.

        The caller gives them to `remember` once they are committed, and not before.
        """
        edge = self._hashes(session, places(0, first))
        made: dict[Place, bytes] = {}
        for index, leaf in enumerate(leaves, first):
            level, digest = 0, leaf
            made[0, index] = digest
            while index % 2:
                left = (level, index - 1)
                digest = node_hash(made.get(left) or edge[left], digest)
                level, index = level + 1, index // 2  # noqa: PLW2901 - the climb of this leaf
                made[level, index] = digest
        rows = [{"level": level, "index": at, "hash": one} for (level, at), one in made.items()]
        insert_rows(session, LogTable, rows)
        return made

    def remember(
        self,
        nodes: Iterable[tuple[Place, bytes]],
        size: int,
        highest: tuple[int, int] = NO_NUMBER,
    ) -> None:
        """Take committed nodes into memory, the size they made, and the highest number."""
        with self._lock:
            self._nodes.update(nodes)
            self.highest = max(self.highest, highest)
            if (leaf := self._nodes.get((0, size - 1))) is not None:
                self._note_newest(size - 1, leaf)
            for _ in range(len(self._nodes) - NODES_LIMIT):
                del self._nodes[next(iter(self._nodes))]

    def root(self, session: Session, count: int) -> bytes:
        """Return the root over the first `count` leaves."""
        return self._folded(session, [(0, count)])[0]

    def inclusion(self, session: Session, index: int, count: int) -> list[bytes]:
        """Return the path that proves leaf `index` under the root over `count` leaves."""
        return self._folded(session, inclusion_spans(index, count))

    def consistency(self, session: Session, old: int, count: int) -> list[bytes]:
        """Return the path that proves the root over `old` leaves (1 or more) grew into the one over `count`."""
        return self._folded(session, consistency_spans(old, count))

    def witness(self, session: Session, count: int, known: int, index: int | None) -> Witness:
        """Return the log of `count` leaves: root, growth from `known`, and the proof for `index` when one is named."""
        spans, grown = _witness_spans(count, known, index)
        return _witness(count, grown, self._folded(session, spans), self.highest)

    def at_hand(self, count: int, known: int, index: int) -> Witness | None:
        """Return the same from memory alone, or None when a node is not there."""
        spans, grown = _witness_spans(count, known, index)
        wanted = {one for low, high in spans for one in places(low, high)}
        nodes = self._held(wanted)
        if len(nodes) < len(wanted):
            return None
        return _witness(count, grown, _folds(nodes, spans), self.highest)

    def _folded(self, session: Session, spans: Sequence[Span]) -> list[bytes]:
        """Return the hash of each span of leaves, reading what is not in memory at once."""
        wanted = [one for low, high in spans for one in places(low, high)]
        return _folds(self._hashes(session, wanted), spans)

    def _note_newest(self, index: int, leaf: bytes) -> None:
        if index >= self.size:
            self.size, self._newest = index + 1, (index, leaf)

    def _held(self, wanted: Iterable[Place]) -> dict[Place, bytes]:
        with self._lock:
            return {place: self._nodes[place] for place in wanted if place in self._nodes}

    def _hashes(self, session: Session, wanted: Sequence[Place]) -> dict[Place, bytes]:
        found = self._held(wanted)
        missing = sorted(set(wanted).difference(found))
        for start in range(0, len(missing), READ_LIMIT):
            rows = session.connection().execute(
                _NODES, {"places": missing[start : start + READ_LIMIT]}
            )
            found.update({(level, index): bytes(digest) for level, index, digest in rows})
        for level, index in missing:
            if (level, index) not in found:
                raise LookupError(
                    f"hall shelf: the filing log misses subtree {level}/{index}; restore it"
                )
        self.remember([(place, found[place]) for place in missing], 0)
        return found


def places(low: int, high: int) -> list[Place]:
    """Return the complete subtrees that make up the leaves from `low` to `high`, the largest first."""
    found = []
    while low < high:
        level = (high - low).bit_length() - 1
        found.append((level, low >> level))
        low += 1 << level
    return found


def inclusion_spans(index: int, count: int) -> list[Span]:
    """Return the spans of leaves whose hashes prove leaf `index` among `count`, lowest first."""
    path: list[Span] = []
    low, high = 0, count
    while high - low > 1:
        middle = low + _split(high - low)
        path.append((middle, high) if index < middle else (low, middle))
        low, high = (low, middle) if index < middle else (middle, high)
    return path[::-1]


def consistency_spans(old: int, count: int) -> list[Span]:
    """Return the spans of leaves whose hashes prove that the first `old` became the first `count`, lowest first."""
    path: list[Span] = []
    low, high = 0, count
    while old != high:
        middle = low + _split(high - low)
        path.append((middle, high) if old <= middle else (low, middle))
        low, high = (low, middle) if old <= middle else (middle, high)
    return [*([(low, high)] if low else []), *path[::-1]]


def _witness_spans(count: int, known: int, index: int | None) -> tuple[list[Span], int]:
    """Return the spans of growth, inclusion and the whole, and how many are of the growth."""
    growth = consistency_spans(known, count) if 0 < known < count else []
    inclusion = [] if index is None else inclusion_spans(index, count)
    return [*growth, *inclusion, (0, count)], len(growth)


def _witness(count: int, grown: int, hashes: Sequence[bytes], highest: tuple[int, int]) -> Witness:
    number = "" if highest == NO_NUMBER else filing_number(*highest)
    return Witness(count, hashes[-1], tuple(hashes[:grown]), tuple(hashes[grown:-1]), number)


def _folds(nodes: Mapping[Place, bytes], spans: Sequence[Span]) -> list[bytes]:
    return [_fold([nodes[one] for one in places(low, high)]) for low, high in spans]


def _fold(hashes: Sequence[bytes]) -> bytes:
    made = hashes[-1] if hashes else EMPTY_ROOT
    for left in reversed(hashes[:-1]):
        made = node_hash(left, made)
    return made


def _split(span: int) -> int:
    """Return the largest power of two below `span`."""
    return 1 << (span - 1).bit_length() - 1
