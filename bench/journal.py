"""How fast a bus's journal is verified: written through the shelf's own tables, then read by `madobus verify journal`.

    ./run bench journal [--entries 1000000] [--folder FOLDER]

One JSON object: entries, seconds of one core, entries a second of it, and the most memory it took.
"""

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.mail import journal
from appliance.mail.database import open_shelf
from sync.clock import ClockQuality, Instant

BEGIN = datetime(2026, 11, 24, 1, tzinfo=UTC)
KINDS = ("boot", "visit", "receipt", "beacon", "purge")
AT_ONCE = 5_000
EVERY = timedelta(seconds=20)


def write(folder: Path, count: int) -> None:
    """Append so many entries through the shelf's own code."""
    database = open_shelf(folder)
    for first in range(0, count, AT_ONCE):
        with database.writing() as session:
            for number in range(first, min(first + AT_ONCE, count)):
                digest = hashlib.sha256(number.to_bytes(8, "big")).digest()
                at = Instant(BEGIN + EVERY * number, 2, ClockQuality.SYNCED, 1, 20_000 * number)
                journal.append(session, KINDS[number % len(KINDS)], digest, at)
    database.close()


def main() -> None:
    """Write, verify in a process of its own, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="a folder that is kept; else a passing one")
    given = parser.parse_args()
    with ExitStack() as passing:
        folder = given.folder or Path(passing.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "mail.db").exists():
            write(folder, given.entries)
        asked = [sys.executable, "-m", "provisioning", "verify", "journal", str(folder)]
        said = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    told = json.loads(said)
    figures = {
        name: told[name] for name in ("holds", "entries", "cpu_seconds", "entries_per_cpu_s")
    }
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({**figures, "peak_mib": peak // 1024}))


if __name__ == "__main__":
    main()
