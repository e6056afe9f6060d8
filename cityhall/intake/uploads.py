"""The standards door's core: one item of an envelope as an upload, under the rules of the bus's own session."""

import asyncio
import base64
import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage
from typing import Any, Final

from cityhall.intake.claims import Claims, End
from cityhall.intake.filing import Filing, Partners
from cityhall.intake.problem import from_peer
from cityhall.intake.refusing import (
    gone,
    inconsistent_length,
    no_such_item,
    slip_first,
    too_large,
    too_much,
    used_up,
)
from cityhall.intake.upload import Item, Upload
from cityhall.mail.models import Have
from cityhall.mail.store import OtherBoxError
from cityhall.mail.uploads import TooManyUploadsError
from sync.bundle import Device
from sync.errors import PeerError
from sync.frames import SLIP_ITEM
from sync.incoming import MISMATCH_LIMIT
from sync.refusals import Refused

# What a shelf without a folder takes, as far as this room can see.
NO_FOLDER: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class House:
    """What every request at the door shares; `free` tells how many bytes the shelf's disk still takes."""

    partners: Partners
    claims: Claims
    free: Callable[[], int]


class Uploads:
    """The uploads of one box, for one request; `end` breaks that request off when a newer one wants its item."""

    def __init__(self, house: House, device: Device, end: End) -> None:
        self.house = house
        self._mail = house.partners.mail
        self._time = house.partners.time
        self.device = device
        self._end = end
        self._filing = Filing(house.partners, device)

    async def create(self, item: Item, length: int | None) -> Upload:
        """Open an item for upload; opened before, it is the same upload, with the bytes that are here."""
        held_length, _ = await self.held(item)
        known = agreed_length(item, length, held_length)
        try:
            opened = await asyncio.to_thread(
                self._mail.uploads.open,
                *(self.device.name, item.env_id, item.number),
                length=known,
                token=secrets.token_hex(8),
                at=self._time.now(),
            )
        except TooManyUploadsError as error:
            raise too_much(str(item), str(error)) from error
        if opened.mismatches >= MISMATCH_LIMIT:
            raise used_up(str(item), opened.mismatches)
        return await self.find(item, opened.token, length=length)

    async def find(self, item: Item, token: str, *, length: int | None = None) -> Upload:
        """Return an open upload as it is durable now; raises ProblemError when there is none of that name."""
        opened = await asyncio.to_thread(
            self._mail.uploads.find,
            *(self.device.name, item.env_id, item.number),
            self._time.now(),
        )
        if opened is None or not secrets.compare_digest(opened.token.encode(), token.encode()):
            raise gone(str(item))
        held_length, held = await self.held(item)
        known = agreed_length(item, length, held_length or opened.length)
        if not held_length and known and held >= known:
            held = 0  # what seems to lie there whole and is not filed was never checked: it comes again
        if known and known != opened.length:
            key = (self.device.name, item.env_id, item.number)
            await asyncio.to_thread(self._mail.uploads.tell_length, *key, known)
        return Upload(item, opened.token, known, held, opened.expires)

    async def cancel(self, item: Item, token: str | None) -> None:
        """Forget an upload and its bytes; a filing stays what it is. Without a token also the count of failures."""
        key = (self.device.name, item.env_id, item.number)
        if token is not None:
            await self.find(item, token)
            await asyncio.to_thread(self._mail.uploads.close, *key)
        elif not await asyncio.to_thread(self._mail.uploads.forget, *key):
            raise gone(str(item))
        await asyncio.to_thread(self._mail.drop_pieces, *key)

    async def view(self, env_id: bytes, known_size: int = 0) -> dict[str, Any]:
        """Return what is known of an envelope, with the receipts and the newest proof, as JSON carries it."""
        have = await self._have(env_id)
        told: dict[str, Any] = {"envelope": env_id.hex(), "stage": 0}
        filed = await self._filing.word(env_id) if have.stage else None
        arrived = await asyncio.to_thread(self._mail.answer, env_id)
        if filed is not None and arrived is not None:
            proof, path, _ = await asyncio.to_thread(
                self.house.partners.countersigner.proof, filed.log_index, known_size
            )
            receipts = [arrived.receipt, *([filed.receipt] if filed.stage > 1 else [])]
            told |= {
                "stage": filed.stage,
                "filing_no": arrived.filing_no,
                "receipts": [_text(one) for one in receipts],
                "proof": _text(proof),
                "path": [_text(step) for step in path],
            }
        told["items"] = [
            {"item": item, "length": length, "held": held}
            for item, (length, held) in sorted(have.items.items())
        ]
        return told

    def alone(self, item: Item) -> AbstractAsyncContextManager[None]:
        """Have an item alone for a block; an older request of the same item is ended first."""
        return self.house.claims.hold((self.device.name, item.env_id, item.number), self._end)

    async def _have(self, env_id: bytes) -> Have:
        try:
            return await asyncio.to_thread(self._mail.have, self.device.name, env_id)
        except OtherBoxError as error:
            raise from_peer(PeerError(Refused.SLIP_SENDER, str(error))) from error

    async def held(self, item: Item) -> tuple[int, int]:
        """Return an item's length as the filed slip tells it (0 before) and its durable bytes."""
        have = await self._have(item.env_id)
        if item.number != SLIP_ITEM and not have.stage:
            raise slip_first(str(item))
        if item.number not in have.items:
            raise no_such_item(str(item), len(have.items) - 1)
        length, held = have.items[item.number]
        return length, held


def room_in(folder: Path | None) -> int:
    """Return the free bytes of the disk a shelf's folder lies on; without a folder its stores tell it themselves."""
    return NO_FOLDER if folder is None else disk_usage(folder).free


def agreed_length(item: Item, told: int | None, known: int) -> int:
    """Return an item's length (0 = unknown) once what the client tells fits what is known and allowed."""
    if told is not None and not 0 < told <= item.longest:
        raise too_large(str(item), item.longest, told)
    if told is not None and known and told != known:
        raise inconsistent_length(str(item), told, known)
    return known or told or 0


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
