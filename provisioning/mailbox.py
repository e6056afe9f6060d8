"""`madobus mail status|retry`: what waits on the bus's shelf, without a name and without a key."""

import argparse
import json
from collections import Counter
from pathlib import Path

from appliance.config import read_settings
from appliance.mail.store import MailStore


def main(argv: list[str]) -> int:
    """Print the shelf as words or as one JSON object; `retry` first offers again what city hall refused."""
    parser = argparse.ArgumentParser(prog="madobus mail", description=__doc__)
    parser.add_argument("verb", choices=["status", "retry"])
    parser.add_argument("--config", type=Path, default=Path("/etc/madobus/bus.toml"))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    shelf = MailStore(read_settings(given.config).mail)
    if given.verb == "retry":
        retry(shelf)
    found = status(shelf)
    if given.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for name, value in found.items():
            print(f"{name}: {value}")
    return 0


def retry(shelf: MailStore) -> int:
    """Offer every refused envelope again in the uplink's next session; returns how many."""
    refused = [row.env_id for row in shelf.outbox() if row.state == "refused"]
    for env_id in refused:
        shelf.retry(env_id)
    return len(refused)


def status(shelf: MailStore) -> dict[str, object]:
    """Return counts by state, bytes left to carry, room left and the link's state in words."""
    rows = shelf.outbox()
    link = shelf.link()
    return {
        "applications": dict(Counter(row.state for row in rows)),
        "bytes_to_carry": sum(
            row.bytes_total - row.bytes_done for row in rows if row.state != "complete"
        ),
        "refused": [
            f"{row.env_id.hex()} {row.refusal.code} {row.refusal.sentence}"
            for row in rows
            if row.refusal is not None
        ],
        "letters": len(shelf.letters()),
        "room_for_applications": shelf.room_left(),
        "link": link.state if link else "unknown",
    }
