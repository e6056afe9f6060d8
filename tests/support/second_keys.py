"""Keys without our code, from docs/envelope.md section 7 alone: seeds, ids, signatures, unwrapping."""

import hashlib
import hmac
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.support.second_cbor import NO_MATCH, SIGNATURE, Refused, need

HPKE_SUITE: Final = b"HPKE" + bytes.fromhex("647a00010002")
_FIELD: Final = 2**255 - 19
_ORDER_EIGHT: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)


def key_id(label: bytes, public: bytes) -> bytes:
    """Return the key id of a public form."""
    return hashlib.sha256(b"madobus/" + label + b"\x00" + public).digest()[:8]


def signing_public(seed: bytes) -> bytes:
    """Return the public form of a signing seed."""
    need(len(seed) == 32)
    both = hashlib.shake_256(b"madobus/signer/v1\x00" + seed).digest(64)
    short = Ed25519PrivateKey.from_private_bytes(both[:32]).public_key().public_bytes_raw()
    return short + MLDSA44PrivateKey.from_seed_bytes(both[32:]).public_key().public_bytes_raw()


def signing_id(public: bytes) -> bytes:
    """Return the id of a public signing key, refused where its point signs for everybody."""
    need(len(public) == 32 + 1312)
    y = int.from_bytes(public[:32], "little") % 2**255
    need(y < _FIELD and y not in (0, 1, _FIELD - 1, _ORDER_EIGHT, _FIELD - _ORDER_EIGHT))
    return key_id(b"verify-key/v1", public)


def opening_public(seed: bytes) -> bytes:
    """Return the public form of an opening seed."""
    need(len(seed) == 32)
    wide = hashlib.shake_256(seed).digest(96)
    lattice = MLKEM768PrivateKey.from_seed_bytes(wide[:64]).public_key().public_bytes_raw()
    curve = X25519PrivateKey.from_private_bytes(wide[64:]).public_key().public_bytes_raw()
    return lattice + curve


def opening_id(public: bytes) -> bytes:
    """Return the id of a public opening key."""
    need(len(public) == 1216)
    try:
        MLKEM768PublicKey.from_public_bytes(public[:1184])
    except ValueError:
        need(False)
    return key_id(b"sealing-key/v1", public)


def short_holds(public: bytes, label: str, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature holds for a label; an empty label is a signed note's."""
    front = b"madobus/" + label.encode() + b"\x00" if label else b""
    try:
        Ed25519PublicKey.from_public_bytes(public[:32]).verify(signature, front + message)
    except InvalidSignature:
        return False
    return True


def both_hold(public: bytes, label: str, message: bytes, short: bytes, long: bytes) -> bool:
    """Tell whether both signatures hold for a label."""
    try:
        key = MLDSA44PublicKey.from_public_bytes(public[32:])
        key.verify(long, message, b"madobus/" + label.encode())
    except InvalidSignature:
        return False
    return short_holds(public, label, message, short)


def need_both(public: bytes, label: str, message: bytes, short: bytes, long: bytes) -> None:
    """Refuse with `signature failure` unless both signatures hold."""
    need(both_hold(public, label, message, short, long), SIGNATURE)


def expand(name: str, secret: bytes, info: bytes, size: int) -> bytes:
    """Return HKDF-Expand (RFC 5869)."""
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
    try:
        dh = curve.exchange(X25519PublicKey.from_public_bytes(enc[1088:]))
    except ValueError:  # a point of low order, whose shared secret is zero
        dh = bytes(32)
    own = curve.public_key().public_bytes_raw()
    end = bytes.fromhex("5c2e2f2f5e5c")
    return hashlib.sha3_256(lattice + dh + enc[1088:] + own + end).digest()


def unwrap(wrapped: bytes, seed: bytes, info: bytes) -> bytes:
    """Return the data key (section 4, step 5; RFC 9180 base mode)."""
    enc, sealed = wrapped[:1120], wrapped[1120:]
    context = b"\x00" + _labelled(b"", b"psk_id_hash", b"") + _labelled(b"", b"info_hash", info)
    secret = _labelled(_shared(seed, enc), b"secret", b"")

    def spread(label: bytes, size: int) -> bytes:
        front = size.to_bytes(2, "big") + b"HPKE-v1" + HPKE_SUITE + label
        return expand("sha256", secret, front + context, size)

    try:
        return AESGCM(spread(b"key", 32)).decrypt(spread(b"base_nonce", 12), sealed, b"")
    except InvalidTag:
        raise Refused(NO_MATCH) from None
