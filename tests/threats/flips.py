"""One bit turned anywhere in what is under a hash, a tag or a signature: python -m tests.threats.flips [--flips N]."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass

from sync.bundle import decode_bundle
from sync.drawer import Drawer
from sync.errors import SealError
from sync.journal import (
    GENESIS,
    JournalEntry,
    checkpoint,
    decode_entry,
    encode_entry,
    next_entry,
    read_checkpoint,
    verify_chain,
)
from sync.receipt import read_receipt, sign_receipt
from sync.seal import open_record
from sync.verify import part_matches, verify_slip
from tests.support.makers import (
    BOX,
    COUNTERSIGNER,
    DIVISION,
    instant,
    make_bundle,
    make_envelope,
    make_opening_key,
    make_parts,
    make_signer,
)
from tests.support.roots import bundle_text
from tests.sync.test_receipt import AT_HALL, ON_BOX

ENTRIES = 40


@dataclass(frozen=True, slots=True)
class Kept:
    """Something kept, and what reads it: it raises SealError or ValueError, or says False, for what is not the same."""

    name: str
    data: bytes
    holds: Callable[[bytes], object]


def everything() -> list[Kept]:
    """Return one of each thing that lies on a disk or goes over a line."""
    envelope = make_envelope(parts=make_parts(1, page_bytes=300_000))
    sender = make_signer(BOX).public
    division = make_opening_key(DIVISION)
    bundle = make_bundle()
    drawer = Drawer(bytes(range(32)))
    note = checkpoint("bus-07.city/journal", 9, bytes(32), make_signer(BOX))
    entries, head = journal()
    page = envelope.header.parts[1]
    # Read with its whole chain of roots: a reader who holds a root already does not look at that one's signatures.
    return [
        Kept("slip", envelope.slip, lambda data: verify_slip(data, sender)),
        Kept("slip, opened", envelope.slip, lambda data: open_record(data, division, sender)),
        Kept("part", envelope.parts[1], lambda data: part_matches(page, data)),
        Kept("journal", entries, lambda data: verify_chain(split(data)) == head),
        Kept("checkpoint", note.encode(), lambda data: read_checkpoint(data.decode(), sender)),
        Kept("box receipt", sign_receipt(ON_BOX, make_signer(BOX)),
             lambda data: read_receipt(data, bundle)),
        Kept("hall receipt", sign_receipt(AT_HALL, make_signer(COUNTERSIGNER)),
             lambda data: read_receipt(data, bundle)),
        Kept("key bundle", bundle_text(bundle).encode(),
             lambda data: decode_bundle(data.decode(), None)),
        Kept("draft", drawer.close_up("draft", b"x" * 900), lambda data: drawer.open("draft", data)),
    ]  # fmt: skip


def journal() -> tuple[bytes, tuple[int, bytes]]:
    """Return a journal's bytes, each entry behind its length, and its head."""
    head, found = GENESIS, b""
    for n in range(ENTRIES):
        entry = next_entry(head, "accepted", bytes([n]) * 32, instant(n))
        data = encode_entry(entry)
        found += len(data).to_bytes(1, "big") + data
        head = (entry.seq, entry.hash)
    return found, head


def split(data: bytes) -> list[JournalEntry]:
    """Return the entries of such bytes; raises ValueError."""
    entries = []
    while data:
        length = data[0]
        entries.append(decode_entry(data[1 : 1 + length]))
        data = data[1 + length :]
    return entries


def is_noticed(kept: Kept, data: bytes) -> bool:
    """Tell whether the reader refuses these bytes."""
    try:
        return kept.holds(data) is False
    except (SealError, ValueError):
        return True


def turned(data: bytes, place: int, bit: int) -> bytes:
    """Return the bytes with one bit turned."""
    return data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]


def flip(flips: int) -> tuple[int, list[str]]:
    """Turn about `flips` bits, spread evenly over everything; returns how many, and where none was noticed."""
    kept = everything()
    each = -(-flips // len(kept))
    missed, tried = [], 0
    for one in kept:
        count = min(each, 8 * len(one.data))
        for n in range(count):
            at = n * 8 * len(one.data) // count
            tried += 1
            if not is_noticed(one, turned(one.data, at // 8, (at + n) % 8)):
                missed.append(f"{one.name}, byte {at // 8}")
    return tried, missed


def main(arguments: list[str]) -> int:
    """Turn bits and print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m tests.threats.flips", description=__doc__)
    parser.add_argument("--flips", type=int, default=2000)
    tried, missed = flip(parser.parse_args(arguments).flips)
    told = {
        "tried": tried,
        "noticed_percent": 100.0 * (tried - len(missed)) / tried,
        "missed": missed,
    }
    sys.stdout.write(f"{json.dumps(told)}\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
