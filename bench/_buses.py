"""A city with many boxes for a measurement: identities, key bundle, and slips sealed before the clock runs."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from provisioning.certificates import make_box
from provisioning.city import City, HallPorts, found_city, write_hall_settings
from provisioning.files import SECRET, write_whole
from sync.bundle import Device
from sync.clock import ClockQuality, Instant
from sync.envelope import PartRole
from sync.frames import SLIP_ITEM, Hello, Offer, Piece, encode_frame
from sync.ids import new_id
from sync.journal import GENESIS
from sync.keys import OpeningKey, Signer
from sync.seal import seal

# One application of two sheets: a preview and a page each. Only the slips are sent here.
PARTS = ((PartRole.PREVIEW, b""), (PartRole.PAGE, b"")) * 2
RECORD_BYTES = 1500


@dataclass(frozen=True, slots=True)
class Bus:
    """A box of the measurement: its name and where its TLS identity lies."""

    name: str
    certificate: Path
    key: Path
    signer: Signer


def found(folder: Path, count: int) -> tuple[City, list[Bus]]:
    """Found a city with `count` boxes in an empty folder."""
    now = datetime.now(UTC)
    city = found_city(folder / "city", "盛岡市", now, ("127.0.0.1",))
    authority = city.authority()
    buses, devices = [], []
    for number in range(count):
        name = f"bus-{number:03}"
        identity = make_box(authority, name, now)
        bus = Bus(
            name,
            folder / "boxes" / f"{name}.pem",
            folder / "boxes" / f"{name}.key",
            Signer.from_seed(secrets.token_bytes(32)),
        )
        write_whole(bus.certificate, identity.certificate)
        write_whole(bus.key, identity.key, SECRET)
        buses.append(bus)
        reading = OpeningKey.from_seed(secrets.token_bytes(32))
        devices.append(Device(name, bus.signer.public, reading.public))
    bundle = city.bundle()
    city.publish(
        type(bundle)(
            version=bundle.version + 1,
            issued=bundle.issued,
            expires=bundle.expires,
            division=bundle.division,
            recovery=bundle.recovery,
            countersigners=bundle.countersigners,
            office=bundle.office,
            devices=tuple(devices),
        )
    )
    return city, buses


def hello(bus: Bus) -> bytes:
    """Return the first frame of a session."""
    return encode_frame(Hello(bus.name, secrets.token_bytes(8), "", 0))


def slips(city: City, bus: Bus, count: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield (id, slip) of fresh applications of a box, sealed for the division and for recovery."""
    bundle = city.bundle()
    recipients = [(bundle.division[-1].key, 1), (bundle.recovery[0], 2)]
    at = Instant(datetime.now(UTC), 2, ClockQuality.SYNCED, 1, 60_000)
    for _ in range(count):
        env_id = new_id(secrets.token_bytes)
        made = seal(
            env_id=env_id,
            sender=bus.name,
            kind="application",
            visit=secrets.token_bytes(16),
            signer=bus.signer,
            recipients=recipients,
            record=secrets.token_bytes(RECORD_BYTES),
            parts=PARTS,
            at=at,
            journal=GENESIS,
            beacon=b"",
            bundle_version=bundle.version,
            random=secrets.token_bytes,
        )
        yield env_id, made.slip


def frames(env_id: bytes, slip: bytes) -> tuple[bytes, bytes]:
    """Return the two frames of a fresh slip: the offer, and the slip at once behind it."""
    offer = encode_frame(Offer(env_id, len(slip), 0, fresh=True))
    return offer, encode_frame(Piece(env_id, SLIP_ITEM, 0, slip))


def write_load(path: Path, buses: list[Bus], batches: dict[str, list[tuple[bytes, bytes]]]) -> None:
    """Write what the load generator replays: connections, and each one's prepared messages."""
    told = [
        {
            "name": bus.name,
            "certificate": str(bus.certificate),
            "key": str(bus.key),
            "hello": hello(bus).hex(),
            "slips": [slip.hex() for _, slip in batches.get(bus.name, [])],
            "messages": [
                [frame.hex() for frame in frames(env_id, slip)]
                for env_id, slip in batches.get(bus.name, [])
            ],
        }
        for bus in buses
    ]
    path.write_text(json.dumps(told))


def hall_settings(city: City) -> Path:
    """Write hall.toml with ports the system chooses; returns its path."""
    write_hall_settings(city, HallPorts(intake=0, office=0, switchboard=0), "盛岡市", "介護保険課")
    return city.settings_path
