"""Feeds a stack: each sheet is durable before the next one is pulled."""

import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from hashlib import sha256

from appliance.desk.batch import SHEETS_MAX, Batch, Trouble
from appliance.desk.drafts import DraftsFull
from appliance.desk.handedpages import HandedPages
from appliance.desk.openvisit import OpenVisit
from appliance.desk.sheets import Sheet
from hardware.errors import DeviceError
from hardware.protocols import Scanner
from hardware.protocols import Sheet as FedSheet

log = logging.getLogger(__name__)

DISK_FULL = Trouble(
    "disk_full",
    "この箱の保存場所が残りわずかのため、取り込みを止めました。ここまでの用紙は保存されています。",
    "Feeding stopped: this box is nearly full. The sheets so far are kept.",
)
TOO_MANY = Trouble(
    "too_many",
    f"一束は {SHEETS_MAX} 枚までです。この束を先に受け付けてください。",
    f"One batch holds {SHEETS_MAX} sheets. Hand this batch in first.",
)
POWER_CUT = Trouble(
    "power_cut",
    "取り込みの途中で電源が切れました。",
    "The power was cut while the stack was being fed.",
)


async def feed_stack(
    scanner: Scanner,
    visit: OpenVisit,
    known: HandedPages,
    arrived: Callable[[int], None],
) -> None:
    """Pull the whole stack into the batch; `arrived(number)` is told of each sheet once it is durable.

    The batch is marked as feeding already. A trouble of the device or the disk ends it quietly: the
    batch then says why, and from where on.
    """
    trouble: Trouble | None = None
    try:
        trouble = await _pull(scanner, visit, known, arrived)
    except DeviceError as error:
        log.warning("feed.stopped cause=%s sheets=%d", error.cause, len(visit.current().sheets))
        trouble = Trouble(error.cause, error.ja, error.en)
    except DraftsFull:
        log.warning("feed.stopped cause=disk_full sheets=%d", len(visit.current().sheets))
        trouble = DISK_FULL
    await visit.change(lambda batch: replace(batch, feeding=False, trouble=trouble))


async def _pull(
    scanner: Scanner,
    visit: OpenVisit,
    known: HandedPages,
    arrived: Callable[[int], None],
) -> Trouble | None:
    if not visit.drafts.room():
        return DISK_FULL
    stack = scanner.feed()
    try:
        async for fed in stack:
            batch = visit.current()
            sheet = _sheet(batch, fed, known)
            await visit.keep_fed(sheet, fed.image)
            arrived(sheet.number)
            if not visit.drafts.room():
                return DISK_FULL
            if sheet.number >= SHEETS_MAX:
                return TOO_MANY
    finally:
        if isinstance(stack, AsyncGenerator):
            await stack.aclose()
    return None


def _sheet(batch: Batch, fed: FedSheet, known: HandedPages) -> Sheet:
    """Give the sheet its number, and say at once when this very sheet came before."""
    digest = sha256(fed.image).hexdigest()
    before = next((old.number for old in batch.sheets if old.fed_sha256 == digest), 0)
    twice = known.env_id(digest) or (f"#{before}" if before else "")
    number = len(batch.sheets) + 1
    return Sheet(number, digest, fed.media_type, fed.dpi, twice=twice)
