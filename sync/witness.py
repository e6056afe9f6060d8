"""City hall as witness of a box's journal: signed heads that only grow, each cosigned and kept at both ends.

A cosignature is C2SP's cosignature/v1 with Ed25519: a second signature line under
the box's note, over the time and the note. Why it is as it is: docs/decisions/0017.
"""

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Final

from sync import shape
from sync.errors import FailureKind, SealError
from sync.journal import Checkpoint, checkpoint, read_checkpoint
from sync.keys import Signer, VerifyKey
from sync.merkle import EMPTY_ROOT, leaf_hash, verify_consistency

# The name city hall's witness bears in its signature lines.
WITNESS: Final = "madobus/witness"
NOTHING: Final = Checkpoint("", 0, EMPTY_ROOT)

_KIND: Final = b"\x04"
_KEY_ID: Final = 4
_TIME: Final = 8
_SIGNATURE: Final = 64
_FRONT: Final = f"— {WITNESS} "


class Verdict(Enum):
    """What city hall makes of a box's head."""

    GROWN = "grown"
    OTHER_GROUND = "other ground"
    BROKEN = "broken"


def journal_origin(device: str) -> str:
    """Return the name a box's journal bears in its notes."""
    return f"{device}/journal"


def journal_leaf(entry_hash: bytes) -> bytes:
    """Return the leaf of a journal entry: entry number n is leaf n - 1 of the tree."""
    return leaf_hash(entry_hash)


def journal_note(device: str, size: int, root: bytes, signer: Signer) -> str:
    """Return the box's signed head of its journal."""
    return checkpoint(journal_origin(device), size, root, signer)


def read_note(note: str, device: str, key: VerifyKey) -> Checkpoint:
    """Return what a box says of its own journal once its signature holds; raises SealError."""
    found = read_checkpoint(note, key)
    if found.origin != journal_origin(device):
        raise SealError(FailureKind.NO_MATCH, "journal head: it is of another box's journal")
    return found


def judge(
    known: Checkpoint, ground: Checkpoint, told: Checkpoint, path: tuple[bytes, ...]
) -> Verdict:
    """Say whether a head extends the newest one known; `path` begins at `ground`, which city hall cosigned once.

    OTHER_GROUND: the box holds an older cosigned head than city hall; it has to prove from the newest.
    """
    if told.size < known.size or (told.size == known.size and told.root != known.root):
        return Verdict.BROKEN
    if (ground.size, ground.root) != (known.size, known.root):
        return Verdict.BROKEN if ground.size == known.size else Verdict.OTHER_GROUND
    holds = verify_consistency(known.size, told.size, path, known.root, told.root)
    return Verdict.GROWN if holds else Verdict.BROKEN


def cosign(note: str, signer: Signer, at: datetime) -> str:
    """Return the note with the witness's line under the box's; the note was read before."""
    seconds = shape.seconds_of(at, "cosignature's time")
    signature = signer.sign_note(_said(note, seconds))
    written = _key_id(signer.public) + seconds.to_bytes(_TIME, "big") + signature
    return _line(note, written)


def read_cosigned(
    text: str, device: str, key: VerifyKey, witnesses: Iterable[VerifyKey]
) -> tuple[Checkpoint, datetime]:
    """Return a cosigned head and when city hall saw it, once both signatures hold; raises SealError."""
    note, _, line = text.rpartition(_FRONT)
    try:
        written = base64.b64decode(line.removesuffix("\n"), validate=True)
    except ValueError as error:
        raise SealError(FailureKind.HEADER, "cosigned head: must be base64") from error
    whole = len(written) == _KEY_ID + _TIME + _SIGNATURE and text == _line(note, written)
    if not whole:
        raise SealError(FailureKind.HEADER, "cosigned head: the witness's line is missing")
    seconds = int.from_bytes(written[_KEY_ID : _KEY_ID + _TIME], "big")
    witness = next((one for one in witnesses if _key_id(one) == written[:_KEY_ID]), None)
    if witness is None:
        raise SealError(FailureKind.NO_MATCH, "cosigned head: no witness of this city")
    witness.verify_note(_said(note, seconds), written[_KEY_ID + _TIME :])
    try:
        at = shape.moment_of_seconds(seconds, "cosignature's time")
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error
    return read_note(note, device, key), at


def _line(note: str, written: bytes) -> str:
    return f"{note}{_FRONT}{base64.b64encode(written).decode('ascii')}\n"


def _said(note: str, seconds: int) -> bytes:
    body = note.partition("\n\n")[0] + "\n"
    # Text that no UTF-8 was read from: nobody signed it, and it must not stop the reader.
    return f"cosignature/v1\ntime {seconds}\n{body}".encode(errors="surrogatepass")


def _key_id(key: VerifyKey) -> bytes:
    named = WITNESS.encode("ascii") + b"\n" + _KIND + key.ed25519
    return hashlib.sha256(named).digest()[:_KEY_ID]
