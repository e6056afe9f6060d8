"""Feeds a stack: each paper is durable, with both its sides, before the next one is pulled."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from hashlib import sha256

from appliance.desk.batch import SHEETS_MAX, Batch, Trouble, stopped
from appliance.desk.drafts import DraftsFull
from appliance.desk.handedpages import HandedPages
from appliance.desk.openvisit import OpenVisit
from appliance.desk.sheets import Sheet
from hardware.errors import DeviceError
from hardware.protocols import Scanner
from hardware.protocols import Sheet as FedSheet

log = logging.getLogger(__name__)

IN_FLIGHT = frozenset({"jammed", "double_fed", "hung", "io"})
"""Stops with a paper on its way; any other cause is one only after a sheet of the same feed."""
AT_REST = frozenset(
    {
        *("empty", "busy", "unusable", "no_room"),
        *("camera_absent", "camera_busy", "camera_hung", "camera_no_picture", "camera_idle"),
    }
)
"""Stops before the motor moved, and those of a camera, which has none."""
SIDES = 2

DISK_FULL = Trouble(
    "disk_full",
    "この端末の保存場所が残りわずかのため、取り込みを止めました。ここまでの用紙は保存されています。",
    "Feeding stopped: this machine is nearly full. The sheets so far are kept.",
)
TOO_MANY = Trouble(
    "too_many",
    f"一束は {SHEETS_MAX} 面までです。この束を先に受け付けてください。",
    f"One batch holds {SHEETS_MAX} sides. Hand this batch in first.",
)
POWER_CUT = Trouble(
    "power_cut",
    "取り込みの途中で止まりました（電源が切れたか、画面が施錠されました）。",
    "Feeding was cut off: the power failed or the screen was locked.",
    in_flight=True,
)


class Stack:
    """One feed of one stack. `arrived(number)` is told of each side once it is durable."""

    def __init__(
        self,
        scanner: Scanner,
        visit: OpenVisit,
        known: HandedPages,
        arrived: Callable[[int], None],
    ) -> None:
        self._scanner = scanner
        self._visit = visit
        self._known = known
        self._arrived = arrived
        self._sides = 0  # given by the scanner in this feed
        self._papers = 0  # kept with all their sides
        self._both = False  # whether papers come with two sides

    async def feed(self) -> None:
        """Pull the whole stack into the batch.

        The batch is marked as feeding already. A trouble of the device or the disk ends it quietly: the
        batch then says why, and from where on.
        """
        trouble: Trouble | None = None
        try:
            trouble = await self._pull()
        except DeviceError as error:
            trouble = self._trouble(error)
        except DraftsFull:
            trouble = replace(DISK_FULL, lost=1)
        if trouble is not None:
            kept = len(self._visit.current().sheets)
            log.warning(
                "feed.stopped cause=%s sheets=%d lost=%d", trouble.cause, kept, trouble.lost
            )
        await self._visit.change(lambda batch: stopped(batch, trouble))

    async def _pull(self) -> Trouble | None:
        if not self._visit.drafts.room():
            return DISK_FULL
        stack = self._scanner.feed()
        try:
            async with aclosing(self._leaves(stack)) as leaves:
                async for sides in leaves:
                    if self._visit.current().retake:
                        await self._keep_again(sides)
                        return None
                    await self._keep(sides)
                    if not self._visit.drafts.room():
                        return DISK_FULL
                    if len(self._visit.current().sheets) + len(sides) > SHEETS_MAX:
                        return TOO_MANY
        finally:
            if isinstance(stack, AsyncGenerator):
                await stack.aclose()
        return None

    async def _leaves(self, stack: AsyncIterator[FedSheet]) -> AsyncGenerator[list[FedSheet]]:
        """Give the sides of one paper together: half a paper is fed again as a whole."""
        front: FedSheet | None = None
        async for fed in stack:
            self._sides += 1
            self._both = bool(fed.side)
            if fed.side == "front":
                front = fed
                continue
            yield [fed] if front is None else [front, fed]
            front = None
        if front is not None:
            yield [front]

    async def _keep(self, sides: list[FedSheet]) -> None:
        batch = self._visit.current()
        leaf = batch.papers + 1
        made: list[tuple[Sheet, bytes]] = []
        for number, fed in enumerate(sides, len(batch.sheets) + 1):
            sheet = self._sheet(batch, number, fed)
            # The back of another paper may be the same empty white; only its front tells a paper fed twice.
            twice = "" if made and not made[0][0].twice else sheet.twice
            made.append((replace(sheet, leaf=leaf, twice=twice), fed.image))
        await self._visit.keep_leaf(made)
        self._papers += 1
        for sheet, _ in made:
            self._arrived(sheet.number)

    async def _keep_again(self, sides: list[FedSheet]) -> None:
        """Keep the awaited side of this paper in the place of its first picture."""
        batch = self._visit.current()
        awaited = batch.sheet(batch.retake)
        fed = next((side for side in sides if side.side == awaited.side), sides[0])
        picture = Sheet(0, sha256(fed.image).hexdigest(), fed.media_type, fed.dpi)
        number = await self._visit.keep_again(picture, fed.image)
        self._papers += 1
        self._arrived(number)

    def _sheet(self, batch: Batch, number: int, fed: FedSheet) -> Sheet:
        """Give the side its number, and say at once when this very side came before."""
        digest = sha256(fed.image).hexdigest()
        before = next((old.number for old in batch.sheets if old.fed_sha256 == digest), 0)
        twice = self._known.env_id(digest) or (f"#{before}" if before else "")
        return Sheet(number, digest, fed.media_type, fed.dpi, twice=twice, side=fed.side)

    def _trouble(self, error: DeviceError) -> Trouble:
        """Say what the stop means for the paper that was on its way."""
        sides = self._sides + (error.undelivered or 0)
        passed = -(-sides // SIDES) if self._both else sides
        moving = error.cause in IN_FLIGHT or (self._sides > 0 and error.cause not in AT_REST)
        return Trouble(error.cause, error.ja, error.en, moving, passed - self._papers)
