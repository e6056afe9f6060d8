"""A bus's journal as it lies on its shelf, read without writing a byte: the card may be a copy, or in a reader."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pysqlite3.dbapi2 as sqlite

from sync.chain import Fields
from sync.journal import GENESIS, HASH_BYTES

NAME: Final = "mail.db"
_ENTRIES: Final = (
    "SELECT seq, prev, kind, object_hash, wall_us, monotonic_ms, boot, hash FROM journal "
    "ORDER BY seq"
)
_KEPT: Final = "SELECT journal_seq, env_id, box_receipt, purged FROM outbox ORDER BY journal_seq"

# An application's row: its entry's number, its id, its box receipt, and whether its payload is gone.
Kept = tuple[int, bytes, bytes, bool]


class JournalShelf:
    """The shelf in `folder`, opened for reading only; raises FileNotFoundError and ValueError (no shelf of a bus)."""

    def __init__(self, folder: Path) -> None:
        path = folder / NAME
        if not path.is_file():
            raise FileNotFoundError(f"{folder}: there is no {NAME}; name the folder of the mail")
        self._parts = folder / "parts"
        # A card that is mounted for reading only has no room for SQLite's own notes: then nobody writes it either.
        self._connection = _opened(f"{path.resolve().as_uri()}?mode=ro")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def start(self) -> tuple[int, bytes]:
        """Return number and hash of the last entry that left the shelf."""
        row = self._connection.execute("SELECT seq, hash FROM journal_start").fetchone()
        return GENESIS if row is None else (row[0], row[1])

    def entries(self) -> Iterator[tuple[Fields, bytes]]:
        """Give each entry's fields and its stored hash, oldest first."""
        return map(_split, self._connection.execute(_ENTRIES))

    def kept(self) -> Iterator[Kept]:
        """Give the applications in the order of their entries."""
        found: Iterator[Kept] = self._connection.execute(_KEPT)
        return found

    def slip_sha256(self, env_id: bytes) -> bytes:
        """Return the hash of an envelope's slip; raises FileNotFoundError once its payload is gone."""
        return hashlib.sha256((self._parts / env_id.hex() / "0").read_bytes()).digest()


def _split(row: tuple[Any, ...]) -> tuple[Fields, bytes]:
    return row[:7], row[7]


def _opened(uri: str) -> "sqlite.Connection":
    try:
        connection = sqlite.connect(uri, uri=True)
        connection.execute(f"SELECT hash FROM journal WHERE length(hash) <> {HASH_BYTES} LIMIT 1")  # noqa: S608 - our own number
    except sqlite.OperationalError as error:
        raise ValueError(f"{uri}: this is no shelf of a bus ({error})") from error
    connection.execute("BEGIN")
    return connection
