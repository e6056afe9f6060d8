"""A secret at rest under a person's PIN: Argon2id makes the PIN slow to guess, AES-256-GCM closes the lock."""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from sync.errors import FailureKind, SealError

SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
SECRET_MAX: Final = 4096
PIN_MAX: Final = 64

# The first byte names the whole recipe; another cost is another number (docs/envelope.md).
_RECIPE: Final = 1
_MEMORY_KIB: Final = 64 * 1024
_ITERATIONS: Final = 3
_TAG_BYTES: Final = 16
_FRONT: Final = 1 + SALT_BYTES + NONCE_BYTES


def lock_secret(secret: bytes, pin: str, salt: bytes, nonce: bytes) -> bytes:
    """Return recipe 1 ‖ salt (16) ‖ nonce (12) ‖ sealed secret; fresh random `salt` and `nonce` each time."""
    if len(secret) > SECRET_MAX:
        raise ValueError(f"lock: a secret has at most {SECRET_MAX} bytes")
    if len(salt) != SALT_BYTES or len(nonce) != NONCE_BYTES:
        raise ValueError(f"lock: salt has {SALT_BYTES} bytes and nonce {NONCE_BYTES}")
    front = bytes((_RECIPE,)) + salt + nonce
    return front + AESGCM(stretch(pin, salt)).encrypt(nonce, secret, front)


def unlock_secret(blob: bytes, pin: str) -> bytes:
    """Return the secret; raises SealError: NO_MATCH for a wrong PIN or a changed blob, HEADER for no lock at all."""
    if not _FRONT + _TAG_BYTES <= len(blob) <= _FRONT + _TAG_BYTES + SECRET_MAX:
        raise SealError(FailureKind.HEADER, "lock: the length is not that of a locked secret")
    if blob[0] != _RECIPE:
        raise SealError(FailureKind.HEADER, f"lock: recipe {blob[0]} is not 1, the PIN alone")
    front = blob[:_FRONT]
    salt, nonce = front[1 : 1 + SALT_BYTES], front[1 + SALT_BYTES :]
    try:
        return AESGCM(stretch(pin, salt)).decrypt(nonce, blob[_FRONT:], front)
    except InvalidTag as error:
        raise SealError(FailureKind.NO_MATCH, "lock: the PIN does not open it") from error
    except ValueError as error:
        raise SealError(FailureKind.NO_MATCH, f"lock: {error}") from error


def stretch(pin: str, salt: bytes) -> bytes:
    """Return 32 bytes that cost 64 MiB and three passes a guess; raises ValueError for no PIN or a long one."""
    if not 0 < len(pin) <= PIN_MAX:
        raise ValueError(f"lock: a PIN has 1 to {PIN_MAX} characters")
    kdf = Argon2id(salt=salt, length=32, iterations=_ITERATIONS, lanes=1, memory_cost=_MEMORY_KIB)
    return kdf.derive(pin.encode("utf-8"))
