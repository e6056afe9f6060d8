"""sync.chiplock: a secret under a PIN and a chip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.chiplock import PinHalf, needs_chip
from sync.errors import FailureKind, SealError
from sync.pinlock import SECRET_MAX, lock_secret

PIN = "482913"
SALT, NONCE, CHIP = bytes(range(16)), bytes(range(12)), bytes(range(32))
SECRET = b"a visit's key of 32 bytes, say it"
HALF = PinHalf(PIN, SALT)
LOCKED = HALF.lock(SECRET, CHIP, NONCE)


def test_ok__pin_and_chip_open_the_lock() -> None:
    """The half is found again out of the lock's own salt."""
    assert PinHalf.for_lock(LOCKED, PIN).unlock(LOCKED, CHIP) == SECRET


def test_ok__the_lock_is_recipe_two_with_forty_five_bytes_more() -> None:
    """Recipe, salt, nonce and tag around the secret."""
    assert LOCKED[:29] == b"\x02" + SALT + NONCE
    assert len(LOCKED) == len(SECRET) + 45
    assert needs_chip(LOCKED)
    assert not needs_chip(lock_secret(SECRET, PIN, SALT, NONCE))


def test_ok__the_chips_password_follows_from_pin_and_salt_alone() -> None:
    """The chip is asked before its secret is known; another salt is another password."""
    assert PinHalf.for_lock(LOCKED, PIN).password == HALF.password
    assert len(HALF.password) == 32
    assert PinHalf(PIN, bytes(16)).password != HALF.password


@pytest.mark.parametrize("pin", ["482914", ""])
def test_fail__another_pin_does_not_match(pin: str) -> None:
    """A wrong PIN with the right chip, and one that cannot be one, are no match."""
    with pytest.raises(SealError) as caught:
        PinHalf.for_lock(LOCKED, pin).unlock(LOCKED, CHIP)
    assert caught.value.kind is FailureKind.NO_MATCH


@pytest.mark.parametrize("place", [1, 17, 29, -1])
def test_fail__a_changed_lock_does_not_match(place: int) -> None:
    """Salt, nonce, sealed secret and tag are all bound."""
    changed = bytearray(LOCKED)
    changed[place] ^= 1
    with pytest.raises(SealError, match="no match"):
        HALF.unlock(bytes(changed), CHIP)


def test_fail__another_chip_does_not_match() -> None:
    """The right PIN without this chip's secret opens nothing."""
    with pytest.raises(SealError, match="no match"):
        HALF.unlock(LOCKED, bytes(32))


@given(
    st.one_of(
        st.binary(max_size=44),
        st.binary(min_size=45, max_size=60).filter(lambda data: data[0] != 2),
        st.just(b"\x02" + bytes(SECRET_MAX + 45)),
    )
)
def test_fail__what_is_no_lock_is_a_header_failure(data: bytes) -> None:
    """Another length or recipe is refused before any work is done."""
    for ask in (lambda: PinHalf.for_lock(data, PIN), lambda: HALF.unlock(data, CHIP)):
        with pytest.raises(SealError) as caught:
            ask()
        assert caught.value.kind is FailureKind.HEADER


@pytest.mark.parametrize(
    ("secret", "chip", "nonce"),
    [
        (bytes(SECRET_MAX + 1), CHIP, NONCE),
        (SECRET, bytes(31), NONCE),
        (SECRET, CHIP, bytes(11)),
    ],
)
def test_fail__a_lock_is_made_within_its_limits(secret: bytes, chip: bytes, nonce: bytes) -> None:
    """Too long a secret, a short chip secret or nonce: a ValueError."""
    with pytest.raises(ValueError, match="lock"):
        HALF.lock(secret, chip, nonce)


def test_fail__a_salt_has_sixteen_bytes() -> None:
    """A short salt is a ValueError before the slow work."""
    with pytest.raises(ValueError, match="salt"):
        PinHalf(PIN, bytes(15))
