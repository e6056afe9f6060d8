"""How many times this bus was started: the number that orders its journal, kept beside the journal on the shelf.

Plain SQL on the shelf's file: the uplink asks before the database library is loaded. Desk and uplink ask alike, and
whoever comes first after a start counts it.
"""

import json
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pysqlite3.dbapi2 as sqlite

from keeping.away import DatabaseAwayError, told_plainly
from keeping.safesqlite import check_version

BUSY_S: Final = 5.0
_READ: Final = "SELECT value FROM note WHERE name = 'boot'"
_WRITE: Final = "INSERT OR REPLACE INTO note (name, value, at_ms) VALUES ('boot', ?, 0)"
# Whoever never counted, or was given a number that a full disk did not keep, goes on behind the highest in the journal.
_HIGHEST: Final = "SELECT coalesce(max(boot), 0) FROM journal"


def boot_count(folder: Path, boot_id: str) -> int:
    """Return the number of the start that the kernel calls `boot_id`: one more than the last for a new one.

    A disk that takes nothing still gives the number; the next who asks writes it. Raises DatabaseAwayError when the
    shelf cannot be read, UnsafeSqliteError.
    """
    check_version(sqlite.sqlite_version)
    path = folder / "mail.db"
    if not path.exists():
        from appliance.mail.store import MailStore  # noqa: PLC0415 - only on a bus that was never started

        MailStore(folder).close()
    with told_plainly(), closing(sqlite.connect(str(path), timeout=BUSY_S)) as connection:
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous = FULL")
        known, number = _next(connection, boot_id)
        if known:
            return number
        try:
            return _claim(connection, boot_id)
        except DatabaseAwayError:
            return number


def _claim(connection: Any, boot_id: str) -> int:
    with told_plainly():
        connection.execute("BEGIN IMMEDIATE")
        known, number = _next(connection, boot_id)
        if not known:
            told = json.dumps({"id": boot_id, "number": number})
            connection.execute(_WRITE, (told.encode(),))
        connection.execute("COMMIT")
    return number


def _next(connection: Any, boot_id: str) -> tuple[bool, int]:
    """Return whether this start is counted, and its number."""
    row = connection.execute(_READ).fetchone()
    told: dict[str, Any] = {"id": "", "number": 0} if row is None else json.loads(row[0])
    if told["id"] == boot_id:
        return True, int(told["number"])
    highest = int(connection.execute(_HIGHEST).fetchone()[0])
    return False, max(int(told["number"]), highest) + 1
