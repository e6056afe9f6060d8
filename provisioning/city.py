"""Founding a city: its root, its division's key, its countersigner, its authority for TLS.

The folder of a city at one machine:

    root-a/ -b/ -c/  one root key each: belong in three safes, two of them make a new root
    recovery-a/ -b/ -c/  one share of the recovery key each: belong to three holders, two of them restore it
    root/            the TLS authority: belongs in a safe, not on a server
    publisher/       the key that signs key bundles: enrolling, revoking and publishing need it
    roots/           the root documents, 1.json and on: public
    intake/          countersigner.key, tls.pem, tls.key        (keyless as to content)
    office/          division/YYYY-MM.key, signer.key          (open envelopes, sign letters)
    office/          case-keys/keys.db, one key for each application: in no backup of the cases
    switchboard/     tls.pem, tls.key
    mail/            the shelf of intake and office
    bundle.json      the public key bundle, signed by the publisher, with the chain of roots
    hall.toml        city hall's settings
"""

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from provisioning.certificates import Identity, make_authority, make_server, renew
from provisioning.files import SECRET, write_whole
from provisioning.recovery_shares import hand_out
from provisioning.roots import found_root, new_signer, publishers, root_texts
from provisioning.settings_text import Value, toml_text
from sync.bundle import Device, KeyBundle, decode_bundle, encode_bundle
from sync.division import epoch_from
from sync.keys import OpeningKey, SealingKey, Signer, VerifyKey, read_key, write_key
from sync.root import Root, decode_root

BUNDLE_DAYS = 90
SEED_BYTES = 32
DIVISION = "division"
"""The folder of the division's opening keys, one file a month."""
LONGEST_SOCKET = 100
JAPAN = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, slots=True)
class HallPorts:
    """Where city hall's three processes listen on this machine."""

    intake: int = 8443
    office: int = 8501
    switchboard: int = 8444


@dataclass(frozen=True, slots=True)
class City:
    """A founded city's folder and what provisioning needs of it."""

    folder: Path

    @property
    def bundle_path(self) -> Path:
        """The public key bundle, signed by the publisher."""
        return self.folder / "bundle.json"

    @property
    def settings_path(self) -> Path:
        """City hall's settings."""
        return self.folder / "hall.toml"

    @property
    def mail(self) -> Path:
        """The shelf of intake and office."""
        return self.folder / "mail"

    def roots(self) -> tuple[str, ...]:
        """Return the root documents that a bundle carries, oldest first."""
        return root_texts(self.folder)

    def root(self) -> Root:
        """Return the newest root; no safe is needed for it."""
        return decode_root(self.roots()[-1])

    def office_signer(self) -> Signer:
        """Return the key that signs letters to the buses."""
        return Signer.from_seed(_secret(self.folder / "office" / "signer.key", "signer"))

    def authority(self) -> Identity:
        """Return the authority that signs boxes' TLS certificates."""
        return Identity(
            self.authority_path.read_bytes(),
            (self.folder / "root" / "tls-authority.key").read_bytes(),
        )

    @property
    def authority_path(self) -> Path:
        """The authority's public certificate."""
        return self.folder / "tls-authority.pem"

    def bundle(self) -> KeyBundle:
        """Read the bundle and check it against the city's roots."""
        text = self.bundle_path.read_text(encoding="utf-8")
        return decode_bundle(text, decode_root(self.roots()[0]))

    def publish(self, bundle: KeyBundle) -> None:
        """Sign a bundle with the publisher's key under the newest root and put it in place."""
        signers = publishers(self.folder, self.root())
        write_whole(self.bundle_path, encode_bundle(bundle, signers, self.roots()))


def found_city(folder: Path, city_name: str, now: datetime, hosts: tuple[str, ...]) -> City:
    """Make every key of a city that has none yet; an existing city is returned as it is."""
    city = City(folder)
    if city.bundle_path.exists():
        return city
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority = make_authority(city_name, now)
    write_whole(city.authority_path, authority.certificate)
    write_whole(folder / "root" / "tls-authority.key", authority.key, SECRET)
    for server in ("intake", "switchboard"):
        identity = make_server(authority, hosts, now)
        write_whole(folder / server / "tls.pem", identity.certificate)
        write_whole(folder / server / "tls.key", identity.key, SECRET)
    found_root(folder, now)
    countersigner = new_signer(folder / "intake" / "countersigner.key")
    office = new_signer(folder / "office" / "signer.key")
    division = new_epoch_key(city, now)
    recovery = OpeningKey.from_seed(secrets.token_bytes(SEED_BYTES))
    hand_out(folder, recovery)
    bundle = KeyBundle(
        version=1,
        issued=now,
        expires=now + timedelta(days=BUNDLE_DAYS),
        division=(epoch_from(division.public, now),),
        recovery=(recovery.public,),
        countersigners=(countersigner.public,),
        office=(office.public,),
        devices=(),
    )
    # Last, because its presence says that the city is whole.
    city.publish(bundle)
    return city


def renew_servers(city: City, now: datetime) -> None:
    """Make the certificates of city hall's servers last again; their keys stay."""
    for server in ("intake", "switchboard"):
        place = city.folder / server
        held = Identity((place / "tls.pem").read_bytes(), (place / "tls.key").read_bytes())
        write_whole(place / "tls.pem", renew(city.authority(), held, now).certificate)


def write_hall_settings(city: City, ports: HallPorts, city_name: str, division: str) -> None:
    """Write hall.toml for this folder and these ports."""
    folder = city.folder
    tls: dict[str, dict[str, Value]] = {
        name: {
            "folder": folder / name / "data",
            "certificate": folder / name / "tls.pem",
            "key": folder / name / "tls.key",
            "client_ca": city.authority_path,
        }
        for name in ("intake", "switchboard")
    }
    sections: dict[str, dict[str, Value]] = {
        "": {"city": city_name, "division": division, "mail": city.mail},
        "intake": {
            **tls["intake"],
            "port": ports.intake,
            "countersigner": folder / "intake" / "countersigner.key",
            "bundle": city.bundle_path,
        },
        "office": {
            "folder": folder / "office" / "data",
            "port": ports.office,
            "division_keys": folder / "office" / DIVISION,
            "case_keys": folder / "office" / "case-keys",
            "signer": folder / "office" / "signer.key",
            "bundle": city.bundle_path,
        },
        "switchboard": {
            **tls["switchboard"],
            "port": ports.switchboard,
            "bundle": city.bundle_path,
            "office_socket": _socket_path(folder / "switchboard" / "data" / "office.sock"),
        },
    }
    write_whole(city.settings_path, toml_text(sections))


class NameTakenError(ValueError):
    """A box's name stands for one signing key for ever."""


def add_device(
    city: City, name: str, verify: VerifyKey, reading: SealingKey, now: datetime
) -> None:
    """Publish a fresh bundle that knows this box; the same box again may bring a new reading key.

    Raises NameTakenError for a name with another signing key: its receipts on paper and its
    envelopes at the office are checked under that name and key, and would hold no more.
    """
    bundle = city.bundle()
    known = bundle.device(name)
    if known is not None and (known.revoked or known.verify != verify):
        raise NameTakenError(
            f"enrol: {name} must keep its signing key and its standing, but this box has another key "
            "or was revoked; give it a name that was never used"
        )
    others = tuple(device for device in bundle.devices if device.name != name)
    news = (*others, Device(name, verify, reading))
    publish_fresh(city, replace(bundle, devices=news), now)


def publish_fresh(city: City, bundle: KeyBundle, now: datetime) -> KeyBundle:
    """Publish this content as the next version, good for BUNDLE_DAYS from now, under the newest root."""
    version, expires = bundle.version + 1, now + timedelta(days=BUNDLE_DAYS)
    fresh = replace(bundle, version=version, issued=now, expires=expires)
    city.publish(fresh)
    return fresh


def _socket_path(wanted: Path) -> Path:
    """Return the wanted path, or a short private one where the kernel could not bind it (unix(7): 108 bytes)."""
    if len(bytes(wanted)) < LONGEST_SOCKET:
        return wanted
    name = hashlib.sha256(bytes(wanted)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"madobus-{os.getuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / wanted.name


def _secret(path: Path, kind: str) -> bytes:
    return read_key(path.read_text(encoding="utf-8"), kind)


def new_epoch_key(city: City, month: datetime) -> OpeningKey:
    """Return the division's key of the month `month` lies in (Japan), made and durable; the same one a second time."""
    name = month.astimezone(JAPAN).strftime("%Y-%m")
    path = city.folder / "office" / DIVISION / f"{name}.key"
    if path.exists():
        return OpeningKey.from_seed(_secret(path, "opening"))
    return _new_opening(path)


def _new_opening(path: Path) -> OpeningKey:
    seed = secrets.token_bytes(SEED_BYTES)
    write_whole(path, write_key("opening", seed), SECRET)
    return OpeningKey.from_seed(seed)
