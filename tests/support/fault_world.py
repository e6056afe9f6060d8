"""One bus and one city hall as real processes over real folders: started, killed, started again, and heard."""

import secrets
import signal
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite

from provisioning.certificates import make_server
from provisioning.demo.ports import free_ports
from sync.bundle import KeyBundle
from tests.support.houses import make_houses
from tests.support.nursery import PATIENCE_S, Child, Nursery, Plan, wait_until

DEVICE = "bus-07"
LAST_WORDS = 3_000


@dataclass
class FaultWorld:
    """The folders, how the processes are set, and every word they ever said."""

    nursery: Nursery
    bus_mail: Path
    hall_mail: Path
    keyless: tuple[Path, ...]
    bundle: KeyBundle
    bus_settings: dict[str, Any]
    hall_settings: dict[str, Any]
    bus_network: str = ""
    hall_network: str = ""
    said: list[str] = field(default_factory=list)
    logs: dict[str, list[str]] = field(default_factory=lambda: {"uplink": [], "intake": []})
    running: dict[str, Child] = field(default_factory=dict)
    sessions_after_faults: int = 0

    def keep(
        self, count: int, plan: Plan | None = None, *, first: int = 0, weak: str = ""
    ) -> Child:
        """Let the desk keep applications; returns the ended process."""
        child = self.start_keep(count, plan, first=first, weak=weak).begin()
        return self.heard(child)

    def start_keep(
        self, count: int, plan: Plan | None = None, *, first: int = 0, weak: str = ""
    ) -> Child:
        """Return a desk that waits for `begin`."""
        arguments = {"folder": str(self.bus_mail), "first": first, "count": count, "weak": weak}
        return self.nursery.start("keep", arguments, plan)

    def heard(self, child: Child) -> Child:
        """Wait for a desk's end and remember what it printed."""
        self.nursery.ended(child)
        self.said += child.lines()
        return child

    def start(self, name: str, plan: Plan | None = None) -> Child:
        """Start "uplink" or "intake"; the child waits for `begin`."""
        settings, network = {
            "uplink": (self.bus_settings, self.bus_network),
            "intake": (self.hall_settings, self.hall_network),
        }[name]
        self.running[name] = self.nursery.start(name, {"settings": settings}, plan, network)
        return self.running[name]

    def serve(self, faulty: str = "", plan: Plan | None = None) -> None:
        """Start both ends; the one called `faulty` follows the plan."""
        for name in ("intake", "uplink"):
            self.start(name, plan if name == faulty else None).begin()
            if name == "intake":
                self.wait_ready(name)

    def wait_ready(self, name: str) -> None:
        """Wait until a process serves, or died on the way there."""
        child = self.running[name]
        wait_until(lambda: child.over or "ready" in child.lines(), child.log)

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> Child:
        """End a process and remember what it logged."""
        child = self.running.pop(name)
        child.send(number)
        self.nursery.ended(child)
        self.logs[name].append(child.log())
        return child

    def stop_all(self) -> None:
        """End whatever runs."""
        for name in list(self.running):
            self.stop(name)

    def complete(self) -> bool:
        """Tell whether city hall's word is on the bus for each application; a disk in trouble tells nothing."""
        try:
            with closing(sqlite.connect(self.bus_mail / "mail.db", timeout=PATIENCE_S)) as shelf:
                states = shelf.execute("SELECT DISTINCT state FROM outbox").fetchall()
        except sqlite.DatabaseError:
            return False
        return states == [("complete",)]

    def wait_complete_or_dead(self, name: str) -> None:
        """Wait until everything is settled or this process died."""
        child = self.running[name]
        wait_until(lambda: child.over or self.complete(), self.words)

    def converge(self) -> None:
        """The faults are over: start what is dead (as systemd does) until all is settled, then stop both."""
        for name in ("intake", "uplink"):
            self.revive(name)
        fresh = len(self._words("uplink"))
        wait_until(self._settled, self.words)
        self.sessions_after_faults = self._words("uplink")[fresh:].count("session.opened")
        self.stop_all()

    def revive(self, name: str) -> None:
        """Start a process that is dead, without a fault."""
        if name in self.running and self.running[name].over:
            self.stop(name)
        if name not in self.running:
            self.start(name).begin()
            self.wait_ready(name)

    def words(self) -> str:
        """Return what both ends logged, for a person who has to find out."""
        return "\n".join(f"{name}:\n{self._words(name)[-LAST_WORDS:]}" for name in self.logs)

    def log(self, name: str) -> str:
        """Return everything a process logged in this world."""
        return self._words(name)

    def _settled(self) -> bool:
        for name, child in list(self.running.items()):
            if child.over:
                self.revive(name)
        return self.complete()

    def _words(self, name: str) -> str:
        now = [self.running[name].log()] if name in self.running else []
        return "\n".join([*self.logs[name], *now])


def make_world(
    nursery: Nursery,
    folder: Path,
    *,
    bus_mail: Path | None = None,
    hall_mail: Path | None = None,
    hall_host: str = "127.0.0.1",
    networks: Sequence[str] = ("", ""),
    heartbeat_s: float = 1.0,
) -> FaultWorld:
    """Return a world below `folder`; either shelf may stand on another disk, either end in another network."""
    hall, bus = make_houses(folder, DEVICE)
    hall.mail.close()
    bus.mail.close()
    server = make_server(hall.authority, (hall_host,), datetime.now(UTC))
    (hall.folder / "tls.pem").write_bytes(server.certificate)
    (hall.folder / "tls.key").write_bytes(server.key)
    bus_settings = bus.settings().model_dump(mode="json")
    hall_settings = hall.settings().model_dump(mode="json")
    bus_settings["mail"] = str(bus_mail or bus.folder / "mail")
    hall_settings["mail"] = str(hall_mail or hall.folder / "mail")
    # Below the range the system hands out, so that a restart finds it free again.
    port = free_ports({"intake": 20_000 + secrets.randbelow(12_000)})["intake"]
    hall_settings["intake"].update(port=port, host=hall_host)
    bus_settings["uplink"]["heartbeat_s"] = heartbeat_s
    bus_settings["uplink"]["hall_url"] = f"wss://{hall_host}:{port}/bus"
    return FaultWorld(
        nursery=nursery,
        bus_mail=Path(bus_settings["mail"]),
        hall_mail=Path(hall_settings["mail"]),
        keyless=tuple(
            Path(one)
            for one in (
                bus_settings["mail"],
                bus_settings["uplink"]["folder"],
                hall_settings["mail"],
                hall_settings["intake"]["folder"],
            )
        ),
        bundle=bus.bundle,
        bus_settings=bus_settings,
        hall_settings=hall_settings,
        bus_network=networks[0],
        hall_network=networks[1],
    )
