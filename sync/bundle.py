"""The city's key bundle: every public key of the road, who is revoked, until when.

A bundle is JSON text: `signed` (the content), `signatures` of the publisher's keys over the content's
compact, key-sorted JSON, and `roots`, the chain of root documents that says who the publisher is.
Higher versions replace lower ones, never the other way round. Docs: envelope.md section 10.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sync import shape, signedjson
from sync.division import (
    EPOCH_DAYS,
    GRACE_DAYS,
    OVERLAP_DAYS,
    Division,
    Epoch,
    Standing,
    check_epochs,
    epoch_at,
    epoch_text,
    read_epoch,
)
from sync.errors import FailureKind, SealError
from sync.keys import SealingKey, Signer, VerifyKey
from sync.root import Root, StaleError, walk
from sync.signedjson import KEYS_MAX

__all__ = [
    "DEVICES_MAX",
    "EPOCH_DAYS",
    "FORMAT",
    "GRACE_DAYS",
    "KEYS_MAX",
    "LABEL",
    "OVERLAP_DAYS",
    "TEXT_MAX",
    "Belief",
    "Device",
    "Division",
    "Epoch",
    "KeyBundle",
    "Revoked",
    "Standing",
    "believe",
    "decode_bundle",
    "division_at",
    "encode_bundle",
    "newest_root",
    "replacement",
]

FORMAT: Final = "madobus-bundle-2"
LABEL: Final = "bundle/v2"
TEXT_MAX: Final = 4 * 1024 * 1024
DEVICES_MAX: Final = 512
_NAME: Final = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)
_TOP: Final = frozenset({"roots", "signatures", "signed"})
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
        "root",
        "version",
    }
)
_DEVICE: Final = frozenset({"name", "reading", "revoked", "verify"})
_REVOKED: Final = frozenset({"at", "journal"})


@dataclass(frozen=True, slots=True)
class Revoked:
    """When a box was revoked, and the last journal entry of it that city hall had heard of by then."""

    at: datetime
    journal: int


@dataclass(frozen=True, slots=True)
class Device:
    """One box: its name, the key it signs with, the key its letters are sealed for, and whether it is revoked."""

    name: str
    verify: VerifyKey
    reading: SealingKey
    revoked: Revoked | None = None


@dataclass(frozen=True, slots=True)
class KeyBundle:
    """All public keys of one city at one version; times are whole seconds UTC, epochs stand oldest first."""

    version: int
    issued: datetime
    expires: datetime
    division: tuple[Epoch, ...]
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


@dataclass(frozen=True, slots=True)
class Belief:
    """What a house believes: the newest root it walked to, and the newest bundle under it."""

    root: Root
    bundle: KeyBundle

    @property
    def rank(self) -> tuple[int, int]:
        """What never goes down: the root's version, and within one root the bundle's."""
        return self.root.version, self.bundle.version


def division_at(bundle: KeyBundle, now: datetime) -> Division:
    """Return the epoch a box seals for at `now`, and how it stands; raises ValueError for a bundle without any."""
    return epoch_at(bundle.division, bundle.expires, now)


def encode_bundle(bundle: KeyBundle, publishers: Iterable[Signer], chain: Sequence[str]) -> str:
    """Return the signed JSON text; `chain` are the texts of the root documents, oldest first.

    Raises ValueError for a bundle that a reader would refuse, SealError for a chain or signers that do not count.
    """
    roots = [signedjson.loads(one, TEXT_MAX, "root") for one in chain]
    content = _content(bundle, walk(None, roots))
    _bundle(content)
    signatures = [signedjson.signature(one, LABEL, content) for one in publishers]
    text = signedjson.dumps({"roots": roots, "signatures": signatures, "signed": content})
    believe(text, None)
    return text


def decode_bundle(text: str, root: Root | None) -> KeyBundle:
    """Return the bundle once its publisher's signatures hold; raises SealError.

    `root` is one the reader believes; None believes the chain in the text, which proves only that it is undamaged.
    """
    return believe(text, root).bundle


def believe(text: str, root: Root | None) -> Belief:
    """Return the bundle and the root its chain leads to from the one believed here; raises SealError.

    NO_MATCH means that the chain does not come by the root believed here: another city's bundle.
    """
    try:
        whole = signedjson.fields(signedjson.loads(text, TEXT_MAX, "bundle"), _TOP, "bundle")
        newest = walk(root, whole["roots"])
        keys, needed = newest.publisher.keys, newest.publisher.threshold
        found = len(signedjson.signers(whole["signatures"], LABEL, whole["signed"], keys))
        if found < needed:
            sentence = (
                f"the bundle: {found} of the {needed} publisher's keys that its root asks for"
            )
            raise SealError(FailureKind.SIGNATURE, sentence)
        bundle = _bundle(whole["signed"])
        shape.number(whole["signed"]["root"], "bundle's root", newest.version, newest.version)
        return Belief(newest, bundle)
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error


def newest_root(text: str) -> str:
    """Return the last root document of a bundle that was believed, as a text of its own; raises ValueError."""
    whole = signedjson.fields(signedjson.loads(text, TEXT_MAX, "bundle"), _TOP, "bundle")
    return signedjson.dumps(whole["roots"][-1])


def replacement(text: str, held: Belief) -> Belief:
    """Return what may take the place of `held`; raises StaleError for an older bundle, SealError for a forked one.

    Under a newer root any version is news: a publisher's stolen key may have run the numbers up.
    """
    offered = believe(text, held.root)
    if offered.rank < held.rank:
        raise StaleError(
            f"bundle {offered.bundle.version} is older than {held.bundle.version}",
        )
    if offered.rank == held.rank and offered != held:
        version = held.bundle.version
        raise SealError(FailureKind.HEADER, f"two different bundles have version {version}")
    return offered


def _content(bundle: KeyBundle, root: Root) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": bundle.version,
        "root": root.version,
        "issued": signedjson.stamp(bundle.issued),
        "expires": signedjson.stamp(bundle.expires),
        "division": [epoch_text(one) for one in bundle.division],
        "recovery": [signedjson.base64_of(key.raw) for key in bundle.recovery],
        "countersigners": [signedjson.verify_text(key) for key in bundle.countersigners],
        "office": [signedjson.verify_text(key) for key in bundle.office],
        "devices": [_device_text(one) for one in bundle.devices],
    }


def _device_text(device: Device) -> dict[str, Any]:
    gone = device.revoked
    return {
        "name": device.name,
        "reading": signedjson.base64_of(device.reading.raw),
        "revoked": gone and {"at": signedjson.stamp(gone.at), "journal": gone.journal},
        "verify": signedjson.verify_text(device.verify),
    }


def _bundle(value: Any) -> KeyBundle:
    found = signedjson.fields(value, _CONTENT, "signed")
    if found["format"] != FORMAT:
        raise ValueError(f"format: must be {FORMAT}")
    verify_key, sealing_key = signedjson.verify_key, signedjson.sealing_key
    bundle = KeyBundle(
        version=shape.number(found["version"], "version", 1),
        issued=signedjson.moment(found["issued"], "issued"),
        expires=signedjson.moment(found["expires"], "expires"),
        division=signedjson.keys_of(found["division"], read_epoch, "division"),
        recovery=signedjson.keys_of(found["recovery"], sealing_key, "recovery"),
        countersigners=signedjson.keys_of(found["countersigners"], verify_key, "countersigners"),
        office=signedjson.keys_of(found["office"], verify_key, "office"),
        devices=tuple(_device(one) for one in shape.rows(found["devices"], DEVICES_MAX, "devices")),
    )
    _check_once(bundle)
    return bundle


def _check_once(bundle: KeyBundle) -> None:
    if len({one.name for one in bundle.devices}) != len(bundle.devices):
        raise ValueError("devices: each name stands once")
    if len({one.verify.key_id for one in bundle.devices}) != len(bundle.devices):
        raise ValueError("devices: each signing key stands once")
    check_epochs(bundle.division)


def _device(value: Any) -> Device:
    found = signedjson.fields(value, _DEVICE, "device")
    return Device(
        name=shape.word(found["name"], _NAME, "device's name"),
        verify=signedjson.verify_key(found["verify"], "device's verify"),
        reading=signedjson.sealing_key(found["reading"], "device's reading"),
        revoked=None if found["revoked"] is None else _revoked(found["revoked"]),
    )


def _revoked(value: Any) -> Revoked:
    found = signedjson.fields(value, _REVOKED, "device's revoked")
    return Revoked(
        at=signedjson.moment(found["at"], "device's revoked"),
        journal=shape.number(found["journal"], "device's journal"),
    )
