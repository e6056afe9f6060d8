"""JSON text that keys sign: strict reading, one spelling of every byte, and who of many holders signed.

A signed text is an object with `signed` (the content) and `signatures` over the content's compact,
key-sorted JSON. Every reader here raises ValueError with the place; `sync.root` and `sync.bundle`
turn it into a SealError.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from sync import shape
from sync.errors import SealError
from sync.keys import SealingKey, Signer, VerifyKey

_Found = TypeVar("_Found")

KEYS_MAX: Final = 16
SIGNATURES_MAX: Final = 32

_STAMP: Final = "%Y-%m-%dT%H:%M:%SZ"
_PAIR: Final = frozenset({"ed25519", "mldsa44"})
_SIGNATURE: Final = _PAIR | {"key"}


def loads(text: Any, limit: int, place: str) -> Any:
    """Return the value of a JSON text of at most `limit` characters; no name may stand twice in an object."""
    if not isinstance(text, str) or len(text) > limit:
        raise ValueError(f"{place}: is text of at most {limit} characters")
    try:
        return json.loads(text, object_pairs_hook=_once)
    except RecursionError as error:
        raise ValueError(f"{place}: is nested too deep") from error


def dumps(value: Any) -> str:
    """Return the text that people may look at; its layout does not matter to a signature."""
    return json.dumps(value, sort_keys=True, indent=1) + "\n"


def canonical(value: Any) -> bytes:
    """Return the bytes that are signed."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    except RecursionError as error:
        raise ValueError("signed: is nested too deep") from error


def signature(signer: Signer, label: str, content: Any) -> dict[str, str]:
    """Return one holder's entry of `signatures`."""
    short, long = signer.sign(label, canonical(content))
    return {"key": signer.key_id.hex(), "ed25519": base64_of(short), "mldsa44": base64_of(long)}


def signers(
    signatures: Any, label: str, content: Any, keys: Iterable[VerifyKey]
) -> frozenset[VerifyKey]:
    """Return which of these keys signed the content; a key counts once, however often it signed.

    Signatures of other keys, and those that do not hold, count for nothing.
    """
    message, known = canonical(content), {key.key_id.hex(): key for key in keys}
    found: set[VerifyKey] = set()
    for one in shape.rows(signatures, SIGNATURES_MAX, "signatures"):
        told = fields(one, _SIGNATURE, "signature")
        pair = bytes_of(told["ed25519"], "signature"), bytes_of(told["mldsa44"], "signature")
        key = known.get(shape.text(told["key"], "signature's key", 16))
        if key is not None and key not in found and _holds(key, label, message, pair):
            found.add(key)
    return frozenset(found)


def fields(value: Any, names: frozenset[str], place: str) -> Mapping[str, Any]:
    """Return an object with exactly these names."""
    if not isinstance(value, dict) or set(value) != names:
        raise ValueError(f"{place}: must have {', '.join(sorted(names))} and no other names")
    return value


def keys_of(value: Any, read: Callable[[Any, str], _Found], place: str) -> tuple[_Found, ...]:
    """Return a list of at most KEYS_MAX things, each read by `read`."""
    return tuple(read(one, place) for one in shape.rows(value, KEYS_MAX, place))


def verify_key(value: Any, place: str) -> VerifyKey:
    """Return the key of an object with `ed25519` and `mldsa44`."""
    pair = fields(value, _PAIR, place)
    return VerifyKey(bytes_of(pair["ed25519"], place), bytes_of(pair["mldsa44"], place))


def verify_text(key: VerifyKey) -> dict[str, str]:
    """Return the object of a key that signs."""
    return {"ed25519": base64_of(key.ed25519), "mldsa44": base64_of(key.mldsa44)}


def sealing_key(value: Any, place: str) -> SealingKey:
    """Return the key of its base64."""
    return SealingKey(bytes_of(value, place))


def base64_of(data: bytes) -> str:
    """Return the one spelling of these bytes."""
    return base64.b64encode(data).decode("ascii")


def bytes_of(value: Any, place: str) -> bytes:
    """Return the bytes of their one spelling in base64."""
    written = shape.text(value, place)
    try:
        found = base64.b64decode(written, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{place}: must be base64") from error
    if base64_of(found) != written:
        raise ValueError(f"{place}: must be base64 without spare bits")
    return found


def stamp(moment: datetime) -> str:
    """Return a moment as text, in whole seconds UTC."""
    seconds = shape.seconds_of(moment, "time")
    return shape.moment_of_seconds(seconds, "time").strftime(_STAMP)


def moment(value: Any, place: str) -> datetime:
    """Return the moment of its text, and of no other spelling."""
    written = shape.text(value, place, 20)
    found = datetime.strptime(written, _STAMP).replace(tzinfo=UTC)
    if found.strftime(_STAMP) != written:
        raise ValueError(f"{place}: must be a moment like 2026-11-23T04:05:06Z")
    return found


def _holds(key: VerifyKey, label: str, message: bytes, pair: tuple[bytes, bytes]) -> bool:
    try:
        key.verify(label, message, pair)
    except SealError:
        return False
    return True


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("text: each name stands once in an object")
    return found
