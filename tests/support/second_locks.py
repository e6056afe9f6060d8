"""Key files and secrets at rest read without our code, from docs/envelope.md sections 7 and 12 alone."""

import base64
import hashlib
import hmac
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from tests.support.second_cbor import HEADER, MALFORMED, NO_MATCH, Refused, need
from tests.support.second_keys import expand
from tests.support.second_reader import decrypt

_SIZES: Final = {
    "signer": (32, 32),
    "opening": (32, 32),
    "drawer": (32, 32),
    "verify": (1344, 1344),
    "sealing": (1216, 1216),
    "locked": (45, 4141),
}


def key_file(text: str, kind: str) -> bytes:
    """Return the bytes of a key file of this kind."""
    words = text.split()
    need(len(text) <= 16_384 and kind in _SIZES and words[:3] == ["madobus-key", "1", kind])
    need(len(words) >= 6 and words[-2] == "check")
    try:
        key = base64.b64decode("".join(words[3:-2]), validate=True)
    except ValueError:
        raise Refused(MALFORMED) from None
    low, high = _SIZES[kind]
    need(low <= len(key) <= high)
    named = hashlib.sha256(f"madobus-key 1 {kind}\n".encode() + key).hexdigest()
    need(words[-1] == named[:16])
    return key


@cache
def _stretch(pin: str, salt: bytes) -> bytes:
    need(1 <= len(pin) <= 64, NO_MATCH)
    kdf = Argon2id(salt=salt, length=32, iterations=3, lanes=1, memory_cost=65_536)
    return kdf.derive(pin.encode("utf-8"))


def _open(blob: bytes, key: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(blob[17:29], blob[29:], blob[:29])
    except InvalidTag:
        raise Refused(NO_MATCH) from None


def _checked(blob: bytes, recipe: int) -> None:
    need(45 <= len(blob) <= 4141 and blob[0] == recipe, HEADER)


def lock(blob: bytes, pin: str) -> bytes:
    """Return a secret under a PIN."""
    _checked(blob, 1)
    return _open(blob, _stretch(pin, blob[1:17]))


def chip_lock(blob: bytes, pin: str, chip: bytes) -> tuple[bytes, bytes]:
    """Return a secret under PIN and chip, and the chip's password."""
    _checked(blob, 2)
    half = _stretch(pin, blob[1:17])
    secret = _open(blob, _hkdf(chip + half, b"madobus/chip-lock/v1"))
    return secret, _hkdf(half, b"madobus/chip-password/v1")


def _hkdf(secret: bytes, info: bytes) -> bytes:
    return expand("sha256", hmac.digest(bytes(32), secret, "sha256"), info, 32)


def draft(key: bytes, name: str, sealed: bytes) -> bytes:
    """Return a draft under a visit's key."""
    return decrypt(key, b"madobus/drawer/v1\x00" + name.encode(), sealed)
