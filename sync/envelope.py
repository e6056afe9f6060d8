"""The outside of a sealed thing: what carriers may read without any key (docs/envelope.md)."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final

from sync import canonical, shape
from sync.clock import ClockQuality, Instant
from sync.errors import FailureKind, SealError

MAGIC: Final = b"\x89MDB\r\n\x1a\x01"
VERSION: Final = 1
SUITE: Final = 1

HEADER_MAX: Final = 32 * 1024
RECORD_MAX: Final = 256 * 1024
PAYLOAD_MAX: Final = RECORD_MAX + 8 * 1024
PART_MAX: Final = 64 * 1024 * 1024
PARTS_MAX: Final = 256
RECIPIENTS_MAX: Final = 8
BEACON_MAX: Final = 128
VISIT_MAX: Final = 32
HASH_BYTES: Final = 32
WRAPPED_BYTES: Final = 1168
SIGNATURE_SIZES: Final = (64, 2420)

_ID_BYTES: Final = 16
_KEY_ID_BYTES: Final = 8
_SENDER: Final = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)
_KIND: Final = re.compile(r"[a-z_]{1,32}", re.ASCII)
_ROLE_MAX: Final = 3
_FRONT: Final = len(MAGIC) + 4
_SIGNATURE_BLOCK: Final = 1 + sum(2 + size for size in SIGNATURE_SIZES)
SLIP_MAX: Final = _FRONT + HEADER_MAX + _SIGNATURE_BLOCK + PAYLOAD_MAX


class PartRole(Enum):
    """What a sealed part is for; the carriers order parts by it and know no more."""

    RECORD = 0
    PREVIEW = 1
    PAGE = 2
    ORIGINAL = 3


@dataclass(frozen=True, slots=True)
class Part:
    """One sealed part: `length` bytes of ciphertext whose RFC 6962 root over 256 KiB pieces is `root`."""

    index: int
    role: PartRole
    length: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Recipient:
    """One key the data key is wrapped for. `role`: 1 division, 2 recovery, 3 desk."""

    key_id: bytes
    role: int
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """The signed outside of an envelope (docs/envelope.md, byte table)."""

    env_id: bytes
    sender: str
    sender_key_id: bytes
    visit: bytes
    kind: str
    journal_seq: int
    journal_head: bytes
    time: Instant
    beacon: bytes
    recipients: tuple[Recipient, ...]
    payload_length: int
    payload_sha256: bytes
    parts: tuple[Part, ...]
    bundle_version: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed application or letter: the `slip` (magic, header, signatures, sealed record) and its sealed parts.

    `slip` alone is what "slip first" sends; `parts[i].index` matches `header.parts[i].index`.
    """

    header: Header
    slip: bytes
    parts: tuple[bytes, ...]

    @property
    def env_id(self) -> bytes:
        """The idempotency key: 16 bytes, made once."""
        return self.header.env_id


def encode_header(header: Header) -> bytes:
    """Return the header's canonical bytes; raises ValueError for a header `decode_header` would refuse."""
    data = _written(header)
    _parsed(data)
    return data


def decode_header(data: bytes) -> Header:
    """Read the bytes of a header; raises SealError(HEADER) for anything `encode_header` would not write."""
    try:
        return _parsed(data)
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error


def binding(header: Header) -> bytes:
    """Return SHA-256 of the header with every wrapped key left empty: what each wrapped key is bound to."""
    bare = tuple(replace(recipient, wrapped=b"") for recipient in header.recipients)
    return hashlib.sha256(_written(replace(header, recipients=bare))).digest()


def join_slip(header: bytes, signatures: tuple[bytes, bytes], payload: bytes) -> bytes:
    """Return the slip of its three pieces (docs/envelope.md, table 1)."""
    written = [MAGIC, len(header).to_bytes(4, "big"), header, bytes((len(signatures),))]
    for signature in signatures:
        written += [len(signature).to_bytes(2, "big"), signature]
    return b"".join([*written, payload])


def split_slip(slip: bytes) -> tuple[bytes, tuple[bytes, bytes], bytes]:
    """Return header bytes, both signatures and the sealed record, none of them verified; raises SealError(HEADER)."""
    if not isinstance(slip, bytes) or not _FRONT <= len(slip) <= SLIP_MAX:
        raise SealError(FailureKind.HEADER, f"a slip is {_FRONT} to {SLIP_MAX} bytes")
    if slip[: len(MAGIC)] != MAGIC:
        raise SealError(FailureKind.HEADER, "a slip begins with the mark of version 1")
    length = int.from_bytes(slip[len(MAGIC) : _FRONT], "big")
    after = _FRONT + length
    if length > HEADER_MAX or after + _SIGNATURE_BLOCK > len(slip):
        raise SealError(FailureKind.HEADER, "the slip ends before its signatures do")
    block = slip[after : after + _SIGNATURE_BLOCK]
    first, second = SIGNATURE_SIZES
    short, long = block[3 : 3 + first], block[5 + first :]
    if join_slip(slip[_FRONT:after], (short, long), b"") != slip[: after + _SIGNATURE_BLOCK]:
        raise SealError(FailureKind.HEADER, f"a slip has two signatures of {first} and {second}")
    return slip[_FRONT:after], (short, long), slip[after + _SIGNATURE_BLOCK :]


def slip_sha256(slip: bytes) -> bytes:
    """Return SHA-256 of the whole slip: the envelope's name on receipts, in journals and in the log."""
    return hashlib.sha256(slip).digest()


def _written(header: Header) -> bytes:
    at = header.time
    return canonical.encode(
        {
            1: VERSION,
            2: SUITE,
            3: header.env_id,
            4: header.sender,
            5: header.sender_key_id,
            6: header.visit,
            7: header.kind,
            8: header.journal_seq,
            9: header.journal_head,
            10: [
                shape.micros_of(at.wall, "time"),
                at.uncertainty_s,
                at.quality.value,
                at.boot,
                at.monotonic_ms,
            ],
            11: [[one.key_id, one.role, one.wrapped] for one in header.recipients],
            12: [header.payload_length, header.payload_sha256],
            13: [[part.index, part.role.value, part.length, part.root] for part in header.parts],
            14: header.bundle_version,
            15: header.beacon,
        }
    )


def _parsed(data: bytes) -> Header:
    found = shape.mapping(canonical.decode(data, HEADER_MAX), 15, "header")
    shape.number(found[1], "version", VERSION, VERSION)
    shape.number(found[2], "suite", SUITE, SUITE)
    payload = shape.row(found[12], 2, "payload")
    return Header(
        env_id=shape.blob(found[3], "env_id", _ID_BYTES),
        sender=shape.word(found[4], _SENDER, "sender"),
        sender_key_id=shape.blob(found[5], "sender key id", _KEY_ID_BYTES),
        visit=shape.blob(found[6], "visit", 0, VISIT_MAX),
        kind=shape.word(found[7], _KIND, "kind"),
        journal_seq=shape.number(found[8], "journal seq"),
        journal_head=shape.blob(found[9], "journal head", HASH_BYTES),
        time=_instant(found[10]),
        recipients=_recipients(shape.rows(found[11], RECIPIENTS_MAX, "recipients")),
        payload_length=shape.number(payload[0], "payload length", 1, PAYLOAD_MAX),
        payload_sha256=shape.blob(payload[1], "payload hash", HASH_BYTES),
        parts=_parts(shape.rows(found[13], PARTS_MAX, "parts")),
        bundle_version=shape.number(found[14], "bundle version"),
        beacon=shape.blob(found[15], "beacon", 0, BEACON_MAX),
    )


def _instant(value: Any) -> Instant:
    wall, uncertainty, quality, boot, monotonic = shape.row(value, 5, "time")
    return Instant(
        wall=shape.moment_of_micros(wall, "time"),
        uncertainty_s=shape.number(uncertainty, "uncertainty", high=shape.SLACK_MAX),
        quality=ClockQuality(shape.text(quality, "clock quality")),
        boot=shape.number(boot, "boot"),
        monotonic_ms=shape.number(monotonic, "monotonic"),
    )


def _recipients(values: Sequence[Any]) -> tuple[Recipient, ...]:
    found = []
    for value in values:
        key_id, role, wrapped = shape.row(value, 3, "recipient")
        found.append(
            Recipient(
                shape.blob(key_id, "recipient's key id", _KEY_ID_BYTES),
                shape.number(role, "recipient's role", 1, _ROLE_MAX),
                shape.blob(wrapped, "wrapped key", WRAPPED_BYTES),
            )
        )
    if not found or len({one.key_id for one in found}) != len(found):
        raise ValueError("recipients: at least one, and each key once")
    return tuple(found)


def _parts(values: Sequence[Any]) -> tuple[Part, ...]:
    found = []
    for place, value in enumerate(values):
        index, role, length, root = shape.row(value, 4, "part")
        found.append(
            Part(
                shape.number(index, "part's index", place, place),
                PartRole(shape.number(role, "part's role", PartRole.PREVIEW.value)),
                shape.number(length, "part's length", 1, PART_MAX),
                shape.blob(root, "part's root", HASH_BYTES),
            )
        )
    return tuple(found)
