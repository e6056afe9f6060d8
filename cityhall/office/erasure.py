"""What remains of an erased application: the signed certificate of its erasure. Pure.

It names no person the application was about: hashes, the filing number, the key that was deleted, how, when,
and the two who did it. Whoever has the office's public key checks it with `check_certificate`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Final

from sync import canonical, shape
from sync.errors import FailureKind, SealError
from sync.keys import Signer, VerifyKey

LABEL: Final = "erasure/v1"
VERSION: Final = 1
# What is done, in this order; a certificate of another method has another word.
METHOD: Final = "case-key-deleted+vacuum,shelf-bytes-deleted,rows-deleted"
CERTIFICATE_MAX: Final = 256 * 1024
SLIPS_MAX: Final = 4096
EPOCHS_MAX: Final = 64
HASH_BYTES: Final = 32
KEY_ID_MAX: Final = 8

_CASE_LABEL: Final = b"madobus/erased-case/v1\x00"
_CASE_BYTES: Final = 16
_WORD_MAX: Final = 200


class Stage(Enum):
    """Where an erasure stands: proposed by one person, confirmed by another, done."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    ERASED = "erased"


class Reason(Enum):
    """Why an application is erased."""

    RETENTION = "retention"
    LAW = "law"
    MISTAKE = "mistake"


@dataclass(frozen=True, slots=True)
class Certificate:
    """One erasure. `slips` are the SHA-256 of the erased slips, as the filing log's leaves cover them.

    `epochs` names the months' keys that were still here: until they are shredded they open what
    somebody recorded on the way. `key_id` is empty when the application never had a key.
    """

    case_hash: bytes
    slips: tuple[bytes, ...]
    filing_no: str
    procedure: str
    filing_day: date
    key_id: bytes
    method: str
    epochs: tuple[str, ...]
    reason: str
    erased_at: datetime
    proposer: str
    confirmer: str


def case_hash(case_id: str, slips: Iterable[bytes]) -> bytes:
    """Return SHA-256 over the application's id (16 bytes, hex) and its slips' hashes, in their order."""
    given = bytes.fromhex(case_id)
    if len(given) != _CASE_BYTES:
        raise ValueError(f"case hash: an application's id has {_CASE_BYTES} bytes")
    return hashlib.sha256(_CASE_LABEL + given + b"".join(slips)).digest()


def sign_certificate(certificate: Certificate, office: Signer) -> bytes:
    """Return the certificate in canonical form with the office's two signatures; raises ValueError beyond SLIPS_MAX."""
    if len(certificate.slips) > SLIPS_MAX:
        raise ValueError(f"certificate: at most {SLIPS_MAX} slips, not {len(certificate.slips)}")
    body = canonical.encode(_written(certificate))
    return canonical.encode([body, *office.sign(LABEL, hashlib.sha256(body).digest())])


def read_certificate(data: bytes) -> Certificate:
    """Return what a certificate says, its signatures not looked at; raises ValueError."""
    return _parsed(canonical.decode(_pieces(data)[0], CERTIFICATE_MAX))


def check_certificate(data: bytes, office: Sequence[VerifyKey]) -> Certificate:
    """Return the certificate once both signatures of one of the office's keys hold; raises SealError."""
    try:
        body, short, long = _pieces(data)
        found = _parsed(canonical.decode(body, CERTIFICATE_MAX))
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error
    for key in office:
        try:
            key.verify(LABEL, hashlib.sha256(body).digest(), (short, long))
        except SealError:
            continue
        return found
    raise SealError(FailureKind.SIGNATURE, "certificate: no key of the office signed it")


def _pieces(data: bytes) -> tuple[bytes, bytes, bytes]:
    body, short, long = shape.row(canonical.decode(data, CERTIFICATE_MAX), 3, "certificate")
    return (
        shape.blob(body, "certificate", 1, CERTIFICATE_MAX),
        shape.blob(short, "signature", 64),
        shape.blob(long, "signature", 2420),
    )


def _written(one: Certificate) -> dict[int, Any]:
    return {
        1: VERSION,
        2: one.case_hash,
        3: list(one.slips),
        4: one.filing_no,
        5: one.procedure,
        6: one.filing_day.isoformat(),
        7: one.key_id,
        8: one.method,
        9: list(one.epochs),
        10: one.reason,
        11: shape.micros_of(one.erased_at, "erased"),
        12: one.proposer,
        13: one.confirmer,
    }


def _parsed(value: Any) -> Certificate:
    found = shape.mapping(value, 13, "certificate")
    shape.number(found[1], "version", VERSION, VERSION)
    slips = shape.rows(found[3], SLIPS_MAX, "slips")
    epochs = shape.rows(found[9], EPOCHS_MAX, "epochs")
    return Certificate(
        case_hash=shape.blob(found[2], "case hash", HASH_BYTES),
        slips=tuple(shape.blob(one, "slip", HASH_BYTES) for one in slips),
        filing_no=shape.text(found[4], "filing number", _WORD_MAX),
        procedure=shape.text(found[5], "procedure", _WORD_MAX),
        filing_day=shape.day(found[6], "filing day"),
        key_id=shape.blob(found[7], "key id", 0, KEY_ID_MAX),
        method=shape.text(found[8], "method", _WORD_MAX),
        epochs=tuple(shape.text(one, "epoch", _WORD_MAX) for one in epochs),
        reason=shape.text(found[10], "reason", _WORD_MAX),
        erased_at=shape.moment_of_micros(found[11], "erased"),
        proposer=shape.text(found[12], "proposer", _WORD_MAX),
        confirmer=shape.text(found[13], "confirmer", _WORD_MAX),
    )
