"""`python -m tests.published`: every published suite with its count."""

import sys
import time

from tests.published.suites import SUITES, count


def main() -> int:
    """Print a line a suite; return how many cases did not hold."""
    start = time.monotonic()
    counts = [count(name) for name in SUITES]
    for one in counts:
        refused = f", {one.left_open} left open or refused by design" * bool(one.left_open)
        wrong = f", WRONG {one.wrong[:9]}" * bool(one.wrong)
        sys.stdout.write(f"{one.name:42} {one.held:>5} of {one.cases:>5}{refused}{wrong}\n")
    cases, held = sum(one.cases for one in counts), sum(one.held for one in counts)
    took = time.monotonic() - start
    sys.stdout.write(f"{held} of {cases} published vectors held, {took:.1f} s\n")
    return sum(len(one.wrong) for one in counts)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
