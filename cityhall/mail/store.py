"""City hall's shelf between intake and office: sealed things only. Commit, then speak; everything comes twice."""

import hashlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from cityhall.mail import arrivals, counters, losses
from cityhall.mail.arrivals import Slip
from cityhall.mail.group import Group, file_slips
from cityhall.mail.log import Log
from cityhall.mail.log import Place as Node
from cityhall.mail.models import Arrival, Arrived, Have, Witness
from cityhall.mail.place import Place, in_folder
from cityhall.mail.trays import Trays
from cityhall.mail.uploads import Uploads
from keeping.away import DatabaseAwayError
from sync.envelope import Header
from sync.proof import whole_leaf

# Items of one envelope that may be half here at a time.
HALF_ITEMS_LIMIT = 300


# Envelopes of one box that may be half here at a time: what one session may offer.
HALF_ENVELOPES_LIMIT = 8192
# Half envelopes that nobody went on with for so long are forgotten; the bus sends them from the start.
HALF_AGE = timedelta(days=60)
# What comes twice without harm is tried again at once when the shared database undid it or was away for a moment.
TRIES: Final = 3
PAUSE_S: Final = 0.05

T = TypeVar("T")


class OtherBoxError(RuntimeError):
    """A box asked for an envelope that another box filed; nothing of it is told."""


class TooManyPiecesError(RuntimeError):
    """A bus keeps more half-sent items or envelopes than any honest one has."""


class HallMail(Trays):
    """The shelf at a place, or in a folder (hall.db, pieces/, blobs/); every intake and the office open it."""

    def __init__(self, place: Path | Place) -> None:
        found = in_folder(place) if isinstance(place, Path) else place
        super().__init__(found.database)
        self._pieces = found.pieces
        self._blobs = found.blobs
        self._log = Log()
        self.uploads = Uploads(found.database)

    # From the intake: envelopes.

    def have(self, device: str, env_id: bytes) -> Have:
        """Tell a box what is durable of its envelope, byte for byte; raises OtherBoxError."""
        with self._database.reading() as session:
            row = arrivals.told(session, env_id)
            parts = [] if row is None else arrivals.parts_of(session, env_id)
        # Looked up after the database is free again: on PostgreSQL the pieces take a connection of their own.
        if row is None:
            return Have(0, {0: (0, self._pieces.lengths(device, env_id).get(0, 0))})
        if row["device"] != device:
            raise OtherBoxError(f"offer: {env_id.hex()} was filed by another box; make a new id")
        coming = {} if row["final_receipt"] else self._pieces.lengths(device, env_id)
        items = {0: (row["slip_length"], row["slip_length"])}
        for part in parts:
            half = coming.get(part.index + 1, 0)
            # Bytes that would be whole were never checked, so they count for nothing.
            half = half if half < part.length else 0
            items[part.index + 1] = (part.length, part.length if part.arrived else half)
        return Have(1 if row["final_receipt"] is None else 2, items)

    def write_piece(self, device: str, env_id: bytes, item: int, offset: int, data: bytes) -> int:
        """Write a piece of a box's item (0 = slip, n + 1 = part n); returns the durable length."""
        if offset == 0:
            here = len(self._pieces.lengths(device, env_id))
            if here >= HALF_ITEMS_LIMIT:
                raise TooManyPiecesError(
                    f"hall shelf: {HALF_ITEMS_LIMIT} half items of one envelope"
                )
            if not here and self._pieces.envelopes(device) >= HALF_ENVELOPES_LIMIT:
                raise TooManyPiecesError(
                    f"hall shelf: {HALF_ENVELOPES_LIMIT} half envelopes of one box"
                )
        return self._pieces.write(device, env_id, item, offset, data)

    def read_pieces(self, device: str, env_id: bytes, item: int) -> bytes:
        """Return what came of an item so far."""
        return self._pieces.read(device, env_id, item)

    def drop_pieces(self, device: str, env_id: bytes, item: int) -> None:
        """Forget an item whose bytes do not match; it starts again."""
        self._pieces.drop([(device, env_id)], item)

    def sweep(self, now: datetime) -> int:
        """Forget half envelopes that nobody went on with for long; returns how many."""
        return self._pieces.sweep((now - HALF_AGE).timestamp())

    def commit_slip(
        self,
        env_id: bytes,
        *,
        device: str,
        slip: bytes,
        header: Header,
        sha256: bytes,
        at: datetime,
        receipt_for: Callable[[str, int], bytes],
    ) -> Arrived:
        """File one verified slip: row, filing number and log leaf in one transaction."""
        if header.env_id != env_id:
            raise ValueError("hall shelf: the slip's id is not the envelope's")
        return self.commit_slips([Slip(device, header, slip, sha256, at, receipt_for)])[0]

    def commit_slips(self, slips: Sequence[Slip]) -> list[Arrived]:
        """File several slips in one transaction (group commit)."""
        group = _again(lambda: self._file(slips))
        self._log.remember(group.nodes.items(), group.size, group.highest)
        self._pieces.drop([(slip.device, slip.header.env_id) for slip in slips], 0)
        return group.answers

    def _file(self, slips: Sequence[Slip]) -> Group:
        with self._database.writing() as session:
            return file_slips(session, slips, self._log)

    def commit_part(self, env_id: bytes, index: int, data: bytes) -> bool:
        """Keep a part that matched its root; returns whether every part is here now."""
        self._blobs.put(env_id, index, data)
        whole, device = _again(lambda: self._arrive(env_id, index))
        self._pieces.drop([(device, env_id)], index + 1)
        return whole

    def _arrive(self, env_id: bytes, index: int) -> tuple[bool, str]:
        with self._database.writing() as session:
            return arrivals.part_arrived(session, env_id, index)

    def is_whole(self, env_id: bytes) -> bool:
        """Tell whether every part of a filed envelope is here."""
        with self._database.reading() as session:
            return arrivals.whole(session, env_id)

    def completed(self, env_id: bytes, receipt_for: Callable[[str, int], bytes]) -> bytes:
        """Keep and return the stage 2 receipt of an envelope whose parts are all here."""
        found, device, nodes = _again(lambda: self._complete(env_id, receipt_for))
        if nodes:
            self._log.remember(
                nodes.items(), 1 + max(index for level, index in nodes if level == 0)
            )
        self._pieces.drop([(device, env_id)])
        return found.final_receipt or b""

    def _complete(
        self, env_id: bytes, receipt_for: Callable[[str, int], bytes]
    ) -> tuple[Arrived, str, dict[Node, bytes]]:
        """Finish an envelope, with a leaf in the log: a backup that lacks its parts must not look like no loss."""
        with self._database.writing() as session:
            found, device = arrivals.finish(session, env_id, receipt_for)
            if not found.fresh:
                return found, device, {}
            digest = hashlib.sha256(arrivals.slip(session, env_id)).digest()
            leaf = whole_leaf(digest, found.filing_no)
            return found, device, self._log.append(session, [leaf], self._log.measure(session))

    def answer(self, env_id: bytes) -> Arrived | None:
        """Return what a bus was told about an envelope, or None."""
        with self._database.reading() as session:
            row = arrivals.told(session, env_id)
            return None if row is None else arrivals.answer(row, fresh=False)

    # The filing log.

    def log_size(self) -> int:
        """Return the number of leaves in the log: one for each filing, one for each that became whole."""
        with self._database.reading() as session:
            return self._log.measure(session)

    def log_root(self, size: int) -> bytes:
        """Return the log's root over its first `size` leaves."""
        with self._database.reading() as session:
            return self._log.root(session, size)

    def log_inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the proof that filing `index` stands in the log of `size`."""
        with self._database.reading() as session:
            return self._log.inclusion(session, index, size)

    def log_consistency(self, old: int, size: int) -> list[bytes]:
        """Return the proof that the log of `old` grew into the log of `size`; empty from 0."""
        with self._database.reading() as session:
            return self._log.consistency(session, old, size) if 0 < old < size else []

    def witness(self, known_size: int, index: int | None = None) -> Witness:
        """Return one consistent view of the log, with the proof for filing `index` when one is named."""
        with self._database.reading() as session:
            size = self._log.measure(session)
            self._log.remember((), size, losses.highest(session))
            return self._log.witness(session, size, known_size, index)

    def witness_at_hand(self, known_size: int, index: int) -> Witness | None:
        """Return the same without reading anything, for what was just filed here; None when it must be read."""
        size = self._log.size
        if index >= size or known_size > size:
            return None
        return self._log.at_hand(size, known_size, index)

    def skip_numbers(self, year: int, known: int, margin: int) -> bool:
        """Leave out what a lost shelf gave out around its number `known` of a year; False when done already."""
        with self._database.writing() as session:
            news = losses.skip(session, year, known, margin)
            highest = losses.highest(session)
        self._log.remember((), 0, highest)
        return news

    def losses(self) -> int:
        """Return how often this shelf learned that it had lost filings."""
        with self._database.reading() as session:
            return counters.value(session, losses.LOSSES)

    # From the office.

    def changed(self) -> int:
        """Return a number that moves whenever something arrived or became complete."""
        with self._database.reading() as session:
            return counters.value(session, counters.ARRIVALS)

    def arrivals(self, after: int = 0, limit: int = 500) -> list[Arrival]:
        """List arrivals whose serial is above `after`, oldest first."""
        with self._database.reading() as session:
            return arrivals.listed(session, after, limit)

    def moved_since(self, change: int, limit: int = 500) -> list[Arrival]:
        """List arrivals that took a step after `changed()` was `change`, oldest step first."""
        with self._database.reading() as session:
            return arrivals.moved_since(session, change, limit)

    def arrival(self, env_id: bytes) -> Arrival | None:
        """Return one arrival, or None."""
        with self._database.reading() as session:
            row = arrivals.find(session, env_id)
            return None if row is None else arrivals.seen(session, row)

    def slip(self, env_id: bytes) -> bytes:
        """Return an envelope's slip; raises KeyError."""
        with self._database.reading() as session:
            return arrivals.slip(session, env_id)

    def part(self, env_id: bytes, index: int) -> bytes | None:
        """Return one sealed part, by its index in the header, or None when it is not here yet."""
        return self._blobs.get(env_id, index)

    def forget(self, env_id: bytes) -> None:
        """Erase a whole envelope's sealed bytes, slip and parts; its number, receipts and log leaf stay.

        Harmless twice. Raises KeyError for an unknown envelope, ValueError while parts are missing.
        """
        with self._database.writing() as session:
            device = arrivals.forget(session, env_id)
            parts = arrivals.parts_of(session, env_id)
        for part in parts:
            self._blobs.drop(env_id, part.index)
        self._pieces.drop([(device, env_id)])
        self._database.empty_log()


def _again(work: Callable[[], T]) -> T:
    """Do what may be done twice; raises DatabaseAwayError once it failed too often."""
    for _ in range(TRIES - 1):
        try:
            return work()
        except DatabaseAwayError:
            time.sleep(PAUSE_S)
    return work()
