"""The one durable file of the bus's shelf."""

from pathlib import Path

from appliance.mail.models import MailTable
from keeping.database import Database, Schema

# From 1 to 2: old rows leave the shelf and are looked up by when they settled; the new tables come by themselves.
STEPS = {1: "CREATE INDEX IF NOT EXISTS ix_outbox_settled_ms ON outbox (settled_ms)"}
SHELF = Schema("mail shelf", MailTable.metadata, number=2, steps=STEPS)


def open_shelf(folder: Path) -> Database:
    """Open mail.db in a folder; raises UnsafeSqliteError or NewerSchemaError."""
    return Database(folder / "mail.db", SHELF)
