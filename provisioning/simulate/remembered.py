"""Signatures checked and headers read once: the same bytes always give the same answer, so it is remembered."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

from sync import verify
from sync.envelope import decode_header
from sync.keys import VerifyKey

REMEMBERED: Final = 8192


@contextmanager
def remembered() -> Iterator[None]:
    """Let this process remember which signatures held, and what the headers of slips say; failures are not kept."""
    plain: dict[str, Callable[..., None]] = {
        "verify": VerifyKey.verify,
        "verify_short": VerifyKey.verify_short,
        "verify_note": VerifyKey.verify_note,
    }
    for name, method in plain.items():
        setattr(VerifyKey, name, lru_cache(REMEMBERED)(method))
    read = decode_header
    setattr(verify, "decode_header", lru_cache(REMEMBERED)(read))  # noqa: B010 - the name is not its own
    try:
        yield
    finally:
        setattr(verify, "decode_header", read)  # noqa: B010 - the name is not its own
        for name, method in plain.items():
            setattr(VerifyKey, name, method)
