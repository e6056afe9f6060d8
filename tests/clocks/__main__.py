"""`python -m tests.clocks [--runs N] [--seed S] [--json]`: days with broken clocks, judged; 1 when one is violated."""

import argparse
import json
import sys
import time
from collections import Counter

from tests.clocks.day import live
from tests.clocks.world import make_keys

SHOWN = 10
# What the figures name also where there is none.
NONE_OF = ("filings outside the proven bounds", "refused", "runs with a violation")


def main(arguments: list[str]) -> int:
    """Live the days and print the figures; violated days with their seed and story."""
    parser = argparse.ArgumentParser(prog="python -m tests.clocks", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="the first day's")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    keys, counts, shown = make_keys(), Counter(dict.fromkeys(NONE_OF, 0)), 0
    began = time.monotonic()
    for seed in range(given.seed, given.seed + given.runs):
        verdict = live(keys, seed, counts)
        for problem in verdict.problems if shown < SHOWN else ():
            shown += 1
            sys.stderr.write(f"seed {seed}: {problem}\n  {' '.join(verdict.story)}\n")
    seconds = time.monotonic() - began
    figures = {**counts, "seconds": round(seconds, 1), "runs/s": round(given.runs / seconds, 1)}
    if given.json:
        sys.stdout.write(json.dumps(figures, indent=1, sort_keys=True) + "\n")
    else:
        sys.stdout.writelines(f"{number:>10} {what}\n" for what, number in figures.items())
    return 1 if counts["runs with a violation"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
