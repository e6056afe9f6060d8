"""`probe`: what is plugged into this box, and the settings lines that choose it."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hardware.catalogue import open_hotplug
from hardware.protocols import Hotplug, Plugged
from hardware.scanner.listing import FoundScanner, list_scanners
from hardware.scanner.scanimage import Hung

SUBSYSTEMS = ("usb", "video4linux", "tty", "power_supply", "net")
VIRTUAL = "/devices/virtual/"
USED_FOR = {
    "video4linux": "camera",
    "tty": "modem or receiver",
    "power_supply": "supply",
    "net": "network",
    "usb": "USB",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found; `trouble` are whole sentences about what could not be looked at."""

    scanners: tuple[FoundScanner, ...]
    devices: tuple[Plugged, ...]
    settings: tuple[str, ...]
    trouble: tuple[str, ...]


async def probe(
    hotplug: Hotplug | None, config: Path | None = None, program: str = "scanimage"
) -> Probe:
    """Look at everything once. `config` is a SANE_CONFIG_DIR; without `hotplug` udev is not asked."""
    trouble: list[str] = []
    scanners: tuple[FoundScanner, ...] = ()
    try:
        scanners = await list_scanners(config, program)
    except FileNotFoundError:
        trouble.append(f"{program} is not installed: install Debian's sane-utils and sane-airscan.")
    except Hung:
        trouble.append(
            "SANE did not answer: a backend hangs; name the scanner's backend in dll.conf."
        )
    closed = [found.device for found in scanners if found.options is None]
    trouble += [
        f"{device} is listed but does not open: check its power and cable." for device in closed
    ]
    devices = tuple(d for d in hotplug.present() if matters(d)) if hotplug else ()
    return Probe(scanners, devices, settings_for(scanners, config), tuple(trouble))


def matters(device: Plugged) -> bool:
    """Tell whether a technician would call it a device: real, and with a name or a node."""
    return not device.path.startswith(VIRTUAL) and bool(device.model or device.node)


def settings_for(scanners: tuple[FoundScanner, ...], config: Path | None) -> tuple[str, ...]:
    """Write the lines for bus.toml that choose the first scanner with a feeder."""
    for found in scanners:
        source = found.options.feeder("ADF") if found.options else None
        if source is None:
            continue
        lines = [
            "[desk]",
            'scanner = "sane"',
            f"scanner_device = {json.dumps(found.device, ensure_ascii=False)}",
            f"scanner_source = {json.dumps(source, ensure_ascii=False)}",
        ]
        return (*lines, f"sane_config = {json.dumps(str(config))}") if config else tuple(lines)
    return ()


def as_text(found: Probe) -> str:
    """Write it for a person."""
    lines = ["Scanners:"]
    for scanner in found.scanners:
        feeder = scanner.options.feeder("ADF") if scanner.options else None
        words = (
            f"feeder {feeder!r}" if feeder else "no feeder" if scanner.options else "does not open"
        )
        lines.append(f"  {scanner.device}  ({scanner.vendor} {scanner.model}; {words})")
    if not found.scanners:
        lines.append("  none")
    lines.append("Other devices:")
    for device in found.devices:
        kind = USED_FOR.get(device.subsystem, device.subsystem)
        name = " ".join(filter(None, (device.vendor, device.model, device.serial)))
        lines.append(f"  {kind}: {device.node or device.path.rpartition('/')[2]}  {name}".rstrip())
    if not found.devices:
        lines.append("  none")
    if found.settings:
        lines += ["", "Lines for bus.toml:", *(f"  {line}" for line in found.settings)]
    return "\n".join([*lines, *(f"! {sentence}" for sentence in found.trouble)])


def as_json(found: Probe) -> dict[str, Any]:
    """Write it for a program."""
    return asdict(found)


def main(argv: list[str] | None = None) -> int:
    """Run the verb; 1 when no scanner with a feeder was found."""
    parser = argparse.ArgumentParser(prog="madobus provision probe", description=__doc__)
    parser.add_argument("--sane-config", type=Path, help="a SANE_CONFIG_DIR, when not Debian's own")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    arguments = parser.parse_args(argv)
    found = asyncio.run(probe(open_hotplug("udev", subsystems=SUBSYSTEMS), arguments.sane_config))
    print(json.dumps(as_json(found), ensure_ascii=False) if arguments.json else as_text(found))
    return 0 if found.settings else 1


if __name__ == "__main__":
    sys.exit(main())
