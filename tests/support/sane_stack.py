"""The real SANE stack beside a played scanner, and a stand-in for `scanimage` where it must misbehave."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from hardware.scanner.feeder import Feeder, sane_config

BACKENDS = ("/usr/lib/*/sane/libsane-airscan.so.1", "/usr/lib/sane/libsane-airscan.so.1")


def missing() -> str:
    """Say what of the real stack is not installed; empty when all is there."""
    if shutil.which("scanimage") is None:
        return "scanimage is not installed (Debian: sane-utils)"
    if not any(any(Path("/").glob(pattern.lstrip("/"))) for pattern in BACKENDS):
        return "SANE's network backend is not installed (Debian: sane-airscan)"
    return ""


NEEDS_SANE = (
    pytest.mark.sane,
    pytest.mark.skipif(bool(missing()), reason=missing() or "it is there"),
)


@dataclass(frozen=True)
class Played:
    """A running feeder: the scanner itself, its port, and how SANE finds it."""

    feeder: Feeder
    port: int
    config: Path
    device: str


@asynccontextmanager
async def played(config: Path) -> AsyncIterator[Played]:
    """Serve a feeder on a free loopback port."""
    feeder = Feeder()
    runner = web.AppRunner(feeder.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = int(runner.addresses[0][1])
    try:
        yield Played(feeder, port, config, sane_config(config, port))
    finally:
        await runner.cleanup()


OPTIONS = """
    --source Flatbed|ADF [Flatbed]
    --mode Color|Gray [Color]
    --resolution 150|200|300dpi [300]
    -x 0..431.8mm [431.8]
    -y 0..431.8mm [431.8]
"""


def stand_in(folder: Path, batch: str, options: str = OPTIONS, devices: str = "played:0") -> str:
    """Write a shell script that answers questions like scanimage and runs `batch` for a stack.

    In `batch`, `$folder` is where files go, `page N` waits for the prompt and writes a grey 8x8 file.
    """
    program = folder / "scanimage"
    program.write_text(
        f"""#!/bin/sh
case "$*" in
  *--all-options*) cat <<'END'
{options}
END
    exit 0;;
  *--formatted-device-list*) printf '%s' '{devices}'; exit 0;;
esac
for word; do case "$word" in --batch=*) folder=${{word#--batch=}}; folder=${{folder%/*}};; esac; done
page() {{
  read -r _ || exit 0
  {{ printf 'P6\\n# SANE data follows\\n8 8\\n255\\n'; head -c 192 /dev/zero; }} > "$folder/$1.pnm"
  echo "$folder/$1.pnm"
}}
{batch}
""",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return str(program)
