"""The one durable file of the bus's shelf."""

from pathlib import Path

from appliance.mail.models import MailTable
from keeping.database import Database, Schema

SHELF = Schema("mail shelf", MailTable.metadata, number=1)


def open_shelf(folder: Path) -> Database:
    """Open mail.db in a folder; raises UnsafeSqliteError or NewerSchemaError."""
    return Database(folder / "mail.db", SHELF)
