"""What the shelf says of one batch's applications, and of the link: read fresh for each page, and no more of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from appliance.desk.batch import Batch
from appliance.mail.models import LinkState, OutboxRow
from appliance.mail.store import MailStore


@dataclass(frozen=True, slots=True)
class Standing:
    """The shelf at one moment: the batch's rows by env_id (hex), the link, the room left in applications.

    `waiting` counts what is still to be sent, `set_aside` is what city hall could not take, of all visits.
    """

    rows: Mapping[str, OutboxRow]
    link: LinkState
    room: int
    waiting: int
    set_aside: tuple[OutboxRow, ...]

    @property
    def transfer(self) -> Mapping[str, str]:
        """Return kept | sending | arrived | complete | refused by env_id."""
        return {env_id: row.standing for env_id, row in self.rows.items()}


async def look(mail: MailStore, batch: Batch | None = None) -> Standing:
    """Read the shelf, with the rows of this batch's applications."""
    return await asyncio.to_thread(_look, mail, batch)


def _look(mail: MailStore, batch: Batch | None) -> Standing:
    items = () if batch is None else batch.applications
    found = mail.find_all([bytes.fromhex(item.env_id) for item in items])
    rows = {row.env_id.hex(): row for row in found}
    aside = tuple(mail.set_aside())
    return Standing(rows, mail.link(), mail.room_left(), mail.waiting(), aside)
