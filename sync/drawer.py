"""Drafts at rest: closed under the visit's key from their first byte, gone when that key is destroyed."""

from typing import Final

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from sync.errors import FailureKind, SealError

KEY_BYTES: Final = 32
NAME_MAX: Final = 255

_LABEL: Final = b"madobus/drawer/v1\x00"


class Drawer:
    """Closes and opens drafts with one 32-byte visit key; the name is bound, so drafts cannot be swapped."""

    def __init__(self, visit_key: bytes) -> None:
        if len(visit_key) != KEY_BYTES:
            raise ValueError(f"drawer: the visit key has {KEY_BYTES} bytes, not {len(visit_key)}")
        self._key = bytes(visit_key)

    def close_up(self, name: str, plain: bytes) -> bytes:
        """Return the draft sealed under the visit key and this name; raises ValueError for a long name."""
        made = Cobblestone256Encryptor(self._key, _context(name))
        return made.update(plain) + made.finalize()

    def open(self, name: str, sealed: bytes) -> bytes:
        """Return the draft; raises SealError(PAYLOAD) for another name, another key or changed bytes."""
        opened = Cobblestone256Decryptor(self._key, _context(name))
        try:
            return opened.update(sealed) + opened.finalize()
        except (InvalidTag, ValueError) as error:
            raise SealError(FailureKind.PAYLOAD, f"the draft '{name}' does not open") from error

    def __repr__(self) -> str:
        return "Drawer()"


def _context(name: str) -> bytes:
    written = name.encode("utf-8")
    if not 0 < len(written) <= NAME_MAX:
        raise ValueError(f"drawer: a name has 1 to {NAME_MAX} bytes, not {len(written)}")
    return _LABEL + written
