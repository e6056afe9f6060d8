"""What the bus's shelf costs with 3,000 applications queued, and the uplink's memory with all of them in a session."""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import appliance.uplink.__main__  # noqa: F401 - what it imports is part of the uplink's memory
from appliance.mail.store import MailStore
from appliance.uplink.pump import due_of
from sync.clock import ClockQuality, Instant
from sync.sender import Sender
from sync.shape import EPOCH

ITEMS = 7
PAGE = os.sysconf("SC_PAGE_SIZE")
NOW = Instant(EPOCH, 0, ClockQuality.SYNCED, 1, 0)


def main() -> None:
    """Print one JSON object: milliseconds of CPU for each step, megabytes of memory before and after."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queued", type=int, default=3000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shelf = MailStore(Path(folder))
        fill(shelf, given.queued)
        found: dict[str, object] = {"queued": given.queued, "items_each": ITEMS}
        found["rss_mb_before"] = resident()
        sender = Sender("bus-07", "", random=os.urandom, heartbeat_s=5.0)
        found["load_cpu_ms"] = cpu(lambda: load(shelf, sender))
        found["rss_mb_loaded"] = resident()
        ids = [one.env_id for one in shelf.due()[:100]]
        steps = [(env_id, item, 1) for env_id in ids for item in range(ITEMS)]
        found["progressed_cpu_ms"] = cpu(lambda: shelf.progressed(steps)) / len(ids)
        found["settle_cpu_ms"] = cpu(lambda: settle(shelf, ids)) / len(ids)
        found["room_left_cpu_ms"] = cpu(shelf.room_left)
        found["counts_cpu_ms"] = cpu(shelf.counts)
        shelf.close()
    print(json.dumps({name: rounded(value) for name, value in found.items()}))


def fill(shelf: MailStore, count: int) -> None:
    """Put rows on the shelf; their sealed bytes play no part here."""
    with shelf._database.writing() as session:  # noqa: SLF001 - sealing 3,000 applications takes minutes
        connection = session.connection()
        for n in range(count):
            env_id = n.to_bytes(16, "big")
            connection.exec_driver_sql(
                "INSERT INTO outbox (env_id, kind, kept_ms, state, journal_seq, box_receipt, filing_no, "
                "refusal_sentence, purged) VALUES (?, 'application', 0, 'kept', 1, ?, '', '', 0)",
                (env_id, bytes(150)),
            )
            for item in range(ITEMS):
                connection.exec_driver_sql(
                    "INSERT INTO item VALUES (?, ?, ?, 100000, 0)", (env_id, item, min(item, 2))
                )


def load(shelf: MailStore, sender: Sender) -> None:
    """Take everything into a session, as the uplink does when the link returns."""
    for envelope in shelf.due():
        sender.add(due_of(envelope))


def settle(shelf: MailStore, ids: list[bytes]) -> None:
    """Keep a receipt for each, as it comes with its proof."""
    for env_id in ids:
        shelf.arrived(env_id, bytes(150), bytes(800), filing_no="R8-000123-6", at=NOW)


def cpu(work: Callable[[], object]) -> float:
    """Return the milliseconds of CPU a step took."""
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def resident() -> float:
    """Return this process's memory in megabytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * PAGE / 1_000_000


def rounded(value: object) -> object:
    """Return a figure with two digits."""
    return round(value, 2) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
