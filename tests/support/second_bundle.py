"""Root documents and key bundles read without our code, from docs/envelope.md section 10 alone."""

import base64
import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, TypeVar

from tests.support.second_cbor import (
    HEADER,
    MALFORMED,
    NO_MATCH,
    SIGNATURE,
    Refused,
    need,
    number,
    rows,
    text,
    word,
)
from tests.support.second_keys import both_hold, opening_id, signing_id

_Read = TypeVar("_Read")
_ROOT: Final = {"format", "version", "issued", "expires", "root", "publisher"}
_BUNDLE: Final = {
    "format", "version", "root", "issued", "expires", "division", "recovery", "countersigners",
    "office", "devices",
}  # fmt: skip


def _load(written: str, limit: int) -> Any:
    need(len(written) <= limit)
    try:
        return json.loads(written, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Refused(MALFORMED) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    need(len(dict(pairs)) == len(pairs))
    return dict(pairs)


def _names(value: Any, names: Iterable[str]) -> dict[str, Any]:
    need(type(value) is dict and set(value) == set(names))
    return dict(value)


def _bytes(value: Any) -> bytes:
    text(value, 4096)
    try:
        found = base64.b64decode(value, validate=True)
    except ValueError:
        need(False)
    need(base64.b64encode(found).decode() == value)
    return found


def _moment(value: Any) -> str:
    word(value, r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    try:
        datetime.fromisoformat(value)
    except ValueError:
        need(False)
    return str(value)


def _verify(value: Any) -> bytes:
    pair = _names(value, ("ed25519", "mldsa44"))
    public = _bytes(pair["ed25519"]), _bytes(pair["mldsa44"])
    need((len(public[0]), len(public[1])) == (32, 1312))
    signing_id(public[0] + public[1])
    return public[0] + public[1]


def _many(value: Any, read: Any) -> list[Any]:
    return [read(one) for one in rows(value, 16)]


def _opening(value: Any) -> str:
    return opening_id(_bytes(value)).hex()


def _signing(value: Any) -> str:
    return signing_id(_verify(value)).hex()


class _Root:
    """A root document, read; nothing counted yet."""

    def __init__(self, document: Any) -> None:
        self.whole = _names(document, ("signatures", "signed"))
        rows(self.whole["signatures"], 32)
        found = _names(self.whole["signed"], _ROOT)
        need(found["format"] == "madobus-root-1")
        number(found["version"], 1)
        self.version = found["version"]
        self.times = {name: _moment(found[name]) for name in ("issued", "expires")}
        self.root, self.root_needs = _role(found["root"])
        self.publisher, self.publisher_needs = _role(found["publisher"])

    def told(self) -> dict[str, Any]:
        """Return what it says."""
        return {
            "version": self.version,
            **self.times,
            "root": _told(self.root, self.root_needs),
            "publisher": _told(self.publisher, self.publisher_needs),
        }

    def need_signed_by(self, other: "_Root") -> None:
        """Refuse unless a threshold of another's root keys signed it."""
        found = _count(self.whole, "root/v1", other.root)
        need(found >= other.root_needs, SIGNATURE)


def _told(keys: list[bytes], needed: int) -> dict[str, Any]:
    return {"ids": [signing_id(key).hex() for key in keys], "threshold": needed}


def _role(value: Any) -> tuple[list[bytes], int]:
    found = _names(value, ("keys", "threshold"))
    keys = _many(found["keys"], _verify)
    need(len({signing_id(key) for key in keys}) == len(keys))
    number(found["threshold"], 1, len(keys))
    return keys, found["threshold"]


def _count(whole: dict[str, Any], label: str, keys: list[bytes]) -> int:
    message = json.dumps(whole["signed"], sort_keys=True, separators=(",", ":")).encode()
    known = {signing_id(key).hex(): key for key in keys}
    held = set()
    for one in rows(whole["signatures"], 32):
        entry = _names(one, ("key", "ed25519", "mldsa44"))
        text(entry["key"], 16)
        short, long = _bytes(entry["ed25519"]), _bytes(entry["mldsa44"])
        key = known.get(entry["key"])
        if key and len(short) == 64 and len(long) == 2420:
            held |= {key} if both_hold(key, label, message, short, long) else set()
    return len(held)


def root_document(written: str) -> dict[str, Any]:
    """Return what a root says that a threshold of its own keys signed."""
    return _as_header(lambda: _own(_load(written, 262_144))).told()


def _own(document: Any) -> _Root:
    root = _Root(document)
    root.need_signed_by(root)
    return root


def _as_header(read: Callable[[], _Read]) -> _Read:
    """What is not well formed is a header failure here; the other words stand."""
    try:
        return read()
    except Refused as refused:
        words = {SIGNATURE, NO_MATCH}
        raise Refused(refused.word if refused.word in words else HEADER) from None


def bundle(written: str, believed: str | None) -> dict[str, Any]:
    """Return what a bundle says for who believes this root document (None: the chain's own first)."""
    return dict(_as_header(lambda: _bundle(written, believed)))


def _bundle(written: str, believed: str | None) -> dict[str, Any]:
    whole = _names(_load(written, 4_194_304), ("roots", "signatures", "signed"))
    held = None if believed is None else _own(_load(believed, 262_144))
    newest = _walk(held, [_Root(one) for one in rows(whole["roots"], 32)])
    found = _count(whole, "bundle/v2", newest.publisher)
    need(found >= newest.publisher_needs, SIGNATURE)
    return _content(whole["signed"], newest)


def _walk(held: _Root | None, chain: list[_Root]) -> _Root:
    need(chain)
    need(
        [one.version for one in chain]
        == list(range(chain[0].version, chain[0].version + len(chain)))
    )
    if held is None:
        held = chain[0]
        held.need_signed_by(held)
    need(chain[-1].version >= held.version)
    need(chain[0].version <= held.version + 1, NO_MATCH)
    for one in chain:
        need(one.version != held.version or one.told() == held.told(), NO_MATCH)
        if one.version == held.version + 1:
            one.need_signed_by(held)
            one.need_signed_by(one)
            held = one
    return held


def _content(value: Any, newest: _Root) -> dict[str, Any]:
    found = _names(value, _BUNDLE)
    need(found["format"] == "madobus-bundle-2")
    number(found["version"], 1)
    number(found["root"], newest.version, newest.version)
    division = _many(found["division"], _epoch)
    need([one["from"] for one in division] == sorted(one["from"] for one in division))
    need(len({one["key"] for one in division}) == len(division))
    devices = [_device(one) for one in rows(found["devices"], 512)]
    for name in ("name", "verify"):
        need(len({one[name] for one in devices}) == len(devices))
    return {
        "version": found["version"],
        "root": newest.version,
        "issued": _moment(found["issued"]),
        "expires": _moment(found["expires"]),
        "recovery": _many(found["recovery"], _opening),
        "countersigners": _many(found["countersigners"], _signing),
        "office": _many(found["office"], _signing),
        "division": division,
        "devices": devices,
    }


def _epoch(value: Any) -> dict[str, Any]:
    found = _names(value, ("key", "from", "until"))
    need(_moment(found["from"]) < _moment(found["until"]))
    return {**found, "key": _opening(found["key"])}


def _device(value: Any) -> dict[str, Any]:
    found = _names(value, ("name", "verify", "reading", "revoked"))
    need(type(found["name"]) is str and re.fullmatch("[a-z0-9-]{1,32}", found["name"]))
    if found["revoked"] is not None:
        gone = _names(found["revoked"], ("at", "journal"))
        _moment(gone["at"])
        number(gone["journal"])
    verify, reading = _signing(found["verify"]), _opening(found["reading"])
    return {**found, "verify": verify, "reading": reading}
