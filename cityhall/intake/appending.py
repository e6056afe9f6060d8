"""A body becomes pieces behind the bytes that are here; the last one is judged: filed, or dropped."""

import asyncio
from typing import Final

from cityhall.intake.body import Body, CutError, SlowError
from cityhall.intake.filing import Filing, ItemMismatchError
from cityhall.intake.problem import ProblemError, from_peer
from cityhall.intake.refusing import (
    full,
    mismatched,
    moved,
    other_digest,
    overlong,
    too_much,
    too_slow,
)
from cityhall.intake.upload import Upload
from cityhall.intake.uploads import Uploads, agreed_length
from cityhall.mail.store import TooManyPiecesError
from sync.errors import PeerError
from sync.events import PieceCame
from sync.frames import PIECE_MAX

# Room on the disk that stays free for what the buses' sessions bring.
ROOM_RESERVE: Final = 64 * 1024 * 1024


class Appending:
    """What one request adds to one upload of a box; the caller has the item alone."""

    def __init__(self, uploads: Uploads, upload: Upload) -> None:
        self._house = uploads.house
        self._mail = uploads.house.partners.mail
        self._device = uploads.device
        self._uploads = uploads
        self._upload = upload
        self._item = upload.item
        self._end = upload.length or upload.item.longest
        self._filing = Filing(uploads.house.partners, uploads.device)

    async def append(self, body: Body, *, ends: bool) -> Upload:
        """Keep a body behind the bytes that are here; `ends` = its end is the item's end.

        Returns the upload once everything is durable, and the whole item judged. Raises ProblemError.
        """
        await self._refuse_unread(body)
        offset, buffer, broken = self._upload.offset, bytearray(), None
        try:
            while data := await body.next():
                buffer += data
                offset = await self._keep_full(offset, buffer)
        except (CutError, SlowError) as error:
            broken = error
            buffer += body.rest()
            offset = await self._keep_full(offset, buffer)
        if broken is None and not body.digest.holds():
            await self._drop()
            raise other_digest(str(self._item))
        came = offset + len(buffer)
        whole = came == self._upload.length if self._upload.length else ends and broken is None
        if whole and not self._upload.complete:
            self._readmit()
            await self._piece(offset, bytes(buffer), last=True)
        elif buffer:
            await self._piece(offset, bytes(buffer), last=False)
        if broken is not None and not whole:
            raise too_slow(str(self._item), came)
        length = came if whole else None
        return await self._uploads.find(self._item, self._upload.token, length=length)

    async def _refuse_unread(self, body: Body) -> None:
        """Refuse a body by its announced length alone, before a byte of it is read."""
        coming = body.expected
        if coming == 0:
            return
        if coming is not None:
            agreed_length(self._item, min(coming, self._item.longest + 1), 0)
            await self._refuse_overlong(self._upload.offset + coming)
        needed = ROOM_RESERVE + (coming or self._item.longest)
        if await asyncio.to_thread(self._house.free) < needed:
            raise full(str(self._item), "the disk has no room for it")

    async def _keep_full(self, offset: int, buffer: bytearray) -> int:
        """Write what fills whole pieces; the rest stays in the buffer, because the last piece is judged, not kept."""
        await self._refuse_overlong(offset + len(buffer))
        while len(buffer) > PIECE_MAX:
            await self._piece(offset, bytes(buffer[:PIECE_MAX]), last=False)
            del buffer[:PIECE_MAX]
            offset += PIECE_MAX
        return offset

    async def _refuse_overlong(self, end: int) -> None:
        """Close an upload whose client sends more than the item has: it has other bytes than were sealed."""
        if end > self._end:
            await self._drop()
            raise overlong(str(self._item), self._end, end)

    async def _piece(self, offset: int, data: bytes, *, last: bool) -> None:
        item = self._item
        try:
            await self._filing.piece(PieceCame(item.env_id, item.number, offset, data, last=last))
        except ItemMismatchError as error:
            raise await self._judged(error.__cause__) from error
        except PeerError as error:
            raise await self._judged(error) from error
        except TooManyPiecesError as error:
            raise too_much(str(item), str(error)) from error
        except (FileNotFoundError, ValueError) as error:
            raise moved(str(item), (await self._uploads.held(item))[1]) from error
        except OSError as error:
            raise full(str(item), f"the shelf took nothing ({type(error).__name__})") from error

    async def _judged(self, cause: BaseException | None) -> ProblemError:
        """Close an upload whose item came whole and is not what it should be; returns what to tell.

        An item that another road brought in meanwhile is no failure: its pieces are gone because it is filed.
        """
        length, held = await self._uploads.held(self._item)
        if 0 < length == held and self._item.number:
            return moved(str(self._item), held)
        times = await self._close(mismatched=True)
        if isinstance(cause, PeerError):
            return from_peer(cause, final=True)
        return mismatched(str(self._item), times)

    async def _drop(self) -> None:
        """Close the upload and forget its bytes; what is filed stays filed."""
        await self._close()
        await asyncio.to_thread(
            self._mail.drop_pieces, self._device.name, self._item.env_id, self._item.number
        )

    async def _close(self, *, mismatched: bool = False) -> int:
        key = (self._device.name, self._item.env_id, self._item.number)
        return await asyncio.to_thread(self._mail.uploads.close, *key, mismatched=mismatched)

    def _readmit(self) -> None:
        """Ask once more whether the box may come in: an upload may have taken days."""
        try:
            self._house.partners.register.admit(self._device.name, self._device.name)
        except PeerError as error:
            raise from_peer(error) from error
