"""Sizes that tell little: contents are padded to steps before they are sealed (docs/envelope.md, table 6)."""

import zlib
from typing import Final

from sync.errors import FailureKind, SealError

# Why so small: docs/decisions/0012-small-steps.md.
RECORD_STEP: Final = 1024
PREVIEW_STEP: Final = 1024
PAGE_STEP: Final = 1024
ORIGINAL_STEP: Final = 1024

_LENGTH_BYTES: Final = 4
_LEVEL: Final = 9


def pad(content: bytes, step: int) -> bytes:
    """Return length (4 bytes) ‖ content ‖ zeros, as long as the next multiple of `step`."""
    return b"".join(padded_pieces(content, step))


def padded_pieces(content: bytes, step: int) -> tuple[bytes, bytes, bytes]:
    """Return what `pad` joins, in its order: a scan need not be copied once more to be sealed."""
    used = _LENGTH_BYTES + len(content)
    return len(content).to_bytes(_LENGTH_BYTES, "big"), content, bytes(-used % step)


def unpad(padded: bytes, step: int) -> bytes:
    """Return the content; raises SealError(PAYLOAD) for anything `pad` would not have made."""
    used = _LENGTH_BYTES + int.from_bytes(padded[:_LENGTH_BYTES], "big")
    if len(padded) < _LENGTH_BYTES or len(padded) != used + -used % step:
        raise SealError(FailureKind.PAYLOAD, "the length inside does not fit the padding")
    if padded[used:].strip(b"\x00"):
        raise SealError(FailureKind.PAYLOAD, "the padding is not empty")
    return padded[_LENGTH_BYTES:used]


def press(content: bytes) -> bytes:
    """Return the content as one zlib stream (RFC 1950)."""
    return zlib.compress(content, _LEVEL)


def unpress(pressed: bytes, most: int) -> bytes:
    """Return the content of one whole zlib stream, at most `most` bytes; raises SealError(PAYLOAD)."""
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(pressed, most + 1)
    except zlib.error as error:
        raise SealError(FailureKind.PAYLOAD, "the content is no zlib stream") from error
    if len(content) > most or not stream.eof or stream.unused_data:
        raise SealError(FailureKind.PAYLOAD, f"not one zlib stream of at most {most} bytes")
    return content
