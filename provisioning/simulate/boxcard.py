"""One machine run's hand on a simulated card: what is read of it, and how anything is written on it."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from appliance.mail.models import (
    DueEnvelope,
    HallHead,
    HeardBeacon,
    Letter,
    LinkState,
    OutboxRow,
    Refusal,
)
from appliance.mail.rows import OPEN_STATES
from provisioning.simulate.boxdisk import BoxDisk, BoxRow, BoxTables
from provisioning.simulate.clocks import BoxClock
from provisioning.simulate.power import Power
from sync.clock import Instant
from sync.journal import JournalEntry, next_entry


class BoxCard:
    """Dead with its `power`; `BoxShelf` adds what desk and uplink write."""

    def __init__(self, disk: BoxDisk, power: Power, clock: BoxClock) -> None:
        self._disk = disk
        self._power = power
        self._clock = clock
        self._known: HallHead | None = None

    # What is asked.

    def entries(self) -> list[JournalEntry]:
        """Return the whole journal."""
        return list(self._reading().journal)

    def outbox(self) -> list[OutboxRow]:
        """List every application in the order it was kept."""
        return [_row(row) for row in self._reading().rows.values()]

    def find(self, env_id: bytes) -> OutboxRow | None:
        """Return one application, or None."""
        return next(iter(self.find_all([env_id])), None)

    def find_all(self, env_ids: Collection[bytes]) -> list[OutboxRow]:
        """List these applications in the order they were kept."""
        return [_row(row) for row in self._reading().rows.values() if row.env_id in env_ids]

    def newest(self) -> int:
        """Return the newest application's serial."""
        return self._reading().serial

    def counts(self) -> tuple[dict[str, int], int]:
        """Return how many applications are in each state, and the bytes left to send."""
        found: dict[str, int] = {}
        left = 0
        for row in self._reading().rows.values():
            found[row.state] = found.get(row.state, 0) + 1
            if row.state in OPEN_STATES:
                left += sum(item.length for item in row.items) - sum(row.done)
        return found, left

    def due(self, after: int = 0) -> list[DueEnvelope]:
        """List what is left to send, oldest first."""
        return [
            DueEnvelope(
                row.serial,
                row.env_id,
                row.kind,
                row.deadline,
                row.kept_at,
                row.state,
                row.items,
                # Only a broken log puts an envelope with a receipt back to "sending".
                (row.hall_receipt or b"") if row.state == "sending" else b"",
            )
            for row in self._reading().rows.values()
            if row.state in OPEN_STATES and row.serial > after and not row.purged
        ]

    def slip(self, env_id: bytes) -> bytes:
        """Return an envelope's slip."""
        return self._file(env_id, 0)

    def part(self, env_id: bytes, index: int) -> bytes:
        """Return one sealed part."""
        return self._file(env_id, index + 1)

    def part_bytes(self, env_id: bytes, item: int, offset: int, length: int) -> bytes:
        """Return a piece of an item."""
        return self._file(env_id, item)[offset : offset + length]

    def hall_head(self) -> HallHead | None:
        """Return city hall's log head as last proven."""
        self._known = self._reading().head
        return self._known

    def heard_beacon(self) -> HeardBeacon | None:
        """Return city hall's newest signed time with the moment it was heard."""
        return self._reading().beacon

    def beacon(self) -> bytes | None:
        """Return city hall's newest signed time."""
        heard = self._reading().beacon
        return None if heard is None else heard.data

    def letters(self, kind: str | None = None, *, unread_only: bool = False) -> list[Letter]:
        """List letters in the order they came."""
        return [
            letter
            for letter in self._reading().letters.values()
            if kind in (None, letter.kind) and not (unread_only and letter.read)
        ]

    def link(self) -> LinkState | None:
        """Return what the uplink last said of the link."""
        return self._reading().link

    # The machine under it.

    def _remove_files(self, env_id: bytes) -> None:
        files = self._disk.files
        names = [name for name in files.seen if name[0] == env_id]
        for name in names:
            self._power.step("purge.file")
            files.remove(name)
        for name in names:
            files.sync(name)

    def _file(self, env_id: bytes, item: int) -> bytes:
        self._power.look()
        try:
            return self._disk.files.seen[env_id, item]
        except KeyError as error:
            raise FileNotFoundError(f"{env_id.hex()}/{item}") from error

    def _reading(self) -> BoxTables:
        self._power.look()
        return self._disk.tables

    @contextmanager
    def _writing(self, name: str) -> Iterator[BoxTables]:
        """Give a copy that takes the tables' place at the end; a cut before that leaves nothing of it."""
        self._power.step(f"{name} before")
        tables = self._disk.tables.copy()
        yield tables
        self._commit(name, tables)
        self._power.step(f"{name} after")

    def _commit(self, name: str, tables: BoxTables) -> None:
        del name
        self._disk.tables = tables

    @staticmethod
    def _append(tables: BoxTables, kind: str, object_hash: bytes, at: Instant) -> JournalEntry:
        entry = next_entry(tables.newest, kind, object_hash, at)
        tables.journal.append(entry)
        tables.newest = (entry.seq, entry.hash)
        return entry


def _row(row: BoxRow) -> OutboxRow:
    return OutboxRow(
        serial=row.serial,
        env_id=row.env_id,
        kind=row.kind,
        deadline=row.deadline,
        kept_at=row.kept_at,
        state=row.state,
        bytes_total=sum(item.length for item in row.items),
        bytes_done=sum(row.done),
        journal_seq=row.journal_seq,
        box_receipt=row.box_receipt,
        hall_receipt=row.hall_receipt,
        proof=row.proof,
        filing_no=row.filing_no,
        refusal=None if row.refusal is None else Refusal(*row.refusal),
        settled_at=row.settled_at,
        purged=row.purged,
    )
