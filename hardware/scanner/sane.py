"""A scanner behind SANE, driven through its command-line program `scanimage`.

Settings: `scanner = "sane"`, `scanner_device = "airscan:e0:Desk scanner"` (empty takes the first one
found), `scanner_source = "ADF"`, `sane_config = "/etc/madobus/sane"`, `resolution = 300`, `duplex = true` for both
sides of every leaf.
Options and exit codes: http://www.sane-project.org/man/scanimage.1.html
"""

import asyncio
import logging
import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Literal

import aiohttp

from hardware.errors import DeviceError
from hardware.protocols import FeederState, Sheet
from hardware.scanner.escl import MAX_DOCUMENT, JobCount, read_counts, read_status, status_url
from hardware.scanner.faults import feeder_error
from hardware.scanner.options import SaneOptions, is_duplex, read_options
from hardware.scanner.raster import read_raster, scratch_folder
from hardware.scanner.scanimage import Hung, Scanimage
from hardware.scanner.states import Course, Happening, happening_of

log = logging.getLogger(__name__)
SHEET_DEADLINE_S = 45.0  # a slow feeder needs 10 s at 300 dpi; the backend itself retries for 30
LOOK_DEADLINE_S = 20.0  # listing devices asks every backend that is configured
STATUS_DEADLINE_S = 3.0
SIDES: tuple[Literal["back"], Literal["front"]] = ("back", "front")
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
_TOLD = {
    FeederState.JAMMED: "jammed",
    FeederState.DOUBLE_FED: "double_fed",
    FeederState.COVER_OPEN: "cover_open",
    FeederState.ABSENT: "absent",
}
_SHOWN = {state.value: state for state in FeederState}
VAGUE = ("io", "jammed")  # exit codes behind which a scanner's own status or sensors know more


class SaneScanner:
    """Pulls sheets through `scanimage`, one batch run for each stack, one prompt for each sheet."""

    def __init__(
        self,
        device: str = "",
        *,
        source: str = "ADF",
        dpi: int = 300,
        duplex: bool = False,
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
        self._duplex = duplex
        self._course = Course()
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
        if self._course.feeding:
            return FeederState.FEEDING
        try:
            return await self._look()
        except DeviceError as error:
            return _SHOWN.get(error.cause, FeederState.ABSENT)

    async def feed(self) -> AsyncIterator[Sheet]:
        """Pull the stack; see `Scanner.feed`. Network backends fetch ahead of us what we then hand out."""
        if self._course.feeding:
            raise feeder_error(self.name, "busy", "it is feeding already")
        self._course.meet(Happening.BEGIN)
        outcome = Happening.BROKEN
        try:
            async with aclosing(self._pull()) as sides:
                async for sheet in sides:
                    self._course.meet(Happening.SHEET)
                    yield sheet
            outcome = Happening.THROUGH
        except DeviceError as error:
            outcome = happening_of(error.cause)
            raise
        finally:
            self._course.meet(outcome)

    async def _pull(self) -> AsyncGenerator[Sheet]:
        options = await self._options()
        before = await self._counts()
        dpi = options.resolution(self._dpi)
        batch, duplex = self._batch(options, dpi)
        folder = self._scratch()
        number = 0
        try:
            run = self._run = await self._start([*batch, f"--batch={folder}/%04d.pnm"])
            while path := await run.next_file(folder, self._sheet_deadline_s):
                data = await asyncio.to_thread(self._read, path, dpi)
                number += 1
                log.info("sheet.pulled number=%d bytes=%d", number, len(data))
                side = SIDES[number % len(SIDES)] if duplex else ""
                yield Sheet(number, data, "image/jpeg", dpi, side)
            code = await run.code(self._sheet_deadline_s)
            if code or not number:
                cause = await self._cause(CAUSES.get(code or 7, "io"), options)
                raise await self._stopped(cause, run.words, number, before)
        except Hung as error:
            raise await self._stopped("hung", "", number, before) from error
        finally:
            await self._stop()
            shutil.rmtree(folder, ignore_errors=True)

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

    def _batch(self, options: SaneOptions, dpi: int) -> tuple[list[str], bool]:
        """Give the arguments of a stack, and whether its sides come in pairs."""
        arguments = ["-d", self._device, "--resolution", str(dpi), "--format=pnm"]
        duplex = self._duplex
        if options.sources:
            source = options.feeder(self._source, duplex=duplex)
            if source is None:
                wanted = "feeder for both sides" if duplex else "feeder"
                raise feeder_error(self.name, "unusable", f"no {wanted} among {options.sources}")
            arguments += ["--source", source]
            if duplex and not is_duplex(source):
                arguments += options.both_sides
            duplex = duplex or is_duplex(source)
        if mode := options.colour():
            arguments += ["--mode", mode]
        if options.window_mm:
            window = max(WINDOW_MM, WINDOW_PX / dpi * MM_PER_INCH)
            for flag, most in zip(("-x", "-y"), options.window_mm, strict=True):
                arguments += [flag, f"{min(window, most):.3f}"]
        return [*arguments, "--batch-print", "--batch-prompt"], duplex

    async def _look(self) -> FeederState:
        if (url := status_url(self._device, self._config)) is not None:
            told = await _network_state(url)
            if told is not None:
                return told
        options = await self._options()
        if self._course.feeding:  # a feed began while the options were asked for
            return FeederState.FEEDING
        if options.cover_open:
            return self._course.meet(Happening.SEES_OPEN)
        if options.page_loaded is None:
            return self._course.state
        seen = Happening.SEES_PAPER if options.page_loaded else Happening.SEES_NONE
        return self._course.meet(seen)

    async def _cause(self, cause: str, options: SaneOptions) -> str:
        """Say more than a vague exit code: by a network scanner's status, else by a sensor for two sheets at once."""
        if cause not in VAGUE:
            return cause
        url = status_url(self._device, self._config)
        told = await _network_state(url) if url else None
        if told in _TOLD:
            return _TOLD[told]
        if options.double_fed is not None and (await self._options()).double_fed:
            return "double_fed"
        return cause

    async def _counts(self) -> tuple[JobCount, ...]:
        url = status_url(self._device, self._config)
        return read_counts(await _status(url) or b"") if url else ()

    async def _stopped(
        self, cause: str, words: str, number: int, before: tuple[JobCount, ...]
    ) -> DeviceError:
        """Make the error of a feed that stopped, with what the scanner scanned in it and we never got."""
        log.warning("feeder.stopped cause=%s pulled=%d", cause, number)
        known = {count.job for count in before}
        scanned = [count.completed for count in await self._counts() if count.job not in known]
        lost = max(0, sum(scanned) - number) if scanned else None
        return feeder_error(self.name, cause, words, undelivered=lost)


async def _network_state(url: str) -> FeederState | None:
    """Ask an eSCL scanner how its feeder is; ABSENT when it cannot be reached, None when it does not say."""
    told = await _status(url)
    return FeederState.ABSENT if told is None else read_status(told)


async def _status(url: str) -> bytes | None:
    """Ask an eSCL scanner for its status page; None when it cannot be reached, empty when it has none for us."""
    try:
        timeout = aiohttp.ClientTimeout(total=STATUS_DEADLINE_S)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
            return await answer.content.read(MAX_DOCUMENT) if answer.ok else b""
    except aiohttp.ClientSSLError:
        return b""  # scanners sign their own certificates; SANE reaches them, we need not
    except (aiohttp.ClientError, TimeoutError, OSError):
        return None
