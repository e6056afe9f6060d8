"""Targets of enrolling and of the call's media: codes, lines of both sides, requests and certificates, bindings."""

import base64
import functools
import json
import textwrap
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from provisioning.boxkeys import Bus, Wish, box_signer, make_wish
from provisioning.certificates import Identity, holds, issue_box, make_authority
from provisioning.enrol import Admission
from provisioning.joining import answer, wish_line
from provisioning.joining.carried import read_ask, write_ask
from provisioning.joining.code import CodeError, make_code, read_code
from provisioning.joining.errors import EnrolRefused, FalseDepotError, RefusedError
from provisioning.joining.hello import Hello, believe_hello, commit, encode_hello
from sync.calling import Side
from sync.errors import SealError
from sync.mediabinding import Binding, bound_description, sign_binding, verify_binding
from sync.root import decode_root
from tests.fuzz.custody import seeds, text_of
from tests.fuzz.target import Target
from tests.vectors.bricks import BOX

_AT: Final = "192.0.2.10:8445"
_NONCE: Final = bytes(32)
_NOW: Final = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
_DEPOT: Final = (FalseDepotError, RefusedError)


@functools.cache
def _root() -> str:
    """Return a root document that holds."""
    for one in seeds("root document", "text")():
        with suppress(SealError):
            decode_root(text_of(one))
            return text_of(one)
    raise LookupError("the vectors have no root document that holds")


@functools.cache
def _authority() -> Identity:
    return make_authority("盛岡市", _NOW)


@functools.cache
def _box() -> tuple[Wish, bytes, bytes, str]:
    """Return a box's wish, its TLS key, a certificate for it, and its line under the code below."""
    with TemporaryDirectory() as folder:
        bus = Bus(Path(folder))
        wish = make_wish(bus, "bus-07", ())
        key = (bus.folder / "uplink" / "tls.key").read_bytes()
        line = wish_line.encode_wish(wish, _hello().digest, _code(), box_signer(bus), _NONCE)
    return wish, key, issue_box(_authority(), wish.requests[0], "bus-07", _NOW), line


def _code() -> Any:
    return make_code(_AT, _root(), bytes)


def _hello() -> Hello:
    return Hello("bus-07", bytes(32), commit(_NONCE), _root())


def _read_code(data: bytes) -> None:
    read_code(text_of(data), _AT)


def _code_seeds() -> list[bytes]:
    return [make_code(_AT, "{}", typed=typed).spelled().encode() for typed in (False, True)]


def _greeting(data: bytes) -> None:
    believe_hello(text_of(data), _code(), b"")


def _greeting_seeds() -> Sequence[bytes]:
    return [encode_hello(_hello(), (BOX,)).encode()]


def _wish(data: bytes) -> None:
    wish_line.read_wish(text_of(data), _hello().digest, _code())


def _known_wish(data: bytes) -> None:
    """A line of somebody who knows the code: its proof is made right before it is read."""
    try:
        told = json.loads(text_of(data))
        told["proof"] = wish_line._proof(_code(), told["signed"])
        line = json.dumps(told)
    except (ValueError, TypeError, KeyError, RecursionError):
        return
    wish_line.read_wish(line, _hello().digest, _code())


def _reveal(data: bytes) -> None:
    answer.read_reveal(text_of(data), commit(_NONCE))


def _admission(data: bytes) -> None:
    answer.read_admission(text_of(data), _root())


def _answer_seeds() -> Sequence[bytes]:
    told = Admission((b"one", b"two"), b"authority", "{}", _root())
    hall = answer.HallAddress("hall.example.jp", 8443, 8444)
    lines = [
        answer.encode_reveal(_NONCE),
        answer.encode_refusal(EnrolRefused.EXPIRED, "no"),
        answer.encode_admission(told, hall),
    ]
    return [one.encode() for one in lines]


def _carried_ask(data: bytes) -> None:
    read_ask(text_of(data))


def _ask_seeds() -> Sequence[bytes]:
    with TemporaryDirectory() as folder:
        bus = Bus(Path(folder))
        return [write_ask(make_wish(bus, "bus-07", ()), box_signer(bus)).encode()]


def _pem(kind: str, der: bytes) -> bytes:
    body = "\n".join(textwrap.wrap(base64.b64encode(der).decode("ascii"), 64))
    return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n".encode()


def _der(pem: bytes) -> bytes:
    return base64.b64decode(b"".join(pem.splitlines()[1:-1]))


def _request(data: bytes) -> None:
    issue_box(_authority(), _pem("CERTIFICATE REQUEST", data), "bus-07", _NOW)


def _certificate(data: bytes) -> None:
    holds(_pem("CERTIFICATE", data), _box()[1], "bus-07")


def _binding(data: bytes) -> None:
    verify_binding(text_of(data), (BOX.public,))


def _binding_seeds() -> Sequence[bytes]:
    ring = Binding("ab" * 16, "bus-07", Side.BUS, bytes(32))
    return [sign_binding(ring, BOX).encode()]


def _description(data: bytes) -> None:
    bound_description(text_of(data), bytes([1] * 32))


def _description_seeds() -> Sequence[bytes]:
    line = "a=fingerprint:sha-256 " + ":".join(["01"] * 32)
    return [f"v=0\r\n{line}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n{line}\r\n".encode()]


_NAMES: Final = [
    b'"signed"',
    b'"signature"',
    b'"requests"',
    b"[]",
    b"{}",
    b"null",
    b"a=fingerprint:",
]

TARGETS: Final = (
    Target("enrol-code", _read_code, (CodeError,), _code_seeds, (), 512),
    Target("enrol-hello", _greeting, _DEPOT, _greeting_seeds, _NAMES, 65_536, slow=True),
    Target("enrol-wish", _wish, (ValueError,), lambda: [_box()[3].encode()], _NAMES, 32_768, slow=True),
    Target("enrol-wish-known", _known_wish, (ValueError,), lambda: [_box()[3].encode()], _NAMES, 32_768, slow=True),
    Target("enrol-reveal", _reveal, _DEPOT, _answer_seeds, _NAMES, 8192),
    Target("enrol-admission", _admission, _DEPOT, _answer_seeds, _NAMES, 65_536),
    Target("enrol-ask", _carried_ask, (ValueError,), _ask_seeds, _NAMES, 32_768, slow=True),
    Target("enrol-request", _request, (ValueError,), lambda: [_der(one) for one in _box()[0].requests]),
    Target("enrol-certificate", _certificate, (ValueError,), lambda: [_der(_box()[2])]),
    Target("call-binding", _binding, (SealError,), _binding_seeds, _NAMES, 8192),
    Target("call-description", _description, (SealError,), _description_seeds, _NAMES, 8192),
)  # fmt: skip
