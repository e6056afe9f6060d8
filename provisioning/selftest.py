"""`selftest`: every device of this box is used once, and each gets one line with its verdict."""

import argparse
import asyncio
import io
import json
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from appliance.config import BusSettings, DeskSettings, read_settings
from appliance.porter.book import REFUSED
from hardware.catalogue import open_hotplug, open_printer, open_scanner
from hardware.clock.system import SystemClock
from hardware.errors import DeviceError
from hardware.protocols import Clock, FeederState, Hotplug, Printer, PrinterState, Scanner, Sheet
from hardware.scanner.raster import scratch_folder

CLOCK_DOUBT_S = 60  # a receipt may not be vaguer than this
FREE_BYTES = 2 * 1024 * 1024 * 1024
NOT_BUILT = ("camera", "modem", "location", "power")


@dataclass(frozen=True, slots=True)
class Result:
    """One line: `verdict` is "ok", "warn", "fail" or "none" (nothing to test, and why)."""

    device: str
    verdict: str
    fact: str
    remedy: str = ""
    seconds: float = 0.0


async def try_scanner(scanner: Scanner, *, feed: bool) -> Result:
    """Look at the feeder; with `feed`, pull the stack that lies in it and look at every sheet."""
    try:
        state = await scanner.state()
        if state is FeederState.ABSENT:
            return Result(scanner.name, "fail", "does not answer", "check its power and its cable")
        if not feed:
            kind = "ok" if state in {FeederState.LOADED, FeederState.EMPTY} else "warn"
            return Result(scanner.name, kind, f"feeder {state.value}", _mend(state))
        sheets = [_size(sheet) async for sheet in scanner.feed()]
    except DeviceError as error:
        return Result(scanner.name, "fail", f"{error.fact} / {error.ja}", error.remedy)
    finally:
        await scanner.close()
    words = ", ".join(f"{width}x{height}" for width, height in sheets)
    return Result(scanner.name, "ok", f"{len(sheets)} sheets: {words}")


def _mend(state: FeederState) -> str:
    remedies = {
        FeederState.JAMMED: "take the jammed sheet out",
        FeederState.DOUBLE_FED: "take both sheets out and fan the stack",
        FeederState.COVER_OPEN: "close the cover",
        FeederState.BUSY: "wait until it is done",
        FeederState.FEEDING: "wait until it is done",
    }
    return remedies.get(state, "")


def _size(sheet: Sheet) -> tuple[int, int]:
    from PIL import Image  # noqa: PLC0415  # only when a sheet is really pulled

    with Image.open(io.BytesIO(sheet.image)) as picture:
        return picture.size


async def try_printer(printer: Printer | None) -> Result:
    """Ask the printer how it is; nothing is printed."""
    if printer is None:
        return Result("printer", "none", "none is set: receipts are PDFs", "set desk.printer")
    state = await printer.state()
    if state is PrinterState.ABSENT:
        remedy = "look whether cups.service runs and lpstat -t names the queue"
        return Result(printer.name, "fail", "does not answer", remedy)
    if state in {PrinterState.READY, PrinterState.PRINTING}:
        return Result(printer.name, "ok", f"printer {state.value}")
    return Result(printer.name, "warn", f"printer {state.value}", "look at its display")


def try_clock(clock: Clock) -> Result:
    """Read the clock twice: it must go forwards and know how wrong it may be."""
    first, second = clock.now(), clock.now()
    if second.monotonic_ms < first.monotonic_ms:
        return Result("clock", "fail", "time since boot went back", "replace the box")
    fact = f"{first.quality}, within {first.uncertainty_s} s"
    if first.quality == "unsynced" or first.uncertainty_s > CLOCK_DOUBT_S:
        return Result("clock", "warn", fact, "let it find city hall, a time server or a satellite")
    return Result("clock", "ok", fact)


def try_hotplug(hotplug: Hotplug) -> Result:
    """List what is plugged in."""
    return Result("hotplug", "ok", f"{len(hotplug.present())} devices known")


def try_usb(folder: Path) -> Result:
    """Read what the porter refuses now, out of its book."""
    try:
        refused = json.loads((folder / REFUSED).read_bytes())
    except FileNotFoundError:
        return Result("usb", "warn", "the porter does not run", "on a bus, start madobus-porter")
    if refused:
        fact = "; ".join(f"{one['port']} {one['reason']}: {one['en']}" for one in refused)
        return Result("usb", "warn", fact, "unplug it, or list it: madobus provision usb suggest")
    return Result("usb", "ok", "nothing is refused")


def try_room(folder: Path) -> Result:
    """Look whether the shelf's disk has room for a day."""
    free = shutil.disk_usage(next(p for p in (folder, *folder.parents) if p.exists())).free
    fact = f"{free // 1024 // 1024} MiB free"
    if free < FREE_BYTES:
        return Result("disk", "fail", fact, f"free {FREE_BYTES // 1024 // 1024} MiB at least")
    return Result("disk", "ok", fact)


def try_memory() -> Result:
    """Make and remove the memory folder a sheet passes through."""
    try:
        scratch_folder().rmdir()
    except OSError as error:
        return Result("memory", "fail", str(error), "enlarge /dev/shm")
    return Result("memory", "ok", "room for a sheet, never on a disk")


async def selftest(bus: BusSettings, *, feed: bool) -> list[Result]:
    """Run every test once; one that breaks becomes a failed line and stops none of the others."""
    tests: list[tuple[str, Callable[[], Result | Awaitable[Result]]]] = [
        ("scanner", lambda: try_scanner(scanner_of(bus.desk), feed=feed)),
        ("printer", lambda: try_printer(printer_of(bus.desk))),
        ("clock", lambda: try_clock(SystemClock())),
        ("hotplug", lambda: try_hotplug(open_hotplug("udev"))),
        ("usb", lambda: try_usb(bus.porter.folder)),
        ("disk", lambda: try_room(bus.mail)),
        ("memory", try_memory),
    ]
    results = [await timed(name, test) for name, test in tests]
    none = "no driver for a real one yet; the simulated one is for the bench"
    return results + [Result(device, "none", none) for device in NOT_BUILT]


async def timed(device: str, test: Callable[[], Result | Awaitable[Result]]) -> Result:
    """Run one test and note how long it took."""
    begin = time.monotonic()
    try:
        made = test()
        result = made if isinstance(made, Result) else await made
    except Exception as error:  # noqa: BLE001  # a broken test is a failed line, not the end
        result = Result(device, "fail", f"{type(error).__name__}: {error}", "send this line to us")
    seconds = round(time.monotonic() - begin, 2)
    return Result(result.device, result.verdict, result.fact, result.remedy, seconds)


def scanner_of(desk: DeskSettings) -> Scanner:
    """Open the scanner the desk would open."""
    if desk.scanner == "simulated":
        return open_scanner("simulated", folder=desk.sheets or Path(), dpi=desk.resolution)
    return open_scanner(
        "sane",
        device=desk.scanner_device,
        source=desk.scanner_source,
        config=desk.sane_config,
        dpi=desk.resolution,
    )


def printer_of(desk: DeskSettings) -> Printer | None:
    """Open the printer the desk would open; None where there is none."""
    if desk.printer == "simulated":
        return open_printer("simulated", folder=desk.printer_folder or Path())
    if desk.printer == "cups":
        return open_printer("cups", queue=desk.printer_queue, socket=desk.printer_socket)
    return None


def as_line(result: Result) -> str:
    """Write one result for a person."""
    remedy = f" -> {result.remedy}" if result.remedy else ""
    return f"{result.verdict:<5} {result.seconds:>6.2f} s  {result.device}: {result.fact}{remedy}"


def main(argv: list[str] | None = None) -> int:
    """Run the verb; 1 when anything failed."""
    parser = argparse.ArgumentParser(prog="madobus provision selftest", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="bus.toml")
    parser.add_argument("--feed", action="store_true", help="also pull the sheets in the feeder")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    arguments = parser.parse_args(argv)
    try:
        bus = read_settings(arguments.config)
    except (OSError, ValueError) as error:
        print(f"selftest: {arguments.config} cannot be used: {error}", file=sys.stderr)
        return 2
    results = asyncio.run(selftest(bus, feed=arguments.feed))
    if arguments.json:
        print(json.dumps({"results": [asdict(result) for result in results]}, ensure_ascii=False))
    else:
        print("\n".join(as_line(result) for result in results))
    return 1 if any(result.verdict == "fail" for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
