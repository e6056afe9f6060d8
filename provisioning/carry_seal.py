"""Who wrote a volume: the box's TLS identity on the way up, city hall's countersigner on the way down.

The uplink's rights are enough to write, so a stick counts for exactly what a session over the link counts for.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sync import canonical, shape
from sync.bundle import KeyBundle
from sync.carry import LABEL, SEAL_MAX, Seal, Sealed
from sync.errors import FailureKind, PeerError, SealError
from sync.keys import Signer
from sync.refusals import Refused

_UP: Final = b"madobus/carry/v1\x00"
_KEY_ID: Final = 8
_SIGNATURE: Final = 64


def box_seal(certificate: bytes, key: bytes) -> Seal:
    """Return how this box seals: with its TLS key (PEM), its certificate (PEM) beside the signature."""
    shown = x509.load_pem_x509_certificate(certificate)
    private = serialization.load_pem_private_key(key, password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise TypeError("carry: the box's TLS key must be an elliptic-curve key; enrol it again")
    der = shown.public_bytes(serialization.Encoding.DER)
    return lambda head: canonical.encode([der, private.sign(_UP + head, ec.ECDSA(hashes.SHA256()))])


def sealed_by_box(sealed: Sealed, authorities: bytes, now: datetime) -> str:
    """Return the name in the certificate of the box that wrote a volume, as TLS would; raises PeerError."""
    try:
        der, signature = shape.row(canonical.decode(sealed.seal, SEAL_MAX), 2, "seal")
        shown = x509.load_der_x509_certificate(shape.blob(der, "seal", 1, SEAL_MAX))
        signed = shape.blob(signature, "seal", 1, SEAL_MAX)
        _public(shown).verify(signed, _UP + sealed.head, ec.ECDSA(hashes.SHA256()))
        return _admitted(shown, x509.load_pem_x509_certificates(authorities), now)
    except (ValueError, TypeError, InvalidSignature) as error:
        fact = str(error) or "the signature does not hold"
        raise PeerError(
            Refused.OTHER_DEVICE,
            f"carry file: not sealed by a box of this city ({fact}); nothing of it was taken",
        ) from error


def hall_seal(signer: Signer) -> Seal:
    """Return how city hall seals: with the countersigner's key."""
    return lambda head: signer.key_id + signer.sign_short(LABEL, head)


def check_hall_seal(sealed: Sealed, bundle: KeyBundle) -> None:
    """Raise SealError unless a countersigner of the bundle wrote a volume."""
    key_id, signature = sealed.seal[:_KEY_ID], sealed.seal[_KEY_ID:]
    key = bundle.countersigner(key_id)
    if key is None or len(signature) != _SIGNATURE:
        raise SealError(FailureKind.NO_MATCH, "carry file: not written by this city's intake")
    key.verify_short(LABEL, sealed.head, signature)


def _public(shown: x509.Certificate) -> ec.EllipticCurvePublicKey:
    public = shown.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise TypeError("another kind of key")
    return public


def _admitted(
    shown: x509.Certificate, authorities: Sequence[x509.Certificate], now: datetime
) -> str:
    valid = [
        one for one in authorities if one.not_valid_before_utc <= now <= one.not_valid_after_utc
    ]
    if not any(_issued_by(shown, one) for one in valid):
        raise ValueError("certificate: another authority signed it, or one whose days are over")
    if not shown.not_valid_before_utc <= now <= shown.not_valid_after_utc:
        raise ValueError(
            f"certificate: valid until {shown.not_valid_after_utc:%Y-%m-%d}; renew the box's with provision"
        )
    try:
        purposes = shown.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound as error:
        raise ValueError("certificate: not a box's") from error
    names = shown.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if ExtendedKeyUsageOID.CLIENT_AUTH not in purposes or len(names) != 1:
        raise ValueError("certificate: not a box's")
    return str(names[0].value)


def _issued_by(shown: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        shown.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
