"""The one durable database of city hall's shelf."""

from pathlib import Path

from cityhall.mail.models import HallTable
from keeping.database import Database, Schema
from keeping.postgres import PostgresDatabase

SHELF = Schema(
    "hall shelf",
    HallTable.metadata,
    number=3,
    # From 2 to 3: only tables of their own, which come by themselves.
    steps={1: "ALTER TABLE bus ADD COLUMN session VARCHAR NOT NULL DEFAULT ''", 2: "SELECT 1"},
)


def open_shelf(folder: Path) -> Database:
    """Open hall.db in a folder; raises UnsafeSqliteError or NewerSchemaError."""
    return Database(folder / "hall.db", SHELF)


def open_shared_shelf(url: str) -> PostgresDatabase:
    """Open the shelf that several machines share; raises DatabaseAwayError or NewerSchemaError."""
    return PostgresDatabase(url, SHELF)
