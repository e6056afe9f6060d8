"""Measures whose page the desk makes a page: generated stacks, with everything that goes wrong with stacks.

    ./run bench stacks [--stacks 20000] [--first 0] [--json]

Papers lie out of order, two sheets go in as one unseen, the feeder stops and a sheet is skipped, codes and numbers are
not read, people share names and birthdays. A silent error is a side given to another person without asking for a look.
"""

import argparse
import json
import sys
import time

from tests.support.stacks import judge, make

MOST_SHOWN = 20


def main() -> int:
    """Measure and print; ends with 1 when a silent error was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--stacks", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="seed of the first stack")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    begin = time.process_time()
    sides = placed = loose = by_order = 0
    silent: list[str] = []
    for seed in range(asked.first, asked.first + asked.stacks):
        found = judge(make(seed))
        sides += found.sides
        placed += found.placed
        loose += found.loose
        by_order += found.asked
        silent += [f"stack {seed}: {fact}" for fact in found.silent]
    told = {
        "stacks": asked.stacks,
        "sides": sides,
        "placed": placed,
        "loose": loose,
        "asked_for_a_look": by_order,
        "wrong_silent": len(silent),
        "seconds": round(time.process_time() - begin, 1),
    }
    print(json.dumps(told) if asked.json else "\n".join(f"{k:18}{v}" for k, v in told.items()))
    for fact in silent[:MOST_SHOWN]:
        print(fact, file=sys.stderr)
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main())
