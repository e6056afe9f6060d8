"""A small city on disk for TLS tests: an authority, one server, boxes by name."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from provisioning.certificates import Identity, make_authority, make_box, make_server


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return TLS 1.3 of a server that asks nobody for a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    return context


@dataclass(frozen=True)
class Pem:
    """Where a certificate and its key lie."""

    certificate: Path
    key: Path


class TlsCity:
    """Writes identities into a folder as they are asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._now = datetime.now(UTC)
        self._authority = make_authority("盛岡市", self._now)
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(self._authority.certificate)

    def server(self) -> Pem:
        """A server of this city on loopback."""
        return self._write("server", make_server(self._authority, ("127.0.0.1",), self._now))

    def box(self, name: str, days: int = 30) -> Pem:
        """A box of this city; with days 0 or less it has expired."""
        return self._write(name, make_box(self._authority, name, self._now, days))

    def _write(self, name: str, identity: Identity) -> Pem:
        pem = Pem(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        pem.certificate.write_bytes(identity.certificate)
        pem.key.write_bytes(identity.key)
        return pem
