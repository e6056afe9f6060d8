"""The box's one request: its public keys, signed by its own key, and a proof that it knows the code."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from provisioning.boxkeys import PROCESSES, Wish
from provisioning.joining.code import Code
from provisioning.joining.hello import NONCE_BYTES
from sync import shape, signedjson
from sync.keys import Signer

LABEL: Final = "enrol-wish/v1"
LINE_MAX: Final = 32 * 1024
REQUEST_MAX: Final = 2048
_PROOF: Final = b"madobus/enrol-proof/v1\x00"
_WORDS: Final = b"madobus/enrol-words/v1\x00"
_CONTENT: Final = frozenset({"device", "hello", "nonce", "reading", "requests", "verify"})
_LINE: Final = frozenset({"kind", "proof", "signature", "signed"})


class WrongProofError(ValueError):
    """Whoever asks does not know the code, or heard another depot's greeting, or was changed on the way."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish under a proof; `digest` names it, `words` are its part of what both screens show."""

    wish: Wish
    digest: bytes

    def words(self, nonce: bytes) -> bytes:
        """Return the bytes of the words, once the depot's nonce is shown."""
        return hashlib.sha256(_WORDS + self.digest + nonce).digest()


def encode_wish(wish: Wish, hello: str, code: Code, signer: Signer, nonce: bytes) -> str:
    """Return the box's line; `hello` is the digest of the greeting it believes."""
    content = content_of(wish) | {"hello": hello, "nonce": nonce.hex()}
    return signedjson.canonical(
        {
            "kind": "wish",
            "signed": content,
            "signature": signedjson.signature(signer, LABEL, content),
            "proof": _proof(code, content),
        }
    ).decode()


def read_wish(line: str, hello: str, code: Code) -> Asked:
    """Return the wish of a box that knows the code; raises WrongProofError, ValueError for what is no wish."""
    told = signedjson.fields(signedjson.loads(line, LINE_MAX, "wish"), _LINE, "wish")
    content = signedjson.fields(told["signed"], _CONTENT, "wish")
    # The proof first: nothing else of a stranger's line is worth a look.
    proof = shape.text(told["proof"], "proof", 64)
    known = secrets.compare_digest(proof.encode(), _proof(code, content).encode())
    if not known or content["hello"] != hello:
        raise WrongProofError("wish: the proof is not of this code and this greeting")
    if len(bytes.fromhex(shape.text(content["nonce"], "nonce", 2 * NONCE_BYTES))) != NONCE_BYTES:
        raise ValueError(f"nonce: has {NONCE_BYTES} bytes")
    return Asked(signed_wish(content, told["signature"], LABEL), digest_of(content))


def content_of(wish: Wish) -> dict[str, Any]:
    """Return a wish as it is signed."""
    return {
        "device": wish.device,
        "reading": signedjson.base64_of(wish.reading.raw),
        "requests": [one.decode("ascii") for one in wish.requests],
        "verify": signedjson.verify_text(wish.verify),
    }


def signed_wish(content: Mapping[str, Any], signature: object, label: str) -> Wish:
    """Return the wish of a content that its own key signed under this label; raises ValueError."""
    verify = signedjson.verify_key(content["verify"], "verify")
    if verify not in signedjson.signers([signature], label, content, (verify,)):
        raise ValueError("wish: is not signed by the box's own key")
    requests = tuple(
        shape.text(one, "request", REQUEST_MAX).encode("ascii")
        for one in shape.row(content["requests"], len(PROCESSES), "requests")
    )
    reading = signedjson.sealing_key(content["reading"], "reading")
    return Wish(shape.text(content["device"], "device", 32), verify, reading, requests)


def digest_of(content: object) -> bytes:
    """Name a wish in one hash; everything both sides said so far is in it."""
    return hashlib.sha256(signedjson.canonical(content)).digest()


def asked_of(line: str, wish: Wish) -> Asked:
    """Return the box's own view of the line it sends."""
    return Asked(wish, digest_of(signedjson.loads(line, LINE_MAX, "wish")["signed"]))


def _proof(code: Code, content: object) -> str:
    message = _PROOF + signedjson.canonical(content)
    return hmac.new(code.token.encode("ascii"), message, "sha256").hexdigest()
