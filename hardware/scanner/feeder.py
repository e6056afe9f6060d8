"""A network scanner (eSCL) played in software, so that the real SANE stack has paper to pull.

`python -m hardware.scanner.feeder --port 8490 --sane-config DIR page.jpg ...` prints one ready line.
Control, on the same loopback port: POST /tray {"load": [paths], "clear": false}, GET /tray,
POST /fault {"fault": "jam"|"multipick"|"cover"|"busy"|"drop"|"hang"|"off"|"double"|"lost"|null, "after": 0}.

When both sides are asked for, two files are one leaf; the odd last one has a white back.
"""

import argparse
import asyncio
import json
import logging
import secrets
import signal
import sys
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from hardware.protocols import FeederState
from hardware.scanner import escl
from hardware.scanner.papers import NotPaper, Paper, as_jpeg, lay_in, white_side
from hardware.scanner.tray import MAX_SHEETS, Fault, Tray

log = logging.getLogger(__name__)
NAME = "Madobus feeder"
MAX_JOBS = 8  # jobs the status tells of, the newest first
MAX_CONTROL = 256 * 1024  # bytes of one control request: 500 long paths fit


def sane_config(folder: Path, port: int, name: str = NAME) -> str:
    """Write a SANE_CONFIG_DIR that knows this feeder only, and give the SANE device name."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dll.conf").write_text("airscan\n", encoding="utf-8")
    (folder / "airscan.conf").write_text(
        f'[devices]\n"{name}" = http://127.0.0.1:{port}/eSCL/, eSCL\n'
        "[options]\ndiscovery = disable\nws-discovery = off\n",
        encoding="utf-8",
    )
    return f"airscan:e0:{name}"


STOPPED = (FeederState.JAMMED, FeederState.DOUBLE_FED, FeederState.COVER_OPEN)


class Feeder:
    """The scanner: one tray, one job at a time; a new job ends an older one nobody came back for."""

    def __init__(self, name: str = NAME, pace_s: float = 0.0) -> None:
        self.tray = Tray()
        self._name = name
        self._pace_s = pace_s
        self._job: tuple[str, escl.ScanJob] | None = None
        self._counts: deque[escl.JobCount] = deque(maxlen=MAX_JOBS)
        self._calm = asyncio.Event()
        self._pulling = asyncio.Lock()

    def application(self) -> web.Application:
        """Build the routes."""
        app = web.Application(client_max_size=MAX_CONTROL, middlewares=[self._off])
        app.add_routes(
            [
                web.get("/eSCL/ScannerCapabilities", self._capabilities),
                web.get("/eSCL/ScannerStatus", self._status),
                web.post("/eSCL/ScanJobs", self._start),
                web.get("/eSCL/ScanJobs/{job}/NextDocument", self._next),
                web.delete("/eSCL/ScanJobs/{job}", self._end),
                web.get("/tray", self._look),
                web.post("/tray", self._load),
                web.post("/fault", self._fault),
            ]
        )
        return app

    async def load(self, paths: list[Path]) -> list[str]:
        """Lay files into the tray; give a sentence for each one that is not a sheet of paper."""
        papers: list[Paper] = []
        refused: list[str] = []
        for path in paths:
            try:
                papers.append(await asyncio.to_thread(lay_in, path))
            except NotPaper as error:
                refused.append(str(error))
        self.tray.load(papers)
        return refused

    def set_fault(self, fault: Fault | None, after: int = 0) -> None:
        """Let something go wrong after so many more sheets, or clear it; a hung request goes on."""
        self.tray.set_fault(fault, after)
        self._calm.set()
        self._calm = asyncio.Event()

    @web.middleware
    async def _off(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self.tray.active is Fault.OFF and request.path.startswith("/eSCL/"):
            return _cut(request)
        return await handler(request)

    async def _capabilities(self, _request: web.Request) -> web.Response:
        return _xml(escl.capabilities(self._name, "0001", MAX_SHEETS))

    async def _status(self, _request: web.Request) -> web.Response:
        return _xml(escl.status(self.tray.state, tuple(self._counts)))

    async def _start(self, request: web.Request) -> web.Response:
        try:
            job = escl.read_job(await request.read())
        except ValueError as error:
            return web.Response(status=400, text=str(error))
        if self.tray.active is Fault.BUSY:
            return web.Response(status=503, headers={"Retry-After": "1"})
        if self.tray.state is not FeederState.LOADED:
            return web.Response(status=409)
        self.tray.put_back()
        self._job = (secrets.token_hex(8), job)
        place = request.url.with_path(f"/eSCL/ScanJobs/{self._job[0]}")
        self._counts.appendleft(escl.JobCount(place.path, 0))
        return web.Response(status=201, headers={"Location": str(place)})

    async def _next(self, request: web.Request) -> web.StreamResponse:
        async with self._pulling:
            if self._pace_s:
                await asyncio.sleep(self._pace_s)
            if self.tray.active is Fault.HANG:
                await self._calm.wait()
            return await self._pull(request)

    async def _pull(self, request: web.Request) -> web.StreamResponse:
        if self.tray.active in {Fault.DROP, Fault.OFF} or request.transport is None:
            return _cut(request)
        if self._job is None or self._job[0] != request.match_info["job"]:
            log.warning("job.unknown")
            return web.Response(status=404)
        if self.tray.state in STOPPED:
            return web.Response(status=409)
        if not self.tray.sheets and self.tray.half is None:
            log.info("tray.empty pulled=%d", self.tray.pulled)
            return web.Response(status=404)
        return await self._pass(request, self._job[1])

    async def _pass(self, request: web.Request, job: escl.ScanJob) -> web.StreamResponse:
        """Let one side of the stack go by."""
        half = self.tray.half
        if not self.tray.sheets and half is not None:
            answer = await self._give(request, await asyncio.to_thread(white_side, half))
            self.tray.turn()
            self._count()
            return answer
        paper = self.tray.sheets[0]
        if paper.width > job.width or paper.height > job.height:
            self.tray.set_fault(Fault.JAM)
            log.warning("sheet.too_large width=%d height=%d", paper.width, paper.height)
            return web.Response(status=409)
        if self.tray.active is Fault.LOST:
            self.tray.set_fault(None)
            answer = _cut(request)
        else:
            data = await asyncio.to_thread(as_jpeg, paper, colour=job.colour)
            answer = await self._give(request, data)
        self.tray.pull(duplex=job.duplex)
        self._count()
        return answer

    async def _give(self, request: web.Request, data: bytes) -> web.Response:
        """Send a picture. A sheet has passed once it is out: whoever lost the line asks again and gets the same."""
        answer = web.Response(body=data, content_type="image/jpeg")
        await answer.prepare(request)
        await answer.write_eof()
        return answer

    def _count(self) -> None:
        newest = self._counts[0]
        self._counts[0] = replace(newest, completed=newest.completed + 1)

    async def _end(self, request: web.Request) -> web.Response:
        if self._job is not None and self._job[0] == request.match_info["job"]:
            self._job = None
        return web.Response()

    async def _look(self, _request: web.Request) -> web.Response:
        return web.json_response(self._facts())

    async def _load(self, request: web.Request) -> web.Response:
        asked = await _control(request)
        paths = asked.get("load", [])
        if not isinstance(paths, list) or not all(isinstance(p, str) for p in paths):
            raise web.HTTPBadRequest(text='POST /tray: "load" is a list of file paths')
        if asked.get("clear"):
            self.tray.sheets.clear()
        try:
            refused = await self.load([Path(p) for p in paths])
        except ValueError as error:
            return web.json_response({**self._facts(), "refused": [str(error)]}, status=422)
        nothing = bool(paths) and len(refused) == len(paths)
        return web.json_response(
            {**self._facts(), "refused": refused}, status=422 if nothing else 200
        )

    async def _fault(self, request: web.Request) -> web.Response:
        asked = await _control(request)
        try:
            fault = Fault(asked["fault"]) if asked.get("fault") is not None else None
            after = max(0, int(asked.get("after", 0)))
        except (ValueError, TypeError) as error:
            words = ", ".join(f.value for f in Fault)
            raise web.HTTPBadRequest(text=f"POST /fault: one of {words}, or null") from error
        self.set_fault(fault, after)
        return web.json_response(self._facts())

    def _facts(self) -> dict[str, object]:
        tray = self.tray
        fault = tray.fault.value if tray.fault else None
        return {
            "sheets": len(tray.sheets),
            "pulled": tray.pulled,
            "state": tray.state.value,
            "fault": fault,
            "after": tray.after,
        }


def _xml(document: bytes) -> web.Response:
    return web.Response(body=document, content_type="text/xml")


def _cut(request: web.Request) -> web.Response:
    """Break the connection as a pulled cable does."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _control(request: web.Request) -> dict[str, Any]:
    try:
        asked = await request.json()
    except ValueError as error:
        raise web.HTTPBadRequest(text="the control door takes a JSON object") from error
    if not isinstance(asked, dict):
        raise web.HTTPBadRequest(text="the control door takes a JSON object")
    return asked


async def serve(arguments: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT."""
    feeder = Feeder(arguments.name, arguments.pace)
    for sentence in await feeder.load(arguments.sheets):
        sys.stderr.write(sentence + "\n")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(feeder.application(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", arguments.port)
    await site.start()
    port = runner.addresses[0][1]
    device = (
        sane_config(arguments.sane_config, port, arguments.name) if arguments.sane_config else ""
    )
    facts = {"process": "feeder", "address": f"http://127.0.0.1:{port}", "device": device}
    sys.stdout.write(f"ready {json.dumps(facts)}\n")
    sys.stdout.flush()
    await stop.wait()
    await runner.cleanup()
    return 0


def main(argv: list[str] | None = None) -> int:
    """Read the command line and play the scanner."""
    parser = argparse.ArgumentParser(prog="hardware.scanner.feeder", description=__doc__)
    parser.add_argument("sheets", nargs="*", type=Path, help="pictures laid in from the start")
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 takes a free one")
    parser.add_argument("--name", default=NAME, help="the scanner's name in SANE")
    parser.add_argument("--sane-config", type=Path, help="folder to write a SANE_CONFIG_DIR into")
    parser.add_argument(
        "--pace", type=float, default=0.0, help="seconds the motor needs for a sheet"
    )
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    return asyncio.run(serve(parser.parse_args(argv)))


if __name__ == "__main__":
    sys.exit(main())
