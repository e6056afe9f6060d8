"""Builds and runs the call: `python -m appliance.call --config bus.toml`."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import time
from pathlib import Path

from aiohttp import web

from appliance.call.door import Door
from appliance.call.line import Line, tls_context
from appliance.call.phone import Phone
from appliance.config import BusSettings, read_settings

log = logging.getLogger("madobus.call")
SHUTDOWN_S = 0.5


def main(argv: list[str] | None = None) -> int:
    """Read the settings, run until SIGTERM or SIGINT; non-zero when something vital died."""
    parser = argparse.ArgumentParser(prog="appliance.call", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="bus.toml")
    arguments = parser.parse_args(argv)
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )
    try:
        return asyncio.run(_serve(read_settings(arguments.config)))
    except (OSError, ValueError) as error:
        log.error("call.cannot_start cause=%s", error)  # noqa: TRY400  # a setting is wrong
        return 1


async def _serve(bus: BusSettings) -> int:
    settings = bus.call
    context = tls_context(settings.certificate, settings.key, settings.ca)
    phone = Phone(bus.device, os.urandom, int(time.time()))
    line = Line(phone, settings.switchboard_url, context)
    runner = web.AppRunner(
        Door(phone, line).application(),
        access_log=None,
        shutdown_timeout=SHUTDOWN_S,
        handle_signals=False,
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", settings.health_port).start()
    port = runner.addresses[0][1]
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    vital = asyncio.create_task(line.run())
    ended = asyncio.create_task(stopped.wait())
    facts = {"process": "call", "address": f"http://127.0.0.1:{port}"}
    sys.stdout.write(f"ready {json.dumps(facts)}\n")
    sys.stdout.flush()
    await asyncio.wait({vital, ended}, return_when=asyncio.FIRST_COMPLETED)
    clean = ended.done()
    for task in (vital, ended):
        task.cancel()
    results = await asyncio.gather(vital, ended, return_exceptions=True)
    if not clean:
        log.error("call.died cause=%r", results[0])
    await runner.cleanup()
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
