"""The keys of a call's voice and picture, bound to its ringing: each side signs the certificate its media will show.

Media runs over DTLS-SRTP between certificates made for one call, which nobody vouches for. So the ringing
carries the caller's fingerprint under the signature of the box (or the office), and the answer carries
both: its own, and the one it answers. Whoever carries the words between them - the switchboard, a relay,
the network - can refuse a call, and cannot put a certificate of its own into it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sync import shape, signedjson
from sync.calling import Side
from sync.errors import FailureKind, SealError
from sync.keys import Signer, VerifyKey

FORMAT: Final = "madobus-call-media-1"
LABEL: Final = "call-media/v1"
BINDING_MAX: Final = 5000
"""Characters of one binding: a hybrid signature in base64 has 3,300."""
DESCRIPTION_MAX: Final = 64 * 1024
HASH_BYTES: Final = 32

_TOP: Final = frozenset({"signature", "signed"})
_CONTENT: Final = frozenset({"answers", "by", "call_id", "device", "fingerprint", "format"})
_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_NAME: Final = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MAYBE: Final = re.compile(r"(?:[0-9a-f]{64})?", re.ASCII)
_BY: Final = re.compile("|".join(side.value for side in Side), re.ASCII)
_LINE: Final = re.compile(r"a=fingerprint:(?P<how>\S+) (?P<value>\S+)", re.IGNORECASE | re.ASCII)
_VALUE: Final = re.compile(r"[0-9A-F]{2}(?::[0-9A-F]{2}){31}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Binding:
    """What one side signs: its certificate's SHA-256 for this call, and in an answer the one it answers."""

    call_id: str
    device: str
    by: Side
    fingerprint: bytes
    answers: bytes = b""


@dataclass(frozen=True, slots=True)
class Bound:
    """Both certificates of a call's media, as both sides signed them."""

    bus: bytes
    hall: bytes


def sign_binding(binding: Binding, signer: Signer) -> str:
    """Return the text that rings or answers; raises ValueError for a binding that a reader would refuse."""
    content = _content(binding)
    _binding(content)
    signature = signedjson.signature(signer, LABEL, content)
    return signedjson.canonical({"signed": content, "signature": signature}).decode("ascii")


def verify_binding(text: str, keys: Iterable[VerifyKey]) -> Binding:
    """Return a binding that one of these keys signed; raises SealError."""
    try:
        told = signedjson.loads(text, BINDING_MAX, "binding")
        whole = signedjson.fields(told, _TOP, "binding")
        binding = _binding(whole["signed"])
        signers = signedjson.signers([whole["signature"]], LABEL, whole["signed"], keys)
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error
    if not signers:
        raise SealError(FailureKind.SIGNATURE, f"call {binding.call_id}: no known key signed it")
    return binding


def ringing_of(
    text: str, call_id: str, device: str, caller: Side, keys: Iterable[VerifyKey]
) -> Binding:
    """Return the caller's binding for this very call; `keys` are that side's. Raises SealError."""
    return _of(verify_binding(text, keys), Binding(call_id, device, caller, b"", b""))


def bound(ringing: Binding, answer: str, keys: Iterable[VerifyKey]) -> Bound:
    """Return both certificates once the other side answered this very ringing; raises SealError.

    `keys` are those of the side that answers.
    """
    by = Side.HALL if ringing.by is Side.BUS else Side.BUS
    wanted = Binding(ringing.call_id, ringing.device, by, b"", ringing.fingerprint)
    answered = _of(verify_binding(answer, keys), wanted)
    pair = {ringing.by: ringing.fingerprint, by: answered.fingerprint}
    return Bound(pair[Side.BUS], pair[Side.HALL])


def fingerprint_of(description: str) -> bytes:
    """Return the one SHA-256 that a session description names, wherever and however often (RFC 8122).

    Raises SealError when it names none, or two.
    """
    if len(description) > DESCRIPTION_MAX:
        raise SealError(FailureKind.HEADER, f"description: longer than {DESCRIPTION_MAX}")
    found = set()
    for line in description.splitlines():
        if not line.lower().startswith("a=fingerprint"):
            continue
        told = _LINE.fullmatch(line.strip())
        if told is None:
            raise SealError(FailureKind.HEADER, "description: a fingerprint that cannot be read")
        if told["how"].lower() != "sha-256":
            continue
        value = told["value"].upper()
        if _VALUE.fullmatch(value) is None:
            raise SealError(FailureKind.HEADER, "description: a SHA-256 that cannot be read")
        found.add(bytes.fromhex(value.replace(":", "")))
    if len(found) != 1:
        raise SealError(
            FailureKind.NO_MATCH, f"description: names {len(found)} certificates, not one"
        )
    return found.pop()


def bound_description(description: str, fingerprint: bytes) -> str:
    """Return a description that media may be opened with: it names the signed certificate and no other.

    Raises SealError when it names another one. Hashes of other kinds are taken out: nobody signed them.
    """
    if fingerprint_of(description) != fingerprint:
        raise SealError(
            FailureKind.NO_MATCH,
            "description: names another certificate than was signed for this call; open no media, hang up",
        )
    lines = [
        line for line in description.splitlines() if not line.lower().startswith("a=fingerprint")
    ]
    first = next((at for at, line in enumerate(lines) if line.startswith("m=")), len(lines))
    pairs = ":".join(f"{one:02X}" for one in fingerprint)
    return "\r\n".join([*lines[:first], f"a=fingerprint:sha-256 {pairs}", *lines[first:], ""])


def _of(told: Binding, wanted: Binding) -> Binding:
    """Return what was told when it is for the wanted call, side and ringing; its own fingerprint is free."""
    if told != Binding(wanted.call_id, wanted.device, wanted.by, told.fingerprint, wanted.answers):
        raise SealError(
            FailureKind.NO_MATCH, f"call {wanted.call_id}: the binding is of another call or side"
        )
    return told


def _content(binding: Binding) -> dict[str, str]:
    return {
        "format": FORMAT,
        "call_id": binding.call_id,
        "device": binding.device,
        "by": binding.by.value,
        "fingerprint": binding.fingerprint.hex(),
        "answers": binding.answers.hex(),
    }


def _binding(value: object) -> Binding:
    found = signedjson.fields(value, _CONTENT, "binding")
    if found["format"] != FORMAT:
        raise ValueError(f"binding's format: must be {FORMAT}")
    return Binding(
        shape.word(found["call_id"], _ID, "binding's call"),
        shape.word(found["device"], _NAME, "binding's device"),
        Side(shape.word(found["by"], _BY, "binding's side")),
        bytes.fromhex(shape.word(found["fingerprint"], _HASH, "binding's fingerprint")),
        bytes.fromhex(shape.word(found["answers"], _MAYBE, "binding's answers")),
    )
