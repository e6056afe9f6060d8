"""The media's certificates under the signatures of both sides."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sync.calling import Side
from sync.errors import FailureKind, SealError
from sync.mediabinding import (
    BINDING_MAX,
    DESCRIPTION_MAX,
    Binding,
    Bound,
    bound,
    bound_description,
    fingerprint_of,
    ringing_of,
    sign_binding,
    verify_binding,
)
from tests.support.makers import BOX, DEVICE, OFFICE, make_signer

CALL = "ab" * 16
BUS, HALL = make_signer(BOX), make_signer(OFFICE)
RING = Binding(CALL, DEVICE, Side.BUS, bytes([1] * 32))
ANSWER = Binding(CALL, DEVICE, Side.HALL, bytes([2] * 32), RING.fingerprint)
ONE = "a=fingerprint:sha-256 " + ":".join(["01"] * 32)
TWO = "a=fingerprint:sha-256 " + ":".join(["02"] * 32)


def described(*media: str, session: tuple[str, ...] = ()) -> str:
    """Write a session description with these lines at its head and in its media."""
    return "\r\n".join(["v=0", "s=-", *session, "m=audio 9 UDP/TLS/RTP/SAVPF 96", *media, ""])


def kind(error: pytest.ExceptionInfo[SealError]) -> FailureKind:
    """Return why it did not hold."""
    return error.value.kind


def test_ok__a_binding_is_read_back() -> None:
    """Ringing and answer, within the length of a message."""
    for binding, signer in ((RING, BUS), (ANSWER, HALL)):
        text = sign_binding(binding, signer)
        assert len(text) <= BINDING_MAX
        assert verify_binding(text, (signer.public,)) == binding


@pytest.mark.parametrize("caller", list(Side))
def test_ok__both_sides_come_to_the_same_two_certificates(caller: Side) -> None:
    """Whoever rang."""
    signers = {Side.BUS: BUS, Side.HALL: HALL}
    other = Side.HALL if caller is Side.BUS else Side.BUS
    ringing = replace(RING, by=caller)
    answer = replace(ANSWER, by=other)
    heard = ringing_of(
        sign_binding(ringing, signers[caller]), CALL, DEVICE, caller, (signers[caller].public,)
    )
    told = bound(heard, sign_binding(answer, signers[other]), (signers[other].public,))
    ours, theirs = ringing.fingerprint, answer.fingerprint
    assert told == (Bound(ours, theirs) if caller is Side.BUS else Bound(theirs, ours))


@pytest.mark.parametrize(
    "changed",
    [
        replace(RING, call_id="cd" * 16),
        replace(RING, device="bus-08"),
        replace(RING, by=Side.HALL),
        replace(RING, answers=bytes(32)),
    ],
)
def test_fail__a_ringing_of_another_call(changed: Binding) -> None:
    """Signed rightly, and still not this one."""
    with pytest.raises(SealError) as error:
        ringing_of(sign_binding(changed, BUS), CALL, DEVICE, Side.BUS, (BUS.public,))
    assert kind(error) is FailureKind.NO_MATCH


@pytest.mark.parametrize(
    "changed",
    [
        replace(ANSWER, answers=bytes(32)),
        replace(ANSWER, answers=b""),
        replace(ANSWER, call_id="cd" * 16),
        replace(ANSWER, by=Side.BUS),
    ],
)
def test_fail__an_answer_to_another_ringing(changed: Binding) -> None:
    """An old answer, or one to the certificate of somebody between."""
    with pytest.raises(SealError) as error:
        bound(RING, sign_binding(changed, HALL), (HALL.public,))
    assert kind(error) is FailureKind.NO_MATCH


def test_fail__another_key_signed() -> None:
    """The right words of a stranger."""
    with pytest.raises(SealError) as error:
        bound(RING, sign_binding(ANSWER, BUS), (HALL.public,))
    assert kind(error) is FailureKind.SIGNATURE


def test_fail__a_word_changed_after_signing() -> None:
    """Each of them."""
    whole = json.loads(sign_binding(RING, BUS))
    other = json.loads(sign_binding(replace(ANSWER, call_id="cd" * 16, device="bus-08"), BUS))
    for field in sorted(set(whole["signed"]) - {"format"}):
        text = json.dumps(whole | {"signed": whole["signed"] | {field: other["signed"][field]}})
        with pytest.raises(SealError) as error:
            verify_binding(text, (BUS.public,))
        assert kind(error) is FailureKind.SIGNATURE


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "madobus-call-media-2"},
        {"call_id": "AB" * 16},
        {"device": "Bus 7"},
        {"by": "relay"},
        {"fingerprint": ""},
        {"answers": "00"},
        {"more": ""},
    ],
)
def test_fail__what_no_side_writes(changes: dict[str, Any]) -> None:
    """Another version, other words, other fields."""
    whole = json.loads(sign_binding(RING, BUS))
    with pytest.raises(SealError) as error:
        verify_binding(json.dumps(whole | {"signed": whole["signed"] | changes}), (BUS.public,))
    assert kind(error) is FailureKind.HEADER


@pytest.mark.parametrize("text", ["", "{}", "[]", "x" * (BINDING_MAX + 1)], ids=range(4))
def test_fail__what_is_no_binding(text: str) -> None:
    """Nothing, something else, too much."""
    with pytest.raises(SealError) as error:
        verify_binding(text, (BUS.public,))
    assert kind(error) is FailureKind.HEADER


def test_fail__a_binding_that_cannot_be_written() -> None:
    """Refused before it is signed."""
    with pytest.raises(ValueError, match="fingerprint"):
        sign_binding(replace(RING, fingerprint=b""), BUS)


@pytest.mark.parametrize(
    "text",
    [
        described(ONE),
        described(session=(ONE,)),
        described(ONE, ONE),
        described(ONE.replace("sha-256", "SHA-256").lower(), "a=fingerprint:sha-512 00:11"),
    ],
)
def test_ok__a_description_keeps_the_signed_certificate_alone(text: str) -> None:
    """Wherever it stood, it stands once for the whole session; hashes nobody signed are gone."""
    assert bound_description(text, RING.fingerprint) == described(session=(ONE,))


def test_ok__a_description_without_media() -> None:
    """The line stands at its end."""
    assert bound_description(f"v=0\r\n{ONE}\r\n", RING.fingerprint) == f"v=0\r\n{ONE}\r\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (described(TWO), FailureKind.NO_MATCH),
        (described(ONE, TWO), FailureKind.NO_MATCH),
        (described(), FailureKind.NO_MATCH),
        (described("a=fingerprint:sha-1 00:11"), FailureKind.NO_MATCH),
        (described(ONE, "a=fingerprint:sha-256"), FailureKind.HEADER),
        (described("a=fingerprint:sha-256 00:11"), FailureKind.HEADER),
        (described(ONE, "A=FINGERPRINT:sha-256 " + ":".join(["02"] * 32)), FailureKind.NO_MATCH),
        (described(ONE) + "a" * DESCRIPTION_MAX, FailureKind.HEADER),
    ],
    ids=range(8),
)
def test_fail__a_description_of_another_certificate(text: str, why: FailureKind) -> None:
    """No media is opened with it."""
    with pytest.raises(SealError) as error:
        bound_description(text, RING.fingerprint)
    assert kind(error) is why


def test_ok__the_fingerprint_of_a_description() -> None:
    """What a side signs of its own."""
    assert fingerprint_of(described(ONE)) == RING.fingerprint
