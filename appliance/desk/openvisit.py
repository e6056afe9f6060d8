"""A visit whose key is in memory: every step is kept, sealed and durable, before anyone is told."""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from appliance.desk.batch import Batch, add_sheet, take_again
from appliance.desk.drafts import DraftLost, Drafts, DraftUnreadable
from appliance.desk.keyring import Staff
from appliance.desk.previews import Previews
from appliance.desk.sheets import Sheet
from appliance.desk.snapshot import SNAPSHOT_NAME, Snapshot, decode_snapshot, encode_snapshot
from appliance.desk.tally import Counting
from appliance.desk.unsent import Unsent
from appliance.desk.visit import DRAFTS_FOLDER, VisitFile
from sync.drawer import Drawer
from sync.errors import LocalError
from sync.keys import OpeningKey
from sync.letters import VisitPack

log = logging.getLogger(__name__)

_FED = re.compile(r"^(\d{3})-(\d{4})-fed$")


class OpenVisit:
    """The unlocked visit: its draft, its sealed pictures, the reading key for letters from city hall."""

    def __init__(
        self,
        file: VisitFile,
        staff: Staff,
        drafts: Drafts,
        reading: OpeningKey,
        snapshot: Snapshot,
        *,
        unsent: Unsent,
    ) -> None:
        self.file = file
        self.staff = staff
        self.drafts = drafts
        self.reading = reading
        self.pack: VisitPack | None = None
        self.snapshot = snapshot
        self.unsent = unsent
        self.previews = Previews()
        self.counting = Counting(snapshot.tally)
        self._turn = asyncio.Lock()

    @property
    def batch(self) -> Batch | None:
        """The batch in work, or the one handed in last."""
        return self.snapshot.current

    def current(self) -> Batch:
        """Return the batch in work; raises LocalError when none was declared."""
        if self.snapshot.current is None:
            raise LocalError("visit: no batch yet; declare how many applications there are")
        return self.snapshot.current

    async def change(self, step: Callable[[Batch], Batch]) -> Batch:
        """Apply one step to the batch and keep it; nothing changed if the step or the disk refuses."""
        async with self._turn:
            changed = step(self.current())
            await self._keep(self.snapshot.changed(changed))
            return changed

    async def alter(self, step: Callable[[Snapshot], Snapshot]) -> None:
        """Apply one step to what stands beside the batches and keep it."""
        async with self._turn:
            await self._keep(step(self.snapshot))

    async def begin(self, batch: Batch) -> None:
        """Start the next batch of this visit."""
        async with self._turn:
            await self._keep(self.snapshot.begun(batch))

    async def bring_forward(self, batch_id: str) -> None:
        """Take another batch of this visit up again; raises LocalError when there is none of this id."""
        async with self._turn:
            places = [n for n, b in enumerate(self.snapshot.batches) if b.batch_id == batch_id]
            if not places:
                raise LocalError("visit: no such batch; open the list again")
            await self._keep(replace(self.snapshot, front=places[0]))

    async def choose(self, letter_id: str, pack: VisitPack) -> None:
        """Keep which stop this visit is for."""
        async with self._turn:
            chosen = replace(
                self.snapshot,
                pack=letter_id,
                provider_no=pack.provider_no,
                provider_name=pack.provider_name,
            )
            await self._keep(chosen)
            self.pack = pack

    async def keep_fed(self, sheet: Sheet, image: bytes) -> None:
        """Keep the picture of a paper with one side; see `keep_leaf`."""
        await self.keep_leaf([(sheet, image)])

    async def keep_leaf(self, sides: Sequence[tuple[Sheet, bytes]]) -> None:
        """Keep the pictures of a fed paper, then its lines in the draft; the write-ahead of feeding.

        The name carries what the line would say, so that a cut between the two loses nothing; a front
        whose back was not kept any more is fed again with it.
        """
        async with self._turn:
            changed = self.current()
            for sheet, image in sides:
                changed = add_sheet(changed, sheet)
                head = [sheet.media_type, sheet.dpi, sheet.twice, sheet.leaf, sheet.side]
                told = json.dumps(head).encode()
                stored = len(told).to_bytes(4, "big") + told + image
                await asyncio.to_thread(self.drafts.write, self.name("fed", sheet.number), stored)
            await self._keep(self.snapshot.changed(changed))

    async def keep_again(self, picture: Sheet, image: bytes) -> int:
        """Keep another picture of the awaited sheet beside the first, then its line; return the sheet's number."""
        async with self._turn:
            number = self.current().retake
            changed = take_again(self.current(), picture)
            role = _role("fed", changed.sheet(number))
            stored = bytes(4) + image
            await asyncio.to_thread(self.drafts.write, self.name(role, number), stored)
            await self._keep(self.snapshot.changed(changed))
            return number

    async def fed(self, number: int) -> bytes:
        """Return the picture of a fed sheet as the scanner gave it."""
        role = _role("fed", self.current().sheet(number))
        stored = await asyncio.to_thread(self.drafts.read, self.name(role, number))
        return stored[4 + int.from_bytes(stored[:4], "big") :]

    async def picture(self, role: str, number: int) -> bytes:
        """Return a sheet's `page`, `preview` or `original` picture."""
        role = _role(role, self.current().sheet(number))
        return await asyncio.to_thread(self.drafts.read, self.name(role, number))

    async def keep_picture(self, role: str, number: int, data: bytes) -> None:
        """Keep a sheet's `page`, `preview` or `original` picture."""
        role = _role(role, self.current().sheet(number))
        await asyncio.to_thread(self.drafts.write, self.name(role, number), data)

    def name(self, role: str, number: int, batch_index: int = -1) -> str:
        """Return the draft's name of one picture of one sheet, e.g. `000-0007-fed`."""
        index = self.snapshot.place if batch_index < 0 else batch_index
        return f"{index:03}-{number:04}-{role}"

    async def _keep(self, snapshot: Snapshot) -> None:
        snapshot = replace(snapshot, tally=self.counting.tally())
        data = encode_snapshot(snapshot)
        await asyncio.to_thread(self.drafts.write, SNAPSHOT_NAME, data)
        self.snapshot = snapshot


def _role(role: str, sheet: Sheet) -> str:
    """Name what belongs to the picture of a sheet that is in force: the second one's page is `page2`."""
    return role if sheet.taken == 1 else f"{role}{sheet.taken}"


def draft_drawer(folder: Path, key: bytes) -> Drafts:
    """Return the sealed drafts of the visit with this key."""
    return Drafts(folder / DRAFTS_FOLDER, Drawer(key))


def load_snapshot(drafts: Drafts) -> Snapshot:
    """Return the draft as kept, with sheets adopted whose picture was kept but whose line was not.

    Raises DraftLost or SnapshotLost when a draft is there and does not open, OSError or DraftUnreadable
    when the disk does not give it.
    """
    if not drafts.has(SNAPSHOT_NAME):
        return Snapshot()
    snapshot = decode_snapshot(drafts.read(SNAPSHOT_NAME))
    batch = snapshot.current
    if batch is None:
        return snapshot
    whole = grown = batch
    for name in drafts.names():
        found = _FED.match(name)
        if found is None or int(found[1]) != snapshot.place:
            continue
        number = len(grown.sheets) + 1
        if int(found[2]) == number and (sheet := _adopted(drafts, name, number)) is not None:
            grown = add_sheet(grown, sheet)
            whole = whole if sheet.side == "front" else grown
    return snapshot.changed(whole)


def _adopted(drafts: Drafts, name: str, number: int) -> Sheet | None:
    """Return the side a cut kept out of the draft's lines; None when its picture was cut off, too."""
    try:
        stored = drafts.read(name)
    except DraftUnreadable:
        raise
    except DraftLost:
        log.warning("draft.torn name=%s", name)
        return None
    border = 4 + int.from_bytes(stored[:4], "big")
    media_type, dpi, twice, leaf, side = json.loads(stored[4:border])
    digest = sha256(stored[border:]).hexdigest()
    log.info("draft.adopted sheet=%d", number)
    return Sheet(
        number, digest, str(media_type), int(dpi), twice=str(twice), leaf=int(leaf), side=str(side)
    )
