"""The bus's shelf in memory: the methods of `appliance.mail.store.MailStore` that desk and uplink use, step by step.

tests/simulation/test_shelves_agree.py runs the same facts against this one and against the real one.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from appliance.mail.inbox import KINDS
from appliance.mail.models import (
    HallHead,
    HeardBeacon,
    Kept,
    Letter,
    LinkState,
)
from appliance.mail.outbox import purge_moment, sizes
from appliance.mail.pruning import Pruned
from appliance.mail.store import (
    ORPHAN_AGE,
    PURGE_GRACE,
    EnvelopeConflictError,
    UnknownEnvelopeError,
)
from provisioning.simulate.boxcard import BoxCard
from provisioning.simulate.boxdisk import BoxRow, BoxTables
from sync.clock import Instant
from sync.envelope import Envelope
from sync.journal import JournalEntry


class BoxShelf(BoxCard):
    """What desk and uplink write, each method one transaction; dead with its `power`."""

    # The desk's half.

    def keep(
        self,
        envelope: Envelope,
        *,
        deadline: date | None,
        at: Instant,
        receipt_for: Callable[[JournalEntry], bytes],
    ) -> Kept:
        """Keep an application: files, then row, journal entry and receipt in one transaction."""
        object_hash = hashlib.sha256(envelope.slip).digest()
        known = self._reading().rows.get(envelope.env_id)
        if known is not None:
            entry = self._reading().journal[known.journal_seq - 1]
            if entry.object_hash != object_hash:
                raise EnvelopeConflictError("kept with other bytes")
            return Kept(entry, known.box_receipt)
        items = {0: envelope.slip}
        for part, data in zip(envelope.header.parts, envelope.parts, strict=True):
            items[part.index + 1] = data
        self._put_files(envelope.env_id, items)
        with self._writing("keep") as tables:
            entry = self._append(tables, "accepted", object_hash, at)
            receipt = receipt_for(entry)
            tables.serial += 1
            due = tuple(sizes(envelope))
            tables.rows[envelope.env_id] = BoxRow(
                serial=tables.serial,
                env_id=envelope.env_id,
                kind=envelope.header.kind,
                deadline=deadline,
                kept_at=at.wall,
                state="kept",
                journal_seq=entry.seq,
                box_receipt=receipt,
                items=due,
                done=(0,) * len(due),
            )
        return Kept(entry, receipt)

    def _put_files(self, env_id: bytes, items: dict[int, bytes]) -> None:
        files = self._disk.files
        self._disk.touched[env_id] = self._clock.wall()
        for item, data in items.items():
            self._power.step("keep.file")
            files.put((env_id, item), data)
        self._power.step("keep.folder")
        for item in items:
            files.sync((env_id, item))

    # What is written down.

    def set_link(self, state: LinkState) -> None:
        """Tell the desk how the link is."""
        with self._writing("link") as tables:
            tables.link = state

    def keep_beacon(self, data: bytes, at: Instant, waited_ms: int = 0) -> None:
        """Remember a verified beacon."""
        with self._writing("beacon") as tables:
            tables.beacon = HeardBeacon(data, at.boot, at.monotonic_ms, waited_ms)

    @staticmethod
    def journal_head() -> None:
        """Tell nothing of the journal: there is no desk in the simulation that would sign it."""

    def keep_hall_head(self, head: HallHead, at: Instant) -> None:
        """Remember a proven head."""
        with self._writing("head") as tables:
            self._take_head(tables, head, at)

    def _take_head(self, tables: BoxTables, head: HallHead, at: Instant) -> None:
        """Take a head that was proven to extend the one known here, as `appliance.mail.heads` does."""
        held, known = tables.head, self._known
        same = held is not None and known is not None and held.root == known.root
        if held is None or (same and head.size >= held.size):
            tables.head, tables.proven_at = head, at.wall
        self._known = head

    def put_letter(self, letter_id: bytes, kind: str, body: bytes, at: Instant) -> bool:
        """Keep a letter; False when it was here already."""
        if kind not in KINDS:
            raise ValueError(f"inbox: {kind!r} is no kind of letter")
        with self._writing("letter") as tables:
            if letter_id in tables.letters:
                return False
            tables.letters[letter_id] = Letter(letter_id, kind, body, at.wall, read=False)
            return True

    def sending(self, *env_ids: bytes) -> None:
        """Note that the first byte of these envelopes is about to leave."""
        with self._writing("sending") as tables:
            for env_id in env_ids:
                row = _of(tables, env_id)
                if row.state == "kept":
                    tables.rows[env_id] = replace(row, state="sending")

    def progressed(self, steps: Iterable[tuple[bytes, int, int]]) -> None:
        """Note how many bytes of items city hall holds."""
        with self._writing("progress") as tables:
            for env_id, item, offset in steps:
                row = _of(tables, env_id)
                done = tuple(
                    min(offset, one.length) if one.item == item else held
                    for one, held in zip(row.items, row.done, strict=True)
                )
                state = "sending" if row.state == "kept" else row.state
                tables.rows[env_id] = replace(row, done=done, state=state)

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
        """Keep a verified stage 1 receipt; True when it bears another number than the one before."""
        return self._settle(_Word("arrived", env_id, receipt, proof, filing_no, head, at))

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
        """Keep a verified stage 2 receipt; True as for `arrived`."""
        return self._settle(_Word("complete", env_id, receipt, proof, filing_no, head, at))

    def _settle(self, word: "_Word") -> bool:
        with self._writing(word.state) as tables:
            row = _of(tables, word.env_id)
            if word.head is not None and word.at is not None:
                self._take_head(tables, word.head, word.at)
            if row.state == "complete" or (row.state, row.hall_receipt) == (
                word.state,
                word.receipt,
            ):
                return False
            renumbered = word.filing_no != "" and row.filing_no not in {"", word.filing_no}
            if word.at is not None:
                digest = hashlib.sha256(word.receipt).digest()
                if renumbered:
                    self._append(tables, "alarm", digest, word.at)
                self._append(tables, "receipt", digest, word.at)
            tables.rows[word.env_id] = replace(
                row,
                state=word.state,
                hall_receipt=word.receipt,
                proof=word.proof or row.proof,
                filing_no=word.filing_no or row.filing_no,
                refusal=None,
                settled_at=row.settled_at if word.at is None else word.at.wall,
                done=tuple(
                    one.length if word.state == "complete" or one.item == 0 else held
                    for one, held in zip(row.items, row.done, strict=True)
                ),
            )
            return renumbered

    def refused(self, env_id: bytes, code: int, sentence: str) -> None:
        """Set an envelope aside."""
        with self._writing("refused") as tables:
            row = _of(tables, env_id)
            if row.state != "complete":
                tables.rows[env_id] = replace(row, state="refused", refusal=(code, sentence))

    def retry(self, env_id: bytes) -> None:
        """Offer a refused envelope once more."""
        with self._writing("retry") as tables:
            row = _of(tables, env_id)
            if row.state == "refused":
                tables.rows[env_id] = replace(row, state="sending", refusal=None)

    def rearm(self, now: Instant, head: HallHead) -> list[bytes]:
        """City hall forgot: journal an alarm, take its head, offer again all that is still here."""
        with self._writing("rearm") as tables:
            self._append(tables, "alarm", head.root, now)
            tables.head, tables.proven_at = head, now.wall
            self._known = head
            found = [
                row.env_id
                for row in tables.rows.values()
                if row.hall_receipt is not None and not row.purged
            ]
            for env_id in found:
                row = tables.rows[env_id]
                nothing = (0,) * len(row.items)
                tables.rows[env_id] = replace(
                    row, state="sending", settled_at=None, refusal=None, done=nothing
                )
            return found

    def purge(self, now: Instant, grace: timedelta = PURGE_GRACE) -> list[bytes]:
        """Remove payloads past their grace."""
        with self._writing("purge") as tables:
            if tables.proven_at is None:
                return []
            moment = purge_moment(now, tables.proven_at, grace)
            ripe = [
                row.env_id
                for row in tables.rows.values()
                if row.state == "complete"
                and not row.purged
                and row.settled_at is not None
                and row.settled_at <= moment
            ]
            for env_id in ripe:
                tables.rows[env_id] = replace(tables.rows[env_id], purged=True)
                self._append(tables, "purge", hashlib.sha256(env_id).digest(), now)
        for env_id in ripe:
            self._remove_files(env_id)
        return ripe

    @staticmethod
    def prune(_now: Instant) -> Pruned:
        """Take nothing off: no simulated bus lives for 400 days."""
        return Pruned(0, 0, 0)

    def sweep(self, now: datetime | None) -> list[bytes]:
        """Remove files of purged envelopes, and old ones that no row speaks of."""
        with self._writing("sweep") as tables:
            here = dict.fromkeys(env_id for env_id, _ in self._disk.files.seen)
            lost = [env_id for env_id in here if self._is_left_over(tables, env_id, now)]
            for env_id in lost:
                self._remove_files(env_id)
        return lost

    def _is_left_over(self, tables: BoxTables, env_id: bytes, now: datetime | None) -> bool:
        row = tables.rows.get(env_id)
        if row is not None:
            return row.purged
        return now is not None and self._disk.touched[env_id] < now - ORPHAN_AGE


@dataclass(frozen=True, slots=True)
class _Word:
    """City hall's verified word on one envelope."""

    state: str
    env_id: bytes
    receipt: bytes
    proof: bytes | None
    filing_no: str
    head: HallHead | None
    at: Instant | None


def _of(tables: BoxTables, env_id: bytes) -> BoxRow:
    if env_id not in tables.rows:
        raise UnknownEnvelopeError(f"outbox: no envelope {env_id.hex()} was kept here")
    return tables.rows[env_id]
