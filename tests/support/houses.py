"""A real intake and a real uplink on loopback TLS, on folders that outlive them: what journeys of one envelope need."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from appliance.config import BusSettings
from appliance.mail.store import MailStore
from appliance.uplink.__main__ import Uplink
from appliance.uplink.clock import UplinkClock
from cityhall.config import HallSettings
from cityhall.intake.__main__ import Intake
from cityhall.intake.clock import SystemTime
from cityhall.intake.door import Limits
from cityhall.mail.store import HallMail
from hardware.clock.system import SystemClock
from provisioning.certificates import Identity, make_authority, make_box, make_server
from sync.bundle import KeyBundle
from sync.clock import Clock
from sync.keys import write_key
from tests.support.makers import COUNTERSIGNER, make_bundle, make_signer
from tests.support.roots import bundle_text, root_text

ROOT = 77
DEADLINE_S = 60.0


async def until(what: Callable[[], bool], seconds: float = DEADLINE_S) -> None:
    """Wait for a real condition, at most `seconds`."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(what):  # noqa: ASYNC110 - the condition lives in a database
            await asyncio.sleep(0.02)


@dataclass
class Hall:
    """City hall's folder; `start` and `stop` make and end the process part on it."""

    folder: Path
    authority: Identity
    bundle: KeyBundle = field(default_factory=make_bundle)
    limits: Limits = field(default_factory=Limits)
    port: int = 0
    _running: "asyncio.Task[None] | None" = None
    _intake: Intake | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        server = make_server(self.authority, ("127.0.0.1", "localhost"), datetime.now(UTC))
        (self.folder / "tls.pem").write_bytes(server.certificate)
        (self.folder / "tls.key").write_bytes(server.key)
        (self.folder / "ca.pem").write_bytes(self.authority.certificate)
        seed = make_signer(COUNTERSIGNER).seed
        (self.folder / "countersigner.key").write_text(write_key("signer", seed))
        self.publish(self.bundle)
        self.mail = HallMail(self.folder / "mail")

    def publish(self, bundle: KeyBundle) -> None:
        """Write the key bundle's file."""
        self.bundle = bundle
        side = self.folder / "bundle.new"
        side.write_text(bundle_text(bundle, ROOT))
        side.rename(self.folder / "bundle.json")

    def settings(self) -> HallSettings:
        """Return the settings of this folder."""
        unused = self.folder / "unused"
        tls = {
            "certificate": self.folder / "tls.pem",
            "key": self.folder / "tls.key",
            "client_ca": self.folder / "ca.pem",
        }
        return HallSettings.model_validate(
            {
                "mail": self.folder / "mail",
                "intake": {
                    "folder": self.folder / "intake",
                    "port": self.port,
                    "countersigner": self.folder / "countersigner.key",
                    "bundle": self.folder / "bundle.json",
                    **tls,
                },
                "office": {
                    "folder": unused,
                    "division_keys": unused,
                    "signer": unused,
                    "bundle": unused,
                },
                "switchboard": {"folder": unused, **tls},
            }
        )

    async def start(self) -> None:
        """Start an intake."""
        intake = Intake(self.settings(), SystemTime(), self.limits, look_every_s=0.05)
        self._running = asyncio.create_task(intake.run())
        waiting = asyncio.create_task(intake.ready.wait())
        await asyncio.wait({self._running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            waiting.cancel()
            self._running.result()
        self.port, self._intake = intake.port, intake

    async def heeds(self, version: int) -> None:
        """Wait until the running intake goes by this version of the key bundle."""
        intake = self._intake
        assert intake is not None
        await until(lambda: intake._register.bundle.version >= version)

    async def stop(self) -> None:
        """End the intake."""
        await _end(self._running)
        self._running = None


@dataclass
class Bus:
    """A box's folder; `start` and `stop` make and end the process part on it."""

    folder: Path
    authority: Identity
    identity: Identity
    bundle: KeyBundle = field(default_factory=make_bundle)
    device: str = "bus-07"
    host: str = "127.0.0.1"
    port: int = 0
    heartbeat_s: float = 1.0
    longest_pause_s: float = 0.2
    depots: tuple[str, ...] = ()
    clock: Clock = field(default_factory=lambda: UplinkClock(SystemClock()))
    uplink: Uplink | None = None
    _running: "asyncio.Task[None] | None" = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "tls.pem").write_bytes(self.identity.certificate)
        (self.folder / "tls.key").write_bytes(self.identity.key)
        (self.folder / "ca.pem").write_bytes(self.authority.certificate)
        (self.folder / "root.json").write_text(root_text(ROOT))
        text = bundle_text(self.bundle, ROOT)
        (self.folder / "bundle.json").write_text(text)
        self.mail = MailStore(self.folder / "mail")

    def settings(self) -> BusSettings:
        """Return the settings of this folder."""
        tls = {
            "ca": self.folder / "ca.pem",
            "certificate": self.folder / "tls.pem",
            "key": self.folder / "tls.key",
        }
        return BusSettings.model_validate(
            {
                "device": self.device,
                "mail": self.folder / "mail",
                "desk": {
                    "folder": self.folder / "desk",
                    "keys": self.folder,
                    "bundle": self.folder / "bundle.json",
                },
                "uplink": {
                    "folder": self.folder / "uplink",
                    "bundle": self.folder / "bundle.json",
                    "root": self.folder / "root.json",
                    "hall_url": f"wss://{self.host}:{self.port}/bus",
                    "health_port": 0,
                    "heartbeat_s": self.heartbeat_s,
                    "depots": self.depots,
                    **tls,
                },
                "call": {
                    "folder": self.folder / "call",
                    "switchboard_url": "wss://127.0.0.1:1/bus",
                    **tls,
                },
            }
        )

    async def start(self) -> None:
        """Start an uplink."""
        self.uplink = Uplink(self.settings(), self.clock, longest_pause_s=self.longest_pause_s)
        self._running = asyncio.create_task(self.uplink.run())
        waiting = asyncio.create_task(self.uplink.ready.wait())
        await asyncio.wait({self._running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            waiting.cancel()
            self._running.result()

    async def stop(self) -> None:
        """End the uplink."""
        await _end(self._running)
        self._running = None

    def states(self) -> list[str]:
        """Return the state of each envelope."""
        return [row.state for row in self.mail.outbox()]

    def all_are(self, state: str) -> Callable[[], bool]:
        """Return whether every envelope has this state, as a condition to wait for."""
        return lambda: set(self.states()) == {state}


def make_houses(folder: Path, device: str = "bus-07") -> tuple[Hall, Bus]:
    """Return a hall and a box of one city."""
    now = datetime.now(UTC)
    authority = make_authority("盛岡市", now)
    hall = Hall(folder / "hall", authority)
    return hall, Bus(folder / "bus", authority, make_box(authority, device, now), device=device)


async def _end(running: "asyncio.Task[None] | None") -> None:
    if running is not None:
        running.cancel()
        for outcome in await asyncio.gather(running, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
