"""Measures sealing and verifying on one core, beside age and sealed boxes in the same run.

    ./run bench seal [--seconds S] [--json]

Each figure is work per second of processor time ("cpu": what one core gives that has nothing else to do) and per
second of the clock ("wall": on a busy machine, less): the best of five stretches of S seconds in all, because other
processes can only slow a stretch down. A record is 6 kB before it is compressed, sealed for two, signed twice; a
scan is 8 MiB that cannot be compressed.
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import segno

from appliance.mail import journal
from appliance.mail.store import MailStore
from bench._seal_peers import peers
from sync.clock import ClockQuality, Instant
from sync.envelope import Envelope, PartRole
from sync.journal import GENESIS, JournalEntry, next_entry, verify_chain
from sync.keys import OpeningKey, Signer
from sync.receipt import HallReceipt, read_receipt, sign_receipt
from sync.seal import open_part, open_record, seal
from sync.shape import EPOCH
from sync.verify import part_matches, verify_slip

STRETCHES = 5
RECORD_BYTES = 6_000
SCAN = 8 * 2**20
PIECE = 262_144
ENTRIES = 2_000
AT = Instant(EPOCH, 2, ClockQuality.SYNCED, 1, 0)
HOST = "https://v.city.example/r#"
WORDS = ("care", "renewal", "north", "bridge", "mill", "page", "form", "street", "officer", "stop")

Rates = dict[str, float]


def rate(work: Callable[[], object], seconds: float, *, size: float = 1.0) -> Rates:
    """Return `size` units of work per processor second and per second, the best of some stretches."""
    work()
    best = {"cpu": 0.0, "wall": 0.0}
    for _ in range(STRETCHES):
        done, cpu, wall = 0, time.process_time(), time.perf_counter()
        while time.process_time() - cpu < seconds / STRETCHES or not done:
            work()
            done += 1
        spent = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        best = {name: max(best[name], done * size / spent[name]) for name in best}
    return {name: round(value, 1) for name, value in best.items()}


def record() -> bytes:
    """Return 6 kB that compress like answers do: words among numbers that repeat nowhere."""
    parts, n = [], 0
    while sum(map(len, parts)) < RECORD_BYTES:
        parts.append(f"{WORDS[n % 10]}={hashlib.sha256(str(n).encode()).hexdigest()[:12]};")
        n += 1
    return "".join(parts).encode()[:RECORD_BYTES]


class Ours:
    """Keys, a record, a scan, and each step with them."""

    def __init__(self) -> None:
        self.signer, self.hall = Signer(os.urandom(32)), Signer(os.urandom(32))
        self.division, self.recovery = OpeningKey(os.urandom(32)), OpeningKey(os.urandom(32))
        self.scan = os.urandom(SCAN)
        self.slip = self.seal(record()).slip
        self.scanned = self.seal(b"", self.scan)
        self.receipt = sign_receipt(self._receipt(), self.hall)

    def seal(self, content: bytes, *scans: bytes) -> Envelope:
        """Seal a record and scans for two."""
        return seal(
            env_id=os.urandom(16),
            sender="bus-07",
            kind="application",
            visit=b"visit",
            signer=self.signer,
            recipients=[(self.division.public, 1), (self.recovery.public, 2)],
            record=content,
            parts=[(PartRole.PAGE, scan) for scan in scans],
            at=AT,
            journal=GENESIS,
            beacon=b"",
            bundle_version=1,
            random=os.urandom,
        )

    def open_scan(self) -> bytes:
        """Open the scan of a slip that was verified before: its root is compared, then it is decrypted."""
        return open_part(self.scanned.slip, 0, self.scanned.parts[0], self.division)

    def _receipt(self) -> HallReceipt:
        return HallReceipt(
            env_id=bytes(16),
            envelope_sha256=bytes(range(32)),
            procedure="application",
            filing_no="R8-000123-6",
            filed=EPOCH,
            not_before=EPOCH,
            received=EPOCH,
            log_index=1_000_000,
            stage=2,
            key_id=self.hall.key_id,
        )

    def read_receipt(self) -> object:
        """Verify city hall's receipt."""
        return read_receipt(self.receipt, lambda _key_id: self.hall.public)


def measure(seconds: float) -> dict[str, Any]:
    """Return every figure of ours."""
    ours, mb = Ours(), SCAN / 1e6
    content, entries = record(), chain(ENTRIES)
    public = ours.signer.public
    part = ours.scanned.header.parts[0]
    one = replace(part, length=PIECE)
    piece = ours.scanned.parts[0][:PIECE]
    return {
        "seal_record": rate(lambda: ours.seal(content), seconds),
        "verify_slip": rate(lambda: verify_slip(ours.slip, public), seconds),
        "verify_and_open": rate(lambda: open_record(ours.slip, ours.division, public), seconds),
        "seal_scan": rate(lambda: ours.seal(b"", ours.scan), seconds, size=mb),
        "open_scan": rate(ours.open_scan, seconds, size=mb),
        "verify_scan_keyless": rate(
            lambda: part_matches(part, ours.scanned.parts[0]), seconds, size=mb
        ),
        "verify_piece_keyless": rate(lambda: part_matches(one, piece), seconds),
        "journal_entry": rate(lambda: next_entry(GENESIS, "accepted", bytes(32), AT), seconds),
        "verify_journal": rate(lambda: verify_chain(entries), seconds, size=ENTRIES),
        "journal_append": append(seconds),
        "sign_receipt": rate(lambda: sign_receipt(ours._receipt(), ours.hall), seconds),  # noqa: SLF001 - the same file
        "verify_receipt": rate(ours.read_receipt, seconds),
    }


def chain(length: int) -> list[JournalEntry]:
    """Return a journal."""
    entries: list[JournalEntry] = []
    head = GENESIS
    for _ in range(length):
        entries.append(next_entry(head, "accepted", bytes(32), AT))
        head = (entries[-1].seq, entries[-1].hash)
    return entries


def append(seconds: float) -> Rates:
    """Append to the bus's real journal, one durable commit each; the wall's figure is the disk's."""
    with tempfile.TemporaryDirectory() as folder:
        shelf = MailStore(Path(folder))
        try:
            return rate(lambda: one_more(shelf), seconds)
        finally:
            shelf.close()


def one_more(shelf: MailStore) -> None:
    """Append an entry in a transaction of its own."""
    with shelf._database.writing() as session:  # noqa: SLF001 - the shelf writes entries beside rows only
        journal.append(session, "accepted", bytes(32), AT)


def beside(seconds: float) -> list[dict[str, Any]]:
    """Return the peers' figures on the same record and scan."""
    found = []
    content, scan, mb = record(), os.urandom(SCAN), SCAN / 1e6
    for peer in peers():
        small, large = peer.sealed(content), peer.sealed(scan)
        found.append(
            {
                "peer": peer.name,
                "without": peer.gives,
                "seal_record": rate(lambda p=peer: p.seal(content), seconds),
                "open_record": rate(lambda p=peer, s=small: p.open(s), seconds),
                "seal_scan": rate(lambda p=peer: p.seal(scan), seconds, size=mb),
                "open_scan": rate(lambda p=peer, s=large: p.open(s), seconds, size=mb),
            }
        )
    return found


def sizes() -> dict[str, int]:
    """Return the bytes a slip and a receipt have, and the QR version of the printed address at level M."""
    ours = Ours()
    text = HOST + "A" * -(-len(ours.receipt) * 4 // 3)
    code = segno.make(text, error="m", micro=False, boost_error=False)
    return {
        "slip_without_content": len(ours.seal(b"").slip),
        "slip_of_6_kB": len(ours.slip),
        "hall_receipt": len(ours.receipt),
        "hall_receipt_address": len(text),
        "hall_receipt_qr": int(code.version),
    }


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="bench seal", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="processor seconds a figure")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    # One core, as on the bus: the libraries below use no threads of their own.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = {
        "ours": measure(given.seconds),
        "sizes": sizes(),
        "beside": beside(given.seconds),
        "load": os.getloadavg()[0],
    }
    print(json.dumps(found)) if given.json else show(found)
    return 0


def show(found: dict[str, Any]) -> None:
    """Print the figures as Markdown."""
    print("| | per processor second | per second |\n|---|---|---|")
    groups = [("ours", found["ours"]), *((one["peer"], one) for one in found["beside"])]
    for name, group in groups:
        for what, value in group.items():
            if isinstance(value, dict):
                print(f"| {name}: {what} | {value['cpu']:,} | {value['wall']:,} |")
    print(", ".join(f"{what} {value}" for what, value in found["sizes"].items()))
    print(f"load {found['load']:.1f}")


if __name__ == "__main__":
    sys.exit(main())
