"""How long until city hall refuses a revoked box: ./run bench revoke [--boxes N] [--json].

A real intake and real uplinks. Each box in turn files one application every tenth of a second while
`madobus provision revoke` runs as a command of its own; counted is from the command's end to the first application that
is set aside, and how many made after that end were still taken.
"""

import argparse
import asyncio
import json
import secrets
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from appliance.mail.store import MailStore
from provisioning.city import City, HallPorts, found_city, write_hall_settings
from provisioning.demo.ports import ANY, free_ports
from provisioning.demo.process import HouseProcess
from provisioning.enrol import Bus, BusPorts, enrol_box, write_bus_settings
from sync.bundle import KeyBundle
from sync.clock import ClockQuality, Instant
from sync.ids import new_id
from sync.keys import Signer, read_key
from sync.seal import seal

LIMIT_S = 60.0
EVERY_S = 0.1


def file_one(shelf: MailStore, signer: Signer, device: str, bundle: KeyBundle) -> bytes:
    """Keep a small application on the box's shelf; returns its id."""
    at = Instant(datetime.now(UTC), 2, ClockQuality.SYNCED, 1, 60_000)
    sealed = seal(
        env_id=new_id(secrets.token_bytes),
        sender=device,
        kind="application",
        visit=secrets.token_bytes(16),
        signer=signer,
        recipients=[(bundle.division[-1].key, 1)],
        record=secrets.token_bytes(600),
        parts=[],
        at=at,
        journal=shelf.head(),
        beacon=b"",
        bundle_version=bundle.version,
        random=secrets.token_bytes,
    )
    shelf.keep(sealed, deadline=None, at=at, receipt_for=lambda _: b"box")
    return sealed.env_id


async def revoke(city: City, device: str) -> None:
    """Say the verb, as an operator types it."""
    words = ("provision", "revoke", device, "--city", str(city.folder))
    command = (sys.executable, "-m", "provisioning", *words)
    said = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    if await said.wait():
        raise RuntimeError(f"revoke {device} failed")


async def trial(city: City, bus: Bus, device: str, folder: Path) -> dict[str, Any]:
    """Revoke one box that files all the time; returns seconds, and applications taken after the verb's end."""
    text = (bus.folder / "desk" / "keys" / "signer.key").read_text(encoding="utf-8")
    signer, bundle = Signer.from_seed(read_key(text, "signer")), city.bundle()
    uplink = HouseProcess(
        "uplink", "appliance.uplink", ("--config", str(bus.settings_path)), folder / f"{device}.log"
    )
    await uplink.start()
    loop = asyncio.get_running_loop()
    try:
        with closing(MailStore(bus.mail)) as shelf:
            first = file_one(shelf, signer, device, bundle)
            while state(shelf, first) != "complete":  # noqa: ASYNC110 - another process writes the shelf
                await asyncio.sleep(EVERY_S)
            verb = asyncio.create_task(revoke(city, device))
            while not verb.done():
                file_one(shelf, signer, device, bundle)
                await asyncio.sleep(EVERY_S)
            verb.result()
            ended, later = loop.time(), list[bytes]()
            while not any(state(shelf, one) == "refused" for one in later):
                later.append(file_one(shelf, signer, device, bundle))
                await asyncio.sleep(EVERY_S)
                if loop.time() - ended > LIMIT_S:
                    raise TimeoutError(f"{device} was still taken after {LIMIT_S} s")
            seconds = loop.time() - ended
            taken = sum(state(shelf, one) in ("arrived", "complete") for one in later)
    finally:
        await uplink.stop()
    return {"seconds": round(seconds, 2), "taken_after": taken}


def state(shelf: MailStore, env_id: bytes) -> str:
    """Return how an application stands on the box's shelf."""
    row = shelf.find(env_id)
    return "" if row is None else row.state


async def measure(boxes: int) -> dict[str, Any]:
    """Revoke so many boxes, one after the other."""
    with tempfile.TemporaryDirectory(prefix="madobus-revoke-") as made:
        folder, now = Path(made), datetime.now(UTC)
        city = found_city(folder / "city", "盛岡市", now, ("127.0.0.1",))
        ports = free_ports(ANY)
        hall = HallPorts(ports["intake"], 0, 0)
        write_hall_settings(city, hall, "盛岡市", "介護保険課")
        buses = {f"bus-{n:02}": folder / f"bus-{n:02}" for n in range(boxes)}
        enrolled = {name: enrol_box(city, place, name, (), now) for name, place in buses.items()}
        for name, bus in enrolled.items():
            where = BusPorts(hall.intake, hall.intake, desk=0, uplink_health=0, call_health=0)
            write_bus_settings(bus, name, where, {"scanner": "simulated", "sheets": folder})
        intake = HouseProcess(
            "intake",
            "cityhall.intake",
            ("--config", str(city.settings_path)),
            folder / "intake.log",
        )
        await intake.start()
        try:
            found = [await trial(city, bus, name, folder) for name, bus in enrolled.items()]
        finally:
            await intake.stop()
    seconds = sorted(one["seconds"] for one in found)
    return {
        "boxes": boxes,
        "median_s": seconds[len(seconds) // 2],
        "longest_s": seconds[-1],
        "taken_after": sum(one["taken_after"] for one in found),
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="./run bench revoke", description=__doc__)
    parser.add_argument("--boxes", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = asyncio.run(measure(given.boxes))
    if given.json:
        print(json.dumps(found))
    else:
        print(
            f"{found['boxes']} boxes revoked: refused {found['median_s']} s after the verb's end in the median, "
            f"{found['longest_s']} s at the longest; {found['taken_after']} applications made in between were taken"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
