"""The one-time code of an enrolment: where the depot is, its token, and a mark of the city's root.

Two spellings: the one a box's camera or a hand scanner reads, with 128 bits of token and the root's
whole SHA-256, and the one a person types, 24 signs with 60 bits of token. What of the root's hash fits
into the typed one is short, so it is made slow (scrypt): a root that only looks like the city's cannot be
searched for. The code is never written to a disk or a log, and counts for one offer of one depot.
"""

import base64
import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

TOKEN_BYTES: Final = 16
TYPED_TOKEN: Final = 12  # signs of 5 bits
TYPED_ROOT: Final = 10
TYPED_CHECK: Final = 2
TYPED_SIGNS: Final = TYPED_TOKEN + TYPED_ROOT + TYPED_CHECK
GROUP: Final = 4
BEGINNING: Final = "MADOBUS-ENROL:"

_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD: Final = str.maketrans("OIL", "011", "- \n\tー‐−")
_PLAIN: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_WRITTEN: Final = re.compile(
    r"MADOBUS-ENROL:1:(?P<token>[0-9A-F]{32}):(?P<root>[0-9A-F]{64}):(?P<address>[!-~]{3,255})",
    re.ASCII,
)
_ADDRESS: Final = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z.-]{1,250}):(\d{1,5})", re.ASCII)
_ROOT_LABEL: Final = b"madobus/enrol-root/v1\x00"
_CHECK_LABEL: Final = b"madobus/enrol-check/v1\x00"
_SCRYPT: Final = {"n": 1 << 14, "r": 8, "p": 1}


class CodeError(ValueError):
    """What was read is no enrolment code: it was mistyped, or the picture shows something else."""


@dataclass(frozen=True, slots=True)
class Code:
    """One code; its repr shows no token. `root` is the mark of the root document a depot must show."""

    address: str
    token: str
    root: str

    @property
    def typed(self) -> bool:
        """Whether it is the short spelling."""
        return len(self.token) == TYPED_TOKEN

    def fits(self, root_text: str) -> bool:
        """Tell whether this root document is the one the code was made for."""
        return secrets.compare_digest(_mark(root_text, typed=self.typed), self.root)

    def spelled(self) -> str:
        """Return what is shown: text for a QR code, or groups of four signs."""
        if not self.typed:
            return f"{BEGINNING}1:{self.token}:{self.root}:{self.address}".upper()
        signs = self.token + self.root
        whole = signs + _check(signs)
        return "-".join(whole[at : at + GROUP] for at in range(0, len(whole), GROUP))

    def host_and_port(self) -> tuple[str, int]:
        """Return where to connect."""
        host, _, port = self.address.rpartition(":")
        return host.strip("[]"), int(port)

    def __repr__(self) -> str:
        return f"Code({self.address})"


def make_code(
    address: str,
    root_text: str,
    random: Callable[[int], bytes] = secrets.token_bytes,
    *,
    typed: bool = False,
) -> Code:
    """Draw a code for this root; raises CodeError for an address that is none."""
    drawn = random(TOKEN_BYTES)
    token = _signs(drawn, TYPED_TOKEN) if typed else drawn.hex().upper()
    return Code(_address(address), token, _mark(root_text, typed=typed))


def read_code(text: str, address: str = "") -> Code:
    """Read either spelling; a typed one needs the depot's address beside it. Raises CodeError."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    if plain.startswith(BEGINNING):
        found = _WRITTEN.fullmatch(plain)
        if found is None:
            raise CodeError("enrol: the code is cut short or of another version; read it again")
        return Code(_address(found["address"]), found["token"], found["root"])
    signs = plain.translate(_MISREAD)
    if len(signs) != TYPED_SIGNS or not set(signs) <= set(_SIGNS):
        raise CodeError(
            f"enrol: a typed code has {TYPED_SIGNS} letters and digits without I, L, O and U; look again"
        )
    body, check = signs[:-TYPED_CHECK], signs[-TYPED_CHECK:]
    if _check(body) != check:
        raise CodeError(
            "enrol: one sign of the code is wrong (its last two do not fit); look again"
        )
    if not address:
        raise CodeError(
            "enrol: a typed code needs the depot's address beside it; say --at HOST:PORT"
        )
    return Code(_address(address), body[:TYPED_TOKEN], body[TYPED_TOKEN:])


def _mark(root_text: str, *, typed: bool) -> str:
    content = root_text.encode()
    if not typed:
        return hashlib.sha256(_ROOT_LABEL + content).hexdigest().upper()
    return _signs(slow_hash(content, _ROOT_LABEL), TYPED_ROOT)


def slow_hash(content: bytes, label: bytes) -> bytes:
    """Return 16 bytes that cost 16 MiB and some hundredths of a second: for hashes of which people see a piece."""
    return hashlib.scrypt(content, salt=label, dklen=TOKEN_BYTES, **_SCRYPT)


def _check(signs: str) -> str:
    return _signs(hashlib.sha256(_CHECK_LABEL + signs.encode()).digest(), TYPED_CHECK)


def _signs(data: bytes, count: int) -> str:
    """Return the first 5 bits of the data as a sign, the next 5 as the next, and so on."""
    whole = base64.b32encode(data).decode("ascii").rstrip("=")
    return whole[:count].translate(str.maketrans(_PLAIN, _SIGNS))


def _address(address: str) -> str:
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found[2]) < 1 << 16:
        raise CodeError("enrol: the depot's address is HOST:PORT, e.g. 192.0.2.10:8445")
    return address.lower()
