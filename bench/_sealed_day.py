"""A folder of files as a bus's day: every application sealed as the desk does it, and opened again at city hall."""

import os
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from appliance.mail.store import MailStore
from cityhall.mail.models import Arrival
from cityhall.mail.store import HallMail
from provisioning.city import DIVISION, City, HallPorts, found_city, write_hall_settings
from provisioning.enrol import Bus, BusPorts, StaffMember, enrol_box, write_bus_settings
from provisioning.files import write_whole
from sync import canonical
from sync.bundle import KeyBundle
from sync.clock import ClockQuality, Instant
from sync.envelope import PartRole
from sync.ids import new_id
from sync.keys import OpeningKey, Signer, read_key
from sync.seal import open_part, open_record, seal

DEVICES = ("bus-07", "bus-08")
DEVICE = DEVICES[0]
DEADLINE_DAYS = 60
RECORD_MAX = 256 * 1024


@dataclass(frozen=True, slots=True)
class Sealed:
    """What sealing a day came to: seconds of one core, bytes of the files, bytes of the envelopes."""

    seconds: float
    plain: int
    slips: int
    parts: int
    envelopes: int


def found(
    folder: Path, host: str, port: int, dial: int, boxes: int = 1
) -> tuple[City, tuple[Bus, ...]]:
    """Found a city and enrol boxes in `folder`; the hall listens on `port`, the bus dials `dial`."""
    now = datetime.now(UTC)
    city = found_city(folder / "hall" / "city", "盛岡市", now, (host,))
    write_hall_settings(city, HallPorts(port, 0, 0), "盛岡市", "介護保険課")
    text = city.settings_path.read_text(encoding="utf-8")
    write_whole(city.settings_path, text.replace("[intake]", f'[intake]\nhost = "{host}"'))
    staff = (StaffMember("S-1", "x", "135790"),)
    ports = BusPorts(intake=dial, switchboard=dial, desk=0, uplink_health=0, call_health=0)
    buses = []
    for device in DEVICES[:boxes]:
        place = "box" if device == DEVICE else f"box-{device}"
        bus = enrol_box(city, folder / "bus" / place, device, staff, now)
        write_bus_settings(bus, device, ports, {"scanner": "simulated", "sheets": folder}, host)
        buses.append(bus)
    return city, tuple(buses)


def seal_day(items: Path, city: City, buses: Sequence[Bus]) -> Sealed:
    """Seal each folder below `items` as one application; several buses keep them in turn."""
    applications = sorted(path for path in items.iterdir() if path.is_dir())
    total = Sealed(0, 0, 0, 0, len(applications))
    for turn, bus in enumerate(buses):
        part = _seal_on(DEVICES[turn], applications[turn :: len(buses)], city, bus)
        total = Sealed(
            total.seconds + part.seconds,
            total.plain + part.plain,
            total.slips + part.slips,
            total.parts + part.parts,
            total.envelopes,
        )
    return total


def _seal_on(device: str, applications: Sequence[Path], city: City, bus: Bus) -> Sealed:
    signer = Signer.from_seed(_key(bus.folder / "desk" / "keys" / "signer.key", "signer"))
    bundle = city.bundle()
    shelf = MailStore(bus.mail)
    began, plain, slips, parts = time.process_time(), 0, 0, 0
    try:
        for folder in applications:
            size, slip, rest = _seal(folder, device, signer, bundle, shelf)
            plain, slips, parts = plain + size, slips + slip, parts + rest
    finally:
        shelf.close()
    spent = time.process_time() - began
    return Sealed(spent, plain, slips, parts, len(applications))


def _seal(
    folder: Path, sender: str, signer: Signer, bundle: KeyBundle, shelf: MailStore
) -> tuple[int, int, int]:
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    record = next(name for name in files if name.startswith("record"))
    looks = [name for name in files if name.startswith("preview")]
    pages = [name for name in files if name not in (record, *looks)]
    at = Instant(datetime.now(UTC), 2, ClockQuality.SYNCED, 1, 60_000)
    envelope = seal(
        env_id=new_id(secrets.token_bytes),
        sender=sender,
        kind="application",
        visit=secrets.token_bytes(16),
        signer=signer,
        recipients=[(bundle.division[-1].key, 1), (bundle.recovery[0], 2)],
        record=canonical.encode([folder.name, record, [*looks, *pages], files[record]]),
        parts=[
            *((PartRole.PREVIEW, files[name]) for name in looks),
            *((PartRole.PAGE, files[name]) for name in pages),
        ],
        at=at,
        journal=shelf.head(),
        beacon=b"",
        bundle_version=bundle.version,
        random=secrets.token_bytes,
    )
    deadline = date.today() + timedelta(days=DEADLINE_DAYS)  # noqa: DTZ011 - any day will do
    shelf.keep(envelope, deadline=deadline, at=at, receipt_for=lambda _: b"box")
    total = sum(len(data) for data in files.values())
    return total, len(envelope.slip), sum(len(part) for part in envelope.parts)


class Opener:
    """The office's side: with the division's key it opens what arrived and lands it, each thing once."""

    def __init__(self, city: City, store: Path, state: Path) -> None:
        self._mail = HallMail(city.mail)
        [month] = (city.folder / "office" / DIVISION).iterdir()
        self._key = OpeningKey.from_seed(_key(month, "opening"))
        self._verify = {one.name: one.verify for one in city.bundle().devices}
        self._store = store
        self._state = state
        self._ledger = state / "landed"
        self._landed = set(self._ledger.read_text().split()) if self._ledger.exists() else set()
        self._names: dict[bytes, list[str]] = {}
        self._moved = self._changed = 0

    def look(self) -> int:
        """Land what is new since the last look; returns how many things were."""
        found, changed = 0, self._mail.changed()
        if changed == self._changed:
            return 0
        self._changed = changed
        for arrival in self._mail.moved_since(self._moved):
            for name, path, data in self._news(arrival):
                self._land(path, data)
                self._note(name)
                found += 1
            self._moved = arrival.moved
        return found

    def _news(self, arrival: Arrival) -> Iterator[tuple[str, str, bytes]]:
        """Yield what was not landed yet: its name in the ledger, its path in the store, its bytes."""
        env = arrival.env_id
        mine = [f"{env.hex()}/{number}" for number in range(len(arrival.parts) + 1)]
        ready = [0, *(part.index + 1 for part in arrival.parts if part.arrived)]
        if self._landed.issuperset(mine[number] for number in ready):
            return
        slip = self._mail.slip(env)
        told = canonical.decode(
            open_record(slip, self._key, self._verify[arrival.device]), RECORD_MAX
        )
        folder, record, names, data = told
        if mine[0] not in self._landed:
            yield mine[0], f"{folder}/{record}", data
        for number in ready[1:]:
            sealed = None if mine[number] in self._landed else self._mail.part(env, number - 1)
            if sealed is not None:
                content = open_part(slip, number - 1, sealed, self._key)
                yield mine[number], f"{folder}/{names[number - 1]}", content

    def _land(self, path: str, data: bytes) -> None:
        """Put a thing into the store, durably; one whose place is taken by another envelope beside it."""
        target = self._store / path
        target.parent.mkdir(parents=True, exist_ok=True)
        taken = 0
        while target.exists():
            taken += 1
            target = self._store / f"{path}.dup-{taken}"
        half = self._state / "landing"
        with half.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        half.rename(target)

    def _note(self, name: str) -> None:
        with self._ledger.open("a") as file:
            file.write(f"{name}\n")
        self._landed.add(name)


def _key(path: Path, kind: str) -> bytes:
    return read_key(path.read_text(encoding="utf-8"), kind)
