"""What the intake signs: receipts within proven bounds, the log's head, the time. The key opens nothing."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from cityhall.mail.models import Witness
from cityhall.mail.store import HallMail
from sync.bundle import KeyBundle
from sync.envelope import Header
from sync.errors import SealError
from sync.frames import LOG_ORIGIN
from sync.journal import checkpoint
from sync.keys import Signer
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
    sign_beacon,
    sign_receipt,
)


class Countersigner:
    """Signs with the intake's key, for what the shelf says is committed."""

    def __init__(self, signer: Signer, mail: HallMail) -> None:
        self._signer = signer
        self._mail = mail

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
        found = self._mail.witness(known_size, log_index)
        proof = Proof(found.size, found.root, found.inclusion, self._note(found))
        return encode_proof(proof), found.growth, found.size

    def _note(self, found: Witness) -> str:
        return checkpoint(LOG_ORIGIN, found.size, found.root, self._signer)

    def beacon(self, nonce: bytes, now: datetime) -> bytes:
        """Return the signed time for a bus's nonce."""
        return sign_beacon(Beacon(now, nonce, self._signer.key_id), self._signer)

    @staticmethod
    def _not_before(header: Header, bundle: KeyBundle) -> datetime:
        """Return the moment that is proven to lie before the filing: our beacon's, or else the box's own bound."""
        try:
            return read_beacon(header.beacon, bundle).time
        except SealError:
            return header.time.wall - timedelta(seconds=header.time.uncertainty_s)
