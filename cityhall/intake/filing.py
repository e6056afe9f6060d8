"""What happens to the bytes of one session: pieces become slips and parts, verified without any key to open them."""

import asyncio
import hashlib
import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cityhall.intake.clock import Time
from cityhall.intake.commit import GroupCommit
from cityhall.intake.countersign import Countersigner
from cityhall.intake.register import Register
from cityhall.mail.arrivals import Earlier, Slip
from cityhall.mail.models import Arrived, Have
from cityhall.mail.store import HallMail
from sync.bundle import Device
from sync.envelope import Header, Part
from sync.errors import FailureKind, PeerError, SealError
from sync.events import PieceCame
from sync.frames import SLIP_ITEM
from sync.receipt import ARRIVED, COMPLETE, HallReceipt
from sync.refusals import Refused
from sync.verify import part_matches, read_header, verify_slip

log = logging.getLogger("madobus.intake")

# Envelopes of one session whose promised parts are remembered while they come.
PROMISED_LIMIT: Final = 64

_CODES = {
    FailureKind.HEADER: Refused.SLIP_SHAPE,
    FailureKind.SIGNATURE: Refused.SLIP_SIGNATURE,
    FailureKind.NO_MATCH: Refused.SLIP_SENDER,
    FailureKind.PAYLOAD: Refused.SLIP_PAYLOAD,
}


class ItemMismatchError(Exception):
    """An item came whole and is not what its header promised; it was dropped and may come again."""


@dataclass(frozen=True, slots=True)
class Partners:
    """What every session shares."""

    mail: HallMail
    register: Register
    countersigner: Countersigner
    commits: GroupCommit
    time: Time


@dataclass(frozen=True, slots=True)
class Filed:
    """A receipt to hand out: committed, of this stage, for this place in the log; `have` when it is known at hand."""

    stage: int
    receipt: bytes
    log_index: int
    have: Have | None = None


class Filing:
    """The envelopes of one box in one session. Every method returns after its bytes are durable."""

    def __init__(self, partners: Partners, device: Device) -> None:
        self._partners = partners
        self._mail = partners.mail
        self._device = device
        self._asked_again: set[bytes] = set()
        self._parts_of = lru_cache(PROMISED_LIMIT)(self._read_parts)
        self._told: dict[bytes, HallReceipt] = {}

    async def word(self, env_id: bytes) -> Filed | None:
        """Return the newest receipt for an envelope, or None when nothing was promised yet."""
        arrived = await asyncio.to_thread(self._mail.answer, env_id)
        if arrived is None:
            return None
        return await asyncio.to_thread(self._newest, arrived)

    def told_before(self, env_id: bytes, receipt: bytes) -> HallReceipt | None:
        """Remember and return what we signed for an envelope before our log lost it; None for what we did not sign."""
        bundle = self._partners.register.bundle
        told = self._partners.countersigner.own_receipt(receipt, bundle)
        if told is None or told.env_id != env_id:
            log.warning("receipt.not_ours id=%s device=%s", env_id.hex(), self._device.name)
            return None
        self._told[env_id] = told
        return told

    async def piece(self, piece: PieceCame) -> Filed | None:
        """Keep a piece; returns the receipt it brought about, if any.

        Raises PeerError (the envelope is refused) and ItemMismatchError (the item comes again).
        """
        if not piece.last:
            await asyncio.to_thread(self._keep, piece)
            return None
        if piece.item == SLIP_ITEM:
            return await self._slip(piece)
        return await asyncio.to_thread(self._part, piece)

    async def _slip(self, piece: PieceCame) -> Filed:
        data = await asyncio.to_thread(self._whole, piece) if piece.offset else piece.data
        try:
            # A third of a millisecond: less than another thread would cost.
            header = self._verified(piece.env_id, data)
        except PeerError as error:
            await asyncio.to_thread(self._drop, piece)
            if self._may_come_again(piece):
                raise ItemMismatchError from error
            raise
        self._check_journal(header)
        told = self._told.get(piece.env_id)
        arrived = await self._partners.commits.file(self._to_file(data, header, told))
        if not arrived.same:
            raise PeerError(Refused.OTHER_BYTES, "slip: this id was filed with other bytes")
        if told is not None and told.filing_no != arrived.filing_no:
            # The paper in somebody's hand says another number: a person has to tell them.
            log.error("filing.renumbered id=%s device=%s", piece.env_id.hex(), self._device.name)
        if arrived.fresh and header.parts:
            items = {SLIP_ITEM: (len(data), len(data))}
            items.update({part.index + 1: (part.length, 0) for part in header.parts})
            return Filed(ARRIVED, arrived.receipt, arrived.log_index, Have(ARRIVED, items))
        return await asyncio.to_thread(self._newest, arrived)

    def _to_file(self, data: bytes, header: Header, told: HallReceipt | None) -> Slip:
        """Return the slip for the shelf; `told` is what we signed for it before our log lost it."""
        digest = hashlib.sha256(data).digest()
        if told is not None and told.envelope_sha256 != digest:
            told = None
        received = self._partners.time.now()

        def receipt_for(number: str, index: int) -> bytes:
            if told is not None and number == told.filing_no:
                return self._partners.countersigner.again(told, index)
            return self._partners.countersigner.receipt(
                data,
                header,
                received=received,
                filing_no=number,
                log_index=index,
                bundle=self._partners.register.bundle,
            )

        earlier = None if told is None else Earlier(told.filing_no, told.received)
        return Slip(self._device.name, header, data, digest, received, receipt_for, earlier)

    def _may_come_again(self, piece: PieceCame) -> bool:
        """Tell whether a slip that does not hold is asked for once more: only what lay here can be our fault."""
        if piece.offset == 0 or piece.env_id in self._asked_again:
            return False
        self._asked_again.add(piece.env_id)
        return True

    def _verified(self, env_id: bytes, data: bytes) -> Header:
        try:
            header = verify_slip(data, self._device.verify)
        except SealError as error:
            raise PeerError(_CODES[error.kind], f"slip: {error}") from error
        if header.env_id != env_id or header.sender != self._device.name:
            raise PeerError(Refused.SLIP_SENDER, "slip: it names another envelope or another box")
        return header

    def _check_journal(self, header: Header) -> None:
        """Raise PeerError for what a revoked box journaled after the last entry of it that is believed."""
        gone = self._partners.register.revoked(self._device.name)
        if gone is not None and header.journal_seq >= gone.journal:
            raise PeerError(
                Refused.AFTER_REVOCATION,
                f"slip: the box is revoked and believed up to journal entry {gone.journal} only, "
                f"this is {header.journal_seq + 1}; ask who handed it in",
            )

    def _part(self, piece: PieceCame) -> Filed | None:
        data = self._whole(piece)
        index = piece.item - 1
        if not part_matches(self._parts_of(piece.env_id)[index], data):
            self._drop(piece)
            raise ItemMismatchError
        whole = self._mail.commit_part(piece.env_id, index, data)
        arrived = self._mail.answer(piece.env_id) if whole else None
        return None if arrived is None else self._newest(arrived)

    def _read_parts(self, env_id: bytes) -> tuple[Part, ...]:
        """Return what a filed slip promised of its parts."""
        return read_header(self._mail.slip(env_id)).parts

    def _whole(self, piece: PieceCame) -> bytes:
        """Return the item's bytes. The last piece is never kept: what lies there is always less than an item.

        So a cut before the commit leaves something to ask for, and the bus's next piece checks and commits it.
        """
        if piece.offset == 0:
            return piece.data
        return (
            self._mail.read_pieces(self._device.name, piece.env_id, piece.item)[: piece.offset]
            + piece.data
        )

    def _drop(self, piece: PieceCame) -> None:
        self._mail.drop_pieces(self._device.name, piece.env_id, piece.item)

    def _keep(self, piece: PieceCame) -> None:
        if piece.offset == 0:
            self._drop(piece)
        self._mail.write_piece(
            self._device.name, piece.env_id, piece.item, piece.offset, piece.data
        )

    def _newest(self, arrived: Arrived) -> Filed:
        """Return the stage 2 receipt once every part is here (made now if a crash came between), else stage 1."""
        final = arrived.final_receipt
        if final is None and self._mail.is_whole(arrived.env_id):
            countersigner = self._partners.countersigner
            final = self._mail.completed(
                arrived.env_id, lambda _number, _index: countersigner.completed(arrived.receipt)
            )
        if final is None:
            return Filed(ARRIVED, arrived.receipt, arrived.log_index)
        return Filed(COMPLETE, final, arrived.log_index)
