"""A key as a small text file: what kind it is, its bytes, and a checksum against a slip of the hand."""

import base64
import binascii
import hashlib
import textwrap
from collections.abc import Mapping
from typing import Final

TEXT_MAX: Final = 16 * 1024
SIGNER_BYTES: Final = 32
OPENING_BYTES: Final = 32
DRAWER_BYTES: Final = 32
VERIFY_BYTES: Final = 32 + 1312
SEALING_BYTES: Final = 1216
LOCKED_MAX: Final = 4096 + 45

# Kind of key -> shortest and longest length of its bytes.
KINDS: Final[Mapping[str, tuple[int, int]]] = {
    "signer": (SIGNER_BYTES, SIGNER_BYTES),
    "opening": (OPENING_BYTES, OPENING_BYTES),
    "drawer": (DRAWER_BYTES, DRAWER_BYTES),
    "verify": (VERIFY_BYTES, VERIFY_BYTES),
    "sealing": (SEALING_BYTES, SEALING_BYTES),
    "locked": (45, LOCKED_MAX),
}

_TITLE: Final = "madobus-key 1"
_CHECK: Final = "check"
_LINE: Final = 64
_LINES_MIN: Final = 3


def write_key(kind: str, secret: bytes) -> str:
    """Return the text of a key file; raises ValueError for an unknown kind or a wrong length."""
    _check_size(kind, secret)
    body = textwrap.wrap(base64.b64encode(secret).decode("ascii"), _LINE)
    return "\n".join([f"{_TITLE} {kind}", *body, f"{_CHECK} {_checksum(kind, secret)}", ""])


def read_key(text: str, kind: str) -> bytes:
    """Return the bytes of a key file of this kind; raises ValueError naming what is wrong with it."""
    if len(text) > TEXT_MAX:
        raise ValueError(f"key file: at most {TEXT_MAX} characters")
    lines = text.split()
    title = [*_TITLE.split(), kind]
    if lines[: len(title)] != title:
        raise ValueError(f"key file: the first line must be '{_TITLE} {kind}'")
    rest = lines[len(title) :]
    if len(rest) < _LINES_MIN or rest[-2] != _CHECK:
        raise ValueError("key file: the last line must be 'check' and the checksum; it is cut off")
    try:
        secret = base64.b64decode("".join(rest[:-2]), validate=True)
    except binascii.Error as error:
        raise ValueError(f"key file: the middle must be base64; {error}") from error
    _check_size(kind, secret)
    if rest[-1] != _checksum(kind, secret):
        raise ValueError("key file: the checksum does not fit; a character is wrong")
    return secret


def _check_size(kind: str, secret: bytes) -> None:
    if kind not in KINDS:
        raise ValueError(f"key file: '{kind}' is none of {', '.join(KINDS)}")
    low, high = KINDS[kind]
    if not low <= len(secret) <= high:
        raise ValueError(f"key file: a key of kind {kind} has {low} to {high} bytes")


def _checksum(kind: str, secret: bytes) -> str:
    return hashlib.sha256(f"{_TITLE} {kind}\n".encode() + secret).hexdigest()[:16]
