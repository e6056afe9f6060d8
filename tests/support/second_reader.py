"""A second reader of envelopes, written from docs/envelope.md alone: it imports nothing of sync.

It takes AES-256-GCM, X25519 and ML-KEM-768 from the library and does the rest by hand: CBOR, HKDF,
HPKE's key schedule, X-Wing, Cobblestone-256, padding, compression. It reads good envelopes; it is no judge of bad ones.
"""

import hashlib
import hmac
import zlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK = bytes.fromhex("894d44420d0a1a01")
HPKE_SUITE = b"HPKE" + bytes.fromhex("647a00010002")
CHUNK = 16_384 + 16


def split(slip: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Return header, Ed25519, ML-DSA-44 and sealed record (table 1)."""
    size = int.from_bytes(slip[8:12], "big")
    assert (slip[:8], slip[12 + size : 15 + size]) == (MARK, b"\x02\x00\x40")
    assert slip[79 + size : 81 + size] == b"\x09\x74"
    return (
        slip[12 : 12 + size],
        slip[15 + size : 79 + size],
        slip[81 + size : 2501 + size],
        slip[2501 + size :],
    )


def read(data: bytes) -> Any:
    """Return the value of canonical bytes (section 1)."""
    value, rest = _value(data)
    assert rest == b""
    return value


def _value(data: bytes) -> tuple[Any, bytes]:
    major, number, rest = data[0] >> 5, data[0] & 31, data[1:]
    if major == 7:
        return {20: False, 21: True, 22: None}[number], rest
    if number > 23:
        width = 1 << (number - 24)
        number, rest = int.from_bytes(rest[:width], "big"), rest[width:]
    if major in (0, 1):
        return (number if major == 0 else -1 - number), rest
    if major in (2, 3):
        content = rest[:number]
        return (content if major == 2 else content.decode()), rest[number:]
    items = []
    for _ in range(number * (major - 3)):
        item, rest = _value(rest)
        items.append(item)
    return (items if major == 4 else dict(zip(items[::2], items[1::2], strict=True))), rest


def _head(major: int, number: int) -> bytes:
    for extra, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 24:
            return bytes((major << 5 | number,))
        if number < 1 << (8 * width):
            return bytes((major << 5 | extra,)) + number.to_bytes(width, "big")
    raise AssertionError


def write(value: Any) -> bytes:
    """Return the canonical bytes of numbers from 0, bytes, text, lists and maps."""
    if isinstance(value, int):
        return _head(0, value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(write(item) for item in value)
    pairs = [write(key) + write(value[key]) for key in sorted(value)]
    return _head(5, len(value)) + b"".join(pairs)


def _expand(name: str, secret: bytes, info: bytes, size: int) -> bytes:
    made, block, count = b"", b"", 0
    while len(made) < size:
        count += 1
        block = hmac.digest(secret, block + info + bytes((count,)), name)
        made += block
    return made[:size]


def _labelled(salt: bytes, label: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt, b"HPKE-v1" + HPKE_SUITE + label + secret, "sha256")


def _shared(seed: bytes, enc: bytes) -> bytes:
    """Return X-Wing's shared secret (section 5)."""
    wide = hashlib.shake_256(seed).digest(96)
    curve = X25519PrivateKey.from_private_bytes(wide[64:])
    lattice = MLKEM768PrivateKey.from_seed_bytes(wide[:64]).decapsulate(enc[:1088])
    dh = curve.exchange(X25519PublicKey.from_public_bytes(enc[1088:]))
    own = curve.public_key().public_bytes_raw()
    return hashlib.sha3_256(
        lattice + dh + enc[1088:] + own + bytes.fromhex("5c2e2f2f5e5c")
    ).digest()


def unwrap(wrapped: bytes, seed: bytes, info: bytes) -> bytes:
    """Return the data key (section 4, step 5; RFC 9180 base mode)."""
    enc, sealed = wrapped[:1120], wrapped[1120:]
    context = b"\x00" + _labelled(b"", b"psk_id_hash", b"") + _labelled(b"", b"info_hash", info)
    secret = _labelled(_shared(seed, enc), b"secret", b"")

    def expand(label: bytes, size: int) -> bytes:
        front = size.to_bytes(2, "big") + b"HPKE-v1" + HPKE_SUITE + label
        return _expand("sha256", secret, front + context, size)

    return AESGCM(expand(b"key", 32)).decrypt(expand(b"base_nonce", 12), sealed, b"")


def decrypt(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """Return what Cobblestone-256 sealed (section 4, step 3)."""
    salt, commitment, rest = sealed[:24], sealed[24:56], sealed[56:]
    name = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"
    made = _expand("sha512", key, name + salt + context, 76)
    assert hmac.compare_digest(made[44:], commitment)
    base, plain = int.from_bytes(made[32:44], "big"), b""
    for count, start in enumerate(range(0, len(rest), CHUNK)):
        nonce = (base ^ count).to_bytes(12, "big")
        plain += AESGCM(made[:32]).decrypt(nonce, rest[start : start + CHUNK], b"")
    return plain


def unpad(padded: bytes) -> bytes:
    """Return the content (table 6)."""
    size = int.from_bytes(padded[:4], "big")
    assert padded[4 + size :].strip(b"\x00") == b""
    return padded[4 : 4 + size]


def open_envelope(
    slip: bytes, parts: tuple[bytes, ...], seed: bytes, key_id: bytes
) -> tuple[bytes, list[bytes]]:
    """Return the record and every part's content for the holder of this opening seed."""
    raw, _, _, payload = split(slip)
    header = read(raw)
    bare = header | {11: [[one[0], one[1], b""] for one in header[11]]}
    info = b"madobus/wrap/v1\x00" + hashlib.sha256(write(bare)).digest()
    wrapped = next(one[2] for one in header[11] if one[0] == key_id)
    key = unwrap(wrapped, seed, info)

    def content(place: int, sealed: bytes) -> bytes:
        context = b"madobus/part/v1\x00" + header[3] + place.to_bytes(4, "big")
        return unpad(decrypt(key, context, sealed))

    record = zlib.decompress(content(0, payload))
    return record, [content(place, data) for place, data in enumerate(parts, 1)]


def part_root(data: bytes) -> bytes:
    """Return the root over pieces of 256 KiB (section 6)."""
    leaves = [data[at : at + 262_144] for at in range(0, len(data), 262_144)]
    return _tree([hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves])


def _tree(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    middle = 1
    while middle * 2 < len(hashes):
        middle *= 2
    return hashlib.sha256(b"\x01" + _tree(hashes[:middle]) + _tree(hashes[middle:])).digest()
