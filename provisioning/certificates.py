"""TLS identities: the city's own authority, its servers and its boxes. The one file of TLS that makes keys."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397
BOX_DAYS = 30


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its key, both PEM."""

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
    return _issue(
        authority,
        hosts[0],
        now,
        days=SERVER_DAYS,
        purpose=ExtendedKeyUsageOID.SERVER_AUTH,
        names=x509.SubjectAlternativeName([_general_name(host) for host in hosts]),
    )


def make_box(authority: Identity, device: str, now: datetime, days: int = BOX_DAYS) -> Identity:
    """Make a box's client identity; its common name is the device's name. `days` may be 0 or less in tests."""
    return _issue(
        authority,
        device,
        now,
        days=days,
        purpose=ExtendedKeyUsageOID.CLIENT_AUTH,
        names=None,
    )


def renew(authority: Identity, held: Identity, now: datetime) -> Identity:
    """Make the same identity last again from now on: its key, name, purpose and addresses stay."""
    old = x509.load_pem_x509_certificate(held.certificate)
    purpose = old.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    names = [
        one.value for one in old.extensions if isinstance(one.value, x509.SubjectAlternativeName)
    ]
    box = ExtendedKeyUsageOID.CLIENT_AUTH in purpose
    return _issue(
        authority,
        str(old.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value),
        now,
        days=BOX_DAYS if box else SERVER_DAYS,
        purpose=next(iter(purpose)),
        names=names[0] if names else None,
        key=_private(held),
    )


def _issue(
    authority: Identity,
    common_name: str,
    now: datetime,
    *,
    days: int,
    purpose: x509.ObjectIdentifier,
    names: x509.SubjectAlternativeName | None,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> Identity:
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    issuer_key = _private(authority)
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = (
        _certificate(_name(common_name), issuer.subject, key.public_key(), now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    return _identity(builder.sign(issuer_key, hashes.SHA256()), key)


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


def _private(identity: Identity) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(identity.key, password=None)
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


def _identity(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Identity:
    return Identity(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
