"""The depot's first word: a signature of the city's publisher over its connection's certificate.

A box believes it only under the root document its code was made for, and only at the other end of the
very connection that shows this certificate. So a box never says anything to a false depot or a relay.
The commitment binds the depot to a nonce it shows later: nobody can choose keys until the words agree.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from provisioning.joining.code import Code
from provisioning.joining.errors import FalseDepotError
from sync import shape, signedjson
from sync.errors import SealError
from sync.keys import Signer
from sync.root import TEXT_MAX, Root, decode_root

FORMAT: Final = "madobus-enrol-1"
LABEL: Final = "enrol-hello/v1"
NONCE_BYTES: Final = 32
LINE_MAX: Final = (
    512 * 1024
)  # a root document may have 256 KiB; escaped, with the signatures, it has less than twice
_COMMIT: Final = b"madobus/enrol-commitment/v1\x00"
_CONTENT: Final = frozenset({"certificate", "commitment", "device", "format"})
_LINE: Final = frozenset({"kind", "root", "signatures", "signed"})


@dataclass(frozen=True, slots=True)
class Hello:
    """Which box the depot waits for, its connection's certificate and its commitment (SHA-256 each), its root."""

    device: str
    certificate: bytes
    commitment: bytes
    root: str

    def content(self) -> dict[str, str]:
        """Return what the publisher signs."""
        return {
            "format": FORMAT,
            "device": self.device,
            "certificate": self.certificate.hex(),
            "commitment": self.commitment.hex(),
        }

    @property
    def digest(self) -> str:
        """Name it in one hash; the root is in it through the keys that signed."""
        whole = signedjson.canonical({"signed": self.content(), "root": self.root})
        return hashlib.sha256(whole).hexdigest()


def commit(nonce: bytes) -> bytes:
    """Return the commitment to a nonce."""
    return hashlib.sha256(_COMMIT + nonce).digest()


def encode_hello(hello: Hello, publishers: Iterable[Signer]) -> str:
    """Return the depot's first line, signed."""
    content = hello.content()
    return signedjson.canonical(
        {
            "kind": "hello",
            "root": hello.root,
            "signed": content,
            "signatures": [signedjson.signature(one, LABEL, content) for one in publishers],
        }
    ).decode()


def believe_hello(line: str, code: Code, certificate: bytes) -> tuple[Hello, Root]:
    """Return the hello of the depot the code is from, over this connection (its certificate, DER).

    Raises FalseDepotError.
    """
    try:
        told = signedjson.fields(signedjson.loads(line, LINE_MAX, "hello"), _LINE, "hello")
        content = signedjson.fields(told["signed"], _CONTENT, "hello")
        hello = Hello(
            shape.text(content["device"], "device", 32),
            _hash(content["certificate"], "certificate"),
            _hash(content["commitment"], "commitment"),
            shape.text(told["root"], "root", TEXT_MAX),
        )
        if hello.content() != content or told["kind"] != "hello":
            raise FalseDepotError(_false("it speaks another version"))
        if not code.fits(hello.root):
            raise FalseDepotError(_false("it shows another city's root than the code names"))
        root = decode_root(hello.root)
        signers = signedjson.signers(told["signatures"], LABEL, content, root.publisher.keys)
    except (SealError, ValueError) as error:
        raise FalseDepotError(_false(str(error))) from error
    if len(signers) < root.publisher.threshold:
        raise FalseDepotError(_false("the city's publisher did not sign its greeting"))
    if not secrets.compare_digest(hello.certificate, hashlib.sha256(certificate).digest()):
        raise FalseDepotError(_false("somebody stands between this box and the depot"))
    return hello, root


def _hash(value: Any, place: str) -> bytes:
    return bytes.fromhex(shape.text(value, place, 64))


def _false(why: str) -> str:
    return (
        f"enrol: this is not the depot the code is from: {why}; "
        "nothing was sent to it. Tell the depot, check the address and the network"
    )
