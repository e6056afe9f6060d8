"""The standards door's core: one item of an envelope as an upload, under the rules of the bus's own session."""

import asyncio
import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cityhall.intake.body import Body, CutError, SlowError
from cityhall.intake.claims import Claims, End
from cityhall.intake.filing import Filing, ItemMismatchError, Partners
from cityhall.intake.problem import ProblemError, from_peer
from cityhall.intake.refusing import full, gone, inconsistent_length, moved, too_much, too_slow
from cityhall.intake.upload import Item, Upload
from cityhall.mail.store import OtherBoxError, TooManyPiecesError
from cityhall.mail.uploads import TooManyUploadsError
from sync.bundle import Device
from sync.errors import PeerError
from sync.events import PieceCame
from sync.frames import PIECE_MAX, SLIP_ITEM
from sync.incoming import MISMATCH_LIMIT
from sync.refusals import Refused

# Room on the disk that stays free for what the buses' sessions bring.
ROOM_RESERVE: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class House:
    """What every request at the door shares; `free` tells how many bytes the shelf's disk still takes."""

    partners: Partners
    claims: Claims
    free: Callable[[], int]


class Uploads:
    """The uploads of one box, for one request; `end` breaks that request off when a newer one wants its item."""

    def __init__(self, house: House, device: Device, end: End) -> None:
        self._house = house
        self._mail = house.partners.mail
        self._time = house.partners.time
        self._device = device
        self._end = end
        self._filing = Filing(house.partners, device)

    async def create(self, item: Item, length: int | None) -> Upload:
        """Open an item for upload; opened before, it is the same upload, with the bytes that are here."""
        held_length, _ = await self._held(item)
        known = self._agreed(item, length, held_length)
        try:
            opened = await asyncio.to_thread(
                self._mail.uploads.open,
                *(self._device.name, item.env_id, item.number),
                length=known,
                token=secrets.token_hex(8),
                at=self._time.now(),
            )
        except TooManyUploadsError as error:
            raise too_much(str(item), str(error)) from error
        if opened.mismatches >= MISMATCH_LIMIT:
            raise ProblemError(
                Refused.PART_MISMATCH,
                str(item),
                f"an item may come whole and wrong {MISMATCH_LIMIT} times",
                f"this one did {opened.mismatches} times",
                "seal the application again; DELETE /uploads/{envelope}/{item} forgets the count",
            )
        return await self.find(item, opened.token, length=length)

    async def find(self, item: Item, token: str, *, length: int | None = None) -> Upload:
        """Return an open upload as it is durable now; raises ProblemError when there is none of that name."""
        opened = await asyncio.to_thread(
            self._mail.uploads.find,
            *(self._device.name, item.env_id, item.number),
            self._time.now(),
        )
        if opened is None or not secrets.compare_digest(opened.token, token):
            raise gone(str(item))
        held_length, held = await self._held(item)
        known = self._agreed(item, length, held_length or opened.length)
        if not held_length and known and held >= known:
            held = 0  # what seems to lie there whole and is not filed was never checked: it comes again
        if known and known != opened.length:
            key = (self._device.name, item.env_id, item.number)
            await asyncio.to_thread(self._mail.uploads.tell_length, *key, known)
        return Upload(item, opened.token, known, held, opened.expires)

    async def append(self, upload: Upload, body: Body, *, ends: bool) -> Upload:
        """Keep a body behind the bytes that are here; `ends` = its end is the item's end.

        Returns once everything is durable, and the whole item judged. Raises ProblemError.
        """
        await self._refuse_unread(upload, body)
        offset, buffer, broken = upload.offset, bytearray(), None
        try:
            while data := await body.next():
                buffer += data
                offset = await self._keep_full(upload, offset, buffer)
        except (CutError, SlowError) as error:
            broken = error
            buffer += body.rest()
            offset = await self._keep_full(upload, offset, buffer)
        came = offset + len(buffer)
        whole = came == upload.length if upload.length else ends and broken is None
        if whole and not upload.complete:
            self._readmit()
            await self._piece(upload, offset, bytes(buffer), last=True)
        elif buffer:
            await self._piece(upload, offset, bytes(buffer), last=False)
        if broken is not None and not whole:
            raise too_slow(str(upload.item), came)
        return await self.find(upload.item, upload.token, length=came if whole else None)

    async def cancel(self, item: Item, token: str | None) -> None:
        """Forget an upload and its bytes; a filing stays what it is. Without a token also the count of failures."""
        key = (self._device.name, item.env_id, item.number)
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
                self._house.partners.countersigner.proof, filed.log_index, known_size
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

    def alone(self, item: Item) -> Any:
        """Have an item alone for a block; an older request of the same item is ended first."""
        return self._house.claims.hold((self._device.name, item.env_id, item.number), self._end)

    async def _have(self, env_id: bytes) -> Any:
        try:
            return await asyncio.to_thread(self._mail.have, self._device.name, env_id)
        except OtherBoxError as error:
            raise from_peer(PeerError(Refused.SLIP_SENDER, str(error))) from error

    async def _held(self, item: Item) -> tuple[int, int]:
        """Return an item's length as the filed slip tells it (0 before) and its durable bytes."""
        have = await self._have(item.env_id)
        if item.number != SLIP_ITEM and not have.stage:
            raise ProblemError(
                Refused.NOT_OFFERED,
                str(item),
                "the slip comes first",
                "city hall has not filed this envelope's slip",
                "upload item 0 to its end, then this one",
            )
        if item.number not in have.items:
            raise ProblemError(
                Refused.NO_SUCH_ITEM,
                str(item),
                "an item stands in the envelope's header",
                f"the header has {len(have.items) - 1} parts",
                "upload the items 0 to the number of parts",
            )
        length, held = have.items[item.number]
        return length, held

    @staticmethod
    def _agreed(item: Item, told: int | None, known: int) -> int:
        """Return an item's length (0 = unknown) once what the client tells fits what is known and allowed."""
        if told is not None and not 0 < told <= item.longest:
            raise ProblemError(
                Refused.TOO_LARGE,
                str(item),
                f"an item of this kind has 1 to {item.longest} bytes",
                f"the request speaks of {told}",
                "send the item as it was sealed",
            )
        if told is not None and known and told != known:
            raise inconsistent_length(str(item), told, known)
        return known or told or 0

    async def _refuse_unread(self, upload: Upload, body: Body) -> None:
        """Refuse a body by its announced length alone, before a byte of it is read."""
        coming = body.expected
        if coming is not None and coming > upload.item.longest:
            self._agreed(upload.item, coming, 0)
        if coming is not None and upload.offset + coming > (upload.length or upload.item.longest):
            await self._refuse_overlong(upload, upload.offset + coming)
        if coming == 0 or upload.complete:
            return
        needed = ROOM_RESERVE + (coming or upload.item.longest)
        if await asyncio.to_thread(self._house.free) < needed:
            raise full(str(upload.item), "the disk has no room for it")

    async def _keep_full(self, upload: Upload, offset: int, buffer: bytearray) -> int:
        """Write what fills whole pieces; the rest stays in the buffer, because the last piece is judged, not kept."""
        end = offset + len(buffer)
        if end > (upload.length or upload.item.longest):
            await self._refuse_overlong(upload, end)
        while len(buffer) > PIECE_MAX:
            await self._piece(upload, offset, bytes(buffer[:PIECE_MAX]), last=False)
            del buffer[:PIECE_MAX]
            offset += PIECE_MAX
        return offset

    async def _refuse_overlong(self, upload: Upload, end: int) -> None:
        """Close an upload whose client sends more than the item has."""
        await self._close(upload)
        await asyncio.to_thread(
            self._mail.drop_pieces, self._device.name, upload.item.env_id, upload.item.number
        )
        raise ProblemError(
            Refused.TOO_LARGE,
            str(upload.item),
            f"it has {upload.length or upload.item.longest} bytes",
            f"the request ends at byte {end}",
            "create the upload again and send the item as it was sealed",
            status=400,
        )

    async def _piece(self, upload: Upload, offset: int, data: bytes, *, last: bool) -> None:
        item = upload.item
        try:
            await self._filing.piece(PieceCame(item.env_id, item.number, offset, data, last=last))
        except ItemMismatchError as error:
            raise await self._mismatched(upload, error.__cause__) from error
        except PeerError as error:
            raise await self._mismatched(upload, error) from error
        except TooManyPiecesError as error:
            raise too_much(str(item), str(error)) from error
        except (FileNotFoundError, ValueError) as error:
            raise moved(str(item), (await self._held(item))[1]) from error
        except OSError as error:
            raise full(str(item), f"the shelf took nothing ({type(error).__name__})") from error

    async def _mismatched(self, upload: Upload, cause: BaseException | None) -> ProblemError:
        """Close an upload whose item came whole and is not what it should be; returns what to tell."""
        times = await self._close(upload, mismatched=True)
        again = "create the upload again and send the item from its first byte"
        if isinstance(cause, PeerError):
            problem = from_peer(cause, final=True)
            problem.remedy = again if times < MISMATCH_LIMIT else problem.remedy
            return problem
        return ProblemError(
            Refused.PART_MISMATCH,
            str(upload.item),
            "an item has the root that its header promises",
            f"it came whole and does not match, time {times} of {MISMATCH_LIMIT}; it was dropped",
            again if times < MISMATCH_LIMIT else "seal the application again",
            final=True,
        )

    async def _close(self, upload: Upload, *, mismatched: bool = False) -> int:
        key = (self._device.name, upload.item.env_id, upload.item.number)
        return await asyncio.to_thread(self._mail.uploads.close, *key, mismatched=mismatched)

    def _readmit(self) -> None:
        """Ask once more whether the box may come in: an upload may have taken days."""
        try:
            self._house.partners.register.admit(self._device.name, self._device.name)
        except PeerError as error:
            raise from_peer(error) from error


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
