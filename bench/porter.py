"""Measures how soon the porter takes a refused USB device out of use, and what it costs while nothing happens.

    ./run bench porter [--devices N] [--idle S] [--json]

The real process hears a kernel that umockdev plays: N keyboards come one after another, each allowed by usbguard a
moment before, and the time until the device is out of use again is taken. Then S seconds of nothing.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from hardware.usb.device import UsbDevice
from hardware.usb.sysfs import SYSFS
from tests.support.played_udev import PRESENT, WITHOUT, Played
from tests.support.porter_process import Porter
from tests.support.usb_devices import KEYBOARD, raw


def measure(devices: int, idle_s: float) -> dict[str, float]:
    """Return milliseconds, and the idle share of one core in percent."""
    with tempfile.TemporaryDirectory() as folder:
        porter = Porter(Path(folder))
        porter.write_config(0, SYSFS)
        played = Played(porter.config)
        try:
            porter.until_file(porter.closed)
            took = [_refused(played, n) for n in range(1, devices + 1)]
            before, begin = played.ask("spent"), time.monotonic()
            time.sleep(idle_s)
            share = (played.ask("spent") - before) / (time.monotonic() - begin)
        finally:
            played.end()
    return {
        "devices": devices,
        "refused_ms_median": statistics.median(took),
        "refused_ms_max": max(took),
        "idle_percent_of_a_core": round(share * 100, 2),
    }


def _refused(played: Played, number: int) -> int:
    port = f"3-{number}"
    played.plug(UsbDevice(port, number, "", raw(0x046D, 0xC31C, KEYBOARD)))
    took: int = played.ask("refused", port)
    return took


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="./run bench porter", description=__doc__)
    parser.add_argument("--devices", type=int, default=40)
    parser.add_argument("--idle", type=float, default=20.0, help="seconds")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not PRESENT:
        print(WITHOUT, file=sys.stderr)
        return 1
    told = measure(given.devices, given.idle)
    print(json.dumps(told) if given.json else "\n".join(f"{k}: {v}" for k, v in told.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
