"""`madobus provision usb VERB`: the list of USB devices this box may use, suggested, checked, as usbguard's rules."""

import argparse
import sys
from pathlib import Path

from hardware.catalogue import open_hotplug
from hardware.usb.allowed import read_allowed
from hardware.usb.suggesting import suggest_rows
from hardware.usb.sysfs import SYSFS, SysfsUsb
from hardware.usb.usbguard import usbguard_rules

LIST = Path("/etc/madobus/usb.toml")
VERBS = {
    "suggest": "print rows for what is plugged in now; read them, name them, keep what belongs to the box",
    "check": "read the list and say what is wrong, or how many devices it allows",
    "rules": "print the list as usbguard's rules.conf",
}


def main(argv: list[str]) -> int:
    """Run one verb; 1 when the list is wrong or nothing is plugged in."""
    parser = argparse.ArgumentParser(
        prog="madobus provision usb",
        description=__doc__,
        epilog="; ".join(f"{verb}: {words}" for verb, words in VERBS.items()),
    )
    parser.add_argument("verb", choices=list(VERBS))
    parser.add_argument("--list", type=Path, default=LIST, help=f"the list, when not {LIST}")
    parser.add_argument("--sockets", type=Path, default=SYSFS, help="where the kernel shows them")
    given = parser.parse_args(argv)
    if given.verb == "suggest":
        return _suggest(given.sockets)
    try:
        rows = read_allowed(given.list)
    except (OSError, ValueError) as error:
        print(f"usb: {error}", file=sys.stderr)
        return 1
    print(
        usbguard_rules(rows) if given.verb == "rules" else f"{given.list}: {len(rows)} rows", end=""
    )
    if given.verb == "check":
        print()
    return 0


def _suggest(sockets: Path) -> int:
    """Print a row for each device that is plugged in."""
    found = SysfsUsb(lambda: open_hotplug("udev", subsystems=("usb",)), sockets).present()
    if not found:
        print(f"usb: nothing is plugged in, or {sockets} is not there", file=sys.stderr)
        return 1
    print(suggest_rows(found), end="")
    return 0
