"""Enrolling a box: its signing key, its reading key under each PIN, its TLS identity, its settings."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from appliance.desk.pinsecret import STAFF_SLOTS, VISIT_SLOT, close_secret
from hardware.protocols import Tpm
from provisioning.certificates import Identity, make_box, renew
from provisioning.city import SEED_BYTES, City, add_device
from provisioning.files import SECRET, write_whole
from provisioning.settings_text import Value, toml_text
from sync.keys import OpeningKey, Signer, read_key, write_key


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One person who may open a visit on this box."""

    staff_id: str
    name: str
    pin: str


@dataclass(frozen=True, slots=True)
class BusPorts:
    """Where the bus's processes listen on loopback, and where they find city hall."""

    intake: int
    switchboard: int
    desk: int = 8401
    uplink_health: int = 8402
    call_health: int = 8403


@dataclass(frozen=True, slots=True)
class Bus:
    """An enrolled box's folder."""

    folder: Path

    @property
    def settings_path(self) -> Path:
        """The bus's settings."""
        return self.folder / "bus.toml"

    @property
    def mail(self) -> Path:
        """The shelf of desk and uplink."""
        return self.folder / "mail"


def enrol_box(
    city: City,
    folder: Path,
    device: str,
    staff: tuple[StaffMember, ...],
    now: datetime,
    *,
    tpm: Tpm | None = None,
) -> Bus:
    """Make a box's keys, publish its public ones, write its key folder; an enrolled box is returned as it is.

    With `tpm`, this machine's own chip, each member of staff has a slot in it. Raises DeviceError when it fails.
    """
    bus = Bus(folder)
    done = folder / "enrolled"
    if not done.exists():
        signer = _signer(folder / "desk" / "keys" / "signer.key")
        reading = OpeningKey.from_seed(secrets.token_bytes(SEED_BYTES))
        keys = folder / "desk" / "keys"
        write_whole(keys / "signer.key", write_key("signer", signer.seed), SECRET)
        write_whole(keys / "staff.json", _staff_text(staff, reading, tpm), SECRET)
        add_device(city, device, signer.public, reading, now)
        for process in ("uplink", "call"):
            identity = make_box(city.authority(), device, now)
            write_whole(folder / process / "tls.pem", identity.certificate)
            write_whole(folder / process / "tls.key", identity.key, SECRET)
            write_whole(folder / process / "authority.pem", city.authority_path.read_bytes())
        for process in ("desk", "uplink"):
            write_whole(folder / process / "bundle.json", city.bundle_path.read_bytes())
        for place in (keys, folder / "uplink"):
            write_whole(place / "root.json", city.roots()[-1])
        write_whole(done, f"{device}\n")
    return bus


def renew_box(city: City, bus: Bus, now: datetime) -> None:
    """Make a box's TLS certificates last again and give it the city's newest bundle; its keys stay."""
    for process in ("uplink", "call"):
        place = bus.folder / process
        held = Identity((place / "tls.pem").read_bytes(), (place / "tls.key").read_bytes())
        write_whole(place / "tls.pem", renew(city.authority(), held, now).certificate)
    for process in ("desk", "uplink"):
        write_whole(bus.folder / process / "bundle.json", city.bundle_path.read_bytes())
    for place in (bus.folder / "desk" / "keys", bus.folder / "uplink"):
        write_whole(place / "root.json", city.roots()[-1])


def write_bus_settings(
    bus: Bus,
    device: str,
    ports: BusPorts,
    scanner: Mapping[str, Value],
    host: str = "127.0.0.1",
) -> None:
    """Write bus.toml; `scanner` holds the desk's settings of scanner and chip."""
    folder = bus.folder
    tls = {
        name: {
            "folder": folder / name / "data",
            "ca": folder / name / "authority.pem",
            "certificate": folder / name / "tls.pem",
            "key": folder / name / "tls.key",
        }
        for name in ("uplink", "call")
    }
    sections: dict[str, dict[str, Value]] = {
        "": {"device": device, "mail": bus.mail},
        "desk": {
            "folder": folder / "desk" / "data",
            "keys": folder / "desk" / "keys",
            "bundle": folder / "desk" / "bundle.json",
            "port": ports.desk,
            **scanner,
        },
        "uplink": {
            **tls["uplink"],
            "bundle": folder / "uplink" / "bundle.json",
            "root": folder / "uplink" / "root.json",
            "hall_url": f"wss://{host}:{ports.intake}/bus",
            "health_port": ports.uplink_health,
        },
        "call": {
            **tls["call"],
            "switchboard_url": f"wss://{host}:{ports.switchboard}/bus",
            "health_port": ports.call_health,
        },
    }
    write_whole(bus.settings_path, toml_text(sections))


def _signer(path: Path) -> Signer:
    """Return the box's signing key, the one it has already when an earlier enrolment was cut short."""
    if path.exists():
        return Signer.from_seed(read_key(path.read_text(encoding="utf-8"), "signer"))
    return Signer.from_seed(secrets.token_bytes(SEED_BYTES))


def _staff_text(staff: tuple[StaffMember, ...], reading: OpeningKey, tpm: Tpm | None) -> str:
    if tpm is not None and len(staff) > STAFF_SLOTS:
        raise ValueError(f"enrol: a box with a chip has at most {STAFF_SLOTS} staff; {len(staff)}")
    entries = {}
    for slot, person in enumerate(staff, VISIT_SLOT + 1):
        locked = close_secret(reading.seed, person.pin, secrets.token_bytes, tpm, slot)
        entry: dict[str, str | int] = {
            "name": person.name,
            "reading": base64.b64encode(locked).decode(),
        }
        entries[person.staff_id] = entry if tpm is None else entry | {"slot": slot}
    return json.dumps(entries, ensure_ascii=False, indent=1)
