"""A machine whose USB umockdev plays: umockdev-wrapper python -m tests.support.played_udev CONFIG.

Runs the real porter on it as a child, and obeys lines of JSON: ["plug", port, hex, serial], ["unplug", port],
["used", port], ["refused", port], ["spent"]. Each is answered with one line. Library: libumockdev by ctypes.
"""

import ctypes
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from hardware.usb.device import UsbDevice
from tests.support.tree import ROOT

HOST = "/devices/pci0000:00/0000:00:14.0"
PRESENT = shutil.which("umockdev-wrapper") is not None
WITHOUT = "umockdev is not installed (Debian package umockdev)"
PATIENCE_S = 60.0


class Testbed:
    """The played /sys; devices are added with their uevent, and removed with theirs."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libumockdev.so.0")
        text, pointer = ctypes.c_char_p, ctypes.c_void_p
        self._library.umockdev_testbed_new.restype = pointer
        self._library.umockdev_testbed_get_root_dir.restype = text
        for name, more in (
            ("add_from_string", [text, pointer]),
            ("uevent", [text, text]),
            ("remove_device", [text]),
            ("get_root_dir", []),
        ):
            getattr(self._library, f"umockdev_testbed_{name}").argtypes = [pointer, *more]
        self._bed = self._library.umockdev_testbed_new()
        self.root = Path(self._library.umockdev_testbed_get_root_dir(self._bed).decode())
        self._number = 1

    def plug(self, port: str, raw: str, serial: str) -> None:
        """Put a device in a socket, allowed as usbguard would, and say so as udev does."""
        self._number += 1
        lines = [
            f"P: {HOST}/usb{port.partition('-')[0]}/{port}",
            "E: DEVTYPE=usb_device",
            "E: SUBSYSTEM=usb",
            "A: authorized=1",
            f"A: devnum={self._number}",
            "A: bConfigurationValue=1",
            f"A: serial={serial}",
            f"H: descriptors={raw.upper()}",
        ]
        text = "\n".join(lines) + "\n"
        if not self._library.umockdev_testbed_add_from_string(self._bed, text.encode(), None):
            raise RuntimeError(text)

    def unplug(self, port: str) -> None:
        """Take it out."""
        path = f"/sys{HOST}/usb{port.partition('-')[0]}/{port}".encode()
        self._library.umockdev_testbed_uevent(self._bed, path, b"remove")
        self._library.umockdev_testbed_remove_device(self._bed, path)

    def used(self, port: str) -> bool:
        """Whether the kernel would let a driver have it."""
        place = self.root / "sys" / HOST[1:] / f"usb{port.partition('-')[0]}" / port / "authorized"
        return place.read_text(encoding="ascii").strip() == "1"


def spent(process: int) -> float:
    """Processor seconds of a process so far."""
    words = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def obey(bed: Testbed, porter: int, words: list[str]) -> Any:
    """Do one thing; "refused" waits until a device is out of use and tells in how many milliseconds."""
    if words[0] == "spent":
        return spent(porter)
    if words[0] == "plug":
        return bed.plug(*words[1:])
    if words[0] == "unplug":
        return bed.unplug(words[1])
    if words[0] == "used":
        return bed.used(words[1])
    begin = time.monotonic()
    while bed.used(words[1]):
        if time.monotonic() - begin > PATIENCE_S:
            return None
        time.sleep(0.001)
    return round((time.monotonic() - begin) * 1000)


class Played:
    """The real porter on a machine whose USB umockdev plays: its kernel's news come the way the real ones do."""

    def __init__(self, config: Path) -> None:
        module = "tests.support.played_udev"
        self._process = subprocess.Popen(
            ["umockdev-wrapper", sys.executable, "-m", module, str(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def ask(self, *words: str) -> Any:
        """Have one thing done, and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def plug(self, device: UsbDevice, port: str = "") -> None:
        """Put a device in."""
        self.ask("plug", port or device.port, device.raw.hex(), device.serial)

    def end(self) -> None:
        """Take the machine away."""
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(60)


def main(config: str) -> None:
    """Play until stdin ends."""
    bed = Testbed()
    command = [sys.executable, "-m", "appliance.porter", "--config", config]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as porter:
        try:
            assert porter.stdout is not None
            porter.stdout.readline()
            for line in sys.stdin:
                sys.stdout.write(json.dumps(obey(bed, porter.pid, json.loads(line))) + "\n")
                sys.stdout.flush()
        finally:
            porter.terminate()


if __name__ == "__main__":
    main(sys.argv[1])
