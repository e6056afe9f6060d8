"""office.db: the office's one durable file, whose audit lines are written once."""

from pathlib import Path

from cityhall.config import OfficeSettings
from cityhall.office.models import OfficeTable
from keeping.database import Database, Schema

_APPEND_ONLY = """
CREATE TRIGGER IF NOT EXISTS audit_no_{verb} BEFORE {verb} ON audit_line
BEGIN SELECT RAISE(ABORT, 'audit lines are written once'); END
"""

OFFICE = Schema(
    "office.db",
    OfficeTable.metadata,
    number=3,
    # A file of schema 1 does not know city hall's signed time, one of schema 2 no part of a case for one department.
    steps={
        1: 'ALTER TABLE "case" ADD COLUMN not_before DATETIME',
        2: 'ALTER TABLE "case" ADD COLUMN department VARCHAR',
    },
    # The database itself refuses to change or forget a line of the audit.
    lasting=[_APPEND_ONLY.format(verb=verb) for verb in ("UPDATE", "DELETE")],
)


def open_office(folder: Path) -> Database:
    """Open office.db in the office's own folder; raises UnsafeSqliteError or NewerSchemaError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "office.db"
    found = Database(path, OFFICE)
    path.chmod(0o600)
    return found


def key_folder(office: OfficeSettings) -> Path:
    """Return the folder of keys.db: its own setting, so that it can lie where no backup reaches."""
    return office.case_keys or office.folder / "case-keys"
