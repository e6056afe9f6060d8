"""The real usbguard daemon on sockets that umockdev plays: its rules, its configuration, what it decided."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from hardware.usb.device import UsbDevice
from tests.support.tree import ROOT
from tests.support.usb_devices import raw

PROGRAMS = ("usbguard-daemon", "umockdev-wrapper")
WITHOUT = "usbguard or umockdev is not installed (Debian packages usbguard, umockdev), or this is not root"
PRESENT = all(shutil.which(one) for one in PROGRAMS) and os.geteuid() == 0
PATIENCE_S = 60.0
_PCI = "/devices/pci0000:00"
_HOST = f"{_PCI}/0000:00:14.0"
_DECIDED = re.compile(
    rb"device.system_name='[^']*/([^'/]+)' target.new='(\w+)'.*type='Policy.Device.Update'"
)
CONFIG = ROOT / "systemd" / "usbguard-daemon.conf"


def _written(path: str, device: UsbDevice, *, used: bool) -> str:
    """One device as umockdev reads it."""
    bus = re.sub(r"\D.*", "", device.port.removeprefix("usb"))
    facts = {
        "authorized": int(used),
        "authorized_default": 1,
        "remove": 0,
        "devnum": device.number,
        "busnum": bus,
        "idVendor": device.raw[9:7:-1].hex(),
        "idProduct": device.raw[11:9:-1].hex(),
        "serial": device.serial,
        "removable": "unknown",
        "bConfigurationValue": "",
    }
    node = f"bus/usb/{int(bus):03d}/{device.number:03d}"
    lines = [
        f"P: {path}",
        f"N: {node}",
        "E: DEVTYPE=usb_device",
        f"E: DEVNAME=/dev/{node}",
        "E: SUBSYSTEM=usb",
        *(f"A: {name}={value}" for name, value in facts.items()),
        f"H: descriptors={device.raw.hex().upper()}",
    ]
    return "\n".join(lines) + "\n"


class Usbguard:
    """One daemon in a folder, with these rules and these devices plugged in before it starts."""

    def __init__(self, folder: Path, rules: str, devices: Sequence[UsbDevice]) -> None:
        self._folder = folder
        self._devices = folder / "devices"
        self._numbers = 1
        for name in ("devices", "rules.d", "access"):
            (folder / name).mkdir()
        (folder / "rules.conf").write_text(rules, encoding="utf-8")
        config = CONFIG.read_text(encoding="utf-8")
        for there, here in (
            ("/etc/usbguard/IPCAccessControl.d/", f"{folder}/access/"),
            ("/etc/usbguard/", f"{folder}/"),
            ("/var/log/usbguard/", f"{folder}/"),
            ("DeviceManagerBackend=uevent", "DeviceManagerBackend=umockdev"),
        ):
            config = config.replace(there, here)
        (folder / "daemon.conf").write_text(config, encoding="utf-8")
        for name in ("rules.conf", "daemon.conf"):
            (folder / name).chmod(0o600)
        self._put("00-hosts", self._hosts())
        for device in devices:
            self._plug(device)
        self._process = subprocess.Popen(
            ["umockdev-wrapper", "usbguard-daemon", "-k", "-c", str(folder / "daemon.conf")],
            env={**os.environ, "USBGUARD_UMOCKDEV_DEVICEDIR": str(self._devices)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _plug(self, device: UsbDevice) -> None:
        """Put a device in its socket, not yet in use."""
        self._numbers += 1
        number = self._numbers
        one = UsbDevice(device.port, number, device.serial, device.raw)
        bus = device.port.partition("-")[0]
        self._put(device.port, _written(f"{_HOST}/usb{bus}/{device.port}", one, used=False))

    def decided(self, port: str) -> str:
        """Wait for its verdict about a socket: "allow", "block" or "reject"."""
        until = time.monotonic() + PATIENCE_S
        while not (found := self._verdicts(port)):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"usbguard decided nothing about {port}")
            time.sleep(0.02)
        return found[-1]

    def end(self) -> None:
        """End it; under umockdev it does not heed SIGTERM."""
        self._process.kill()
        self._process.wait()

    def _verdicts(self, port: str) -> list[str]:
        audit = self._folder / "usbguard-audit.log"
        if not audit.exists():
            return []
        found = _DECIDED.findall(audit.read_bytes())
        return [verdict.decode() for name, verdict in found if name.decode() == port]

    def _hosts(self) -> str:
        """The computer's own controllers, which every device needs above it."""
        hub = raw(0x1D6B, 2, "09:00:00")
        lines = [f"P: {path}\nE: SUBSYSTEM=pci\n" for path in (_PCI, _HOST)]
        for bus in "123":
            host = UsbDevice(f"usb{bus}", 1, "0000:00:14.0", hub)
            lines.append(_written(f"{_HOST}/usb{bus}", host, used=True))
        return "\n".join(lines)

    def _put(self, name: str, text: str) -> None:
        (self._devices / f"{name}.umockdev").write_text(text, encoding="utf-8")
