"""Gives memory that was freed back to the system: kept for later it would count with what the next step needs."""

import ctypes


def give_back() -> None:
    """Hand freed memory back to the system, where the C library can; costs about a millisecond."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
