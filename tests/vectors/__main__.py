"""`python -m tests.vectors`: how many frozen vectors there are, and how many each of the two readers agrees with."""

import json
import sys

from tests.vectors import our_reading, second_reading
from tests.vectors.shelves import vectors


def main() -> int:
    """Print one JSON object; 1 when a reader disagrees with any."""
    found = list(vectors())
    told = {
        "vectors": len(found),
        "our_code": sum(our_reading.outcome(one) == one.outcome() for one in found),
        "second_reader": sum(second_reading.outcome(one) == one.outcome() for one in found),
    }
    sys.stdout.write(f"{json.dumps(told)}\n")
    return 0 if len(set(told.values())) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
