"""The log's proof beside a hall receipt: that the filing stands where the receipt says. Shape and leaves only."""

from dataclasses import dataclass
from typing import Final

from sync import canonical, merkle, shape

PROOF_MAX: Final = 8 * 1024
CHECKPOINT_MAX: Final = 1024

# The receipts' own forms are 1 to 3 (docs/envelope.md, table 8).
_FORM: Final = 4
# What a completion's leaf ends with: the stage of the receipt that speaks of it.
_WHOLE: Final = 2


@dataclass(frozen=True, slots=True)
class Proof:
    """That a filing stands in the log of `size` with this root; `checkpoint` is the log's signed note, if sent."""

    size: int
    root: bytes
    path: tuple[bytes, ...]
    checkpoint: str = ""


def log_leaf(envelope_sha256: bytes, filing_no: str) -> bytes:
    """Return the leaf hash of a filing in the hall's log: which envelope got which number."""
    return merkle.leaf_hash(canonical.encode([envelope_sha256, filing_no]))


def whole_leaf(envelope_sha256: bytes, filing_no: str) -> bytes:
    """Return the leaf hash of a completion: every part of this filing is held, and the stage 2 receipt signed."""
    return merkle.leaf_hash(canonical.encode([envelope_sha256, filing_no, _WHOLE]))


def encode_proof(proof: Proof) -> bytes:
    """Return the proof's canonical bytes; raises ValueError."""
    data = canonical.encode([_FORM, proof.size, proof.root, list(proof.path), proof.checkpoint])
    decode_proof(data)
    return data


def decode_proof(data: bytes) -> Proof:
    """Read a proof, its shape only; raises ValueError. `receipt.proof_holds` tells whether it proves anything."""
    form, size, root, path, note = shape.row(canonical.decode(data, PROOF_MAX), 5, "proof")
    shape.number(form, "proof's form", _FORM, _FORM)
    steps = shape.rows(path, merkle.PROOF_MAX, "proof's path")
    return Proof(
        size=shape.number(size, "proof's size", 1, merkle.SIZE_MAX),
        root=shape.blob(root, "proof's root", merkle.HASH_BYTES),
        path=tuple(shape.blob(step, "proof's step", merkle.HASH_BYTES) for step in steps),
        checkpoint=shape.text(note, "proof's checkpoint", CHECKPOINT_MAX),
    )
