"""A secret that two halves open together: a person's PIN and what a chip keeps (docs/envelope.md section 12)."""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.errors import FailureKind, SealError
from sync.pinlock import NONCE_BYTES, SALT_BYTES, SECRET_MAX, stretch

CHIP_SECRET_BYTES: Final = 32

_RECIPE: Final = 2
_KEY_BYTES: Final = 32
_TAG_BYTES: Final = 16
_FRONT: Final = 1 + SALT_BYTES + NONCE_BYTES
_PASSWORD_LABEL: Final = b"madobus/chip-password/v1"
_LOCK_LABEL: Final = b"madobus/chip-lock/v1"


class PinHalf:
    """A PIN made slow to guess, once: the chip's password, and together with the chip's secret the lock."""

    def __init__(self, pin: str, salt: bytes) -> None:
        if len(salt) != SALT_BYTES:
            raise ValueError(f"lock: salt has {SALT_BYTES} bytes")
        self._salt = salt
        self._stretched = stretch(pin, salt)

    @classmethod
    def for_lock(cls, blob: bytes, pin: str) -> "PinHalf":
        """Return the half for a lock of recipe 2; raises SealError: HEADER for no such lock, NO_MATCH for no PIN."""
        _check(blob)
        try:
            return cls(pin, blob[1 : 1 + SALT_BYTES])
        except ValueError as error:
            raise SealError(FailureKind.NO_MATCH, f"lock: {error}") from error

    @property
    def password(self) -> bytes:
        """The chip's password (32 bytes): it opens the chip, and without the chip nothing."""
        return _derive(self._stretched, _PASSWORD_LABEL)

    def lock(self, secret: bytes, chip: bytes, nonce: bytes) -> bytes:
        """Return recipe 2 ‖ salt (16) ‖ nonce (12) ‖ sealed secret; `chip` is 32 fresh random bytes the chip keeps."""
        if len(secret) > SECRET_MAX:
            raise ValueError(f"lock: a secret has at most {SECRET_MAX} bytes")
        if len(nonce) != NONCE_BYTES:
            raise ValueError(f"lock: nonce has {NONCE_BYTES} bytes")
        front = bytes((_RECIPE,)) + self._salt + nonce
        return front + AESGCM(self._key(chip)).encrypt(nonce, secret, front)

    def unlock(self, blob: bytes, chip: bytes) -> bytes:
        """Return the secret; raises SealError: NO_MATCH for another PIN, another chip or a changed blob."""
        _check(blob)
        front = blob[:_FRONT]
        try:
            return AESGCM(self._key(chip)).decrypt(front[1 + SALT_BYTES :], blob[_FRONT:], front)
        except InvalidTag as error:
            raise SealError(FailureKind.NO_MATCH, "lock: PIN and chip do not open it") from error

    def _key(self, chip: bytes) -> bytes:
        if len(chip) != CHIP_SECRET_BYTES:
            raise ValueError(f"lock: the chip's secret has {CHIP_SECRET_BYTES} bytes")
        return _derive(chip + self._stretched, _LOCK_LABEL)


def needs_chip(blob: bytes) -> bool:
    """Tell whether a lock is of recipe 2."""
    return blob[:1] == bytes((_RECIPE,))


def _check(blob: bytes) -> None:
    fits = _FRONT + _TAG_BYTES <= len(blob) <= _FRONT + _TAG_BYTES + SECRET_MAX
    if not (fits and needs_chip(blob)):
        raise SealError(FailureKind.HEADER, "lock: this is no lock of recipe 2")


def _derive(ikm: bytes, label: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=label).derive(ikm)
