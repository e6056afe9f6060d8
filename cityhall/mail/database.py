"""The one durable file of city hall's shelf."""

from pathlib import Path

from cityhall.mail.models import HallTable
from keeping.database import Database, Schema

SHELF = Schema("hall shelf", HallTable.metadata, number=1)


def open_shelf(folder: Path) -> Database:
    """Open hall.db in a folder; raises UnsafeSqliteError or NewerSchemaError."""
    return Database(folder / "hall.db", SHELF)
