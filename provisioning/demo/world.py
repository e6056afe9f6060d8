"""City hall and one bus on this machine: six processes, the feeder, the link between them."""

import asyncio
import contextlib
import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from glob import glob
from pathlib import Path

import aiohttp

from provisioning.city import City, HallPorts, found_city, write_hall_settings
from provisioning.demo.link import Link
from provisioning.demo.ports import ANY, USUAL, free_ports
from provisioning.demo.process import HouseProcess
from provisioning.enrol import Bus, BusPorts, StaffMember, enrol_box, write_bus_settings
from provisioning.settings_text import Value

log = logging.getLogger("madobus.demo")

CITY = "盛岡市"
DIVISION = "介護保険課"
DEVICE = "bus-07"
STAFF = StaffMember("S-014", "工藤 真", "246810")
FEEDER_NAME = "Madobus feeder"


@dataclass(frozen=True, slots=True)
class Addresses:
    """What a person needs to open the two screens."""

    desk: str
    office: str
    uplink: str
    call: str


@dataclass
class World:
    """Everything of one demonstration below one folder."""

    data: Path
    link_name: str
    simulated_scanner: bool = False
    usual_ports: bool = True
    with_camera: bool = False
    processes: dict[str, HouseProcess] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data = self.data.resolve()
        self.ports = free_ports(USUAL if self.usual_ports else ANY)
        self.link = Link(("127.0.0.1", self.ports["intake"]))
        self.call_link = Link(("127.0.0.1", self.ports["switchboard"]))
        self.tray = self.data / "tray"
        self.under_camera = self.data / "under-camera"
        self.printed = self.data / "printed"

    @property
    def hall_folder(self) -> Path:
        """City hall's folders."""
        return self.data / "hall"

    @property
    def bus_folder(self) -> Path:
        """The bus's folders."""
        return self.data / "bus"

    async def prepare(self) -> tuple[City, Bus]:
        """Found the city, enrol the box, write both settings; what is there already stays."""
        now = datetime.now(UTC)
        city = found_city(self.hall_folder, CITY, now, ("127.0.0.1", "localhost"))
        hall_ports = HallPorts(
            self.ports["intake"], self.ports["office"], self.ports["switchboard"]
        )
        write_hall_settings(city, hall_ports, CITY, DIVISION)
        bus = enrol_box(city, self.bus_folder, DEVICE, (STAFF,), now)
        uplink_port = await self.link.listen(0)
        call_port = await self.call_link.listen(0)
        bus_ports = BusPorts(
            intake=uplink_port,
            switchboard=call_port,
            desk=self.ports["desk"],
            uplink_health=self.ports["uplink"],
            call_health=self.ports["call"],
        )
        devices = {
            **self._scanner_settings(),
            **self._camera_settings(),
            "printer": "simulated",
            "printer_folder": self.printed,
        }
        write_bus_settings(bus, DEVICE, bus_ports, devices)
        return city, bus

    async def start(self) -> Addresses:
        """Start the six processes and the feeder, each waited for."""
        logs = self.data / "logs"
        hall, bus = str(self.hall_folder / "hall.toml"), str(self.bus_folder / "bus.toml")
        modules = {
            "intake": ("cityhall.intake", hall),
            "office": ("cityhall.office", hall),
            "switchboard": ("cityhall.switchboard", hall),
            "uplink": ("appliance.uplink", bus),
            "call": ("appliance.call", bus),
            "desk": ("appliance.desk", bus),
        }
        for name, (module, config) in modules.items():
            self.processes[name] = HouseProcess(
                name,
                module,
                ("--config", config),
                logs / f"{name}.log",
            )
        if not self.scanner_is_simulated:
            self.processes["feeder"] = HouseProcess(
                "feeder",
                "hardware.scanner.feeder",
                ("--port", str(self.ports["feeder"])),
                logs / "feeder.log",
            )
        ready = await asyncio.gather(*(process.start() for process in self.processes.values()))
        found = {one.process: one.address for one in ready}
        return Addresses(found["desk"], found["office"], found["uplink"], found["call"])

    async def stop(self) -> None:
        """Stop everything; nothing is left running."""
        await asyncio.gather(*(process.stop() for process in self.processes.values()))
        await self.link.close()
        await self.call_link.close()

    def switch_link(self, name: str) -> None:
        """Make the link good, poor, gone or a trace, for sync and call alike."""
        self.link.switch(name)
        self.call_link.switch(name)

    async def tell_uplink(self) -> None:
        """Say what a modem says when it has registered again: the link may be back."""
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as client,
                client.post(f"http://127.0.0.1:{self.ports['uplink']}/hint"),
            ):
                log.info("link.hinted")

    @property
    def scanner_is_simulated(self) -> bool:
        """Whether the simulated driver has to play, because SANE is not on this machine."""
        return self.simulated_scanner or not sane_is_here()

    def _camera_settings(self) -> Mapping[str, Value]:
        """Let pictures of a folder lie under the camera: no machine is known to have one."""
        if not self.with_camera:
            return {}
        self.under_camera.mkdir(parents=True, exist_ok=True)
        return {"camera": "simulated", "camera_pictures": self.under_camera}

    def _scanner_settings(self) -> Mapping[str, Value]:
        self.tray.mkdir(parents=True, exist_ok=True)
        if self.scanner_is_simulated:
            return {"scanner": "simulated", "sheets": self.tray}
        from hardware.scanner.feeder import sane_config  # noqa: PLC0415 - only where SANE is

        folder = self.data / "sane"
        folder.mkdir(parents=True, exist_ok=True)
        sane_config(folder, self.ports["feeder"], FEEDER_NAME)
        return {
            "scanner": "sane",
            "scanner_device": f"airscan:e0:{FEEDER_NAME}",
            "sane_config": folder,
        }


def sane_is_here() -> bool:
    """Tell whether scanimage and the AirScan backend are installed."""
    backend = glob("/usr/lib/*/sane/libsane-airscan.so.1")  # noqa: PTH207 - a pattern from the root
    return shutil.which("scanimage") is not None and bool(backend)


def times_started(data: Path) -> int:
    """Count this start of a data folder: each start brings other people to the counter."""
    path = data / "starts.json"
    count = json.loads(path.read_text(encoding="utf-8")) if path.exists() else 0
    path.write_text(json.dumps(count + 1), encoding="utf-8")
    return int(count)
