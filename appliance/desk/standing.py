"""What the shelf says of the applications of this visit, and of the link: read fresh for each page."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from appliance.mail.models import LinkState, OutboxRow
from appliance.mail.store import MailStore


@dataclass(frozen=True, slots=True)
class Standing:
    """The shelf at one moment: rows by env_id (hex), the link, the room left in applications."""

    rows: Mapping[str, OutboxRow]
    link: LinkState
    room: int

    @property
    def transfer(self) -> Mapping[str, str]:
        """Return kept | sending | arrived | complete | refused by env_id."""
        return {env_id: row.state for env_id, row in self.rows.items()}

    @property
    def waiting(self) -> int:
        """Return how many applications city hall does not hold completely yet."""
        return sum(row.state != "complete" for row in self.rows.values())


async def look(mail: MailStore) -> Standing:
    """Read the shelf."""
    return await asyncio.to_thread(_look, mail)


def _look(mail: MailStore) -> Standing:
    rows = {row.env_id.hex(): row for row in mail.outbox()}
    return Standing(rows, mail.link(), mail.room_left())
