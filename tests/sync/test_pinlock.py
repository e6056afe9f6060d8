"""sync.pinlock: a secret under a PIN."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import FailureKind, SealError
from sync.pinlock import SECRET_MAX, lock_secret, unlock_secret

SALT, NONCE = bytes(16), bytes(12)
SECRET = bytes(range(32))
LOCKED = lock_secret(SECRET, "2468", SALT, NONCE)


def test_ok__the_pin_opens_the_lock() -> None:
    """The right PIN gives the secret."""
    assert unlock_secret(LOCKED, "2468") == SECRET


def test_ok__the_lock_has_forty_five_bytes_more() -> None:
    """Recipe, salt, nonce and tag; the recipe is 1."""
    assert len(LOCKED) == len(SECRET) + 45
    assert LOCKED[:29] == b"\x01" + SALT + NONCE


@pytest.mark.parametrize("pin", ["2469", "", "x" * 65, "\ud800"])
def test_fail__another_pin_does_not_match(pin: str) -> None:
    """A wrong PIN, and one that cannot be one, are the same no match."""
    with pytest.raises(SealError) as caught:
        unlock_secret(LOCKED, pin)
    assert caught.value.kind is FailureKind.NO_MATCH


@pytest.mark.parametrize("place", [1, 17, 29, -1])
def test_fail__a_changed_lock_does_not_match(place: int) -> None:
    """Salt, nonce, sealed secret and tag are all bound."""
    changed = bytearray(LOCKED)
    changed[place] ^= 1
    with pytest.raises(SealError, match="no match"):
        unlock_secret(bytes(changed), "2468")


@given(
    st.one_of(
        st.binary(max_size=44),
        st.binary(min_size=45, max_size=60).filter(lambda data: data[0] != 1),
        st.just(bytes(SECRET_MAX + 46)),
    )
)
def test_fail__what_is_no_lock_is_a_header_failure(data: bytes) -> None:
    """Another length or recipe is refused before any work is done."""
    with pytest.raises(SealError) as caught:
        unlock_secret(data, "2468")
    assert caught.value.kind is FailureKind.HEADER


@pytest.mark.parametrize(
    ("secret", "pin", "salt", "nonce"),
    [
        (bytes(SECRET_MAX + 1), "1", SALT, NONCE),
        (SECRET, "1", bytes(15), NONCE),
        (SECRET, "1", SALT, bytes(13)),
        (SECRET, "", SALT, NONCE),
        (SECRET, "1" * 65, SALT, NONCE),
    ],
)
def test_fail__a_lock_is_made_within_its_limits(
    secret: bytes, pin: str, salt: bytes, nonce: bytes
) -> None:
    """Too long a secret, wrong salt or nonce, no PIN: a ValueError."""
    with pytest.raises(ValueError, match="lock"):
        lock_secret(secret, pin, salt, nonce)
