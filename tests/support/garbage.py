"""Rubbish on purpose: bytes that nobody sent, values of the wrong type, good messages with one thing changed."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

MUTATIONS = ("flip", "cut", "drop", "double", "insert")


def turned(data: bytes) -> bytes:
    """Return the bytes with their last bit turned: whatever they were, they are others now."""
    return data[:-1] + bytes([data[-1] ^ 1])


def canonical_values() -> st.SearchStrategy[Any]:
    """Return any value that canonical bytes can hold."""
    plain = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(1 << 64), (1 << 64) - 1),
        st.binary(max_size=40),
        st.text(max_size=20),
    )
    return st.recursive(
        plain,
        lambda inner: st.one_of(
            st.lists(inner, max_size=5), st.dictionaries(st.integers(0, 30), inner, max_size=5)
        ),
        max_leaves=20,
    )


def _changed(good: bytes, how: str, place: int, byte: int) -> bytes:
    at = place % max(1, len(good))
    return {
        "flip": good[:at] + bytes((good[at] ^ (1 << byte % 8),)) + good[at + 1 :],
        "cut": good[:at],
        "drop": good[:at] + good[at + 1 :],
        "double": good + good[at:],
        "insert": good[:at] + bytes((byte,)) + good[at:],
    }[how]


def damaged(good: bytes) -> st.SearchStrategy[bytes]:
    """Return `good` with one bit flipped, cut short, or with bytes dropped, doubled or put in."""
    return st.builds(
        _changed,
        st.just(good),
        st.sampled_from(MUTATIONS),
        st.integers(0, max(0, len(good) - 1)),
        st.integers(0, 255),
    )


@st.composite
def swapped(draw: Callable[..., Any], good: Any) -> Any:
    """Return the value with one place in it, at any depth, holding something else."""
    if not isinstance(good, dict | list) or not good or draw(st.integers(0, 3)) == 0:
        return draw(canonical_values())
    copy = dict(good) if isinstance(good, dict) else list(good)
    place = draw(st.sampled_from(sorted(copy) if isinstance(copy, dict) else range(len(copy))))
    if draw(st.integers(0, 9)) == 0:
        del copy[place]
    else:
        copy[place] = draw(swapped(copy[place]))
    return copy
