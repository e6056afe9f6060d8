"""What anybody can check of a sealed thing without opening it: who signed the outside, and that every byte is there."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

from sync import merkle
from sync.envelope import Header, Part, decode_header, split_slip
from sync.errors import FailureKind, SealError
from sync.keys import VerifyKey

PIECE_BYTES: Final = 256 * 1024
LABEL: Final = "envelope/v1"


def read_header(slip: bytes) -> Header:
    """Return the header, its shape checked and nothing verified; raises SealError(HEADER)."""
    return decode_header(split_slip(slip)[0])


def verify_slip(slip: bytes, key: VerifyKey) -> Header:
    """Return the header once both signatures and the sealed record's hash hold; raises SealError.

    `key` is the sender's own, found by its name, never by the key id inside. SIGNATURE: another key
    signed, or the header is changed. NO_MATCH: this key signed a header that names another one.
    """
    header_bytes, signatures, payload = split_slip(slip)
    key.verify(LABEL, hashlib.sha256(header_bytes).digest(), signatures)
    header = decode_header(header_bytes)
    if header.sender_key_id != key.key_id:
        raise SealError(FailureKind.NO_MATCH, "the header names another signing key")
    if len(payload) != header.payload_length:
        raise SealError(FailureKind.PAYLOAD, "the sealed record is not as long as the header says")
    if hashlib.sha256(payload).digest() != header.payload_sha256:
        raise SealError(FailureKind.PAYLOAD, "the sealed record is not the one of the header")
    return header


def piece_count(length: int) -> int:
    """Return how many pieces of 256 KiB a part of `length` bytes has; the last may be shorter."""
    return -(-length // PIECE_BYTES)


def piece_leaves(data: bytes) -> Iterator[bytes]:
    """Yield the leaf hash of each piece, without copying the part."""
    view = memoryview(data)
    for start in range(0, len(view), PIECE_BYTES):
        yield merkle.leaf_hash(view[start : start + PIECE_BYTES])


def part_root(data: bytes) -> bytes:
    """Return the RFC 6962 root over the part's pieces, as the signed header carries it."""
    return merkle.root(list(piece_leaves(data)))


def part_matches(part: Part, data: bytes) -> bool:
    """Tell whether these are the sealed bytes that the header promised for this part."""
    return len(data) == part.length and part_root(data) == part.root


def piece_ok(part: Part, number: int, piece: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether `piece` is piece `number` of the part, by the inclusion proof beside it."""
    count = piece_count(part.length)
    if not 0 <= number < count:
        return False
    expected = min(PIECE_BYTES, part.length - number * PIECE_BYTES)
    leaf = merkle.leaf_hash(piece)
    return len(piece) == expected and merkle.verify_inclusion(leaf, number, count, proof, part.root)
