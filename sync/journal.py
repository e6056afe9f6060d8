"""The chain of what a box has done: each entry names the hash of the one before, so none can be taken out.

A checkpoint is the chain's or the log's size and root as a C2SP signed note (tlog-checkpoint, Ed25519).
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from sync import canonical, merkle, shape
from sync.clock import Instant
from sync.errors import FailureKind, SealError
from sync.keys import Signer, VerifyKey

HASH_BYTES: Final = 32
ENTRY_MAX: Final = 256
ORIGIN_MAX: Final = 128
NOTE_MAX: Final = 1024
GENESIS: Final[tuple[int, bytes]] = (0, bytes(HASH_BYTES))
"""The head of an empty journal: (seq, hash)."""

LABEL: Final = b"madobus/journal/v1\x00"
_KIND: Final = re.compile(r"[a-z_]{1,32}", re.ASCII)
_ORIGIN: Final = re.compile(r"[a-z0-9][a-z0-9./_-]{0,127}", re.ASCII)
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_NOTE_KIND: Final = b"\x01"
# An extension line of a note: printable ASCII. One is enough for what our logs say.
_EXTRA: Final = re.compile(r"[!-~][ -~]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line of the journal; `object_hash` (32 bytes) is SHA-256 of what it speaks of, `wall` is UTC."""

    seq: int
    prev: bytes
    kind: str
    object_hash: bytes
    wall: datetime
    monotonic_ms: int
    boot: int

    @property
    def hash(self) -> bytes:
        """SHA-256 over the label and the entry's canonical bytes: the head after this entry."""
        return hashlib.sha256(LABEL + _written(self)).digest()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a signed note says: the log's name, how many leaves, their root, and the extension line if it has one."""

    origin: str
    size: int
    root: bytes
    extra: str = ""


def next_entry(head: tuple[int, bytes], kind: str, object_hash: bytes, at: Instant) -> JournalEntry:
    """Return the entry after `head` (seq, hash); raises ValueError for a wrong kind or hash."""
    seq, prev = head
    entry = JournalEntry(seq + 1, prev, kind, object_hash, at.wall, at.monotonic_ms, at.boot)
    return decode_entry(encode_entry(entry))


def encode_entry(entry: JournalEntry) -> bytes:
    """Return the entry's canonical bytes; raises ValueError for an entry `decode_entry` would refuse."""
    data = _written(entry)
    decode_entry(data)
    return data


def decode_entry(data: bytes) -> JournalEntry:
    """Read one entry; raises ValueError for anything `encode_entry` would not write."""
    seq, prev, kind, digest, wall, monotonic, boot = shape.row(
        canonical.decode(data, ENTRY_MAX), 7, "journal entry"
    )
    return JournalEntry(
        seq=shape.number(seq, "entry's seq", 1),
        prev=shape.blob(prev, "entry's prev", HASH_BYTES),
        kind=shape.word(kind, _KIND, "entry's kind"),
        object_hash=shape.blob(digest, "entry's object", HASH_BYTES),
        wall=shape.moment_of_micros(wall, "entry's time"),
        monotonic_ms=shape.number(monotonic, "entry's monotonic"),
        boot=shape.number(boot, "entry's boot"),
    )


def verify_chain(
    entries: Iterable[JournalEntry], head: tuple[int, bytes] = GENESIS
) -> tuple[int, bytes]:
    """Return the head after these entries; raises SealError(PAYLOAD) naming the first that does not follow."""
    seq, prev = head
    for entry in entries:
        if entry.seq != seq + 1 or entry.prev != prev:
            raise SealError(FailureKind.PAYLOAD, f"journal entry {seq + 1} does not follow")
        seq, prev = entry.seq, entry.hash
    return seq, prev


def impossible_orders(entries: Sequence[JournalEntry], slack_ms: int = 1000) -> tuple[int, ...]:
    """Return the seqs of entries that by boot counter or monotonic time were made before their predecessor."""
    found = []
    for before, after in pairwise(entries):
        earlier = after.monotonic_ms + slack_ms < before.monotonic_ms
        if after.boot < before.boot or (after.boot == before.boot and earlier):
            found.append(after.seq)
    return tuple(found)


def checkpoint(origin: str, size: int, root: bytes, signer: Signer, extra: str = "") -> str:
    """Return the signed note of a log's head, named and signed under `origin`; raises ValueError.

    `extra` is one extension line: up to 64 printable ASCII signs, none when empty.
    """
    shape.word(origin, _ORIGIN, "checkpoint's origin")
    shape.number(size, "checkpoint's size", high=merkle.SIZE_MAX)
    shape.blob(root, "checkpoint's root", HASH_BYTES)
    text = f"{origin}\n{size}\n{_base64(root)}\n"
    if extra:
        text += shape.word(extra, _EXTRA, "checkpoint's extension") + "\n"
    signature = _note_key_id(origin, signer.public) + signer.sign_note(text.encode("ascii"))
    return f"{text}\n\u2014 {origin} {_base64(signature)}\n"


def read_checkpoint(text: str, key: VerifyKey) -> Checkpoint:
    """Return what the note says once the key's signature holds; raises SealError."""
    try:
        found, signature = _note(text)
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error
    if signature[:4] != _note_key_id(found.origin, key):
        raise SealError(FailureKind.NO_MATCH, "checkpoint: signed with another key")
    signed = text[: text.index("\n\n") + 1]
    key.verify_note(signed.encode("ascii"), signature[4:])
    return found


def claimed_size(text: str) -> int:
    """Return the size a note claims, its signature not looked at; 0 for text that is no note."""
    try:
        return _note(text)[0].size
    except ValueError:
        return 0


def _note(text: str) -> tuple[Checkpoint, bytes]:
    body, _, signed = shape.text(text, "checkpoint", NOTE_MAX).partition("\n\n")
    said, lines = body.split("\n"), signed.split("\n")
    if len(said) not in {3, 4} or len(lines) != len(("signature", "")) or lines[1]:
        raise ValueError("checkpoint: three or four lines, an empty one, one signature")
    origin = shape.word(said[0], _ORIGIN, "checkpoint's origin")
    size = int(shape.word(said[1], _DECIMAL, "checkpoint's size"))
    shape.number(size, "checkpoint's size", high=merkle.SIZE_MAX)
    root = shape.blob(_bytes(said[2]), "checkpoint's root", HASH_BYTES)
    extra = "".join(shape.word(one, _EXTRA, "checkpoint's extension") for one in said[3:])
    front = f"\u2014 {origin} "
    if not lines[0].startswith(front):
        raise ValueError("checkpoint: the signature's line begins with a dash and the origin")
    signature = shape.blob(_bytes(lines[0][len(front) :]), "checkpoint's signature", 4 + 64)
    return Checkpoint(origin, size, root, extra), signature


def _note_key_id(origin: str, key: VerifyKey) -> bytes:
    named = origin.encode("ascii") + b"\n" + _NOTE_KIND + key.ed25519
    return hashlib.sha256(named).digest()[:4]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("checkpoint: must be base64") from error
    if _base64(found) != text:
        raise ValueError("checkpoint: must be base64 without spare bits")
    return found


def _written(entry: JournalEntry) -> bytes:
    return canonical.encode(
        [
            entry.seq,
            entry.prev,
            entry.kind,
            entry.object_hash,
            shape.micros_of(entry.wall, "entry's time"),
            entry.monotonic_ms,
            entry.boot,
        ]
    )
