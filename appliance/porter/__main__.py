"""Builds and runs the porter: `python -m appliance.porter --config bus.toml`."""

import argparse
import asyncio
import json
import logging
import signal
import sys
import time
from pathlib import Path

from appliance.config import PorterSettings, read_settings
from appliance.porter.book import Book
from hardware.catalogue import open_hotplug, open_usb
from hardware.protocols import Hotplug
from hardware.usb.allowed import Allowed, read_allowed
from hardware.usb.device import UsbDevice
from hardware.usb.gate import Gate
from hardware.usb.ports import UsbPorts
from hardware.usb.reasons import Verdict
from hardware.usb.watch import UsbWatch

log = logging.getLogger("madobus.porter")


def main(argv: list[str] | None = None) -> int:
    """Read the settings, keep the sockets until SIGTERM or SIGINT; non-zero when the watch died."""
    parser = argparse.ArgumentParser(prog="appliance.porter", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="bus.toml")
    arguments = parser.parse_args(argv)
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )
    try:
        settings = read_settings(arguments.config).porter
        ports = open_usb("sysfs", hotplug=udev, folder=settings.sockets)
        return asyncio.run(serve(settings, ports))
    except (OSError, ValueError) as error:
        log.error("porter.cannot_start cause=%s", error)  # noqa: TRY400  # a setting is wrong
        return 1


def udev() -> Hotplug:
    """Open the news of USB alone."""
    return open_hotplug("udev", subsystems=("usb",))


async def serve(settings: PorterSettings, ports: UsbPorts) -> int:
    """Keep these sockets until told to end; 1 when the watch died."""
    book = Book(settings.folder)
    gate = Gate(_list(settings), book.memory())
    watch = UsbWatch(
        ports, gate, time.monotonic, tell, lambda: book.keep(gate.memory, watch.refused)
    )
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    vital = asyncio.create_task(watch.run(settings.settle_s))
    ended = asyncio.create_task(stopped.wait())
    sys.stdout.write(f"ready {json.dumps({'process': 'porter'})}\n")
    sys.stdout.flush()
    await asyncio.wait({vital, ended}, return_when=asyncio.FIRST_COMPLETED)
    clean = ended.done()
    for task in (vital, ended):
        task.cancel()
    results = await asyncio.gather(vital, ended, return_exceptions=True)
    if not clean:
        log.error("porter.died cause=%s", results[0])
        return 1
    return 0


def _list(settings: PorterSettings) -> tuple[Allowed, ...]:
    """Read the list; a box without one allows nothing, one with a wrong list does not start."""
    try:
        return read_allowed(settings.allowed)
    except FileNotFoundError:
        log.warning("porter.no_list path=%s allowed=nothing", settings.allowed)
        return ()


def tell(device: UsbDevice, verdict: Verdict) -> None:
    """Log a verdict: the list's own name for what is allowed, nothing a stranger's device says of itself."""
    if verdict.allowed:
        log.info("usb.allowed port=%s row=%s", verdict.port, verdict.row)
        return
    said = len(device.raw)
    log.warning("usb.refused port=%s reason=%s said=%d", verdict.port, verdict.reason.value, said)


if __name__ == "__main__":
    sys.exit(main())
