"""sync.verify: what anybody can check without a key that opens."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import merkle
from sync.envelope import Part, PartRole, encode_header, join_slip, split_slip
from sync.errors import FailureKind, SealError
from sync.verify import (
    LABEL,
    PIECE_BYTES,
    part_matches,
    part_root,
    piece_count,
    piece_leaves,
    piece_ok,
    read_header,
    verify_slip,
)
from tests.support.garbage import damaged, turned
from tests.support.makers import OFFICE, make_envelope, make_signer

SIGNER = make_signer()
ENVELOPE = make_envelope(1)
SLIP = ENVELOPE.slip
LONG = hashlib.shake_256(b"long part").digest(2 * PIECE_BYTES + 1000)
LONG_PART = Part(0, PartRole.PAGE, len(LONG), part_root(LONG))


def test_ok__a_slip_holds_under_its_senders_key() -> None:
    """Signatures, header and payload hash all fit."""
    assert verify_slip(SLIP, SIGNER.public) == ENVELOPE.header
    assert read_header(SLIP) == ENVELOPE.header


def kind_of(slip: bytes) -> FailureKind:
    """Return why this slip does not hold under the box's key."""
    with pytest.raises(SealError) as caught:
        verify_slip(slip, SIGNER.public)
    return caught.value.kind


def test_fail__another_key_is_a_signature_failure() -> None:
    """A slip does not hold under a key that did not sign it."""
    with pytest.raises(SealError, match="signature failure"):
        verify_slip(SLIP, make_signer(OFFICE).public)


def test_fail__a_changed_header_is_a_signature_failure() -> None:
    """Another date with the old signatures does not hold."""
    _, signatures, payload = split_slip(SLIP)
    moved = encode_header(replace(ENVELOPE.header, journal_seq=9))
    assert kind_of(join_slip(moved, signatures, payload)) is FailureKind.SIGNATURE


def test_fail__a_signed_header_that_names_another_key_is_no_match() -> None:
    """The key id inside must be the signer's own."""
    data = encode_header(replace(ENVELOPE.header, sender_key_id=bytes(8)))
    signatures = SIGNER.sign(LABEL, hashlib.sha256(data).digest())
    assert kind_of(join_slip(data, signatures, split_slip(SLIP)[2])) is FailureKind.NO_MATCH


def test_fail__a_signed_header_of_another_shape_is_a_header_failure() -> None:
    """A good signature does not make a bad header good."""
    data = b"\xa0"
    signatures = SIGNER.sign(LABEL, hashlib.sha256(data).digest())
    assert kind_of(join_slip(data, signatures, b"")) is FailureKind.HEADER


@pytest.mark.parametrize("slip", [SLIP[:-1], SLIP + b"x", SLIP[:-1] + bytes((SLIP[-1] ^ 1,))])
def test_fail__a_changed_payload_is_a_payload_failure(slip: bytes) -> None:
    """A byte less, more or other than the header promised."""
    assert kind_of(slip) is FailureKind.PAYLOAD


@settings(max_examples=150)
@given(damaged(SLIP))
def test_fail__no_damage_goes_unnoticed(slip: bytes) -> None:
    """Whatever one thing is changed, the slip no longer holds."""
    if slip != SLIP:
        assert kind_of(slip) in FailureKind


@given(st.binary(max_size=200))
def test_fail__garbage_is_a_header_failure(data: bytes) -> None:
    """Any bytes that are no slip."""
    assert kind_of(data) is FailureKind.HEADER


def test_ok__every_part_matches_its_place_and_no_other() -> None:
    """A part's bytes fit its own root, and only that."""
    first, second = ENVELOPE.header.parts
    assert part_matches(first, ENVELOPE.parts[0])
    assert part_matches(second, ENVELOPE.parts[1])
    assert not part_matches(first, ENVELOPE.parts[1])
    assert not part_matches(first, ENVELOPE.parts[0][:-1])
    assert not part_matches(second, ENVELOPE.parts[1][:-1] + b"\x00\x00")
    assert not part_matches(second, bytes(second.length))


@pytest.mark.parametrize(
    ("length", "pieces"),
    [(0, 0), (1, 1), (PIECE_BYTES, 1), (PIECE_BYTES + 1, 2), (64 << 20, 256)],
)
def test_ok__parts_are_cut_into_pieces_of_256_kib(length: int, pieces: int) -> None:
    """A piece has 262,144 bytes; the last may be shorter."""
    assert PIECE_BYTES == 262_144
    assert piece_count(length) == pieces
    assert sum(1 for _ in piece_leaves(bytes(length))) == pieces


def pieces() -> list[bytes]:
    """Return the long part's three pieces."""
    return [LONG[at : at + PIECE_BYTES] for at in range(0, len(LONG), PIECE_BYTES)]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_ok__each_piece_proves_its_place(number: int) -> None:
    """A piece with its inclusion proof can be checked before the others are there."""
    proof = merkle.inclusion_proof(number, list(piece_leaves(LONG)))
    assert piece_ok(LONG_PART, number, pieces()[number], proof)


def test_fail__a_piece_in_another_place_or_with_other_bytes() -> None:
    """Number, bytes, length and proof all count."""
    proof = merkle.inclusion_proof(1, list(piece_leaves(LONG)))
    good = pieces()[1]
    assert not piece_ok(LONG_PART, 0, good, proof)
    assert not piece_ok(LONG_PART, 3, good, proof)
    assert not piece_ok(LONG_PART, -1, good, proof)
    assert not piece_ok(LONG_PART, 1, turned(good), proof)
    assert not piece_ok(LONG_PART, 1, good[:-1], proof)
    assert not piece_ok(LONG_PART, 1, good, proof[:-1])
    assert not piece_ok(LONG_PART, 1, good, [step[:-1] for step in proof])
