"""TLS identities as Python's own ssl understands them."""

import base64
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from provisioning.certificates import (
    Identity,
    holds,
    issue_box,
    make_authority,
    make_box,
    make_request,
    make_server,
    renew,
)

NOW = datetime.now(UTC)


def _files(folder: Path, identity: Identity) -> tuple[Path, Path]:
    (folder / "c.pem").write_bytes(identity.certificate)
    (folder / "k.pem").write_bytes(identity.key)
    return folder / "c.pem", folder / "k.pem"


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> ssl.SSLObject:
    """Let a server and a client shake hands over memory, and return the server's end."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(down, up, server_hostname=host),
        server.wrap_bio(up, down, server_side=True),
    ]
    waiting = list(ends)
    for _ in range(8):
        for end in list(waiting):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(end)
        if not waiting:
            break
    return ends[1]


def test_a_box_and_the_hall_believe_each_other(tmp_path: Path) -> None:
    """TLS 1.3 with both certificates; the hall learns the box's name."""
    authority = make_authority("見本市", NOW)
    server_files = _files(tmp_path, make_server(authority, ("localhost", "127.0.0.1"), NOW))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.minimum_version = ssl.TLSVersion.TLSv1_3
    server.load_cert_chain(*server_files)
    server.load_verify_locations(cadata=authority.certificate.decode())
    server.verify_mode = ssl.CERT_REQUIRED
    box_files = _files(tmp_path, make_box(authority, "bus-07", NOW))
    client = ssl.create_default_context(cadata=authority.certificate.decode())
    client.load_cert_chain(*box_files)
    peer = _shake_hands(server, client, "localhost").getpeercert()
    assert peer is not None
    assert peer["subject"] == ((("commonName", "bus-07"),),)


def test_a_box_certificate_can_be_made_expired() -> None:
    """For the tests of what happens then: it ended before now and began before it ended."""
    box = x509.load_pem_x509_certificate(
        make_box(make_authority("見本市", NOW), "bus-07", NOW, days=-1).certificate
    )
    assert box.not_valid_before_utc < box.not_valid_after_utc < NOW


def test_a_server_is_named_by_host_and_address() -> None:
    """Both a name and an address can be checked by a client."""
    server = x509.load_pem_x509_certificate(
        make_server(make_authority("見本市", NOW), ("intake.example", "127.0.0.1"), NOW).certificate
    )
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["intake.example"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_a_renewed_box_and_a_renewed_hall_believe_each_other(tmp_path: Path) -> None:
    """With the keys they had, and the name and addresses they had."""
    authority = make_authority("見本市", NOW)
    old = make_server(authority, ("localhost", "127.0.0.1"), NOW - timedelta(days=500))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*_files(tmp_path, renew(authority, old, NOW)))
    server.load_verify_locations(cadata=authority.certificate.decode())
    server.verify_mode = ssl.CERT_REQUIRED
    client = ssl.create_default_context(cadata=authority.certificate.decode())
    box = make_box(authority, "bus-07", NOW, days=-1)
    client.load_cert_chain(*_files(tmp_path, renew(authority, box, NOW)))
    peer = _shake_hands(server, client, "127.0.0.1").getpeercert()
    assert peer is not None
    assert peer["subject"] == ((("commonName", "bus-07"),),)


def _request(name: str, key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    how = hashes.SHA256() if isinstance(key, ec.EllipticCurvePrivateKey) else None
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, how)
    return made.public_bytes(serialization.Encoding.PEM)


def _spoiled(request: bytes) -> bytes:
    """Change the last byte of the signature."""
    lines = request.splitlines()
    der = bytearray(base64.b64decode(b"".join(lines[1:-1])))
    der[-1] ^= 1
    return b"\n".join([lines[0], base64.b64encode(bytes(der)), lines[-1], b""])


def test_a_box_s_own_request_becomes_its_certificate() -> None:
    """The key stays where it was made; the request alone is enough, and the same key may ask again."""
    authority, asked = make_authority("見本市", NOW), make_request("bus-07")
    first = issue_box(authority, asked.certificate, "bus-07", NOW)
    again = make_request("bus-07", asked.key)
    assert again.key == asked.key
    assert holds(first, asked.key, "bus-07")
    assert holds(issue_box(authority, again.certificate, "bus-07", NOW), asked.key, "bus-07")
    assert not holds(first, make_request("bus-07").key, "bus-07")
    assert not holds(first, asked.key, "bus-08")


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (b"", "cannot be read"),
        (make_request("bus-08").certificate, "another box"),
        (_spoiled(make_request("bus-07").certificate), "not signed"),
        (_request("bus-07", ec.generate_private_key(ec.SECP384R1())), "P-256"),
        (_request("bus-07", ed25519.Ed25519PrivateKey.generate()), "P-256"),
    ],
    ids=["nothing", "another name", "spoiled", "another curve", "another kind"],
)
def test_a_request_that_is_not_the_box_s_becomes_none(request_: bytes, why: str) -> None:
    """Refused in words, before anything is signed."""
    with pytest.raises(ValueError, match=why):
        issue_box(make_authority("見本市", NOW), request_, "bus-07", NOW)
