"""sync.keys: who signs, who may open."""

import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from sync import keys
from sync.errors import FailureKind, SealError
from sync.keys import OpeningKey, SealingKey, Signer, VerifyKey
from tests.support.makers import make_opening_key, make_signer

SIGNER, OTHER = make_signer(1), make_signer(2)
OPENING = make_opening_key(11)
FIELD = 2**255 - 19
CURVE_D = -121665 * pow(121666, -1, FIELD) % FIELD
SECRET = bytes(range(32))


def test_ok__both_signatures_hold() -> None:
    """A signature holds under the signer's own key, label and message."""
    SIGNER.public.verify("envelope/v1", b"m", SIGNER.sign("envelope/v1", b"m"))
    SIGNER.public.verify_short("beacon/v1", b"m", SIGNER.sign_short("beacon/v1", b"m"))
    SIGNER.public.verify_note(b"text\n", SIGNER.sign_note(b"text\n"))


def test_ok__signatures_have_their_sizes() -> None:
    """Ed25519 is 64 bytes, ML-DSA-44 is 2,420."""
    assert [len(one) for one in SIGNER.sign("l", b"m")] == [64, 2420]
    assert len(SIGNER.sign_short("l", b"m")) == 64


@pytest.mark.parametrize(
    ("label", "message", "change"),
    [
        ("other/v1", b"m", (0, 0)),
        ("envelope/v1", b"n", (0, 0)),
        ("envelope/v1", b"m", (1, 0)),
        ("envelope/v1", b"m", (0, 1)),
    ],
)
def test_fail__label_message_and_each_signature_count(
    label: str, message: bytes, change: tuple[int, int]
) -> None:
    """One changed thing is a signature failure, whichever of the two signatures it hurts."""
    short, long = SIGNER.sign("envelope/v1", b"m")
    bad = bytes((short[0] ^ change[0],)) + short[1:], bytes((long[0] ^ change[1],)) + long[1:]
    with pytest.raises(SealError) as caught:
        SIGNER.public.verify(label, message, bad)
    assert caught.value.kind is FailureKind.SIGNATURE


def test_fail__mldsa_alone_tells_the_label() -> None:
    """Even with a valid Ed25519 half, ML-DSA-44 made for another label does not count."""
    pair = SIGNER.sign_short("a", b"m"), SIGNER.sign("b", b"m")[1]
    with pytest.raises(SealError, match="ML-DSA-44"):
        SIGNER.public.verify("a", b"m", pair)


def test_fail__another_signer_does_not_count() -> None:
    """A signature under another key is a signature failure."""
    with pytest.raises(SealError, match="signature failure"):
        OTHER.public.verify("l", b"m", SIGNER.sign("l", b"m"))


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_fail__garbage_signatures_are_signature_failures(short: bytes, long: bytes) -> None:
    """Signatures of any length give SealError and nothing else."""
    key = SIGNER.public
    with pytest.raises(SealError):
        key.verify("l", b"m", (short, long))
    with pytest.raises(SealError):
        key.verify("l", b"m", (SIGNER.sign_short("l", b"m"), long))
    with pytest.raises(SealError):
        key.verify_note(b"m", short)


def test_fail__a_note_has_no_zero_byte() -> None:
    """A note can never be the bytes of a labelled message."""
    with pytest.raises(ValueError, match="zero bytes"):
        SIGNER.sign_note(b"madobus/beacon/v1\x00m")


def test_ok__a_key_is_its_seed() -> None:
    """The same seed gives the same keys; another seed gives others."""
    assert Signer.from_seed(SIGNER.seed).public == SIGNER.public
    assert OpeningKey.from_seed(OPENING.seed).public == OPENING.public
    assert SIGNER.public != OTHER.public
    assert OPENING.public != make_opening_key(12).public


def test_ok__key_ids_are_eight_bytes_of_the_whole_key() -> None:
    """The id covers both halves, so that no half can be exchanged under it."""
    assert len(SIGNER.key_id) == len(OPENING.key_id) == 8
    assert SIGNER.key_id == SIGNER.public.key_id
    assert OPENING.key_id == OPENING.public.key_id
    mixed = VerifyKey(SIGNER.public.ed25519, OTHER.public.mldsa44)
    assert mixed.key_id not in (SIGNER.key_id, OTHER.key_id)


def test_ok__raw_keys_come_back() -> None:
    """1,344 and 1,216 bytes are the whole of a public key."""
    assert VerifyKey.from_raw(SIGNER.public.raw) == SIGNER.public
    assert SealingKey(OPENING.public.raw) == OPENING.public
    assert (len(SIGNER.public.raw), len(OPENING.public.raw)) == (1344, 1216)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_fail__a_seed_has_thirty_two_bytes(size: int) -> None:
    """Seeds of other lengths are refused."""
    with pytest.raises(ValueError, match="seed has 32"):
        Signer.from_seed(bytes(size))
    with pytest.raises(ValueError, match="seed has 32"):
        OpeningKey.from_seed(bytes(size))


@pytest.mark.parametrize("raw", [b"", bytes(1343), bytes(1345)])
def test_fail__a_verify_key_has_its_length(raw: bytes) -> None:
    """Verify keys of other lengths are refused."""
    with pytest.raises(ValueError, match="verify key"):
        VerifyKey.from_raw(raw)


@pytest.mark.parametrize("raw", [b"", bytes(1215), bytes(1217), b"\xff" * 1216])
def test_fail__a_sealing_key_must_be_one(raw: bytes) -> None:
    """A wrong length and an ML-KEM key outside its field are ValueErrors."""
    with pytest.raises(ValueError, match=r"sealing key|ML-KEM"):
        SealingKey(raw)


def low_order_heights() -> list[int]:
    """Compute the y of all points whose order divides eight, from the curve's equation alone."""
    root = pow(1 + CURVE_D, (FIELD + 3) // 8, FIELD)
    if root * root % FIELD != (1 + CURVE_D) % FIELD:
        root = root * pow(2, (FIELD - 1) // 4, FIELD) % FIELD
    found = {0, 1, FIELD - 1}
    # A point of order eight doubles to y = 0, which means d*y^4 + 2*y^2 - 1 = 0.
    for sign in (1, -1):
        square = (sign * root - 1) * pow(CURVE_D, -1, FIELD) % FIELD
        height = pow(square, (FIELD + 3) // 8, FIELD)
        if height * height % FIELD != square:
            height = height * pow(2, (FIELD - 1) // 4, FIELD) % FIELD
        if height * height % FIELD == square:
            found |= {height, FIELD - height}
    return sorted(found)


def test_ok__the_low_order_heights_are_five() -> None:
    """The computed list and the one in the code are the same."""
    assert set(low_order_heights()) == keys._LOW_ORDER
    assert len(low_order_heights()) == 5


@pytest.mark.parametrize("sign", [0, 1 << 255])
@pytest.mark.parametrize("height", [*low_order_heights(), FIELD, FIELD + 1, 2**255 - 1])
def test_fail__low_order_and_noncanonical_points_are_no_keys(height: int, sign: int) -> None:
    """A key that would verify for everybody, or has a second spelling, is refused."""
    point = (height | sign).to_bytes(32, "little")
    with pytest.raises(ValueError, match="low order"):
        VerifyKey(point, SIGNER.public.mldsa44)


def test_ok__a_wrapped_secret_opens_for_its_key_and_info() -> None:
    """HPKE gives 1,168 bytes that open again."""
    wrapped = OPENING.public.wrap(SECRET, b"info")
    assert len(wrapped) == 1168
    assert OPENING.unwrap(wrapped, b"info") == SECRET


@pytest.mark.parametrize(
    ("key", "info", "cut"),
    [(make_opening_key(12), b"info", 0), (OPENING, b"other", 0), (OPENING, b"info", 1)],
)
def test_fail__another_key_or_info_does_not_match(key: OpeningKey, info: bytes, cut: int) -> None:
    """A wrapped secret for somebody or something else is no match."""
    wrapped = OPENING.public.wrap(SECRET, b"info")
    with pytest.raises(SealError) as caught:
        key.unwrap(wrapped[cut:], info)
    assert caught.value.kind is FailureKind.NO_MATCH


@given(st.binary(max_size=1300))
def test_fail__garbage_never_unwraps(data: bytes) -> None:
    """Any bytes are no match, never another exception."""
    with pytest.raises(SealError):
        OPENING.unwrap(data, b"")


def test_ok__the_opening_key_is_expanded_as_x_wing_says() -> None:
    """The X25519 half is the last 32 of 96 bytes of SHAKE256 over the seed."""
    wide = hashlib.shake_256(OPENING.seed).digest(96)
    curve = X25519PrivateKey.from_private_bytes(wide[64:]).public_key().public_bytes_raw()
    assert OPENING.public.raw[1184:] == curve


@pytest.mark.parametrize("key", [SIGNER, OPENING])
def test_ok__a_private_key_shows_its_id_only(key: Any) -> None:
    """Neither repr nor str can carry a seed into a log."""
    assert key.key_id.hex() in repr(key)
    assert key.seed.hex() not in repr(key)
    assert repr(key.seed) not in f"{key!s}"
