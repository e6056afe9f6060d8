"""A scanner behind SANE, driven through its command-line program `scanimage`.

Settings: `scanner = "sane"`, `scanner_device = "airscan:e0:Desk scanner"` (empty takes the first one
found), `scanner_source = "ADF"`, `sane_config = "/etc/madobus/sane"`, `resolution = 300`.
Options and exit codes: http://www.sane-project.org/man/scanimage.1.html
"""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp

from hardware.errors import DeviceError
from hardware.protocols import FeederState, Sheet
from hardware.scanner.escl import MAX_DOCUMENT, read_status, status_url
from hardware.scanner.faults import feeder_error
from hardware.scanner.options import SaneOptions, read_options
from hardware.scanner.raster import read_raster, scratch_folder
from hardware.scanner.scanimage import Hung, Scanimage

log = logging.getLogger(__name__)
SHEET_DEADLINE_S = 45.0  # a slow feeder needs 10 s at 300 dpi; the backend itself retries for 30
LOOK_DEADLINE_S = 20.0  # listing devices asks every backend that is configured
STATUS_DEADLINE_S = 3.0
WINDOW_PX = 5120  # the scan window, both ways: holds every card and photograph seen so far
WINDOW_MM = 356.0  # and at least a legal sheet, whatever the resolution
MM_PER_INCH = 25.4
CAUSES = {
    1: "absent",
    2: "io",
    3: "busy",
    4: "unusable",
    5: "io",
    6: "jammed",
    7: "empty",
    8: "cover_open",
    9: "io",
    10: "no_room",
    11: "unusable",
}
_STATES = {
    "empty": FeederState.EMPTY,
    "jammed": FeederState.JAMMED,
    "cover_open": FeederState.COVER_OPEN,
    "busy": FeederState.BUSY,
    "absent": FeederState.ABSENT,
}
_TOLD = {state: cause for cause, state in _STATES.items()}


class SaneScanner:
    """Pulls sheets through `scanimage`, one batch run for each stack, one prompt for each sheet."""

    def __init__(
        self,
        device: str = "",
        *,
        source: str = "ADF",
        dpi: int = 300,
        config: Path | None = None,
        program: str = "scanimage",
        sheet_deadline_s: float = SHEET_DEADLINE_S,
        look_deadline_s: float = LOOK_DEADLINE_S,
    ) -> None:
        self._device = device
        self._source = source
        self._dpi = dpi
        self._config = config
        self._program = program
        self._sheet_deadline_s = sheet_deadline_s
        self._look_deadline_s = look_deadline_s
        self._met: FeederState | None = None
        self._feeding = False
        self._run: Scanimage | None = None

    @property
    def name(self) -> str:
        """Say "sane" and the device's SANE name."""
        return f"sane {self._device}".strip()

    @property
    def simulated(self) -> bool:
        """Say that whatever SANE talks to counts as a scanner."""
        return False

    async def state(self) -> FeederState:
        """Ask a network scanner's own status, else the backend's sensors, else say what was met last."""
        if self._feeding:
            return FeederState.BUSY
        try:
            return await self._look()
        except DeviceError as error:
            return _STATES.get(error.cause, FeederState.ABSENT)

    async def feed(self) -> AsyncIterator[Sheet]:
        """Pull the stack; see `Scanner.feed`. Network backends fetch ahead of us what we then hand out."""
        if self._feeding:
            raise feeder_error(self.name, "busy", "it is feeding already")
        self._feeding = True
        self._met = None
        number = 0
        try:
            options = await self._options()
            dpi = options.resolution(self._dpi)
            folder = self._scratch()
            try:
                run = self._run = await self._start(self._batch(options, dpi, folder))
                while path := await run.next_file(folder, self._sheet_deadline_s):
                    data = await asyncio.to_thread(self._read, path, dpi)
                    number += 1
                    log.info("sheet.pulled number=%d bytes=%d", number, len(data))
                    yield Sheet(number, data, "image/jpeg", dpi)
                code = await run.code(self._sheet_deadline_s)
                if code or not number:
                    raise await self._explained(CAUSES.get(code or 7, "io"), run.words)
            finally:
                await self._stop()
                shutil.rmtree(folder, ignore_errors=True)
        except Hung as error:
            raise feeder_error(self.name, "hung") from error
        except DeviceError as error:
            self._met = _STATES.get(error.cause)
            log.warning("feeder.stopped cause=%s pulled=%d", error.cause, number)
            raise
        finally:
            self._feeding = False

    async def close(self) -> None:
        """End a run that is still going."""
        await self._stop()

    async def _stop(self) -> None:
        run, self._run = self._run, None
        if run is not None:
            await run.close()

    def _read(self, path: Path, dpi: int) -> bytes:
        try:
            return read_raster(path, dpi)
        except (OSError, ValueError) as error:
            raise feeder_error(self.name, "io", str(error)) from error

    def _scratch(self) -> Path:
        try:
            return scratch_folder()
        except OSError as error:
            raise feeder_error(self.name, "no_room", str(error)) from error

    async def _start(self, arguments: list[str]) -> Scanimage:
        environment = {"SANE_CONFIG_DIR": str(self._config)} if self._config else {}
        try:
            return await Scanimage.start([self._program, *arguments], environment)
        except OSError as error:
            raise feeder_error(
                self.name, "unusable", f"{self._program} is not installed"
            ) from error

    async def _ask(self, arguments: list[str]) -> str:
        """Run one question to its end; raises when the device does not open."""
        run = await self._start(arguments)
        try:
            text = await run.output(self._look_deadline_s)
            code = await run.code(self._look_deadline_s)
        except Hung as error:
            raise feeder_error(self.name, "hung") from error
        finally:
            await run.close()
        if code:
            raise feeder_error(self.name, CAUSES.get(code, "absent"), run.words)
        return text

    async def _options(self) -> SaneOptions:
        """Open the device and read its options: the one sure sign that it is there."""
        if not self._device:
            found = (await self._ask(["--formatted-device-list=%d%n"])).splitlines()
            if not found:
                raise feeder_error(self.name, "absent", "SANE lists no scanner")
            self._device = found[0]
        return read_options(await self._ask(["-d", self._device, "--all-options"]))

    def _batch(self, options: SaneOptions, dpi: int, folder: Path) -> list[str]:
        arguments = ["-d", self._device, "--resolution", str(dpi), "--format=pnm"]
        if options.sources:
            source = options.feeder(self._source)
            if source is None:
                raise feeder_error(self.name, "unusable", f"no feeder among {options.sources}")
            arguments += ["--source", source]
        if mode := options.colour():
            arguments += ["--mode", mode]
        if options.window_mm:
            wanted = max(WINDOW_MM, WINDOW_PX / dpi * MM_PER_INCH)
            for flag, most in zip(("-x", "-y"), options.window_mm, strict=True):
                arguments += [flag, f"{min(wanted, most):.3f}"]
        return [*arguments, f"--batch={folder}/%04d.pnm", "--batch-print", "--batch-prompt"]

    async def _look(self) -> FeederState:
        if (url := status_url(self._device, self._config)) is not None:
            told = await _network_state(url)
            if told is not None:
                return told
        options = await self._options()
        if options.cover_open:
            return FeederState.COVER_OPEN
        if options.page_loaded is not None and self._met in {None, FeederState.EMPTY}:
            return FeederState.LOADED if options.page_loaded else FeederState.EMPTY
        return self._met or FeederState.LOADED

    async def _explained(self, cause: str, words: str) -> DeviceError:
        """Make the error; where the exit code is vague, the scanner's own status is asked as well."""
        url = status_url(self._device, self._config) if cause == "io" else None
        told = await _network_state(url) if url else None
        if told in {FeederState.JAMMED, FeederState.COVER_OPEN, FeederState.ABSENT}:
            cause = _TOLD[told]
        return feeder_error(self.name, cause, words)


async def _network_state(url: str) -> FeederState | None:
    """Ask an eSCL scanner how its feeder is; ABSENT when it cannot be reached, None when it does not say."""
    try:
        timeout = aiohttp.ClientTimeout(total=STATUS_DEADLINE_S)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
            return read_status(await answer.content.read(MAX_DOCUMENT)) if answer.ok else None
    except aiohttp.ClientSSLError:
        return None  # scanners sign their own certificates; SANE reaches them, we need not
    except (aiohttp.ClientError, TimeoutError, OSError):
        return FeederState.ABSENT
