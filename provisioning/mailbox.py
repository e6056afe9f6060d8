"""`madobus mail status`: what waits on the bus's shelf, without a name and without a key."""

import argparse
import json
from collections import Counter
from pathlib import Path

from appliance.config import read_settings
from appliance.mail.store import MailStore


def main(argv: list[str]) -> int:
    """Print the shelf as words or as one JSON object."""
    parser = argparse.ArgumentParser(prog="madobus mail", description=__doc__)
    parser.add_argument("verb", choices=["status"])
    parser.add_argument("--config", type=Path, default=Path("/etc/madobus/bus.toml"))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    found = status(MailStore(read_settings(given.config).mail))
    if given.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for name, value in found.items():
            print(f"{name}: {value}")
    return 0


def status(shelf: MailStore) -> dict[str, object]:
    """Return counts by state, bytes left to carry, room left and the link's state in words."""
    rows = shelf.outbox()
    link = shelf.link()
    return {
        "applications": dict(Counter(row.state for row in rows)),
        "bytes_to_carry": sum(
            row.bytes_total - row.bytes_done for row in rows if row.state != "complete"
        ),
        "letters": len(shelf.letters()),
        "room_for_applications": shelf.room_left(),
        "link": link.state if link else "unknown",
    }
