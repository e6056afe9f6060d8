"""Whether the receipts on a bus prove what they say, as anybody checks them offline."""

import hashlib
from functools import lru_cache
from typing import Final

from provisioning.simulate.boxdisk import BoxRow
from provisioning.simulate.pool import pool
from sync.errors import SealError
from sync.frames import LOG_ORIGIN
from sync.journal import read_checkpoint
from sync.keys import VerifyKey
from sync.receipt import (
    ARRIVED,
    COMPLETE,
    BoxReceipt,
    HallReceipt,
    bounded,
    decode_proof,
    proof_holds,
    read_receipt,
)
from sync.verify import read_header

_REMEMBERED: Final = 4096
_STAGES: Final = {"arrived": ARRIVED, "complete": COMPLETE}


def of_box(row: BoxRow, key: VerifyKey) -> tuple[str, ...]:
    """Return what is wrong with a box's receipt."""
    return _box(row.box_receipt, row.journal_seq, key)


def of_hall(row: BoxRow) -> tuple[str, ...]:
    """Return what is wrong with city hall's receipt and proof."""
    wanted = _STAGES.get(row.state, 0)
    return _hall(row.hall_receipt or b"", row.proof or b"", row.env_id, row.filing_no, wanted)


@lru_cache(_REMEMBERED)
def _box(data: bytes, journal_seq: int, key: VerifyKey) -> tuple[str, ...]:
    try:
        receipt = read_receipt(data, lambda _key_id: key)
    except SealError as error:
        return (f"the box's receipt: {error}",)
    if not isinstance(receipt, BoxReceipt) or receipt.journal_seq != journal_seq:
        return ("the box's receipt names another journal entry",)
    return ()


@lru_cache(_REMEMBERED)
def _hall(
    data: bytes, proof_data: bytes, env_id: bytes, filing_no: str, stage: int
) -> tuple[str, ...]:
    try:
        receipt = read_receipt(data, pool().bundles[0])
        proof = decode_proof(proof_data)
        note = read_checkpoint(proof.checkpoint, pool().countersigner.public)
    except (SealError, ValueError) as error:
        return (f"city hall's receipt: {error}",)
    if not isinstance(receipt, HallReceipt) or receipt.env_id != env_id:
        return ("city hall's receipt is for another envelope",)
    found = []
    if receipt.filing_no != filing_no:
        found.append("the row names another number than the receipt")
    if stage and receipt.stage != stage:
        found.append(f"the receipt is of stage {receipt.stage}, not {stage}")
    if not proof_holds(receipt, proof) or (note.size, note.root) != (proof.size, proof.root):
        found.append("the filing is not in the log of its proof")
    if note.origin != LOG_ORIGIN:
        found.append("the proof is of another log")
    slip = _SLIPS.get(env_id) or _slips()[env_id]
    if receipt.envelope_sha256 != hashlib.sha256(slip).digest():
        found.append("the receipt is for other bytes")
    sealed_at = read_header(slip).time.wall.replace(microsecond=0)
    if receipt.filed != bounded(sealed_at, receipt.not_before, receipt.received):
        found.append("the filing time is not the box's own, moved into its bounds")
    return tuple(found)


_SLIPS: dict[bytes, bytes] = {}


def _slips() -> dict[bytes, bytes]:
    if not _SLIPS:
        for envelopes in pool().envelopes.values():
            _SLIPS.update((one.env_id, one.slip) for one in envelopes)
    return _SLIPS
