"""How many bytes go up a second time because the line was cut: ./run bench resent [--cuts N] [--mbit-s R] [--json].

The product's own processes carry the same day twice over a relay of one rate: once undisturbed, once with its
connection broken N times, at even distances. What the second run sent more was sent again, its handshakes included. Two
megabytes a cut, as in a scan of 60 MB after 30 blackouts.
"""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench._link_day import make_day
from bench._link_rig import carry, laid_out, ours

APPLICATIONS_A_CUT = 6
LIMIT_S = 600.0
LOOK_S = 0.01


async def bytes_up(folder: Path, day: Path, trace: Path, total: int, cuts: int) -> dict[str, Any]:
    """Carry the day once; returns the bytes that went up and when all was there."""
    async with laid_out(folder, day, "gone") as work:
        done = 0

        async def cut() -> None:
            nonlocal done
            for turn in range(1, cuts + 1):
                while work.link.bytes_up < total * turn / (cuts + 1):  # noqa: ASYNC110 - the relay tells nobody
                    await asyncio.sleep(LOOK_S)
                work.link.cut()
                done += 1

        cutting = asyncio.ensure_future(cut())
        try:
            found = await carry(work, ours, str(trace), LIMIT_S)
        finally:
            cutting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await cutting
    return {"bytes_up": found["bytes_up"], "all_s": found["all_s"], "cuts": done}


def steady(path: Path, bits_s: float) -> Path:
    """Write a trace of one rate."""
    gap = 1500 * 8 * 1000 / bits_s
    path.write_text("".join(f"{int(step * gap)}\n" for step in range(1, int(60_000 / gap))))
    return path


def measure(cuts: int, mbit_s: float) -> dict[str, Any]:
    """Carry the day both ways; returns the figures."""
    with tempfile.TemporaryDirectory(prefix="madobus-resent-") as made:
        folder = Path(made)
        total = make_day(folder / "day", cuts * APPLICATIONS_A_CUT)
        trace = steady(folder / "steady.up", mbit_s * 1e6)
        quiet, broken = (
            asyncio.run(bytes_up(folder / name, folder / "day", trace, total, count))
            for name, count in (("quiet", 0), ("broken", cuts))
        )
    if quiet["all_s"] is None or broken["all_s"] is None:
        raise SystemExit(f"bench resent: not everything arrived: {quiet}, {broken}")
    return {
        "bytes": total,
        "quiet": quiet,
        "broken": broken,
        "resent_percent": round(100 * (broken["bytes_up"] - quiet["bytes_up"]) / total, 3),
        "load": os.getloadavg()[0],
    }


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="bench resent", description=__doc__)
    parser.add_argument("--cuts", type=int, default=6)
    parser.add_argument("--mbit-s", type=float, default=6.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(given.cuts, given.mbit_s)
    if given.json:
        print(json.dumps(found))
    else:
        print(
            f"{found['broken']['cuts']} cuts, {found['bytes']} bytes: {found['resent_percent']} % again"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
