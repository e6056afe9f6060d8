"""Which scanners SANE finds, and what each of them calls its feeder: for the technician's probe."""

from dataclasses import dataclass
from pathlib import Path

from hardware.scanner.options import SaneOptions, read_options
from hardware.scanner.scanimage import Hung, Scanimage

ANSWER_DEADLINE_S = 30.0  # every configured backend is asked; network discovery takes its time
MAX_SCANNERS = 32
_FORMAT = "%d\t%v\t%m%n"  # a real tab stands between: %t is the device's type
_PARTS = 3


@dataclass(frozen=True, slots=True)
class FoundScanner:
    """One scanner as SANE lists it; `options` is None when it is listed but does not open."""

    device: str
    vendor: str
    model: str
    options: SaneOptions | None


async def list_scanners(
    config: Path | None = None, program: str = "scanimage"
) -> tuple[FoundScanner, ...]:
    """List the scanners; raises FileNotFoundError without the program, Hung when a backend hangs."""
    environment = {"SANE_CONFIG_DIR": str(config)} if config else {}
    text = await _answer([program, f"--formatted-device-list={_FORMAT}"], environment)
    found = []
    for line in text.splitlines()[:MAX_SCANNERS]:
        parts = line.split("\t")
        if len(parts) != _PARTS:
            continue
        device, vendor, model = parts
        found.append(
            FoundScanner(device, vendor, model, await _options(program, device, environment))
        )
    return tuple(found)


async def _options(program: str, device: str, environment: dict[str, str]) -> SaneOptions | None:
    try:
        text = await _answer([program, "-d", device, "--all-options"], environment)
    except Hung:
        return None
    options = read_options(text)
    return options if options.modes or options.sources else None


async def _answer(command: list[str], environment: dict[str, str]) -> str:
    run = await Scanimage.start(command, environment)
    try:
        return await run.output(ANSWER_DEADLINE_S)
    finally:
        await run.close()
