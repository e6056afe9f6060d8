"""The keys of bus and city hall: who signs, who may open. Every pair lives as one 32-byte seed.

Signing is hybrid: Ed25519 beside ML-DSA-44, both must hold. Opening is hybrid too: X-Wing
(ML-KEM-768 with X25519) inside HPKE. Each use has its own label, so that a signature made for
one purpose never counts for another.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from sync.errors import FailureKind, SealError
from sync.keyfile import read_key, write_key
from sync.pinlock import lock_secret, unlock_secret

__all__ = [
    "OpeningKey",
    "SealingKey",
    "Signer",
    "VerifyKey",
    "lock_secret",
    "read_key",
    "unlock_secret",
    "write_key",
]

SEED_BYTES: Final = 32
KEY_ID_BYTES: Final = 8
ED25519_BYTES: Final = 32
ED25519_SIGNATURE: Final = 64
MLDSA44_BYTES: Final = 1312
MLDSA44_SIGNATURE: Final = 2420
MLKEM768_BYTES: Final = 1184
SEALING_KEY_BYTES: Final = MLKEM768_BYTES + 32

_NAME: Final = b"madobus/"
_FIELD: Final = 2**255 - 19
# The y coordinates of the eight points of low order; a key among them signs for everybody.
_ORDER_EIGHT: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_LOW_ORDER: Final = frozenset({0, 1, _FIELD - 1, _ORDER_EIGHT, _FIELD - _ORDER_EIGHT})


def _labelled(label: str, message: bytes) -> bytes:
    return _NAME + label.encode("ascii") + b"\x00" + message


def _key_id(what: bytes, public: bytes) -> bytes:
    return hashlib.sha256(_NAME + what + b"\x00" + public).digest()[:KEY_ID_BYTES]


def _suite() -> Suite:
    return Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True)
class VerifyKey:
    """The public half of a Signer: Ed25519 (32 bytes, canonical, not of low order) and ML-DSA-44 (1,312 bytes)."""

    ed25519: bytes
    mldsa44: bytes
    key_id: bytes = field(init=False, repr=False, compare=False)
    _short: Ed25519PublicKey = field(init=False, repr=False, compare=False)
    _long: MLDSA44PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.ed25519) != ED25519_BYTES or len(self.mldsa44) != MLDSA44_BYTES:
            raise ValueError("verify key: Ed25519 has 32 bytes, ML-DSA-44 has 1312")
        height = int.from_bytes(self.ed25519, "little") & (2**255 - 1)
        if height >= _FIELD or height in _LOW_ORDER:
            raise ValueError("verify key: this Ed25519 point is not canonical or of low order")
        object.__setattr__(self, "key_id", _key_id(b"verify-key/v1", self.raw))
        object.__setattr__(self, "_short", Ed25519PublicKey.from_public_bytes(self.ed25519))
        object.__setattr__(self, "_long", MLDSA44PublicKey.from_public_bytes(self.mldsa44))

    @classmethod
    def from_raw(cls, raw: bytes) -> "VerifyKey":
        """Return the key of its 1,344 bytes; raises ValueError."""
        return cls(raw[:ED25519_BYTES], raw[ED25519_BYTES:])

    @property
    def raw(self) -> bytes:
        """Ed25519 then ML-DSA-44: 1,344 bytes."""
        return self.ed25519 + self.mldsa44

    def verify(self, label: str, message: bytes, signatures: tuple[bytes, bytes]) -> None:
        """Raise SealError(SIGNATURE) unless both signatures hold for this label and message."""
        self.verify_short(label, message, signatures[0])
        try:
            self._long.verify(signatures[1], message, _NAME + label.encode("ascii"))
        except (InvalidSignature, ValueError) as error:
            raise SealError(FailureKind.SIGNATURE, f"{label}: ML-DSA-44 does not hold") from error

    def verify_short(self, label: str, message: bytes, signature: bytes) -> None:
        """Raise SealError(SIGNATURE) unless the Ed25519 signature holds for this label and message."""
        self._verify_ed25519(label, _labelled(label, message), signature)

    def verify_note(self, text: bytes, signature: bytes) -> None:
        """Raise SealError(SIGNATURE) unless this is the Ed25519 signature of a signed note's text."""
        self._verify_ed25519("note", text, signature)

    def _verify_ed25519(self, label: str, message: bytes, signature: bytes) -> None:
        try:
            self._short.verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise SealError(FailureKind.SIGNATURE, f"{label}: Ed25519 does not hold") from error


class Signer:
    """The private half of a VerifyKey; its repr shows the key id only."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise ValueError(f"signer: the seed has {SEED_BYTES} bytes, not {len(seed)}")
        self.seed: Final = bytes(seed)
        both = hashlib.shake_256(_NAME + b"signer/v1\x00" + self.seed).digest(2 * SEED_BYTES)
        self._short: Final = Ed25519PrivateKey.from_private_bytes(both[:SEED_BYTES])
        self._long: Final = MLDSA44PrivateKey.from_seed_bytes(both[SEED_BYTES:])
        self.public: Final = VerifyKey(
            self._short.public_key().public_bytes_raw(), self._long.public_key().public_bytes_raw()
        )

    @classmethod
    def from_seed(cls, seed: bytes) -> "Signer":
        """Return the signer of a 32-byte seed; raises ValueError."""
        return cls(seed)

    @property
    def key_id(self) -> bytes:
        """Eight bytes of hash: a hint for looking the key up, never a proof."""
        return self.public.key_id

    def sign(self, label: str, message: bytes) -> tuple[bytes, bytes]:
        """Return Ed25519 (64 bytes) and ML-DSA-44 (2,420 bytes, hedged by the library's own randomness)."""
        return self.sign_short(label, message), self._long.sign(
            message, _NAME + label.encode("ascii")
        )

    def sign_short(self, label: str, message: bytes) -> bytes:
        """Return Ed25519 only (64 bytes), for things that must fit on paper."""
        return self._short.sign(_labelled(label, message))

    def sign_note(self, text: bytes) -> bytes:
        """Return Ed25519 over a signed note's text; text has no zero byte, so it can be no labelled message."""
        if b"\x00" in text:
            raise ValueError("note: a signed note is text without zero bytes")
        return self._short.sign(text)

    def __repr__(self) -> str:
        return f"Signer({self.key_id.hex()})"


@dataclass(frozen=True)
class SealingKey:
    """The public half of an OpeningKey: X-Wing, 1,216 bytes (ML-KEM-768 then X25519)."""

    raw: bytes
    key_id: bytes = field(init=False, repr=False, compare=False)
    _key: MLKEM768X25519PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.raw) != SEALING_KEY_BYTES:
            raise ValueError(f"sealing key: has {SEALING_KEY_BYTES} bytes, not {len(self.raw)}")
        kem = MLKEM768PublicKey.from_public_bytes(self.raw[:MLKEM768_BYTES])
        curve = X25519PublicKey.from_public_bytes(self.raw[MLKEM768_BYTES:])
        object.__setattr__(self, "key_id", _key_id(b"sealing-key/v1", self.raw))
        object.__setattr__(self, "_key", MLKEM768X25519PublicKey(kem, curve))

    def wrap(self, secret: bytes, info: bytes) -> bytes:
        """Return the secret (32 bytes) for the key's holder, bound to `info`: 1,168 bytes of HPKE enc ‖ ct."""
        return _suite().encrypt(secret, self._key, info)


class OpeningKey:
    """The private half of a SealingKey; its repr shows the key id only."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise ValueError(f"opening key: the seed has {SEED_BYTES} bytes, not {len(seed)}")
        self.seed: Final = bytes(seed)
        # X-Wing's own expansion of a seed (draft-connolly-cfrg-xwing-kem): no label of ours here.
        wide = hashlib.shake_256(self.seed).digest(96)
        kem = MLKEM768PrivateKey.from_seed_bytes(wide[:64])
        curve = X25519PrivateKey.from_private_bytes(wide[64:])
        self._key: Final = MLKEM768X25519PrivateKey(kem, curve)
        self.public: Final = SealingKey(
            kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
        )

    @classmethod
    def from_seed(cls, seed: bytes) -> "OpeningKey":
        """Return the opening key of a 32-byte seed; raises ValueError."""
        return cls(seed)

    @property
    def key_id(self) -> bytes:
        """Eight bytes of hash: a hint for looking the key up, never a proof."""
        return self.public.key_id

    def unwrap(self, wrapped: bytes, info: bytes) -> bytes:
        """Return the secret wrapped for this key under the same `info`; raises SealError(NO_MATCH)."""
        try:
            return _suite().decrypt(wrapped, self._key, info)
        except (InvalidTag, ValueError) as error:
            raise SealError(FailureKind.NO_MATCH, "the wrapped key is not for this key") from error

    def __repr__(self) -> str:
        return f"OpeningKey({self.key_id.hex()})"
