"""The box's half of an enrolment: its keys are made here and stay here; what goes out is public."""

import base64
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from appliance.desk.pinsecret import STAFF_SLOTS, VISIT_SLOT, close_secret
from hardware.protocols import Tpm
from provisioning.certificates import make_request
from provisioning.files import SECRET, write_whole
from sync.bundle import decode_bundle
from sync.errors import SealError
from sync.keys import OpeningKey, SealingKey, Signer, VerifyKey, read_key, write_key

SEED_BYTES = 32
PROCESSES = ("uplink", "call")
"""The processes of a box that speak TLS, each with a key of its own."""


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One person who may open a visit on this box."""

    staff_id: str
    name: str
    pin: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What a box asks its city for: to be known by these public keys, and a certificate for each request (PEM)."""

    device: str
    verify: VerifyKey
    reading: SealingKey
    requests: tuple[bytes, ...]


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

    @property
    def keys(self) -> Path:
        """The keys that the desk alone reads."""
        return self.folder / "desk" / "keys"

    def enrolled(self) -> str:
        """Return the name it is enrolled under; empty while it is not."""
        done = self.folder / "enrolled"
        return done.read_text(encoding="utf-8").strip() if done.exists() else ""


def box_signer(bus: Bus) -> Signer:
    """Return the box's signing key; it is made and durable first, and an earlier attempt's one stays."""
    path = bus.keys / "signer.key"
    if not path.exists():
        write_whole(path, write_key("signer", secrets.token_bytes(SEED_BYTES)), SECRET)
    return Signer.from_seed(read_key(path.read_text(encoding="utf-8"), "signer"))


def make_wish(
    bus: Bus, device: str, staff: tuple[StaffMember, ...], tpm: Tpm | None = None
) -> Wish:
    """Make the keys this box lacks, durably, and ask with their public halves.

    An enrolled box keeps every key and the PINs of its staff: it asks for fresh certificates only.
    Raises ValueError for a box of another name, DeviceError for a chip that fails.
    """
    name = bus.enrolled()
    if name not in ("", device):
        raise ValueError(f"enrol: this box is {name}, not {device}; ask the depot to offer {name}")
    signer = box_signer(bus)
    reading = _reading(bus, name) or _make_reading(bus, staff, tpm)
    requests = tuple(_request(bus.folder / process, device) for process in PROCESSES)
    return Wish(device, signer.public, reading, requests)


def _reading(bus: Bus, name: str) -> SealingKey | None:
    """Return the public half of the reading key of an enrolled box; its private half opens with a PIN only."""
    path = bus.folder / "desk" / "bundle.json"
    if not name or not path.exists():
        return None
    try:
        known = decode_bundle(path.read_text(encoding="utf-8"), None).device(name)
    except SealError as error:
        raise ValueError(
            f"enrol: {path} is damaged ({error}); put the box's backup of it back"
        ) from error
    return None if known is None else known.reading


def _make_reading(bus: Bus, staff: tuple[StaffMember, ...], tpm: Tpm | None) -> SealingKey:
    if tpm is not None and len(staff) > STAFF_SLOTS:
        raise ValueError(f"enrol: a box with a chip has at most {STAFF_SLOTS} staff; {len(staff)}")
    reading = OpeningKey.from_seed(secrets.token_bytes(SEED_BYTES))
    entries = {}
    for slot, person in enumerate(staff, VISIT_SLOT + 1):
        locked = close_secret(reading.seed, person.pin, secrets.token_bytes, tpm, slot)
        entry: dict[str, str | int] = {
            "name": person.name,
            "reading": base64.b64encode(locked).decode(),
        }
        entries[person.staff_id] = entry if tpm is None else entry | {"slot": slot}
    text = json.dumps(entries, ensure_ascii=False, indent=1)
    write_whole(bus.keys / "staff.json", text, SECRET)
    return reading.public


def _request(place: Path, device: str) -> bytes:
    path = place / "tls.key"
    asked = make_request(device, path.read_bytes() if path.exists() else None)
    if not path.exists():
        write_whole(path, asked.key, SECRET)
    return asked.certificate
