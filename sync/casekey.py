"""The key of one application: from the first opening on it holds the data keys, and erasing it erases them.

A case key wraps the data key of each of its application's envelopes with AES-256-GCM, bound to the
envelope's id (docs/keys.md). Whoever deletes the case key leaves sealed bytes that nothing opens.
"""

import hashlib
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync.errors import FailureKind, SealError
from sync.ids import Random

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
WRAPPED_BYTES: Final = NONCE_BYTES + KEY_BYTES + TAG_BYTES
KEY_ID_BYTES: Final = 8

_WRAP_LABEL: Final = b"madobus/case-wrap/v1\x00"
_ID_LABEL: Final = b"madobus/case-key/v1\x00"


class CaseKey:
    """Wraps and unwraps the data keys of one application's envelopes; its repr shows the key id only."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError(f"case key: has {KEY_BYTES} bytes, not {len(secret)}")
        self._lock: Final = AESGCM(secret)
        self.key_id: Final = hashlib.sha256(_ID_LABEL + secret).digest()[:KEY_ID_BYTES]

    def wrap(self, data_key: bytes, env_id: bytes, random: Random) -> bytes:
        """Return the wrapped data key (60 bytes: nonce, sealed key, tag) of the envelope `env_id`."""
        if len(data_key) != KEY_BYTES:
            raise ValueError(f"case key: a data key has {KEY_BYTES} bytes, not {len(data_key)}")
        nonce = random(NONCE_BYTES)
        return nonce + self._lock.encrypt(nonce, data_key, _WRAP_LABEL + env_id)

    def unwrap(self, wrapped: bytes, env_id: bytes) -> bytes:
        """Return the data key; raises SealError(NO_MATCH) for another key, envelope or changed bytes."""
        if len(wrapped) != WRAPPED_BYTES:
            raise SealError(FailureKind.NO_MATCH, f"a wrapped data key has {WRAPPED_BYTES} bytes")
        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return self._lock.decrypt(nonce, sealed, _WRAP_LABEL + env_id)
        except InvalidTag as error:
            raise SealError(FailureKind.NO_MATCH, "the data key is not this case's") from error

    def __repr__(self) -> str:
        return f"CaseKey({self.key_id.hex()})"
