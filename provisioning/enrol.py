"""Enrolling a box: what it asks for, what the city answers, and what the box writes of it; its settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hardware.protocols import Tpm
from provisioning.boxkeys import PROCESSES, Bus, StaffMember, Wish, make_wish
from provisioning.certificates import Identity, holds, issue_box, renew
from provisioning.city import City, add_device
from provisioning.files import write_whole
from provisioning.settings_text import Value, toml_text
from sync.bundle import believe, decode_bundle, replacement
from sync.errors import SealError
from sync.root import decode_root

__all__ = [
    "Admission",
    "Bus",
    "BusPorts",
    "StaffMember",
    "admit",
    "check_admission",
    "enrol_box",
    "renew_box",
    "take_admission",
    "write_bus_settings",
]


@dataclass(frozen=True, slots=True)
class BusPorts:
    """Where the bus's processes listen on loopback, and where they find city hall."""

    intake: int
    switchboard: int
    desk: int = 8401
    uplink_health: int = 8402
    call_health: int = 8403


@dataclass(frozen=True, slots=True)
class Admission:
    """What a city answers a box: a certificate for each request, its authority (PEM), its bundle and newest root."""

    certificates: tuple[bytes, ...]
    authority: bytes
    bundle: str
    root: str


class AdmissionError(ValueError):
    """The answer is not for this box; nothing of it was written. Enrol again from a fresh code."""


def enrol_box(
    city: City,
    folder: Path,
    device: str,
    staff: tuple[StaffMember, ...],
    now: datetime,
    *,
    tpm: Tpm | None = None,
) -> Bus:
    """Enrol a box whose folder lies beside the city's; an enrolled box is returned as it is.

    With `tpm`, this machine's own chip, each member of staff has a slot in it. Raises DeviceError when it fails.
    """
    bus = Bus(folder)
    if not bus.enrolled():
        wish = make_wish(bus, device, staff, tpm)
        take_admission(bus, wish, admit(city, wish, now))
    return bus


def admit(city: City, wish: Wish, now: datetime) -> Admission:
    """Issue a box's certificates and publish a bundle that knows it; the same box again is welcome.

    Raises ValueError for a request that is not of this box, NameTakenError for a name of another key.
    """
    authority = city.authority()
    certificates = tuple(issue_box(authority, one, wish.device, now) for one in wish.requests)
    add_device(city, wish.device, wish.verify, wish.reading, now)
    return Admission(
        certificates,
        authority.certificate,
        city.bundle_path.read_text(encoding="utf-8"),
        city.roots()[-1],
    )


def check_admission(bus: Bus, wish: Wish, told: Admission) -> None:
    """Raise AdmissionError unless it is for this box's own keys, under the root in it."""
    try:
        known = decode_bundle(told.bundle, decode_root(told.root)).device(wish.device)
        _check_city(bus, told)
        ours = len(told.certificates) == len(PROCESSES) and all(
            holds(certificate, (bus.folder / process / "tls.key").read_bytes(), wish.device)
            for process, certificate in zip(PROCESSES, told.certificates, strict=True)
        )
    except (SealError, ValueError) as error:
        raise AdmissionError(f"enrol: the city's answer does not hold: {error}") from error
    if known is None or (known.verify, known.reading) != (wish.verify, wish.reading):
        raise AdmissionError("enrol: the city's bundle does not know this box's own keys")
    if known.revoked or not ours:
        raise AdmissionError("enrol: the certificates are not for this box, or it is revoked")


def _check_city(bus: Bus, told: Admission) -> None:
    """Let an enrolled box be led to no other city, and to no older bundle of its own: wipe it first for that."""
    held = bus.folder / "uplink" / "bundle.json"
    if bus.enrolled() and held.exists():
        root = decode_root((bus.folder / "uplink" / "root.json").read_text(encoding="utf-8"))
        replacement(told.bundle, believe(held.read_text(encoding="utf-8"), root))


def take_admission(bus: Bus, wish: Wish, told: Admission) -> None:
    """Write what the city answered; the box counts as enrolled once all of it is durable. Raises AdmissionError."""
    check_admission(bus, wish, told)
    for process, certificate in zip(PROCESSES, told.certificates, strict=True):
        write_whole(bus.folder / process / "tls.pem", certificate)
        write_whole(bus.folder / process / "authority.pem", told.authority)
    _write_trust(bus, told.bundle, told.root)
    write_whole(bus.folder / "enrolled", f"{wish.device}\n")


def renew_box(city: City, bus: Bus, now: datetime) -> None:
    """Make a box's TLS certificates last again and give it the city's newest bundle; its keys stay."""
    for process in PROCESSES:
        place = bus.folder / process
        held = Identity((place / "tls.pem").read_bytes(), (place / "tls.key").read_bytes())
        write_whole(place / "tls.pem", renew(city.authority(), held, now).certificate)
    _write_trust(bus, city.bundle_path.read_text(encoding="utf-8"), city.roots()[-1])


def _write_trust(bus: Bus, bundle: str, root: str) -> None:
    for process in ("desk", "uplink"):
        write_whole(bus.folder / process / "bundle.json", bundle)
    for place in (bus.keys, bus.folder / "uplink"):
        write_whole(place / "root.json", root)


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
