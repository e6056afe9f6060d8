"""`madobus verify journal`: a bus's journal from its first entry to its last, and every application it speaks of."""

import argparse
import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from appliance.mail.pruning import ROW_AGE
from provisioning import journal_file
from provisioning.broken import BrokenError
from provisioning.journal_file import JournalFile
from provisioning.journal_shelf import JournalShelf, Kept
from sync import canonical
from sync.chain import Chain, ChainError, Fields
from sync.journal import GENESIS
from sync.merkle import CompactRange
from sync.receipt import RECEIPT_MAX
from sync.witness import journal_leaf

ACCEPTED: Final = "accepted"
CUT: Final = "cut"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HEAD: Final = re.compile(r"([0-9]{1,19}):([0-9a-f]{64})")
# Places of a box receipt (docs/envelope.md, table 8).
_ENV_ID, _SLIP, _SEQ = 1, 2, 7
_RESTORED: Final = "the shelf is not what the bus wrote: take the card out of service, keep it, restore nothing over it"
_REWRITTEN: Final = "the journal was changed after it was written: keep the card as it is and tell the city's officer"


@dataclass
class Findings:
    """What was counted on the way; nothing of it grows with the journal."""

    entries: int = 0
    accepted: int = 0
    slips: int = 0
    purged: int = 0
    aged: int = 0
    starts: set[int] = field(default_factory=set, repr=False)
    cut: bytes = b""
    met: bool = False
    wall_us: int = 0


def add(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument(
        "place", type=Path, help="the mail's folder on the bus, or an exported journal"
    )
    parser.add_argument(
        "--head",
        type=known_head,
        help="SEQ:HASH, the newest head that city hall knows of this bus",
    )
    parser.add_argument(
        "--witnessed",
        type=known_head,
        help="SIZE:ROOT, the newest head that city hall cosigned (`madobus verify log` there tells it)",
    )
    parser.add_argument("--export", type=Path, help="write the journal into this file on the way")


def run(given: argparse.Namespace) -> dict[str, object]:
    """Check the journal and return its facts; raises BrokenError for the first thing that does not hold."""
    began = time.process_time()
    found, chain, start = verify(given.place, given.head, given.export, given.witnessed)
    took = time.process_time() - began
    return {
        "holds": "yes",
        "begins_after": start[0],
        "entries": found.entries,
        "head": f"{chain.seq}:{chain.head.hex()}",
        "newest_entry": (_EPOCH + timedelta(microseconds=found.wall_us)).isoformat(),
        "accepted": found.accepted,
        "slips_compared": found.slips,
        "payloads_gone": found.purged,
        "rows_aged_out": found.aged,
        "starts": len(found.starts),
        "head_of_city_hall": "met" if found.met else "not given",
        "cpu_seconds": round(took, 3),
        "entries_per_cpu_s": round(found.entries / max(took, 1e-6)),
    }


def known_head(text: str) -> tuple[int, bytes]:
    """Read SEQ:HASH; raises argparse.ArgumentTypeError."""
    said = _HEAD.fullmatch(text)
    if said is None:
        raise argparse.ArgumentTypeError("a head is SEQ:HASH, the hash as 64 hexadecimal digits")
    return int(said[1]), bytes.fromhex(said[2])


def verify(
    place: Path,
    known: tuple[int, bytes] | None,
    export: Path | None = None,
    witnessed: tuple[int, bytes] | None = None,
) -> tuple[Findings, Chain, tuple[int, bytes]]:
    """Follow the whole journal with bounded memory; raises BrokenError, OSError and ValueError."""
    with ExitStack() as opened:
        shelf: JournalShelf | JournalFile
        shelf = JournalShelf(place) if place.is_dir() else JournalFile(place)
        opened.enter_context(closing(shelf))
        out = opened.enter_context(export.open("xb")) if export else None
        walk = _Walk(shelf, known, out)
        walk.witnessed = witnessed
        walk.through()
        return walk.found, walk.chain, walk.start


class _Walk:
    """One way through a journal, entry after entry, with the applications beside it."""

    def __init__(
        self,
        shelf: JournalShelf | JournalFile,
        known: tuple[int, bytes] | None,
        out: BinaryIO | None,
    ) -> None:
        self.start = shelf.start()
        self.chain = Chain(self.start)
        self.found = Findings()
        self.witnessed: tuple[int, bytes] | None = None
        self._shelf = shelf
        self._known = known
        self._out = out
        self._kept: Iterator[Kept] = shelf.kept() if isinstance(shelf, JournalShelf) else iter(())
        self._next = next(self._kept, None)
        # The youngest accepted entry whose row is gone: its time, its number.
        self._gone = (0, 0)

    def through(self) -> None:
        """Follow every entry, then look at what only the end can tell."""
        if self._out is not None:
            journal_file.begin(self._out, self.start)
        self._meet(self.start)
        follow, found = self.chain.follow, self.found
        tree, up_to = CompactRange(), self._witnessed_size()
        known_seq = -1 if self._known is None else self._known[0]
        for fields in self._entries():
            try:
                digest = follow(fields)
            except ChainError as error:
                raise BrokenError(
                    f"journal entry {error.seq}", error.rule, error.fact, _REWRITTEN
                ) from error
            found.entries += 1
            found.wall_us = max(found.wall_us, fields[4])
            found.starts.add(fields[6])
            if fields[2] == ACCEPTED:
                self._accepted(fields)
            elif fields[2] == CUT:
                found.cut = fields[3]
            if fields[0] <= up_to:
                tree.append(journal_leaf(digest))
            if fields[0] == known_seq:
                self._meet((known_seq, digest))
            if self._out is not None:
                journal_file.put(self._out, fields)
        self._ends()
        self._stands(tree)

    def _witnessed_size(self) -> int:
        if self.witnessed is None:
            return 0
        if self.start != GENESIS:
            raise ValueError(
                f"the journal's first {self.start[0]} entries left the shelf, so its tree cannot be made again; "
                "ask for --head instead, or verify an older export"
            )
        return self.witnessed[0]

    def _stands(self, tree: CompactRange) -> None:
        """Compare the tree over so many entries as city hall cosigned with what it cosigned."""
        if self.witnessed is None:
            return
        size, root = self.witnessed
        place, rule = f"journal entry {size}", "the head that city hall cosigned stands in it"
        if tree.size < size:
            fact = f"the journal ends with {self.chain.seq}"
            raise BrokenError(place, rule, fact, _RESTORED)
        if tree.root() != root:
            raise BrokenError(place, rule, "another journal does", _RESTORED)
        self.found.met = True

    def _entries(self) -> Iterator[Fields]:
        if isinstance(self._shelf, JournalFile):
            try:
                yield from self._shelf.entries()
            except ValueError as error:
                place = f"journal entry {self.chain.seq + 1}"
                rule = "it is written as envelope.md says"
                raise BrokenError(place, rule, str(error), _REWRITTEN) from error
            return
        before = self.start[1]
        for fields, stored in self._shelf.entries():
            if self.chain.head != before:
                place = f"journal entry {self.chain.seq}"
                fact = "the shelf notes another hash beside it"
                raise BrokenError(place, "its hash is the hash of its bytes", fact, _REWRITTEN)
            before = stored
            yield fields
        if self.chain.head != before:
            place = f"journal entry {self.chain.seq}"
            raise BrokenError(
                place, "its hash is the hash of its bytes", "the shelf notes another", _REWRITTEN
            )

    def _meet(self, head: tuple[int, bytes]) -> None:
        """Compare a head with the one that city hall knows, when it is of the same number."""
        if self._known is None or head[0] != self._known[0]:
            return
        if head[1] != self._known[1]:
            fact = (
                "city hall knows another entry of this number: there are two journals of this bus"
            )
            raise BrokenError(
                f"journal entry {head[0]}", "what city hall knows stands in it", fact, _RESTORED
            )
        self.found.met = True

    def _accepted(self, fields: Fields) -> None:
        """Compare an accepted entry with the application's row, its box receipt and its slip."""
        self.found.accepted += 1
        seq, object_hash = fields[0], fields[3]
        if isinstance(self._shelf, JournalFile):
            return
        if self._next is None or self._next[0] != seq:
            self._rows_before(seq)
            self._gone = max(self._gone, (fields[4], seq))
            self.found.aged += 1
            return
        _, env_id, receipt, purged = self._next
        place = f"journal entry {seq}, envelope {env_id.hex()}"
        _receipt_matches(place, receipt, (env_id, object_hash, seq))
        if purged:
            self.found.purged += 1
        else:
            self._slip_matches(place, env_id, object_hash)
        self._next = next(self._kept, None)

    def _slip_matches(self, place: str, env_id: bytes, object_hash: bytes) -> None:
        assert isinstance(self._shelf, JournalShelf)  # noqa: S101 - a file has no applications
        rule = "an accepted application lies in the outbox as it was accepted"
        try:
            digest = self._shelf.slip_sha256(env_id)
        except FileNotFoundError as error:
            raise BrokenError(place, rule, "its slip is gone", _RESTORED) from error
        if digest != object_hash:
            raise BrokenError(place, rule, "its slip has other bytes", _REWRITTEN)
        self.found.slips += 1

    def _rows_before(self, seq: int) -> None:
        if self._next is not None and self._next[0] < seq:
            self._without_entry(self._next)

    def _without_entry(self, row: Kept) -> None:
        place = f"journal entry {row[0]}, envelope {row[1].hex()}"
        rule = "every application has its accepted entry"
        raise BrokenError(place, rule, "there is none", _REWRITTEN)

    def _was_old(self) -> None:
        """Rows leave the shelf after a year and a month; before that each accepted entry has its row."""
        wall_us, seq = self._gone
        if seq and self.found.wall_us - wall_us < ROW_AGE / timedelta(microseconds=1):
            rule = f"an accepted application keeps its row for {ROW_AGE.days} days"
            raise BrokenError(f"journal entry {seq}", rule, "the outbox has none", _RESTORED)

    def _ends(self) -> None:
        found = self.found
        if self._next is not None:
            self._without_entry(self._next)
        self._was_old()
        cut = b"" if self.start == GENESIS else _cut_object(self.start)
        if found.cut != cut and not (isinstance(self._shelf, JournalFile) and not found.cut):
            place = f"the journal's beginning, after entry {self.start[0]}"
            rule = "the newest cut entry names the last entry that left"
            raise BrokenError(place, rule, "it names another, or there is none", _REWRITTEN)
        if self._known is not None and not found.met:
            place = f"journal entry {self._known[0]}"
            fact = f"the journal runs from {self.start[0]} to {self.chain.seq}"
            raise BrokenError(place, "what city hall knows stands in it", fact, _RESTORED)


def _cut_object(start: tuple[int, bytes]) -> bytes:
    return hashlib.sha256(start[0].to_bytes(8, "big") + start[1]).digest()


def _receipt_matches(place: str, receipt: bytes, expected: tuple[bytes, bytes, int]) -> None:
    rule = "the box receipt names this envelope, its slip and this entry"
    try:
        values = canonical.decode(receipt[:-64], RECEIPT_MAX)
        told = values[_ENV_ID], values[_SLIP], values[_SEQ]
    except (ValueError, TypeError, IndexError) as error:
        raise BrokenError(place, rule, f"it cannot be read: {error}", _REWRITTEN) from error
    if told != expected:
        raise BrokenError(place, rule, "it names another", _REWRITTEN)
