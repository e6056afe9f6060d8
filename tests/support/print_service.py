"""A whole print service of its own: the real cupsd on a local socket, one queue, and a backend in place of a printer.

The backend is a shell script: it lays each job into a folder, and while a file `fault` there names a reason of
RFC 8011 it tells that reason to cupsd and waits, as a driver does at an empty tray.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

QUEUE = "receipt"
DEADLINE_S = 60.0
DIRECTIVES = Path(__file__).parents[2] / "systemd" / "cupsd.conf"

BACKEND = """#!/bin/sh
[ $# -eq 0 ] && { echo 'direct shelf "Unknown" "Shelf"'; exit 0; }
out=${DEVICE_URI#shelf:}
told=""
while [ -s "$out/fault" ]; do
  now=$(cat "$out/fault")
  if [ "$now" != "$told" ]; then
    [ -n "$told" ] && echo "STATE: -$told" >&2
    echo "STATE: +$now" >&2
    told=$now
  fi
  sleep 0.1
done
[ -n "$told" ] && echo "STATE: -$told" >&2
if [ $# -ge 6 ]; then cat "$6"; else cat; fi > "$out/$1.part" || exit 1
printf '%s|%s' "$2" "$3" > "$out/$1.title"
mv "$out/$1.part" "$out/$1.pdf"
"""


def missing() -> str:
    """Say what a real print service needs that is not here; nothing when all is."""
    if os.geteuid() != 0:
        return "a print service of its own needs root: its backend must write as root"
    lacks = [name for name in ("cupsd", "lpadmin") if _program(name) is None]
    return f"needs {', '.join(lacks)}: apt-get install cups-daemon cups-client" if lacks else ""


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")


class PrintService:
    """One cupsd in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.socket = folder / "cups.sock"
        self.spool = folder / "spool"
        self.out = folder / "out"

    def fault(self, reason: str) -> None:
        """Let the printer report a trouble; an empty reason mends it."""
        (self.out / "fault").write_text(reason, encoding="utf-8")

    def printed(self) -> list[bytes]:
        """Return what came out of the printer, oldest first."""
        return [path.read_bytes() for path in sorted(self.out.glob("*.pdf"))]

    def titles(self) -> list[str]:
        """Return whose job each was and what it was called, as the printer was told."""
        return [path.read_text(encoding="utf-8") for path in sorted(self.out.glob("*.title"))]

    def documents(self) -> list[Path]:
        """Return the documents that lie in the spool now."""
        return sorted(self.spool.glob("d*"))

    def command(self, program: str, *arguments: str) -> None:
        """Run one of the print service's own commands on it."""
        subprocess.run(
            [_program(program) or program, *arguments],
            env={**os.environ, "CUPS_SERVER": str(self.socket), "LC_ALL": "C"},
            check=True,
            capture_output=True,
            timeout=DEADLINE_S,
        )

    def write(self) -> None:
        """Write the settings: the product's own directives, with this folder's places and an empty spool."""
        for name in ("root", "state", "cache", "spool", "log", "out", "bin/backend"):
            (self._folder / name).mkdir(parents=True)
        backend = self._folder / "bin" / "backend" / "shelf"
        backend.write_text(BACKEND, encoding="utf-8")
        backend.chmod(0o700)  # closed to others: cupsd then runs it as root, which may write here
        for each in ("filter", "cgi-bin", "daemon", "driver", "monitor", "notifier"):
            (self._folder / "bin" / each).symlink_to(Path("/usr/lib/cups") / each)
        places = {
            "ServerRoot": "root",
            "StateDir": "state",
            "CacheDir": "cache",
            "RequestRoot": "spool",
            "ServerBin": "bin",
            "AccessLog": "log/access",
            "ErrorLog": "log/error",
            "PageLog": "log/page",
        }
        lines = [f"{key} {self._folder / place}" for key, place in places.items()]
        (self._folder / "cups-files.conf").write_text("\n".join([*lines, ""]), encoding="utf-8")
        directives = DIRECTIVES.read_text(encoding="utf-8")
        placed = directives.replace("/run/cups/cups.sock", str(self.socket))
        (self._folder / "cupsd.conf").write_text(placed, encoding="utf-8")

    def begin(self) -> subprocess.Popen[bytes]:
        """Start cupsd and wait for its socket."""
        log = (self._folder / "log" / "cupsd").open("wb")
        with log:
            process = subprocess.Popen(
                [
                    _program("cupsd") or "cupsd",
                    *("-f", "-c", str(self._folder / "cupsd.conf")),
                    *("-s", str(self._folder / "cups-files.conf")),
                ],
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + DEADLINE_S
        while not self.socket.exists():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self._folder / "log" / "cupsd").read_text(errors="replace"))
            time.sleep(0.05)  # a condition of another process; nothing tells when it holds
        return process


@contextmanager
def print_service(folder: Path) -> Iterator[PrintService]:
    """Run a print service with one queue in an empty folder; it ends with its children."""
    service = PrintService(folder)
    service.write()
    process = service.begin()
    try:
        device = f"shelf:{service.out}"
        service.command("lpadmin", "-p", QUEUE, "-v", device, "-m", "raw", "-E")
        yield service
    finally:
        service.fault("")
        process.terminate()
        process.wait(DEADLINE_S)
