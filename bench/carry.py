"""How long a stick takes: export, import at city hall, import at the bus, on this machine's disk instead of a stick."""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.support.makers import instant, make_envelope, make_parts
from tests.support.sticks import Trip, filed_once, make_trip, proven

T = TypeVar("T")


def main() -> None:
    """Print one JSON object: seconds of wall clock and of CPU for each step, bytes on the stick."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--applications", type=int, default=100)
    parser.add_argument("--page-bytes", type=int, default=500_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trip = make_trip(Path(folder))
        keep(trip, given.applications, given.page_bytes)
        found: dict[str, object] = {"applications": given.applications}
        exported, found["export_s"] = timed(trip.export)
        found["up_bytes"], found["files"] = exported.size, exported.files
        _, found["city_hall_s"] = timed(lambda: asyncio.run(trip.at_hall()))
        answers = trip.carried.glob("*-down-*")
        found["down_bytes"] = sum(path.stat().st_size for path in answers)
        _, found["bus_s"] = timed(lambda: asyncio.run(trip.home()))
        found["all_proven"] = filed_once(trip.hall, given.applications) and proven(trip)
    print(json.dumps(found))


def keep(trip: Trip, count: int, page_bytes: int) -> None:
    """Put applications of one page on the bus's shelf."""
    parts = make_parts(1, page_bytes=page_bytes)
    for n in range(count):
        envelope = make_envelope(n, parts=parts)
        trip.bus.mail.keep(
            envelope, deadline=None, at=instant(n), receipt_for=lambda _entry: b"box"
        )


def timed(work: Callable[[], T]) -> tuple[T, dict[str, float]]:
    """Return what a step gave, and its seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, {
        "wall": round(time.perf_counter() - wall, 2),
        "cpu": round(time.process_time() - cpu, 2),
    }


if __name__ == "__main__":
    main()
