#!/usr/bin/env python3
"""The product's own uplink and intake behind the verbs of a link laboratory; runs from anywhere.

    linklab_peer.py setup WORK        keys, certificates, settings; seals WORK/bus/items as the desk would have
    linklab_peer.py run WORK hall     the intake, and an opener that lands what arrived in WORK/hall/store
    linklab_peer.py run WORK bus      the uplink
    linklab_peer.py check WORK        what the hall holds, as JSON: lost, duplicate, corrupt, other

WORK/manifest.json names the items ({"items": [{"path", "sha256"}]}). The hall's address is 10.77.0.1, or
MADOBUS_BENCH_HOST. Sealing happens in setup: at a stop it is done before the link returns; WORK/sealed.json tells what
it took. A kill -9 of the opener between landing a thing and noting it lands nothing twice: the place tells.
Called by a name like madobus.bbr.py it carries in that other way (bench/_ways.py).
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv" / "bin" / "python"
HOST = os.environ.get("MADOBUS_BENCH_HOST", "10.77.0.1")
PORT = int(os.environ.get("MADOBUS_BENCH_PORT", "8443"))
# Where the bus dials, when something that plays a link stands between.
DIAL = int(os.environ.get("MADOBUS_BENCH_DIAL", PORT))
WAY = Path(sys.argv[0]).name.removesuffix(".py").partition(".")[2]
LOOK_S = 0.03


def setup(work: Path) -> None:
    """Make the city and the box, and seal the day."""
    from dataclasses import asdict  # noqa: PLC0415 - `run bus` must start fast

    from bench._sealed_day import found, seal_day  # noqa: PLC0415 - as above
    from bench._ways import BOXES  # noqa: PLC0415 - as above

    city, buses = found(work, HOST, PORT, DIAL, BOXES.get(WAY, 1))
    sealed = seal_day(work / "bus" / "items", city, buses)
    (work / "sealed.json").write_text(json.dumps(asdict(sealed)))


def run_bus(work: Path) -> None:
    """Become the uplink; the uplinks of further boxes run beside it and end with it or by the bench's hand."""
    first, *others = sorted((work / "bus").glob("box*/bus.toml"))
    os.chdir(ROOT)
    for config in others:
        subprocess.Popen(started("appliance.uplink", config))
    os.execv(PYTHON, started("appliance.uplink", first))  # noqa: S606 - no shell is wanted


def started(module: str, config: Path) -> list[str]:
    """Return the command of a module of the project, this project and no other."""
    way = ["bench._ways", WAY] if WAY else []
    return [str(PYTHON), "-m", *way, module, "--config", str(config)]


def run_hall(work: Path) -> int:
    """Start the intake, open what arrives, end when it ends."""
    config = work / "hall" / "city" / "hall.toml"
    intake = subprocess.Popen(started("cityhall.intake", config), cwd=ROOT, stdout=subprocess.PIPE)
    from bench._sealed_day import Opener  # noqa: PLC0415 - while the intake starts
    from provisioning.city import City  # noqa: PLC0415 - as above

    opener = Opener(City(work / "hall" / "city"), work / "hall" / "store", work / "hall" / "state")
    if intake.stdout is None or not intake.stdout.readline().startswith(b"ready "):
        return intake.wait()
    (work / "hall" / "ready").touch()
    while intake.poll() is None:
        opener.look()
        time.sleep(LOOK_S)
    return intake.returncode


def check(work: Path) -> dict[str, list[str]]:
    """Compare the hall's store with the manifest."""
    manifest = json.loads((work / "manifest.json").read_text())
    want = {item["path"]: item["sha256"] for item in manifest["items"]}
    store = work / "hall" / "store"
    have = {
        str(path.relative_to(store)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in store.rglob("*")
        if path.is_file()
    }
    extra = sorted(set(have) - set(want))
    known = set(want.values())
    return {
        "lost": sorted(set(want) - set(have)),
        "corrupt": sorted(path for path in want if path in have and have[path] != want[path]),
        "duplicate": [path for path in extra if have[path] in known],
        "other": [path for path in extra if have[path] not in known],
    }


def main() -> int:
    """Do the verb."""
    verb, work = sys.argv[1], Path(sys.argv[2]).resolve()
    if verb == "run" and sys.argv[3] == "bus":
        run_bus(work)
    if sys.prefix != str(PYTHON.parents[1]) and verb != "check":
        os.execv(PYTHON, [str(PYTHON), str(Path(sys.argv[0]).absolute()), *sys.argv[1:]])  # noqa: S606 - no shell is wanted
    sys.path[:0] = [str(ROOT)]
    if verb == "setup":
        setup(work)
    elif verb == "run":
        return run_hall(work)
    elif verb == "check":
        print(json.dumps(check(work)))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
