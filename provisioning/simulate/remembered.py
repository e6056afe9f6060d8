"""Signatures checked once: the same key, words and signature always give the same answer, so it is remembered."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

from sync.keys import VerifyKey

REMEMBERED: Final = 8192


@contextmanager
def remembered() -> Iterator[None]:
    """Let every VerifyKey of this process remember what it verified; only what held is kept."""
    plain: dict[str, Callable[..., None]] = {
        "verify": VerifyKey.verify,
        "verify_short": VerifyKey.verify_short,
        "verify_note": VerifyKey.verify_note,
    }
    for name, method in plain.items():
        setattr(VerifyKey, name, lru_cache(REMEMBERED)(method))
    try:
        yield
    finally:
        for name, method in plain.items():
            setattr(VerifyKey, name, method)
