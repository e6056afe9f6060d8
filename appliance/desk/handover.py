"""Hands one application in: record, seal, shelf, receipt. Commit, then speak.

The sealed parts stand in this order: the previews of all sheets, then the pages, then the originals where all
sheets have one; the n-th of each belongs to the n-th `SheetNote` of the record, `index` n from 0.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from appliance.desk.application import Application, Handed
from appliance.desk.batch import Batch
from appliance.desk.recording import Stop, make_filing, make_record, whole_seconds
from appliance.mail.store import MailStore
from sync.bundle import KeyBundle, Standing, division_at
from sync.clock import Clock, Instant
from sync.envelope import PARTS_MAX, Envelope, PartRole
from sync.errors import LocalError, SealError
from sync.journal import JournalEntry
from sync.keys import SealingKey, Signer
from sync.receipt import BoxReceipt, read_beacon, read_receipt, sign_receipt
from sync.record import Filing, encode_record
from sync.seal import seal
from sync.witness import journal_note

log = logging.getLogger(__name__)

APPLICATION = "application"
DIVISION, RECOVERY = 1, 2


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of one sheet; an empty original is none."""

    page: bytes
    preview: bytes
    original: bytes = b""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a hand-in counts: the box's clock, what city hall attested, and the filing made of both."""

    at: Instant
    floor: datetime
    filing: Filing
    beacon: bytes


class Handover:
    """The only writer of the shelf's outbox in this room."""

    def __init__(
        self,
        *,
        device: str,
        signer: Signer,
        mail: MailStore,
        clock: Clock,
        random: Callable[[int], bytes],
    ) -> None:
        self._device = device
        self._signer = signer
        self._mail = mail
        self._clock = clock
        self._random = random

    def moment(self, stop: Stop, bundle: KeyBundle) -> Moment:
        """Return the moment of a hand-in that is made now."""
        # One beacon for the floor and for the seal: a newer one between the two would outrun the hand-in.
        at, beacon = self._clock.now(), self._mail.beacon() or b""
        floor = attested(beacon, bundle)
        return Moment(at, floor, make_filing(stop, at, floor), beacon)

    def hand_in(
        self,
        item: Application,
        batch: Batch,
        pictures: Sequence[Pictures],
        *,
        stop: Stop,
        bundle: KeyBundle,
        visit: str,
        moment: Moment,
        deadline: date | None,
    ) -> Handed:
        """Make one application durable and return its proof; handed in twice it gives the same proof.

        Raises ShelfFull when the shelf takes no more; nothing is kept then and the draft stays.
        """
        known = self.proof(item)
        if known is not None:
            return known
        at, filing = moment.at, moment.filing
        sheets = [batch.sheet(number) for number in item.sheets]
        originals = _originals(pictures)
        record = make_record(item, batch, stop, filing, sheets, originals=bool(originals))
        envelope = seal(
            env_id=bytes.fromhex(item.env_id),
            sender=self._device,
            kind=APPLICATION,
            visit=bytes.fromhex(visit),
            signer=self._signer,
            recipients=recipients_at(bundle, at),
            record=encode_record(record),
            parts=[
                *((PartRole.PREVIEW, each.preview) for each in pictures),
                *((PartRole.PAGE, each.page) for each in pictures),
                *((PartRole.ORIGINAL, original) for original in originals),
            ],
            at=at,
            journal=self._mail.head(),
            beacon=moment.beacon,
            bundle_version=bundle.version,
            random=self._random,
        )
        kept = self._mail.keep(
            envelope,
            deadline=deadline,
            at=at,
            receipt_for=lambda entry: self._receipt(
                envelope, batch.procedure, filing, moment.floor, entry
            ),
            sign_head=lambda size, root: journal_note(self._device, size, root, self._signer),
        )
        log.info("application.kept envelope=%s seq=%d", item.env_id, kept.entry.seq)
        return Handed(
            filed_at=filing.handed_in_at.isoformat(),
            uncertainty_s=filing.uncertainty_s,
            policy=filing.policy,
            journal_seq=kept.entry.seq,
            envelope_sha256=hashlib.sha256(envelope.slip).hexdigest(),
            receipt=kept.receipt.hex(),
            protective=item.has("block"),
            clock=filing.clock_quality,
        )

    def proof(self, item: Application) -> Handed | None:
        """Return the proof of an application that the shelf already holds, or None."""
        row = self._mail.find(bytes.fromhex(item.env_id))
        if row is None:
            return None
        told = read_receipt(row.box_receipt, lambda _: self._signer.public)
        if not isinstance(told, BoxReceipt):
            raise LocalError("handover: the shelf holds another receipt than this box's own")
        return Handed(
            filed_at=told.filed.isoformat(),
            uncertainty_s=told.uncertainty_s,
            policy=item.filing_policy,
            journal_seq=told.journal_seq,
            envelope_sha256=told.envelope_sha256.hex(),
            receipt=row.box_receipt.hex(),
            protective=item.has("block"),
        )

    def _receipt(
        self,
        envelope: Envelope,
        procedure: str,
        filing: Filing,
        floor: datetime,
        entry: JournalEntry,
    ) -> bytes:
        return sign_receipt(
            BoxReceipt(
                env_id=envelope.env_id,
                envelope_sha256=hashlib.sha256(envelope.slip).digest(),
                procedure=procedure,
                filed=filing.handed_in_at,
                not_before=floor,
                uncertainty_s=filing.uncertainty_s,
                journal_seq=entry.seq,
                device_key_id=self._signer.key_id,
            ),
            self._signer,
        )


def _originals(pictures: Sequence[Pictures]) -> list[bytes]:
    """Return the sheets' originals, or none: where one lacks its own, or three pictures a sheet are too many parts."""
    found = [each.original for each in pictures if each.original]
    return found if len(found) == len(pictures) <= PARTS_MAX // 3 else []


def attested(beacon: bytes, bundle: KeyBundle) -> datetime:
    """Return the latest time city hall itself attested: this beacon, or its bundle."""
    try:
        told = read_beacon(beacon, bundle).time if beacon else bundle.issued
    except SealError:
        told = bundle.issued
    return whole_seconds(max(told, bundle.issued))


def recipients_at(bundle: KeyBundle, at: Instant) -> list[tuple[SealingKey, int]]:
    """Return whom an envelope is sealed for at this moment: the division's newest month, and recovery."""
    now = division_at(bundle, at.wall)
    if now.standing is not Standing.FRESH:
        # Nobody is turned away for old keys; the office sees by key and time that they were.
        loud = logging.ERROR if now.standing is Standing.OVERDUE else logging.WARNING
        log.log(loud, "bundle.behind version=%d standing=%s", bundle.version, now.standing.value)
    return [(now.epoch.key, DIVISION), *((key, RECOVERY) for key in bundle.recovery)]
