"""`python -m tests.fuzz [--seconds N] [TARGET...]`: each target in a process of its own, findings counted.

What a target learned stays in .tools/fuzz and is where the next run begins. A finding's bytes are kept beside it.
"""

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.fuzz import targets

KEEP: Final = Path(__file__).resolve().parents[2] / ".tools" / "fuzz"
RSS_MB: Final = 1024
ONE_INPUT_S: Final = 30
_COUNT: Final = re.compile(r"stat::number_of_executed_units:\s+(\d+)|Done (\d+) runs")


@dataclass(frozen=True)
class Run:
    """What came of one target: how often it ran, for how long, and what broke it (its last lines)."""

    name: str
    count: int
    seconds: float
    finding: str


def fuzz(name: str, seconds: int) -> Run:
    """Run one target for so many seconds."""
    target = targets.ALL[name]
    folder, found = KEEP / name / "corpus", KEEP / name
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(target.seeds()):
        (folder / f"seed-{number}").write_bytes(data[: target.max_len])
    words = found / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words))
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={target.max_len}",
        f"-rss_limit_mb={RSS_MB}",
        f"-timeout={ONE_INPUT_S}",
        f"-artifact_prefix={found}/",
        *([f"-dict={words}"] if target.words else []),
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    line = [sys.executable, "-m", "tests.fuzz.one", name, str(folder), *options]
    start = time.monotonic()
    done = subprocess.run(line, capture_output=True, text=True, errors="replace", check=False)
    took = time.monotonic() - start
    counts = [int(a or b) for a, b in _COUNT.findall(done.stderr)]
    last = "\n".join(done.stderr.splitlines()[-40:]) if done.returncode else ""
    (found / "log").write_text(done.stdout + done.stderr)
    return Run(name, max(counts, default=0), took, last)


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02X}" for byte in word)


def main(words: Sequence[str]) -> int:
    """Run the targets one after the other; return how many had a finding."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("target", nargs="*", help=f"of {', '.join(targets.ALL)}; all by default")
    given = parser.parse_args(words)
    runs = []
    for name in given.target or targets.ALL:
        run = fuzz(name, given.seconds)
        runs.append(run)
        verdict = "FOUND" if run.finding else "clean"
        rate = run.count / run.seconds
        sys.stdout.write(f"{name:16} {run.count:>12,} runs {rate:>9,.0f}/s  {verdict}\n")
        sys.stdout.write(f"{run.finding}\n" * bool(run.finding))
        sys.stdout.flush()
    broken = [run.name for run in runs if run.finding]
    total = sum(run.count for run in runs)
    sys.stdout.write(f"{len(runs)} targets, {total:,} runs, {len(broken)} findings {broken}\n")
    return len(broken)


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
