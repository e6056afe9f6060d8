"""What the intake signs: receipts within proven bounds, the log's head, the time. The key opens nothing."""

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Final

from cityhall.mail.models import Witness
from cityhall.mail.store import HallMail
from sync.bundle import KeyBundle
from sync.envelope import Header
from sync.errors import SealError
from sync.frames import LOG_ORIGIN
from sync.journal import Checkpoint, checkpoint, read_checkpoint
from sync.keys import Signer, VerifyKey
from sync.receipt import (
    ARRIVED,
    COMPLETE,
    Beacon,
    HallReceipt,
    Proof,
    bounded,
    encode_proof,
    own_hall_receipt,
    read_beacon,
    read_receipt,
    sign_beacon,
    sign_receipt,
)
from sync.shape import EPOCH
from sync.witness import cosign

# Beacons whose signature was checked and is remembered; a bus has one for a stop.
BEACONS_LIMIT: Final = 1024


class Countersigner:
    """Signs with the intake's key, for what the shelf says is committed."""

    def __init__(self, signer: Signer, mail: HallMail) -> None:
        self._signer = signer
        self._mail = mail
        self._noted: tuple[int, bytes, str, str] = (0, b"", "", "")
        self._beacons: dict[tuple[int, bytes], datetime | None] = {}

    def receipt(
        self,
        slip: bytes,
        header: Header,
        *,
        received: datetime,
        filing_no: str,
        log_index: int,
        bundle: KeyBundle,
    ) -> bytes:
        """Return the signed stage 1 receipt; its filing time is the box's own, moved into what is proven."""
        earliest = min(self._not_before(header, bundle), received)
        return sign_receipt(
            HallReceipt(
                env_id=header.env_id,
                envelope_sha256=hashlib.sha256(slip).digest(),
                procedure=header.kind,
                filing_no=filing_no,
                filed=bounded(header.time.wall, earliest, received),
                not_before=earliest,
                received=received,
                log_index=log_index,
                stage=ARRIVED,
                key_id=self._signer.key_id,
            ),
            self._signer,
        )

    def again(self, told: HallReceipt, log_index: int) -> bytes:
        """Return the stage 1 receipt of a filing the log lost: every word of the one told before but its new place."""
        key_id = self._signer.key_id
        return sign_receipt(
            replace(told, stage=ARRIVED, log_index=log_index, key_id=key_id), self._signer
        )

    def own_receipt(self, data: bytes, bundle: KeyBundle) -> HallReceipt | None:
        """Return a receipt that city hall signed itself, or None."""
        own = self._signer.public

        def find(key_id: bytes) -> VerifyKey | None:
            return own if own.key_id == key_id else bundle.countersigner(key_id)

        try:
            found = read_receipt(data, find)
        except SealError:
            return None
        return found if isinstance(found, HallReceipt) else None

    def own_note(self, note: str, bundle: KeyBundle) -> Checkpoint | None:
        """Return the head of the filing log that city hall signed itself, or None."""
        for key in self.keys(bundle):
            try:
                found = read_checkpoint(note, key)
            except SealError:
                continue
            return found if found.origin == LOG_ORIGIN else None
        return None

    def completed(self, stage_1: bytes) -> bytes:
        """Return the stage 2 receipt: every word of the stored stage 1 receipt, whichever key of ours signed that."""
        told = own_hall_receipt(stage_1)
        final = replace(told, stage=COMPLETE, key_id=self._signer.key_id)
        return sign_receipt(final, self._signer)

    def head(self, known_size: int) -> tuple[str, tuple[bytes, ...], int]:
        """Return the log's signed note, the proof that it grew from `known_size`, and its size."""
        found = self._mail.witness(known_size)
        return self._note(found), found.growth, found.size

    def proof(self, log_index: int, known_size: int) -> tuple[bytes, tuple[bytes, ...], int]:
        """Return the proof of one filing under the log's newest head, how that grew, and its size."""
        return self._proof(self._mail.witness(known_size, log_index))

    def proof_at_hand(
        self, log_index: int, known_size: int
    ) -> tuple[bytes, tuple[bytes, ...], int] | None:
        """Return the same when the shelf need not be read for it: what was just filed here; else None."""
        found = self._mail.witness_at_hand(known_size, log_index)
        return None if found is None else self._proof(found)

    def _proof(self, found: Witness) -> tuple[bytes, tuple[bytes, ...], int]:
        proof = Proof(found.size, found.root, found.inclusion, self._note(found))
        return encode_proof(proof), found.growth, found.size

    def _note(self, found: Witness) -> str:
        """Return the signed note of a head; a whole group commit hands out the same one."""
        size, root, highest, note = self._noted
        if (size, root, highest) != (found.size, found.root, found.highest) or not note:
            note = checkpoint(LOG_ORIGIN, found.size, found.root, self._signer, found.highest)
            self._noted = (found.size, found.root, found.highest, note)
        return note

    def beacon(self, nonce: bytes, now: datetime, newest: tuple[int, int] = (0, 0)) -> bytes:
        """Return the signed time for a bus's nonce; `newest` is the rank of the key bundle in place."""
        root, bundle = newest
        told = Beacon(now, nonce, self._signer.key_id, root, bundle)
        return sign_beacon(told, self._signer)

    def cosign(self, note: str, now: datetime) -> str:
        """Return a box's journal head with city hall's line under it."""
        return cosign(note, self._signer, now)

    def keys(self, bundle: KeyBundle) -> tuple[VerifyKey, ...]:
        """Return every key that signs for the intake: this one's own first."""
        return (self._signer.public, *bundle.countersigners)

    def _not_before(self, header: Header, bundle: KeyBundle) -> datetime:
        """Return the moment that is proven to lie before the filing: our beacon's, or else the signed key bundle's.

        What the box's own clock says proves nothing: one that is forty days ahead would push the bound past the truth.
        """
        told = self._beacon_time(header.beacon, bundle)
        issued = bundle.issued if header.bundle_version == bundle.version else EPOCH
        return told or issued.replace(microsecond=0)

    def _beacon_time(self, beacon: bytes, bundle: KeyBundle) -> datetime | None:
        """Return a beacon's time when it holds; all slips of one stop bear the same one."""
        key = (bundle.version, beacon)
        if key not in self._beacons:
            if len(self._beacons) >= BEACONS_LIMIT:
                self._beacons.clear()
            try:
                self._beacons[key] = read_beacon(beacon, bundle).time
            except SealError:
                self._beacons[key] = None
        return self._beacons[key]
