"""Every fault at every step: python -m tests.faults [--few] [--json] [pytest's arguments]. Minutes, not seconds.

With --few a few of each, as every run of the suite has them.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.support.density import EVERY_STEP, TALLY

HERE = Path(__file__).parent
# One test is every step of one process: on a busy machine that is more than the suite allows a test.
LONGEST = "--timeout=3600"
DENSE = (
    "test_killed_steps.py",
    "test_power_cut.py",
    "test_bad_disk.py",
    "test_replayed.py",
    "test_restored_hall.py",
    "test_lost_link.py",
    "test_slow_peers.py",
)


def tally(folder: Path) -> Counter[str]:
    """Add up what the test processes counted."""
    found: Counter[str] = Counter()
    for path in folder.glob("*.json"):
        found.update(json.loads(path.read_text(encoding="utf-8")))
    return found


def main(arguments: list[str]) -> int:
    """Run the folder's dense tests; with --json the tally goes to standard output, the rest to standard error."""
    as_json = "--json" in arguments
    few = "--few" in arguments
    rest = [one for one in arguments if one not in ("--json", "--few")]
    pytest = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", LONGEST]
    command = [*pytest, *(str(HERE / name) for name in DENSE), *rest]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, EVERY_STEP: "" if few else "1", TALLY: folder}
        done = subprocess.run(command, env=environment, check=False, stdout=sys.stderr)
        counted = tally(Path(folder))
    counted["seconds"] = round(time.monotonic() - began)
    lines = (
        json.dumps(counted, indent=1)
        if as_json
        else "\n".join(f"{number:8} {what}" for what, number in sorted(counted.items()))
    )
    sys.stdout.write(f"{lines}\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
