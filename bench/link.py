"""Measures the way over a bus's link: ours beside other ways, in the same run.

    ./run bench link [--applications N] [--mbit-s R] [--json]
    ./run bench link --lab DIR [--peers NAME ...] [--traces NAME ...] [--faults] [--ways] [--json]

Alone it plays a link drawn from a seed through a relay on this machine (TCP to TCP: no packets are lost), and tells
beside the table: how long a fresh record waits behind pages at 256 kbit/s, how soon sending resumes when a link
comes back, what the uplink costs. With the folder of a link laboratory (a program bench.py with `run` and `table`, and
peers/) it runs that one's peers and ours over its recorded links; with --ways ours in every way of bench/_ways.py
(sizes of pieces, windows, congestion controls, two connections) instead of the peers. Seconds count from the link's
first moment, when the sender is started: a cold start with everything waiting. Ours is sealed before; the others send
plain files.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import _link_rows as rows
from bench._link_day import draw_trace, ideal_s, make_day
from bench._link_peers import RSYNC, https, rsync
from bench._link_rig import Peer, carry, laid_out, ours
from bench._ways import WAYS

HERE = Path(__file__).parent
DELAY_S = 0.035
LIMIT_S = 300.0
NAME = "madobus"


def own_rig(applications: int, mbit_s: float) -> dict[str, Any]:
    """Measure on the bench's own rig."""
    with tempfile.TemporaryDirectory(prefix="madobus-link-") as made:
        folder = Path(made)
        total = make_day(folder / "day", applications)
        trace = folder / "drawn.up"
        at = draw_trace(trace, mbit_s=mbit_s, seconds=600)
        peers: dict[str, Peer] = {"madobus": ours, "https": https}
        if RSYNC is not None:
            peers["rsync"] = rsync
        found: dict[str, Any] = {
            "applications": applications,
            "bytes": total,
            "ideal_s": round(ideal_s(at, total, DELAY_S), 2),
            "peers": {
                name: asyncio.run(_one(folder / name, folder / "day", peer, str(trace)))
                for name, peer in peers.items()
            },
        }
        for row in (rows.urgent_wait, rows.resume, rows.cost):
            found |= asyncio.run(row(folder))
        return found


async def _one(folder: Path, day: Path, peer: Peer, trace: str) -> dict[str, Any]:
    async with laid_out(folder, day, "gone") as work:
        return dict(await carry(work, peer, trace, LIMIT_S))


def show(found: dict[str, Any]) -> None:
    """Print the own rig's figures as Markdown."""
    print(
        f"{found['applications']} applications, {found['bytes']} bytes, ideal {found['ideal_s']} s"
    )
    print(
        "| peer | first record s | all records s | all s | of ideal | bytes both ways / payload |"
    )
    print("|---|---|---|---|---|---|")
    for name, one in found["peers"].items():
        times = [one[key] for key in ("first_record_s", "records_s", "all_s")]
        words = ["never" if moment is None else f"{moment:.2f}" for moment in times]
        share = "-" if times[2] is None else f"{times[2] / found['ideal_s']:.3f}"
        wire = (one["bytes_up"] + one["bytes_down"]) / found["bytes"]
        print(f"| {name} | {' | '.join(words)} | {share} | {wire:.3f} |")
    for key in (
        "urgent_wait_s",
        "resume_s",
        "resume_new_address_s",
        "cpu_share_per_mbit_s",
        "rss_mb",
    ):
        print(f"{key}: {found[key]}")


def laboratory(lab: Path, options: argparse.Namespace) -> int:
    """Run a link laboratory's bench with its peers and ours; prints its table."""
    ways = [NAME, *(f"{NAME}.{way}" for way in WAYS)] if options.ways else [NAME]
    for way in ways:
        peer = lab / "peers" / f"{way}.py"
        peer.unlink(missing_ok=True)
        peer.symlink_to(HERE / "linklab_peer.py")
    results = Path(options.out or tempfile.mkstemp(suffix=".jsonl", prefix="madobus-link-")[1])
    room = lab / "venv" / "bin" / "python"
    python = str(room) if room.exists() else sys.executable
    others = [path.stem for path in sorted((lab / "peers").glob("*.py")) if "." not in path.stem]
    names = options.peers or (ways if options.ways else [x for x in others if x != "common"])
    traces = options.traces or sorted(path.stem for path in (lab / "traces").glob("*/*.up"))
    command = [python, str(lab / "bench.py"), "run", "--peers", *names, "--traces", *traces]
    command += ["--out", str(results), *(["--faults"] if options.faults else [])]
    code = subprocess.run(command, cwd=lab, stdout=sys.stderr, check=False).returncode
    if options.json:
        print(results.read_text(), end="")
    else:
        subprocess.run([python, str(lab / "bench.py"), "table", str(results)], cwd=lab, check=False)
    return code


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="bench link", description=__doc__)
    parser.add_argument("--applications", type=int, default=10)
    parser.add_argument("--mbit-s", type=float, default=1.5, help="the drawn link's usual rate")
    parser.add_argument("--lab", type=Path, help="folder of a link laboratory")
    parser.add_argument("--peers", nargs="+")
    parser.add_argument("--traces", nargs="+")
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--ways", action="store_true", help="ours in every other way")
    parser.add_argument("--out", help="where the laboratory's results are added")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.lab is not None:
        return laboratory(options.lab.resolve(), options)
    found = own_rig(options.applications, options.mbit_s)
    found["load"] = os.getloadavg()[0]
    print(json.dumps(found)) if options.json else show(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
