"""The shelf's small trays: journal, inbox of letters, and what is remembered of the link and of city hall."""

import hashlib
from datetime import datetime
from typing import Final

from appliance.mail import inbox, journal, notes, witness
from appliance.mail.heads import Heads
from appliance.mail.models import HallHead, HeardBeacon, Letter, LinkState
from appliance.mail.witness import JournalHead
from keeping.database import Database
from sync.clock import Instant
from sync.journal import Checkpoint, JournalEntry

# The newest cosigned head that does not stand in this journal, so that it is one alarm.
_ALARMED: Final = "journal_alarmed"


class Trays:
    """Everything on the shelf but the outbox; one function is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._heads = Heads()

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    # The journal.

    def append(self, kind: str, object_hash: bytes, at: Instant) -> JournalEntry:
        """Add one journal entry."""
        with self._database.writing() as session:
            return journal.append(session, kind, object_hash, at)

    def begin_boot(self, object_hash: bytes, at: Instant) -> None:
        """Write the entry `boot` of this start, once."""
        with self._database.writing() as session:
            if not journal.has_boot(session, at.boot):
                journal.append(session, "boot", object_hash, at)

    def head(self) -> tuple[int, bytes]:
        """Return the journal's newest number and hash."""
        with self._database.reading() as session:
            return journal.head(session)

    def entries(self) -> list[JournalEntry]:
        """Return the journal's entries after `journal_start`, oldest first."""
        with self._database.reading() as session:
            return journal.entries(session)

    def journal_start(self) -> tuple[int, bytes]:
        """Return where the journal begins here: number and hash of the last entry that left, or GENESIS."""
        with self._database.reading() as session:
            return journal.start(session)

    # The link, city hall's time and head.

    def link(self) -> LinkState:
        """Return what the uplink last said of the link."""
        with self._database.reading() as session:
            return notes.link(session)

    def set_link(self, state: LinkState) -> None:
        """Tell the desk how the link is."""
        with self._database.writing() as session:
            notes.set_link(session, state)

    def beacon(self) -> bytes | None:
        """Return city hall's newest signed time, or None before the first contact."""
        with self._database.reading() as session:
            return notes.beacon(session)

    def heard_beacon(self) -> HeardBeacon | None:
        """Return city hall's newest signed time with the moment it was heard."""
        with self._database.reading() as session:
            return notes.heard_beacon(session)

    def keep_beacon(self, data: bytes, at: Instant, waited_ms: int = 0) -> None:
        """Remember a verified beacon that came `waited_ms` after it was asked for."""
        with self._database.writing() as session:
            notes.keep_beacon(session, data, at, waited_ms)

    def hall_head(self) -> HallHead | None:
        """Return city hall's log head as last proven."""
        with self._database.reading() as session:
            return self._heads.seen(notes.hall_head(session))

    def keep_hall_head(self, head: HallHead, at: Instant) -> None:
        """Remember a head that was proven to extend the one this handle knows."""
        with self._database.writing() as session:
            self._heads.keep(session, head, at)

    def heads_are_from(self, moment: datetime) -> None:
        """Count what city hall proves through this handle as proven at `moment` at most: a stick was on its way."""
        self._heads.proven_by = moment

    def follow_from(self, head: HallHead) -> None:
        """Follow city hall's steps from a head that was known before; they count once they pass the remembered one."""
        self._heads.seen(head)

    # City hall as witness of this bus's journal.

    def journal_head(self) -> JournalHead | None:
        """Return what city hall is told of this journal, or None before the desk signed anything."""
        with self._database.reading() as session:
            return witness.told(session)

    def keep_witness(self, note: str, head: Checkpoint, at: Instant) -> bool:
        """Keep a cosigned head that stands in this journal; else False, and an alarm, once for each such head."""
        with self._database.writing() as session:
            if witness.cosigned(session, note, head, at):
                return True
            digest = hashlib.sha256(note.encode("utf-8")).digest()
            if notes.value(session, _ALARMED) != digest:
                notes.put(session, _ALARMED, digest, at.wall)
                journal.append(session, "alarm", digest, at)
            return False

    # Sticks.

    def export_head(self, name: str) -> HallHead | None:
        """Return the head an export onto a stick named, or None for one that is not remembered."""
        with self._database.reading() as session:
            return notes.export_head(session, name)

    def keep_export(self, name: str, head: HallHead, at: Instant) -> None:
        """Remember which head an export onto a stick named, before the stick leaves."""
        with self._database.writing() as session:
            notes.keep_export(session, name, head, at)

    # The inbox.

    def put_letter(self, letter_id: bytes, kind: str, body: bytes, at: Instant) -> bool:
        """Keep a letter from city hall; False when it was here already."""
        with self._database.writing() as session:
            return inbox.put_letter(session, letter_id, kind, body, at)

    def letters(self, kind: str | None = None, *, unread_only: bool = False) -> list[Letter]:
        """List letters in the order they came."""
        with self._database.reading() as session:
            return inbox.letters(session, kind, unread_only=unread_only)

    def letter_lengths(self, limit: int) -> list[tuple[bytes, int]]:
        """List id and length of the newest letters that were ever kept here, oldest first."""
        with self._database.reading() as session:
            return inbox.lengths(session, limit)

    def mark_read(self, letter_id: bytes) -> None:
        """Note that the desk took a letter in."""
        with self._database.writing() as session:
            inbox.mark_read(session, letter_id)
