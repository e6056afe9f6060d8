"""What must hold before city hall's word counts: signature, inclusion proof, and a log that only grew."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from appliance.mail.rows import HallHead
from appliance.uplink.trust import Trust
from sync.clock import HeardTime
from sync.errors import FailureKind, SealError
from sync.events import Receipted
from sync.frames import LOG_ORIGIN
from sync.journal import Checkpoint, read_checkpoint
from sync.merkle import EMPTY_ROOT, verify_consistency
from sync.receipt import HallReceipt, Proof, decode_proof, proof_holds, read_beacon, read_receipt
from sync.witness import read_cosigned

if TYPE_CHECKING:
    from appliance.mail.store import MailStore

NOTHING_KNOWN = HallHead(0, EMPTY_ROOT, "")


class HistoryBrokenError(Exception):
    """City hall's signed head does not extend the one this bus saw; `head` is the new one."""

    def __init__(self, known: HallHead, head: HallHead) -> None:
        super().__init__(f"log of {head.size} filings does not extend the {known.size} known")
        self.head = head


@dataclass(frozen=True, slots=True)
class Proven:
    """A receipt that counts, and the head it was proven under."""

    receipt: HallReceipt
    head: HallHead


class Evidence:
    """Checks what comes from city hall against the bundle and the shelf."""

    def __init__(self, trust: Trust, mail: "MailStore") -> None:
        self._trust = trust
        self._mail = mail

    def known(self) -> HallHead:
        """Return the head this bus last saw proven."""
        return self._mail.hall_head() or NOTHING_KNOWN

    def grown(self, known: HallHead, note: str, path: tuple[bytes, ...]) -> HallHead:
        """Return the signed head once it extends `known`; raises HistoryBrokenError and SealError."""
        found = self._checkpoint(note)
        head = HallHead(found.size, found.root, note)
        if not verify_consistency(known.size, head.size, path, known.root, head.root):
            raise HistoryBrokenError(known, head)
        return head

    def told_head(self, known: HallHead, event: Receipted) -> HallHead:
        """Return the head a receipt brings; raises HistoryBrokenError and SealError.

        Every receipt's head is the next step of the session, whatever becomes of the receipt itself.
        """
        return self.grown(known, self._proof(event.proof).checkpoint, event.path)

    def receipt(self, known: HallHead, event: Receipted) -> Proven:
        """Return a receipt that is ours, signed, and in the log; raises HistoryBrokenError and SealError."""
        receipt = read_receipt(event.receipt, self._trust.bundle())
        if not isinstance(receipt, HallReceipt) or receipt.stage != event.stage:
            raise SealError(FailureKind.HEADER, "receipt: not the hall's, or of another stage")
        slip = hashlib.sha256(self._mail.slip(event.env_id)).digest()
        if (receipt.env_id, receipt.envelope_sha256) != (event.env_id, slip):
            raise SealError(FailureKind.PAYLOAD, "receipt: for another envelope")
        proof = self._proof(event.proof)
        head = self.grown(known, proof.checkpoint, event.path)
        if (head.size, head.root) != (proof.size, proof.root) or not proof_holds(receipt, proof):
            raise SealError(FailureKind.PAYLOAD, "receipt: its filing is not in the log")
        return Proven(receipt, head)

    def witnessed(self, device: str, note: str) -> Checkpoint:
        """Return the head of this box's own journal that city hall cosigned; raises SealError."""
        bundle = self._trust.bundle()
        own = bundle.device(device)
        if own is None:
            raise SealError(
                FailureKind.NO_MATCH, "cosigned head: the bundle does not know this box"
            )
        return read_cosigned(note, device, own.verify, bundle.countersigners)[0]

    def beacon(self, data: bytes, nonce: bytes) -> datetime:
        """Return city hall's time; raises SealError unless it answers our nonce."""
        beacon = read_beacon(data, self._trust.bundle())
        if beacon.nonce != nonce:
            raise SealError(FailureKind.NO_MATCH, "beacon: it answers another nonce")
        self._trust.hear_of(beacon.root, beacon.bundle)
        return beacon.time

    def heard_time(self) -> HeardTime | None:
        """Return the newest time of city hall on the shelf, and when it was heard; None before the first."""
        found = self._mail.heard_beacon()
        if found is None:
            return None
        try:
            told = read_beacon(found.data, self._trust.bundle()).time
        except SealError:
            return None
        return HeardTime(told, found.boot, found.monotonic_ms, found.waited_ms)

    def _checkpoint(self, note: str) -> Checkpoint:
        problem = SealError(FailureKind.NO_MATCH, "log head: the bundle names no countersigner")
        for key in self._trust.bundle().countersigners:
            try:
                found = read_checkpoint(note, key)
            except SealError as error:
                problem = error
                continue
            if found.origin != LOG_ORIGIN:
                raise SealError(FailureKind.NO_MATCH, f"log head: {found.origin} is another log")
            return found
        raise problem

    @staticmethod
    def _proof(data: bytes) -> Proof:
        try:
            return decode_proof(data)
        except ValueError as error:
            raise SealError(FailureKind.HEADER, str(error)) from error
