"""The bus's shelf between desk and uplink: sealed things only. Commit, then speak; everything comes twice."""

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from appliance.mail import due, journal, notes, outbox, pruning, witness
from appliance.mail.database import open_shelf
from appliance.mail.models import DueEnvelope, HallHead, Kept, OutboxRow
from appliance.mail.outbox import UnknownEnvelopeError
from appliance.mail.parts import Parts
from appliance.mail.rows import PURGE_GRACE
from appliance.mail.times import to_ms
from appliance.mail.trays import Trays
from appliance.mail.witness import SignHead
from keeping.wholefile import make_folder
from sync.clock import Instant
from sync.envelope import Envelope
from sync.journal import JournalEntry

# Below this much free disk no new application is taken, so that everything begun can still be finished.
FREE_SPACE_FLOOR = 256 * 1024 * 1024
# Below this much no originals are kept: applications go before their sharper pictures.
ORIGINALS_FLOOR = 4 * 1024 * 1024 * 1024
# Envelopes whose originals a depot has not fetched; above it applications go without. They are not among those that
# wait, yet each session carries them, too: with `WAITING_LIMIT` they stay below what one takes (sync/lane.py).
ORIGINALS_LIMIT = 3000
# What one application takes until the shelf has its own mean: a record, five pages and their previews.
USUAL_APPLICATION = 1024 * 1024
# Envelopes city hall does not hold yet; above it no new application is taken.
WAITING_LIMIT = 5000
ORPHAN_AGE = timedelta(hours=1)


class ShelfFullError(RuntimeError):
    """The shelf takes no more applications until the link has carried some away."""

    def __init__(self, room: int) -> None:
        super().__init__(
            f"mail shelf: room for {room} more applications; carry the waiting ones to city hall "
            "(link or USB) before taking new ones"
        )
        self.room = room


class EnvelopeConflictError(RuntimeError):
    """An envelope id came twice with different bytes; nothing was changed."""


ShelfFull = ShelfFullError


class MailStore(Trays):
    """The shelf in `folder` (mail.db and parts/); desk and uplink each open it, one function is one transaction."""

    def __init__(self, folder: Path, free_bytes: Callable[[], int] | None = None) -> None:
        make_folder(folder)
        self._parts = Parts(folder / "parts")
        super().__init__(open_shelf(folder))
        self._free_bytes = free_bytes or self._parts.free_bytes

    # From the desk.

    def keep(
        self,
        envelope: Envelope,
        *,
        deadline: date | None,
        at: Instant,
        receipt_for: Callable[[JournalEntry], bytes],
        sign_head: SignHead | None = None,
    ) -> Kept:
        """Make an application durable, with its journal entry and box receipt; the same id gives the same answer.

        The entry's kind is "accepted", its object the SHA-256 of the slip; `sign_head` signs the journal with it.
        Raises ShelfFullError.
        """
        object_hash = hashlib.sha256(envelope.slip).digest()
        known = self._kept(envelope.env_id, object_hash)
        if known is not None:
            return known
        size = len(envelope.slip) + sum(len(part) for part in envelope.parts)
        self._refuse_when_full(size)
        items = {0: envelope.slip}
        for part, data in zip(envelope.header.parts, envelope.parts, strict=True):
            items[part.index + 1] = data
        self._parts.keep(envelope.env_id, items)
        with self._database.writing() as session:
            if not self._parts.holds(envelope.env_id, items):
                self._parts.keep(envelope.env_id, items)
            entry = journal.append(session, "accepted", object_hash, at)
            receipt = receipt_for(entry)
            outbox.add(
                session,
                envelope,
                deadline=deadline,
                at=at,
                journal_seq=entry.seq,
                receipt=receipt,
            )
            if sign_head is not None:
                witness.sign(session, sign_head, at)
        return Kept(entry, receipt)

    def room_left(self) -> int:
        """Return how many more applications the shelf takes, by disk and by count."""
        with self._database.reading() as session:
            mean = due.mean_bytes(session)
            waiting = due.waiting(session)
        by_disk = (self._free_bytes() - FREE_SPACE_FLOOR) // max(mean, USUAL_APPLICATION)
        return max(0, min(by_disk, WAITING_LIMIT - waiting))

    def room_for_originals(self) -> bool:
        """Tell whether disk and link have room for what could also stay on paper."""
        with self._database.reading() as session:
            kept = due.with_originals(session)
        return kept < ORIGINALS_LIMIT and self._free_bytes() > ORIGINALS_FLOOR

    # The outbox.

    def outbox(self) -> list[OutboxRow]:
        """List every application in the order it was kept."""
        with self._database.reading() as session:
            return outbox.rows(session)

    def find(self, env_id: bytes) -> OutboxRow | None:
        """Return one application, or None when it was never kept here."""
        return next(iter(self.find_all([env_id])), None)

    def find_all(self, env_ids: Collection[bytes]) -> list[OutboxRow]:
        """List these applications as far as they were kept here, in the order they were."""
        with self._database.reading() as session:
            return outbox.these(session, env_ids)

    def set_aside(self) -> list[OutboxRow]:
        """List the applications city hall refused, in the order they were kept."""
        with self._database.reading() as session:
            return outbox.set_aside(session)

    def newest(self) -> int:
        """Return the newest application's serial; it moves when the desk keeps one."""
        with self._database.reading() as session:
            return due.newest(session)

    def waiting(self) -> int:
        """Count the applications of which city hall lacks more than originals."""
        with self._database.reading() as session:
            return due.waiting(session)

    def counts(self) -> tuple[dict[str, int], int]:
        """Return how many applications are in each state, and the bytes left to send, originals not among them."""
        with self._database.reading() as session:
            return due.counts(session)

    def originals_left(self) -> int:
        """Return the bytes of originals that wait for a depot."""
        with self._database.reading() as session:
            return due.originals_left(session)

    def due(self, after: int = 0) -> list[DueEnvelope]:
        """List what is left to send, oldest first; `after` gives only newer serials."""
        with self._database.reading() as session:
            return due.due(session, after)

    def held(self) -> set[tuple[bytes, int]]:
        """Name each (env_id, item) of what is left to send that city hall holds whole already."""
        with self._database.reading() as session:
            return due.held(session)

    def slip(self, env_id: bytes) -> bytes:
        """Return an envelope's slip."""
        return self._parts.read(env_id, 0)

    def part(self, env_id: bytes, index: int) -> bytes:
        """Return one sealed part, by its index in the header."""
        return self._parts.read(env_id, index + 1)

    def part_bytes(self, env_id: bytes, item: int, offset: int, length: int) -> bytes:
        """Return a piece of an item (0 = slip, n + 1 = part n)."""
        return self._parts.read(env_id, item, offset, length)

    def sending(self, *env_ids: bytes) -> None:
        """Note that the first byte of these envelopes is about to leave; later ones change nothing."""
        with self._database.writing() as session:
            for env_id in env_ids:
                outbox.begin(session, env_id)

    def progress(self, env_id: bytes, item: int, offset: int) -> None:
        """Note that city hall holds `offset` bytes of an item."""
        self.progressed([(env_id, item, offset)])

    def progressed(self, steps: Iterable[tuple[bytes, int, int]]) -> None:
        """Note several steps (env_id, item, offset) in one transaction."""
        with self._database.writing() as session:
            outbox.progress(session, steps)

    def arrived(
        self,
        env_id: bytes,
        receipt: bytes,
        proof: bytes,
        *,
        filing_no: str = "",
        head: HallHead | None = None,
        at: Instant | None = None,
    ) -> bool:
        """Keep city hall's verified stage 1 receipt, its proof and the head it was proven under.

        True, with an alarm in the journal, when it bears another number than the receipt before.
        """
        word = _Word("arrived", receipt, proof, filing_no, head, at)
        return self._settle(env_id, word)

    def complete(
        self,
        env_id: bytes,
        receipt: bytes,
        proof: bytes | None = None,
        *,
        filing_no: str = "",
        head: HallHead | None = None,
        at: Instant | None = None,
    ) -> bool:
        """Keep city hall's verified stage 2 receipt; the payload may go after the grace. True as for `arrived`."""
        word = _Word("complete", receipt, proof, filing_no, head, at)
        return self._settle(env_id, word)

    def refused(self, env_id: bytes, code: int, sentence: str) -> None:
        """Set an envelope aside with city hall's number and sentence; the others go on."""
        with self._database.writing() as session:
            row = outbox.row_of(session, env_id)
            if row.state != "complete":
                word = {
                    "state": "refused",
                    "refusal_code": code,
                    "refusal_sentence": sentence,
                }
                outbox.change(session, env_id, word)

    def retry(self, env_id: bytes) -> None:
        """Offer a refused envelope once more, after a person mended the cause."""
        with self._database.writing() as session:
            row = outbox.row_of(session, env_id)
            if row.state == "refused":
                again = {"state": "sending", "refusal_code": None, "refusal_sentence": ""}
                outbox.change(session, env_id, again)

    def rearm(self, now: Instant, head: HallHead) -> list[bytes]:
        """City hall's log broke with the past: journal an alarm, take its head, offer again all that is still here."""
        with self._database.writing() as session:
            journal.append(session, "alarm", head.root, now)
            self._heads.force(session, head, now)
            return outbox.rearm(session)

    def purge(self, now: Instant, grace: timedelta = PURGE_GRACE) -> list[bytes]:
        """Remove payloads that city hall's log still held `grace` after their stage 2 receipt; returns their ids.

        Each with a journal entry. What city hall may have lost in the meantime stays until the next contact.
        """
        with self._database.writing() as session:
            proven_at = notes.hall_proven_at(session)
            if proven_at is None:
                return []
            ripe = outbox.settled_before(session, outbox.purge_moment(now, proven_at, grace))
            for env_id in ripe:
                outbox.change(session, env_id, {"purged": True})
                journal.append(session, "purge", hashlib.sha256(env_id).digest(), now)
        for env_id in ripe:
            self._parts.purge(env_id)
        return ripe

    def sweep(self, now: datetime | None) -> list[bytes]:
        """Remove what power cuts left: files of purged envelopes, and of those no row speaks of once they are old.

        None = nobody vouches for the clock: then nothing is old.
        """
        before = 0.0 if now is None else (now - ORPHAN_AGE).timestamp()
        # Under the write lock: an application that is being kept finds its files gone and writes them again.
        with self._database.writing() as session:
            lost = [
                env_id
                for env_id, touched in self._parts.folders(outbox.unpurged(session))
                if touched < before or outbox.has_row(session, env_id)
            ]
            for env_id in lost:
                self._parts.purge(env_id)
        return lost

    def prune(self, now: Instant) -> "pruning.Pruned":
        """Let old rows go: settled applications, letters that are over, the journal's beginning (docs/decisions/0010).

        A bounded number at a time, and nothing that city hall's log was not proven to hold for as long.
        """
        with self._database.writing() as session:
            return pruning.prune(session, now)

    def _kept(self, env_id: bytes, object_hash: bytes) -> Kept | None:
        with self._database.reading() as session:
            row = outbox.find(session, env_id)
            if row is None:
                return None
            entry = journal.entry_at(session, row.journal_seq)
            if entry.object_hash != object_hash:
                raise EnvelopeConflictError(
                    f"mail shelf: envelope {env_id.hex()} was kept with other bytes; make a new id"
                )
            return Kept(entry, row.box_receipt)

    def _refuse_when_full(self, size: int) -> None:
        room = self.room_left()
        if room < 1 or self._free_bytes() - size < FREE_SPACE_FLOOR:
            raise ShelfFullError(room)

    def _settle(self, env_id: bytes, word: "_Word") -> bool:
        with self._database.writing() as session:
            row = outbox.row_of(session, env_id)
            if word.head is not None and word.at is not None:
                self._heads.keep(session, word.head, word.at)
            if row.state == "complete" or word.is_told(row):
                return False
            # The paper in somebody's hand would bear another number than city hall's book does now.
            renumbered = word.filing_no != "" and row.filing_no not in {"", word.filing_no}
            values: dict[str, object] = {
                "state": word.state,
                "hall_receipt": word.receipt,
                "proof": word.proof or row.proof,
                "filing_no": word.filing_no or row.filing_no,
                "refusal_code": None,
            }
            if word.at is not None:
                if renumbered:
                    journal.append(session, "alarm", hashlib.sha256(word.receipt).digest(), word.at)
                journal.append(session, "receipt", hashlib.sha256(word.receipt).digest(), word.at)
                values["settled_ms"] = to_ms(word.at.wall)
            outbox.change(session, env_id, values)
            outbox.fill(session, env_id, outbox.LAST_ITEM if word.state == "complete" else 0)
            return renumbered


@dataclass(frozen=True, slots=True)
class _Word:
    """City hall's verified word on one envelope, and what it was proven under."""

    state: str
    receipt: bytes
    proof: bytes | None
    filing_no: str
    head: HallHead | None
    at: Instant | None

    def is_told(self, row: Row[Any]) -> bool:
        """Tell whether the row says the same already: a stick may be read twice."""
        return (row.state, row.hall_receipt) == (self.state, self.receipt)


__all__ = [
    "FREE_SPACE_FLOOR",
    "PURGE_GRACE",
    "WAITING_LIMIT",
    "EnvelopeConflictError",
    "MailStore",
    "ShelfFull",
    "ShelfFullError",
    "UnknownEnvelopeError",
]
