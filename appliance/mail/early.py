"""The shelf's first second: what the uplink needs to begin sending, before the database library is loaded.

Loading that library takes a second on a bus's small computer, after every power cut. Until then a few questions are
answered by plain SQL on the same file, with the same SQLite; everything else waits for the whole shelf.
"""

import functools
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import pysqlite3.dbapi2 as sqlite

from appliance.mail.parts import Parts
from appliance.mail.rows import OPEN_STATES, DueEnvelope, DueItem, HallHead, HeardBeacon, Letter
from appliance.mail.times import from_ms
from keeping.away import DatabaseAwayError, told_plainly
from keeping.safesqlite import check_version
from sync.envelope import PartRole

if TYPE_CHECKING:
    from appliance.mail.store import MailStore

# The schema these statements were written for; any other waits for the whole shelf. A test compares it.
SCHEMA: Final = 2
BUSY_S: Final = 5.0
SWITCH_S: Final = 0.0005

_OPEN: Final = f"state IN ({', '.join(repr(state) for state in OPEN_STATES)}) AND NOT purged"
_ENVELOPES: Final = (
    f"SELECT serial, env_id, kind, deadline, kept_ms, state, hall_receipt FROM outbox WHERE {_OPEN} "  # noqa: S608 - our own words
    "AND serial > ? ORDER BY serial"
)
_ITEMS: Final = (
    "SELECT item.env_id, item, role, length FROM item JOIN outbox USING (env_id) "  # noqa: S608 - our own words
    f"WHERE {_OPEN} AND serial > ? ORDER BY item"
)
_LETTERS: Final = (
    "SELECT letter_id, kind, body, arrived_ms, read FROM letter WHERE kind = ? ORDER BY serial"
)


class EarlyShelf:
    """A few of `MailStore`'s words, with the same meaning; raises UnsafeSqliteError as that does."""

    def __init__(self, folder: Path, version: str = sqlite.sqlite_version) -> None:
        check_version(version)
        self._path = folder / "mail.db"
        self._parts = Parts(folder / "parts")

    def fits(self) -> bool:
        """Tell whether there is a shelf, of the schema that is known here."""
        if not self._path.exists():
            return False
        try:
            with self._open() as connection:
                found: int = connection.execute("PRAGMA user_version").fetchone()[0]
        except (sqlite.Error, DatabaseAwayError):
            return False
        return found == SCHEMA

    def due(self, after: int = 0) -> list[DueEnvelope]:
        """List what is left to send, oldest first; `after` gives only newer serials."""
        with self._open() as connection:
            connection.execute("BEGIN")
            envelopes = connection.execute(_ENVELOPES, (after,)).fetchall()
            items: dict[bytes, list[DueItem]] = {row[1]: [] for row in envelopes}
            for env_id, item, role, length in connection.execute(_ITEMS, (after,)):
                items[env_id].append(DueItem(item, PartRole(role), length))
        return [
            DueEnvelope(
                serial,
                env_id,
                kind,
                None if deadline is None else date.fromisoformat(deadline),
                from_ms(kept_ms),
                state,
                tuple(items[env_id]),
                (receipt or b"") if state == "sending" else b"",
            )
            for serial, env_id, kind, deadline, kept_ms, state, receipt in envelopes
        ]

    def newest(self) -> int:
        """Return the newest application's serial."""
        with self._open() as connection:
            found: int = connection.execute("SELECT max(serial) FROM outbox").fetchone()[0] or 0
            return found

    def hall_head(self) -> HallHead | None:
        """Return city hall's log head as last proven."""
        note = self._note("hall_head")
        if note is None:
            return None
        told = json.loads(note)
        return HallHead(told["size"], bytes.fromhex(told["root"]), told["note"])

    def heard_beacon(self) -> HeardBeacon | None:
        """Return city hall's newest signed time with the moment it was heard."""
        data, heard = self._note("beacon"), self._note("beacon_heard")
        return None if data is None or heard is None else HeardBeacon(data, **json.loads(heard))

    def letters(self, kind: str) -> list[Letter]:
        """List letters of a kind in the order they came."""
        with self._open() as connection:
            rows = connection.execute(_LETTERS, (kind,)).fetchall()
        return [
            Letter(letter_id, kind, body, from_ms(arrived_ms), bool(read))
            for letter_id, kind, body, arrived_ms, read in rows
        ]

    def sending(self, *env_ids: bytes) -> None:
        """Note that the first byte of these envelopes is about to leave; durable when this returns."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "UPDATE outbox SET state = 'sending' WHERE env_id = ? AND state = 'kept'",
                [(env_id,) for env_id in env_ids],
            )
            connection.execute("COMMIT")

    def part_bytes(self, env_id: bytes, item: int, offset: int, length: int) -> bytes:
        """Return a piece of an item (0 = slip, n + 1 = part n)."""
        return self._parts.read(env_id, item, offset, length)

    def _note(self, name: str) -> bytes | None:
        with self._open() as connection:
            row = connection.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    @contextmanager
    def _open(self) -> Iterator[Any]:
        with told_plainly(), closing(sqlite.connect(str(self._path), timeout=BUSY_S)) as connection:
            connection.isolation_level = None
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            yield connection


class LateShelf:
    """A `MailStore` that is loaded when something first needs all of it; early words are answered at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._needed = threading.Event()
        self._loaded = threading.Event()
        self._store: MailStore | None = None
        self._failure: Exception | None = None
        self._told: HallHead | None = None
        early = EarlyShelf(folder)
        self._early: EarlyShelf | None = early if early.fits() else None
        self._lock = threading.Lock()

    def whole(self, patience_s: float = 0.0) -> "MailStore":
        """Load the whole shelf, at the latest after `patience_s`; raises what kept it from being opened."""
        self._needed.wait(patience_s)
        self._needed.set()
        with self._lock:
            if not self._loaded.is_set():
                self._load()
        if self._store is None:
            raise self._failure or RuntimeError("shelf: not loaded")
        return self._store

    def as_store(self) -> "MailStore":
        """Return this shelf under the name of what it stands for."""
        return cast("MailStore", self)

    def hall_head(self) -> HallHead | None:
        """Return city hall's log head as last proven; the whole shelf follows from the head that was told early."""
        if self._early is None or self._loaded.is_set():
            return self.whole().hall_head()
        self._told = self._early.hall_head()
        return self._told

    def close(self) -> None:
        """Let go of the database, where it was ever opened."""
        with self._lock:
            if self._store is not None:
                self._store.close()

    def __getattr__(self, name: str) -> Any:
        """Return a function of the shelf that waits, if it must, where it is called and not here."""
        return functools.partial(self._call, name)

    def _call(self, name: str, *args: Any, **named: Any) -> Any:
        early = None if self._loaded.is_set() else getattr(self._early, name, None)
        return (early or getattr(self.whole(), name))(*args, **named)

    def _load(self) -> None:
        # The session's own thread is to have its turn often while this one loads a library.
        before = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_S)
        try:
            from appliance.mail.store import MailStore  # noqa: PLC0415 - this is what takes the second

            store = MailStore(self._folder)
            if self._told is not None:
                store.follow_from(self._told)
            self._store = store
            self._loaded.set()
        except DatabaseAwayError as error:
            self._failure = error  # the next who needs it tries again
        except Exception as error:  # noqa: BLE001 - whoever waits raises it
            self._failure = error
            self._loaded.set()
        finally:
            sys.setswitchinterval(before)
