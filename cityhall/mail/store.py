"""City hall's shelf between intake and office: sealed things only. Commit, then speak; everything comes twice."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from cityhall.mail import arrivals, counters, downwards, log
from cityhall.mail.arrivals import Slip
from cityhall.mail.blobs import Blobs, FolderBlobs, Pieces
from cityhall.mail.database import open_shelf
from cityhall.mail.models import (
    Arrival,
    Arrived,
    BusSeen,
    BusTable,
    Have,
    OutLetter,
    PartTable,
    Witness,
)
from cityhall.mail.times import from_ms, to_ms
from sync.envelope import Header

# Items of one envelope that may be half here at a time.
HALF_ITEMS_LIMIT = 300


# Envelopes of one box that may be half here at a time: what one session may offer.
HALF_ENVELOPES_LIMIT = 8192
# Half envelopes that nobody went on with for so long are forgotten; the bus sends them from the start.
HALF_AGE = timedelta(days=60)


class OtherBoxError(RuntimeError):
    """A box asked for an envelope that another box filed; nothing of it is told."""


class TooManyPiecesError(RuntimeError):
    """A bus keeps more half-sent items or envelopes than any honest one has."""


class HallMail:
    """The shelf in `folder` (hall.db, pieces/, blobs/); intake and office each open it."""

    def __init__(self, folder: Path, blobs: Blobs | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._pieces = Pieces(folder / "pieces")
        self._blobs = blobs or FolderBlobs(folder / "blobs")
        self._database = open_shelf(folder)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    # From the intake: envelopes.

    def have(self, device: str, env_id: bytes) -> Have:
        """Tell a box what is durable of its envelope, byte for byte; raises OtherBoxError."""
        with self._database.reading() as session:
            row = arrivals.find(session, env_id)
            if row is None:
                return Have(0, {0: (0, self._pieces.length(device, env_id, 0))})
            if row.device != device:
                raise OtherBoxError(
                    f"offer: {env_id.hex()} was filed by another box; make a new id"
                )
            items = {0: (len(row.slip), len(row.slip))}
            for part in arrivals.parts_of(session, env_id):
                held = part.length if part.arrived else self._held(device, part)
                items[part.index + 1] = (part.length, held)
            return Have(1 if row.final_receipt is None else 2, items)

    def write_piece(self, device: str, env_id: bytes, item: int, offset: int, data: bytes) -> int:
        """Write a piece of a box's item (0 = slip, n + 1 = part n); returns the durable length."""
        if offset == 0:
            here = self._pieces.count(device, env_id)
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
        self._pieces.drop(device, env_id, item)

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
        with self._database.writing() as session:
            answers = [arrivals.file_slip(session, slip) for slip in slips]
        for slip in slips:
            self._pieces.drop(slip.device, slip.header.env_id, 0)
        return answers

    def commit_part(self, env_id: bytes, index: int, data: bytes) -> bool:
        """Keep a part that matched its root; returns whether every part is here now."""
        self._blobs.put(env_id, index, data)
        with self._database.writing() as session:
            whole = arrivals.part_arrived(session, env_id, index)
            device = arrivals.device_of(session, env_id)
        self._pieces.drop(device, env_id, index + 1)
        return whole

    def is_whole(self, env_id: bytes) -> bool:
        """Tell whether every part of a filed envelope is here."""
        with self._database.reading() as session:
            return arrivals.whole(session, env_id)

    def completed(self, env_id: bytes, receipt_for: Callable[[str, int], bytes]) -> bytes:
        """Keep and return the stage 2 receipt of an envelope whose parts are all here."""
        with self._database.writing() as session:
            receipt = arrivals.finish(session, env_id, receipt_for)
            device = arrivals.device_of(session, env_id)
        self._pieces.drop_all(device, env_id)
        return receipt

    def answer(self, env_id: bytes) -> Arrived | None:
        """Return what a bus was told about an envelope, or None."""
        with self._database.reading() as session:
            row = arrivals.find(session, env_id)
            return None if row is None else arrivals.answer(row, fresh=False)

    # The filing log.

    def log_size(self) -> int:
        """Return the number of filings in the log."""
        with self._database.reading() as session:
            return log.size(session)

    def log_root(self, size: int) -> bytes:
        """Return the log's root over its first `size` filings."""
        with self._database.reading() as session:
            return log.root(session, size)

    def log_inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the proof that filing `index` stands in the log of `size`."""
        with self._database.reading() as session:
            return log.inclusion(session, index, size)

    def log_consistency(self, old: int, size: int) -> list[bytes]:
        """Return the proof that the log of `old` grew into the log of `size`; empty from 0."""
        with self._database.reading() as session:
            return log.consistency(session, old, size) if 0 < old < size else []

    def witness(self, known_size: int, index: int | None = None) -> Witness:
        """Return one consistent view of the log, with the proof for filing `index` when one is named."""
        with self._database.reading() as session:
            size = log.size(session)
            growth = log.consistency(session, known_size, size) if 0 < known_size < size else []
            inclusion = [] if index is None else log.inclusion(session, index, size)
            return Witness(size, log.root(session, size), tuple(growth), tuple(inclusion))

    # The way down.

    def letters_for(self, device: str) -> list[bytes]:
        """Name the letters a bus has not confirmed, in the order they go down."""
        with self._database.reading() as session:
            return downwards.waiting(session, device)

    def letter(self, device: str, letter_id: bytes) -> OutLetter | None:
        """Return one letter of a bus."""
        with self._database.reading() as session:
            return downwards.letter(session, device, letter_id)

    def letter_delivered(self, letter_id: bytes, device: str, at: datetime) -> bool:
        """Note that a bus holds a letter; False the second time."""
        with self._database.writing() as session:
            return downwards.delivered(session, device, letter_id, at)

    def pulls(self, device: str) -> list[tuple[bytes, int]]:
        """List (env_id, part index) the office waits for from one bus."""
        with self._database.reading() as session:
            return downwards.pulls(session, device)

    def downwards(self) -> int:
        """Return a number that moves whenever a letter was posted or a part asked for."""
        with self._database.reading() as session:
            return counters.value(session, counters.DOWNWARDS)

    def bus_seen(
        self, device: str, at: datetime, facts: dict[str, int], *, connected: bool = True
    ) -> None:
        """Remember that a bus was heard (or went), and the small numbers it told."""
        with self._database.writing() as session:
            row = session.get(BusTable, device)
            if row is None:
                row = BusTable(
                    device=device, connected=connected, seen_ms=0, since_ms=to_ms(at), facts="{}"
                )
            if row.connected != connected:
                row.connected = connected
                row.since_ms = to_ms(at)
            row.seen_ms = to_ms(at)
            row.facts = json.dumps({**json.loads(row.facts), **facts})
            session.add(row)

    def nobody_connected(self, at: datetime) -> None:
        """Note at the intake's start that no bus is connected yet."""
        with self._database.writing() as session:
            for row in session.exec(select(BusTable).where(col(BusTable.connected).is_(True))):
                row.connected = False
                row.since_ms = to_ms(at)
                session.add(row)

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
            return self._row(session, env_id)

    def part(self, env_id: bytes, index: int) -> bytes | None:
        """Return one sealed part, by its index in the header, or None when it is not here yet."""
        return self._blobs.get(env_id, index)

    def post_letter(
        self, device: str, kind: str, body: bytes, letter_id: bytes, *, at: datetime | None = None
    ) -> bool:
        """Put a letter into a bus's tray; False when it is there already."""
        with self._database.writing() as session:
            return downwards.post(session, device, OutLetter(letter_id, kind, body), at)

    def pull(self, env_id: bytes, index: int) -> bool:
        """Ask for a part (its index in the header) before the others; False when here or asked already."""
        with self._database.writing() as session:
            return downwards.pull(session, env_id, index)

    def buses(self) -> list[BusSeen]:
        """List every bus the intake ever heard."""
        with self._database.reading() as session:
            return [
                BusSeen(
                    row.device,
                    row.connected,
                    from_ms(row.seen_ms),
                    from_ms(row.since_ms),
                    json.loads(row.facts),
                )
                for row in session.exec(select(BusTable).order_by(col(BusTable.device)))
            ]

    def _held(self, device: str, part: PartTable) -> int:
        """Return how far a part is; bytes that would be whole were never checked, so they count for nothing."""
        length = self._pieces.length(device, part.env_id, part.index + 1)
        return length if length < part.length else 0

    @staticmethod
    def _row(session: Session, env_id: bytes) -> bytes:
        row = arrivals.find(session, env_id)
        if row is None:
            raise KeyError(f"hall shelf: no envelope {env_id.hex()} arrived")
        return row.slip
