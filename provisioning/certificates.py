"""TLS identities: the city's own authority, its servers and its boxes. The one file of TLS that makes keys."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import InvalidVersion
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397
BOX_DAYS = 30


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate, or a box's request for one, and its key; both PEM."""

    certificate: bytes
    key: bytes


def make_authority(city: str, now: datetime) -> Identity:
    """Make the city's certificate authority: P-256, valid ten years, path length 0 (RFC 5280 4.2.1.9)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"{city} Madobus authority")
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        _certificate(name, name, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
    )
    return _identity(builder.sign(key, hashes.SHA256()), key)


def make_server(authority: Identity, hosts: tuple[str, ...], now: datetime) -> Identity:
    """Make a server's identity for these host names or addresses."""
    key = ec.generate_private_key(ec.SECP256R1())
    issued = _issue(
        authority,
        key.public_key(),
        hosts[0],
        now,
        days=SERVER_DAYS,
        purpose=ExtendedKeyUsageOID.SERVER_AUTH,
        names=x509.SubjectAlternativeName([_general_name(host) for host in hosts]),
    )
    return _identity(issued, key)


def make_box(authority: Identity, device: str, now: datetime, days: int = BOX_DAYS) -> Identity:
    """Make a box's client identity in one place; `days` may be 0 or less in tests."""
    asked = make_request(device)
    return Identity(issue_box(authority, asked.certificate, device, now, days), asked.key)


def make_request(device: str, held: bytes | None = None) -> Identity:
    """Make a box's TLS key on the box, or take the held one, and the request (PKCS #10) that goes to the city."""
    key = _private(held) if held else ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(_name(device))
    return _identity(builder.sign(key, hashes.SHA256()), key)


def issue_box(
    authority: Identity, request: bytes, device: str, now: datetime, days: int = BOX_DAYS
) -> bytes:
    """Return the client certificate (PEM) a box asked for; its common name is the device's name.

    Raises ValueError for a request that is none, for another name, or of another kind of key.
    """
    with _foreign("request"):
        asked = x509.load_pem_x509_csr(request)
        subject, key, signed = asked.subject, asked.public_key(), asked.is_signature_valid
    if subject != _name(device):
        raise ValueError(f"request: names another box than {device}; make it anew on the box")
    if not signed:
        raise ValueError("request: is not signed by the key in it; make it anew on the box")
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("request: a box's key is a P-256 key; make it anew on the box")  # noqa: TRY004
    client = ExtendedKeyUsageOID.CLIENT_AUTH
    issued = _issue(authority, key, device, now, days=days, purpose=client, names=None)
    return issued.public_bytes(serialization.Encoding.PEM)


def holds(certificate: bytes, key: bytes, device: str) -> bool:
    """Tell whether a certificate (PEM) is for this name and the public half of this key; raises ValueError."""
    ours = _private(key).public_key()
    with _foreign("certificate"):
        found = x509.load_pem_x509_certificate(certificate)
        return found.subject == _name(device) and found.public_key() == ours


def make_passing(host: str, now: datetime) -> Identity:
    """Make a server's identity that nobody signed and that lasts a day: something else must vouch for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(host)
    return _identity(
        _certificate(name, name, key.public_key(), now, days=1).sign(key, hashes.SHA256()), key
    )


def renew(authority: Identity, held: Identity, now: datetime) -> Identity:
    """Make the same identity last again from now on: its key, name, purpose and addresses stay."""
    old = x509.load_pem_x509_certificate(held.certificate)
    purpose = old.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    names = [
        one.value for one in old.extensions if isinstance(one.value, x509.SubjectAlternativeName)
    ]
    box = ExtendedKeyUsageOID.CLIENT_AUTH in purpose
    key = _private(held.key)
    issued = _issue(
        authority,
        key.public_key(),
        str(old.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value),
        now,
        days=BOX_DAYS if box else SERVER_DAYS,
        purpose=next(iter(purpose)),
        names=names[0] if names else None,
    )
    return _identity(issued, key)


def _issue(
    authority: Identity,
    public_key: ec.EllipticCurvePublicKey,
    common_name: str,
    now: datetime,
    *,
    days: int,
    purpose: x509.ObjectIdentifier,
    names: x509.SubjectAlternativeName | None,
) -> x509.Certificate:
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    issuer_key = _private(authority.key)
    builder = (
        _certificate(_name(common_name), issuer.subject, public_key, now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    # An hour and a day of grace backwards: a box without a clock battery may wake a little in the past.
    begins = min(now - timedelta(hours=1), now + timedelta(days=days) - timedelta(days=1))
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


@contextmanager
def _foreign(place: str) -> Iterator[None]:
    """Turn whatever a library makes of somebody else's bytes into a ValueError."""
    try:
        yield
    except (ValueError, TypeError, InvalidVersion, UnsupportedAlgorithm) as error:
        raise ValueError(f"{place}: cannot be read ({error}); make it anew") from error


def _private(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("An identity's key must be an elliptic-curve key, as this file makes it.")
    return key


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _identity(
    certificate: x509.Certificate | x509.CertificateSigningRequest, key: ec.EllipticCurvePrivateKey
) -> Identity:
    return Identity(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
