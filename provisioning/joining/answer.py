"""The depot's later words: its nonce, then an admission or a refusal. Strict JSON lines."""

import json
from dataclasses import dataclass
from typing import Any, Final

from provisioning.enrol import Admission
from provisioning.joining.errors import EnrolRefused, FalseDepotError, RefusedError
from provisioning.joining.hello import NONCE_BYTES, commit
from sync import shape, signedjson
from sync.bundle import TEXT_MAX
from sync.root import TEXT_MAX as ROOT_MAX

LINE_MAX: Final = 2 * TEXT_MAX  # a bundle, escaped, and what stands beside it
CERTIFICATE_MAX: Final = 8192
SENTENCE_MAX: Final = 600
PORT_MAX: Final = 65535
_REVEAL: Final = frozenset({"kind", "nonce"})
_REFUSAL: Final = frozenset({"kind", "number", "sentence"})
_ADMISSION: Final = frozenset(
    {"authority", "bundle", "certificates", "host", "intake", "kind", "root", "switchboard"}
)
TAKEN: Final = '{"kind":"taken"}'
"""The box's last word: what it was told is on its disk."""


@dataclass(frozen=True, slots=True)
class HallAddress:
    """Where the box finds city hall from now on."""

    host: str
    intake: int
    switchboard: int


def encode_reveal(nonce: bytes) -> str:
    """Return the line that opens the commitment."""
    return _line({"kind": "reveal", "nonce": nonce.hex()})


def encode_refusal(number: EnrolRefused, sentence: str) -> str:
    """Return the line that ends a box's try."""
    return _line({"kind": "refusal", "number": int(number), "sentence": sentence[:SENTENCE_MAX]})


def encode_admission(told: Admission, hall: HallAddress) -> str:
    """Return the line that makes a box the city's."""
    return _line(
        {
            "kind": "admission",
            "certificates": [one.decode("ascii") for one in told.certificates],
            "authority": told.authority.decode("ascii"),
            "bundle": told.bundle,
            "root": told.root,
            "host": hall.host,
            "intake": hall.intake,
            "switchboard": hall.switchboard,
        }
    )


def read_reveal(line: str, commitment: bytes) -> bytes:
    """Return the depot's nonce; raises FalseDepotError when it is not the one it committed to, RefusedError."""
    told = _read(line, _REVEAL)
    try:
        nonce = bytes.fromhex(shape.text(told["nonce"], "nonce", 2 * NONCE_BYTES))
    except ValueError as error:
        raise FalseDepotError(
            f"enrol: the depot's answer is damaged: {error}; try again"
        ) from error
    if commit(nonce) != commitment:
        raise FalseDepotError(
            "enrol: the depot changed its word; nothing was taken. Tell the depot"
        )
    return nonce


def read_admission(line: str, root: str) -> tuple[Admission, HallAddress]:
    """Return what the city answers, under the root of its greeting; raises RefusedError, FalseDepotError."""
    told = _read(line, _ADMISSION)
    try:
        if told["root"] != root:
            raise FalseDepotError("enrol: the depot changed its root; nothing was taken")
        pems = shape.rows(told["certificates"], 2, "certificates")
        certificates = tuple(
            shape.text(one, "certificate", CERTIFICATE_MAX).encode() for one in pems
        )
        authority = shape.text(told["authority"], "authority", CERTIFICATE_MAX).encode()
        bundle = shape.text(told["bundle"], "bundle", TEXT_MAX)
        hall = HallAddress(
            shape.text(told["host"], "host", 255),
            shape.number(told["intake"], "intake", 1, PORT_MAX),
            shape.number(told["switchboard"], "switchboard", 1, PORT_MAX),
        )
    except ValueError as error:
        raise FalseDepotError(
            f"enrol: the depot's answer is damaged: {error}; try again"
        ) from error
    return Admission(certificates, authority, bundle, shape.text(root, "root", ROOT_MAX)), hall


def _read(line: str, names: frozenset[str]) -> Any:
    try:
        told = signedjson.loads(line, LINE_MAX, "answer")
        if isinstance(told, dict) and told.get("kind") == "refusal":
            refusal = signedjson.fields(told, _REFUSAL, "refusal")
            number = shape.number(refusal["number"], "number")
            raise RefusedError(number, shape.text(refusal["sentence"], "sentence", SENTENCE_MAX))
        return signedjson.fields(told, names, "answer")
    except ValueError as error:
        raise FalseDepotError(
            f"enrol: the depot's answer is damaged: {error}; try again"
        ) from error


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
