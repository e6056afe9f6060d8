"""Sizes that tell little: contents are padded to steps before they are sealed (docs/envelope.md, table 6)."""

from typing import Final

from sync.errors import FailureKind, SealError

RECORD_STEP: Final = 4 * 1024
PREVIEW_STEP: Final = 4 * 1024
PAGE_STEP: Final = 16 * 1024

_LENGTH_BYTES: Final = 4


def pad(content: bytes, step: int) -> bytes:
    """Return length (4 bytes) ‖ content ‖ zeros, as long as the next multiple of `step`."""
    used = _LENGTH_BYTES + len(content)
    return len(content).to_bytes(_LENGTH_BYTES, "big") + content + bytes(-used % step)


def unpad(padded: bytes, step: int) -> bytes:
    """Return the content; raises SealError(PAYLOAD) for anything `pad` would not have made."""
    used = _LENGTH_BYTES + int.from_bytes(padded[:_LENGTH_BYTES], "big")
    if len(padded) < _LENGTH_BYTES or len(padded) != used + -used % step:
        raise SealError(FailureKind.PAYLOAD, "the length inside does not fit the padding")
    if padded[used:].strip(b"\x00"):
        raise SealError(FailureKind.PAYLOAD, "the padding is not empty")
    return padded[_LENGTH_BYTES:used]
