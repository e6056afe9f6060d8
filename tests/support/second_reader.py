"""A second reader of envelopes, written from docs/envelope.md alone: it imports nothing of sync.

It takes AES-256-GCM, X25519, ML-KEM-768 and the signatures from the library and does the rest by hand: CBOR, HKDF,
HPKE's key schedule, X-Wing, Cobblestone-256, padding, compression, trees. What it refuses it refuses with the words
of section 13. Its other rooms: second_cbor, second_keys, second_papers, second_records, second_locks, second_bundle.
"""

import hashlib
import hmac
import zlib
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.support.second_cbor import (
    HEADER,
    NO_MATCH,
    PAYLOAD,
    Refused,
    blob,
    micros,
    need,
    number,
    read,
    row,
    rows,
    text,
    word,
    write,
)
from tests.support.second_keys import expand, key_id, need_both, opening_public, unwrap

__all__ = ["open_envelope", "open_part", "open_record", "part_root", "read", "split", "write"]

MARK = bytes.fromhex("894d44420d0a1a01")
SLIP_MAX = 305_605
RECORD_MAX = 262_144
CHUNK = 16_384 + 16
PIECE = 262_144
STEP = 1024


def split(slip: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Return header, Ed25519, ML-DSA-44 and sealed record (table 1)."""
    need(12 <= len(slip) <= SLIP_MAX and slip[:8] == MARK, HEADER)
    size = int.from_bytes(slip[8:12], "big")
    need(size <= 32_768 and len(slip) >= 2501 + size, HEADER)
    need(slip[12 + size : 15 + size] == b"\x02\x00\x40", HEADER)
    need(slip[79 + size : 81 + size] == b"\x09\x74", HEADER)
    return (
        slip[12 : 12 + size],
        slip[15 + size : 79 + size],
        slip[81 + size : 2501 + size],
        slip[2501 + size :],
    )


def read_header(raw: bytes) -> dict[int, Any]:
    """Return the header's values (tables 2 to 5)."""
    try:
        found = read(raw, 32_768)
        need(type(found) is dict and set(found) == set(range(1, 16)))
        _check_header(found)
    except Refused:
        raise Refused(HEADER) from None
    return dict(found)


def _check_header(found: dict[int, Any]) -> None:
    for key in (1, 2):
        number(found[key], 1, 1)
    for key, low, high in [(3, 16, 16), (5, 8, 8), (6, 0, 32), (9, 32, 32), (15, 0, 128)]:
        blob(found[key], low, high)
    word(found[4], "[a-z0-9-]{1,32}")
    word(found[7], "[a-z_]{1,32}")
    number(found[8])
    number(found[14])
    wall, slack, quality, boot, monotonic = row(found[10], 5)
    micros(wall)
    number(slack, 0, 2**32 - 1)
    text(quality, 4096)
    need(quality in ("unsynced", "holdover", "synced"))
    number(boot)
    number(monotonic)
    length, digest = row(found[12], 2)
    number(length, 1, 270_336)
    blob(digest, 32)
    _check_lists(found[11], found[13])


def _check_lists(recipients: Any, parts: Any) -> None:
    keys = []
    for one in rows(recipients, 8):
        key, role, wrapped = row(one, 3)
        blob(key, 8)
        number(role, 1, 3)
        blob(wrapped, 1168)
        keys.append(key)
    need(keys and len(set(keys)) == len(keys))
    for place, one in enumerate(rows(parts, 256)):
        index, role, length, root = row(one, 4)
        number(index, place, place)
        number(role, 1, 3)
        number(length, 1, 67_108_864)
        blob(root, 32)


def verify(slip: bytes, sender: bytes) -> dict[int, Any]:
    """Return the header of a slip that the holder of this public signing key made (section 6)."""
    raw, short, long, payload = split(slip)
    need_both(sender, "envelope/v1", hashlib.sha256(raw).digest(), short, long)
    header = read_header(raw)
    need(header[5] == key_id(b"verify-key/v1", sender), NO_MATCH)
    need(header[12] == [len(payload), hashlib.sha256(payload).digest()], PAYLOAD)
    return header


def decrypt(key: bytes, context: bytes, sealed: bytes, digest: str = "sha512") -> bytes:
    """Return what Cobblestone-256 sealed (section 4, step 3); its published vectors have another digest."""
    salt, commitment, rest = sealed[:24], sealed[24:56], sealed[56:]
    name = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"
    made = expand(digest, key, name + salt + context, 76)
    need(
        len(key) == 32 and len(sealed) >= 56 and hmac.compare_digest(made[44:], commitment), PAYLOAD
    )
    need(len(rest) % CHUNK >= 16, PAYLOAD)
    base, plain = int.from_bytes(made[32:44], "big"), b""
    try:
        for count, start in enumerate(range(0, len(rest), CHUNK)):
            nonce = (base ^ count).to_bytes(12, "big")
            plain += AESGCM(made[:32]).decrypt(nonce, rest[start : start + CHUNK], b"")
    except InvalidTag:
        raise Refused(PAYLOAD) from None
    return plain


def unpad(padded: bytes) -> bytes:
    """Return the content (table 6)."""
    used = 4 + int.from_bytes(padded[:4], "big")
    need(len(padded) >= 4 and len(padded) == -(-used // STEP) * STEP, PAYLOAD)
    need(padded[used:].strip(b"\x00") == b"", PAYLOAD)
    return padded[4:used]


def unpress(stream: bytes) -> bytes:
    """Return the record of one zlib stream, within its limit."""
    reader = zlib.decompressobj()
    try:
        record = reader.decompress(stream, RECORD_MAX + 1)
    except zlib.error:
        raise Refused(PAYLOAD) from None
    need(len(record) <= RECORD_MAX and reader.eof and not reader.unused_data, PAYLOAD)
    return record


def _data_key(header: dict[int, Any], seed: bytes) -> bytes:
    own = key_id(b"sealing-key/v1", opening_public(seed))
    bare = header | {11: [[one[0], one[1], b""] for one in header[11]]}
    info = b"madobus/wrap/v1\x00" + hashlib.sha256(write(bare)).digest()
    wrapped = [one[2] for one in header[11] if one[0] == own]
    need(wrapped, NO_MATCH)
    return unwrap(wrapped[0], seed, info)


def _content(key: bytes, header: dict[int, Any], place: int, sealed: bytes) -> bytes:
    context = b"madobus/part/v1\x00" + header[3] + place.to_bytes(4, "big")
    return unpad(decrypt(key, context, sealed))


def open_record(slip: bytes, seed: bytes, sender: bytes) -> bytes:
    """Return the record for the holder of this opening seed (section 5)."""
    header = verify(slip, sender)
    return unpress(_content(_data_key(header, seed), header, 0, split(slip)[3]))


def open_part(slip: bytes, index: int, data: bytes, seed: bytes) -> bytes:
    """Return a part's content; the slip was verified before."""
    header = read_header(split(slip)[0])
    need(0 <= index < len(header[13]), PAYLOAD)
    _, _, length, root = header[13][index]
    need(len(data) == length and part_root(data) == root, PAYLOAD)
    return _content(_data_key(header, seed), header, index + 1, data)


def open_envelope(
    slip: bytes, parts: tuple[bytes, ...], seed: bytes, sender: bytes
) -> tuple[bytes, list[bytes]]:
    """Return the record and every part's content."""
    contents = [open_part(slip, index, data, seed) for index, data in enumerate(parts)]
    return open_record(slip, seed, sender), contents


def leaf(content: bytes) -> bytes:
    """Return the hash of a leaf (section 6)."""
    return hashlib.sha256(b"\x00" + content).digest()


def part_root(data: bytes) -> bytes:
    """Return the root over pieces of 256 KiB (section 6)."""
    return tree([leaf(data[at : at + PIECE]) for at in range(0, len(data), PIECE)])


def tree(hashes: list[bytes]) -> bytes:
    """Return the RFC 6962 root over the hashes of leaves."""
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    middle = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + tree(hashes[:middle]) + tree(hashes[middle:])).digest()


def included(made: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """Tell whether a proof leads from a leaf's hash to the root: RFC 6962, from the top down."""
    if not 0 <= index < size or len(proof) > 64 or any(len(step) != 32 for step in proof):
        return False
    return _climb(made, index, size, proof) == root


def _climb(made: bytes, index: int, size: int, proof: list[bytes]) -> bytes | None:
    if size == 1:
        return None if proof else made
    if not proof:
        return None
    middle = 1 << (size - 1).bit_length() - 1
    if index < middle:
        left, right = _climb(made, index, middle, proof[:-1]), proof[-1]
    else:
        left, right = proof[-1], _climb(made, index - middle, size - middle, proof[:-1])  # type: ignore[assignment]
    return (
        None if left is None or right is None else hashlib.sha256(b"\x01" + left + right).digest()
    )


def piece_ok(part: tuple[int, bytes], place: int, piece: bytes, proof: list[bytes]) -> bool:
    """Tell whether a piece is the one at its place of a part of (length, root)."""
    length, root = part
    count = -(-length // PIECE)
    if not 0 <= place < count or len(piece) != min(PIECE, length - place * PIECE):
        return False
    return included(leaf(piece), place, count, proof, root)
