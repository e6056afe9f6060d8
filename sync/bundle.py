"""The city's key bundle: every public key of the road, who is revoked, until when, signed by the root.

A bundle is JSON text: `signed` (the content), `root` (the root's public key, as a hint) and
`signatures` over the content's compact, key-sorted JSON. Higher versions replace lower ones, never
the other way round.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from sync import shape
from sync.errors import FailureKind, SealError
from sync.keys import SealingKey, Signer, VerifyKey

_Key = TypeVar("_Key", SealingKey, VerifyKey)

FORMAT: Final = "madobus-bundle-1"
LABEL: Final = "bundle/v1"
TEXT_MAX: Final = 4 * 1024 * 1024
KEYS_MAX: Final = 16
DEVICES_MAX: Final = 512

_NAME: Final = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)
_STAMP: Final = "%Y-%m-%dT%H:%M:%SZ"
_TOP: Final = frozenset({"root", "signatures", "signed"})
_PAIR: Final = frozenset({"ed25519", "mldsa44"})
_CONTENT: Final = frozenset(
    {
        "countersigners",
        "devices",
        "division",
        "expires",
        "format",
        "issued",
        "office",
        "recovery",
        "version",
    }
)
_DEVICE: Final = frozenset({"name", "reading", "revoked", "verify"})


@dataclass(frozen=True, slots=True)
class Device:
    """One box: its name, the key it signs with, the key its letters are sealed for, and whether it is revoked."""

    name: str
    verify: VerifyKey
    reading: SealingKey
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class KeyBundle:
    """All public keys of one city at one version; times are whole seconds UTC."""

    version: int
    issued: datetime
    expires: datetime
    division: tuple[SealingKey, ...]
    recovery: tuple[SealingKey, ...]
    countersigners: tuple[VerifyKey, ...]
    office: tuple[VerifyKey, ...]
    devices: tuple[Device, ...]

    def device(self, name: str) -> Device | None:
        """Return the device of this name, revoked or not."""
        return next((one for one in self.devices if one.name == name), None)

    def device_by_key(self, key_id: bytes) -> Device | None:
        """Return the device that signs with this key, revoked or not."""
        return next((one for one in self.devices if one.verify.key_id == key_id), None)

    def countersigner(self, key_id: bytes) -> VerifyKey | None:
        """Return the intake's key of this id, the one that signs hall receipts and time beacons."""
        return next((one for one in self.countersigners if one.key_id == key_id), None)

    def office_key(self, key_id: bytes) -> VerifyKey | None:
        """Return the office's key of this id, the one that signs letters."""
        return next((one for one in self.office if one.key_id == key_id), None)

    def expired(self, now: datetime) -> bool:
        """Tell whether a fresher bundle should have come by now; the keys in it still work."""
        return now >= self.expires


def encode_bundle(bundle: KeyBundle, root: Signer) -> str:
    """Return the signed JSON text; raises ValueError for a bundle that `decode_bundle` would refuse."""
    content = _content(bundle)
    _bundle(content)
    short, long = root.sign(LABEL, _canonical(content))
    whole = {
        "root": _verify_text(root.public),
        "signatures": {"ed25519": _base64(short), "mldsa44": _base64(long)},
        "signed": content,
    }
    return json.dumps(whole, sort_keys=True, indent=1) + "\n"


def decode_bundle(text: str, root: VerifyKey | None) -> KeyBundle:
    """Return the bundle once the root's signatures hold; raises SealError.

    `root` None trusts the key printed inside, which proves only that the text is undamaged.
    NO_MATCH means that the text names another root than the one believed here.
    """
    try:
        whole = _object(_loads(text), _TOP, "bundle")
        printed = _verify_key(whole["root"], "root")
        if root is not None and root != printed:
            raise SealError(FailureKind.NO_MATCH, "the bundle is signed by another root")
        pair = _object(whole["signatures"], _PAIR, "signatures")
        signatures = _bytes(pair["ed25519"], "ed25519"), _bytes(pair["mldsa44"], "mldsa44")
        printed.verify(LABEL, _canonical(whole["signed"]), signatures)
        return _bundle(whole["signed"])
    except RecursionError as error:
        raise SealError(FailureKind.HEADER, "the bundle is nested too deep") from error
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error


def printed_root(text: str) -> VerifyKey:
    """Return the root a bundle's text names, for whoever believes its first bundle; raises SealError(HEADER)."""
    try:
        return _verify_key(_object(_loads(text), _TOP, "bundle")["root"], "root")
    except (ValueError, RecursionError) as error:
        raise SealError(FailureKind.HEADER, "the bundle names no root") from error


def replacement(text: str, root: VerifyKey, held: KeyBundle) -> KeyBundle:
    """Return the bundle that may take the place of `held`; raises SealError(HEADER) for an older or a forked one."""
    offered = decode_bundle(text, root)
    if offered.version < held.version:
        raise SealError(
            FailureKind.HEADER, f"bundle {offered.version} is older than {held.version}"
        )
    if offered.version == held.version and offered != held:
        raise SealError(FailureKind.HEADER, f"two different bundles have version {held.version}")
    return offered


def _content(bundle: KeyBundle) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": bundle.version,
        "issued": _stamp(bundle.issued),
        "expires": _stamp(bundle.expires),
        "division": [_base64(key.raw) for key in bundle.division],
        "recovery": [_base64(key.raw) for key in bundle.recovery],
        "countersigners": [_verify_text(key) for key in bundle.countersigners],
        "office": [_verify_text(key) for key in bundle.office],
        "devices": [
            {
                "name": one.name,
                "reading": _base64(one.reading.raw),
                "revoked": one.revoked,
                "verify": _verify_text(one.verify),
            }
            for one in bundle.devices
        ],
    }


def _bundle(value: Any) -> KeyBundle:
    found = _object(value, _CONTENT, "signed")
    if found["format"] != FORMAT:
        raise ValueError(f"format: must be {FORMAT}")
    bundle = KeyBundle(
        version=shape.number(found["version"], "version", 1),
        issued=_moment(found["issued"], "issued"),
        expires=_moment(found["expires"], "expires"),
        division=_keys(found["division"], _sealing_key, "division"),
        recovery=_keys(found["recovery"], _sealing_key, "recovery"),
        countersigners=_keys(found["countersigners"], _verify_key, "countersigners"),
        office=_keys(found["office"], _verify_key, "office"),
        devices=tuple(_device(one) for one in shape.rows(found["devices"], DEVICES_MAX, "devices")),
    )
    if len({one.name for one in bundle.devices}) != len(bundle.devices):
        raise ValueError("devices: each name stands once")
    if len({one.verify.key_id for one in bundle.devices}) != len(bundle.devices):
        raise ValueError("devices: each signing key stands once")
    return bundle


def _device(value: Any) -> Device:
    found = _object(value, _DEVICE, "device")
    return Device(
        name=shape.word(found["name"], _NAME, "device's name"),
        verify=_verify_key(found["verify"], "device's verify"),
        reading=_sealing_key(found["reading"], "device's reading"),
        revoked=shape.truth(found["revoked"], "device's revoked"),
    )


def _keys(value: Any, read: Callable[[Any, str], _Key], place: str) -> tuple[_Key, ...]:
    return tuple(read(one, place) for one in shape.rows(value, KEYS_MAX, place))


def _verify_key(value: Any, place: str) -> VerifyKey:
    pair = _object(value, _PAIR, place)
    return VerifyKey(_bytes(pair["ed25519"], place), _bytes(pair["mldsa44"], place))


def _sealing_key(value: Any, place: str) -> SealingKey:
    return SealingKey(_bytes(value, place))


def _verify_text(key: VerifyKey) -> dict[str, str]:
    return {"ed25519": _base64(key.ed25519), "mldsa44": _base64(key.mldsa44)}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(value: Any, place: str) -> bytes:
    written = shape.text(value, place)
    try:
        found = base64.b64decode(written, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{place}: must be base64") from error
    if _base64(found) != written:
        raise ValueError(f"{place}: must be base64 without spare bits")
    return found


def _stamp(moment: datetime) -> str:
    seconds = shape.seconds_of(moment, "bundle's time")
    return shape.moment_of_seconds(seconds, "bundle's time").strftime(_STAMP)


def _moment(value: Any, place: str) -> datetime:
    written = shape.text(value, place, 20)
    found = datetime.strptime(written, _STAMP).replace(tzinfo=UTC)
    if found.strftime(_STAMP) != written:
        raise ValueError(f"{place}: must be a moment like 2026-11-23T04:05:06Z")
    return found


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def _loads(text: str) -> Any:
    if not isinstance(text, str) or len(text) > TEXT_MAX:
        raise ValueError(f"bundle: is text of at most {TEXT_MAX} characters")
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("bundle: each name stands once in an object")
    return found


def _object(value: Any, keys: frozenset[str], place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or set(value) != keys:
        raise ValueError(f"{place}: must have {', '.join(sorted(keys))} and no other names")
    return value
