"""The people, keys and sealed applications of the simulated city: made once a process, used by every seed."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from sync.bundle import Device, KeyBundle, Revoked, encode_bundle
from sync.clock import ClockQuality, Instant
from sync.division import epoch_from
from sync.envelope import Envelope, PartRole
from sync.journal import GENESIS
from sync.keys import OpeningKey, Signer, VerifyKey
from sync.receipt import Beacon, sign_beacon
from sync.root import Role, Root, encode_root
from sync.seal import seal

# When every simulated day begins: nine in the morning in Japan.
DAWN: Final = datetime(2026, 11, 24, 0, 0, 0, tzinfo=UTC)
BUSES: Final = ("bus-01", "bus-02", "bus-03")
ENVELOPES: Final = 14
CANARY: Final = b"\xe9\xab\x99\xe6\xa9\x8b made up, and nowhere to be found"
# A clock that is further off than this is said to know nothing.
KNOWN_S: Final = 10
# How far the box's clock was from the truth when it sealed, in seconds, by envelope.
_ASTRAY: Final = (0, 0, 3, -4, 40 * 86_400, 0, -86_400, 0, 0, 600, -1_795_478_400, 0, 0, -90)


def made(name: str, size: int = 32) -> bytes:
    """Return bytes that belong to a name and do not repeat."""
    return hashlib.shake_256(f"simulated {name}".encode()).digest(size)


@dataclass(frozen=True, slots=True)
class Pool:
    """`texts[n]` is the key bundle of version n + 1; in the later ones the buses are revoked, last one first."""

    countersigner: Signer
    boxes: dict[str, Signer]
    bundles: tuple[KeyBundle, ...]
    texts: tuple[str, ...]
    root_text: str
    envelopes: dict[str, tuple[Envelope, ...]]


@cache
def pool() -> Pool:
    """Return the one pool of this process."""
    publisher = Signer.from_seed(made("publisher"))
    countersigner = Signer.from_seed(made("countersigner"))
    division = OpeningKey.from_seed(made("division"))
    boxes = {name: Signer.from_seed(made(name)) for name in BUSES}
    reading = {name: OpeningKey.from_seed(made(f"{name} reading")).public for name in BUSES}
    bundles = tuple(
        KeyBundle(
            version=version,
            issued=DAWN,
            expires=DAWN + timedelta(days=45),
            division=(epoch_from(division.public, DAWN - timedelta(days=1)),),
            recovery=(),
            countersigners=(countersigner.public,),
            office=(),
            devices=tuple(
                Device(
                    name,
                    boxes[name].public,
                    reading[name],
                    Revoked(DAWN, 0) if name in gone else None,
                )
                for name in BUSES
            ),
        )
        for version, gone in enumerate(((), (), BUSES[2:], BUSES[1:], BUSES), start=1)
    )
    root_text = _root_text(publisher)
    envelopes = {
        name: tuple(
            _envelope(name, n, boxes[name], countersigner, division) for n in range(ENVELOPES)
        )
        for name in BUSES
    }
    return Pool(
        countersigner,
        boxes,
        bundles,
        tuple(encode_bundle(bundle, (publisher,), (root_text,)) for bundle in bundles),
        root_text,
        envelopes,
    )


def _root_text(publisher: Signer) -> str:
    """Return the city's only root: one holder is enough where nobody changes it."""
    holder = Signer.from_seed(made("root"))
    roles = Role((holder.public,), 1), Role((publisher.public,), 1)
    return encode_root(Root(1, DAWN, DAWN + timedelta(days=365), *roles), (holder,))


def _envelope(
    device: str, n: int, signer: Signer, countersigner: Signer, division: OpeningKey
) -> Envelope:
    """Seal application n of a bus: 0 to 4 parts, a clock that may be astray, a beacon of city hall or none."""
    name = f"{device} {n}"
    told = DAWN - timedelta(minutes=30)
    beacon = sign_beacon(Beacon(told, made(name, 16), countersigner.key_id), countersigner)
    wall = DAWN + timedelta(seconds=60 * n + _ASTRAY[n])
    astray = abs(_ASTRAY[n]) > KNOWN_S
    pages = (1, 2, 1, 0, 1, 1, 2, 1, 1, 0, 1, 2, 1, 1)[n]
    parts = [
        (PartRole.PREVIEW, CANARY + made(f"{name} preview {page}", 900)) for page in range(pages)
    ]
    parts += [
        (PartRole.PAGE, CANARY + made(f"{name} page {page}", 9_000 + 24_000 * (n % 3)))
        for page in range(pages)
    ]
    return seal(
        env_id=made(f"{name} id", 16),
        sender=device,
        kind="application",
        visit=made("visit", 16),
        signer=signer,
        recipients=[(division.public, 1)],
        record=CANARY + made(f"{name} record", 400 + 3_000 * (n % 4)),
        parts=parts,
        at=Instant(
            wall,
            86_400 if astray else 2,
            ClockQuality.UNSYNCED if astray else ClockQuality.SYNCED,
            1,
            60_000 * n,
        ),
        journal=GENESIS,
        beacon=beacon if n % 2 else b"",
        bundle_version=1,
        random=lambda size: made(f"{name} data key", size),
    )


def key_of(device: str) -> VerifyKey:
    """Return the key a bus signs with."""
    return pool().boxes[device].public
