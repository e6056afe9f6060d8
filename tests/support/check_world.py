"""What may never be broken, whatever went wrong: the seven invariants, looked up in the real folders afterwards."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from appliance.mail.models import OutboxRow
from appliance.mail.store import MailStore
from cityhall.mail.models import Arrival
from cityhall.mail.store import HallMail
from sync.envelope import PartRole
from sync.frames import LOG_ORIGIN
from sync.journal import read_checkpoint, verify_chain
from sync.merkle import Tree
from sync.proof import whole_leaf
from sync.receipt import (
    COMPLETE,
    BoxReceipt,
    HallReceipt,
    decode_proof,
    log_leaf,
    proof_holds,
    read_receipt,
)
from sync.seal import open_part, open_record
from tests.support.fault_world import FaultWorld
from tests.support.makers import (
    BOX,
    COUNTERSIGNER,
    DIVISION,
    make_id,
    make_opening_key,
    make_signer,
)
from tests.support.programs import CANARY, page, record

CONTACTS = 2
LATER = timedelta(days=100)
STAGES = {"kept": 0, "sending": 0, "refused": 0, "arrived": 1, "complete": 2}
RECEIPT_KEPT = re.compile(r"receipt\.kept id=(\w+) stage=(\d)")
RECEIPT_GIVEN = re.compile(r"envelope\.receipted id=(\w+) stage=(\d)")
NUMBERS = {make_id(n): n for n in range(64)}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Both shelves, and what was said by whom."""

    world: FaultWorld
    bus: MailStore
    hall: HallMail
    rows: tuple[OutboxRow, ...]
    arrivals: tuple[Arrival, ...]
    uplink_log: str
    intake_log: str


@contextmanager
def _evidence(world: FaultWorld) -> Iterator[Evidence]:
    # First what was said, then what is so: processes may still be running.
    logs = world.log("uplink"), world.log("intake")
    bus, hall = MailStore(world.bus_mail), HallMail(world.hall_mail)
    try:
        yield Evidence(world, bus, hall, tuple(bus.outbox()), tuple(hall.arrivals()), *logs)
    finally:
        bus.close()
        hall.close()


def check_world(world: FaultWorld, *, forgot: bool = False) -> None:
    """Raise AssertionError naming every broken invariant; `forgot`: city hall was restored from a backup."""
    with _evidence(world) as seen:
        broken = [*_lost(seen), *_doubled(seen), *_open(seen), *_chains(seen, forgot=forgot)]
        broken += [*_receipts(seen), *_orphans(seen), *_untrue(seen)]
    assert not broken, "\n".join([*broken, world.words()])


def check_words(world: FaultWorld) -> None:
    """Raise AssertionError when, right after a fault, a word that was given is not borne out by the folders."""
    with _evidence(world) as seen:
        broken = list(_untrue(seen))
    assert not broken, "\n".join([*broken, world.words()])


def check_shelf(world: FaultWorld) -> None:
    """Raise AssertionError unless the bus's shelf alone holds what it must, before any contact."""
    bus = MailStore(world.bus_mail)
    try:
        rows = {row.env_id: row for row in bus.outbox()}
        broken = [
            f"I1 {env_id.hex()} was acknowledged and is not on the shelf with that receipt"
            for env_id, receipt in acknowledged(world.said)
            if env_id not in rows or rows[env_id].box_receipt != receipt
        ]
        for env_id in rows:
            broken += _differs(env_id, bus.slip(env_id), lambda i, e=env_id: bus.part(e, i))
        verify_chain(bus.entries())
        found = {path.name for path in (world.bus_mail / "parts").iterdir()}
    finally:
        bus.close()
    assert not broken, "\n".join(broken)
    assert {env_id.hex() for env_id in rows} <= found


def acknowledged(said: list[str]) -> Iterator[tuple[bytes, bytes]]:
    """Yield (envelope, receipt) of each line that told an applicant "kept"."""
    for line in said:
        word, *rest = line.split()
        if word == "kept":
            yield bytes.fromhex(rest[0]), bytes.fromhex(rest[2])


def _lost(seen: Evidence) -> Iterator[str]:
    """I1: what was acknowledged is at both ends, and opens at the office to what the applicant handed in."""
    rows = {row.env_id: row for row in seen.rows}
    arrived = {one.env_id: one for one in seen.arrivals}
    for env_id, receipt in acknowledged(seen.world.said):
        if env_id not in rows or rows[env_id].box_receipt != receipt:
            yield f"I1 {env_id.hex()}: the bus forgot its own word"
        if env_id not in arrived or not arrived[env_id].complete:
            yield f"I1 {env_id.hex()}: city hall does not have it whole"
    for env_id in arrived:
        slip = seen.hall.slip(env_id)
        yield from _differs(env_id, slip, lambda i, e=env_id: seen.hall.part(e, i) or b"")


def _differs(env_id: bytes, slip: bytes, part: Callable[[int], bytes]) -> Iterator[str]:
    """Yield a sentence unless slip and parts open to the application they were made from."""
    n, key, sender = NUMBERS[env_id], make_opening_key(DIVISION), make_signer(BOX).public
    if open_record(slip, key, sender) != record(n):
        yield f"I1 {env_id.hex()}: its record is another one"
    for index, role in enumerate((PartRole.PREVIEW, PartRole.PAGE)):
        if open_part(slip, index, part(index), key, sender) != page(n, role):
            yield f"I1 {env_id.hex()}: part {index} is another one"


def _doubled(seen: Evidence) -> Iterator[str]:
    """I2: one number an envelope and one envelope a number, the same at both ends."""
    numbers = {one.env_id: one.filing_no for one in seen.arrivals}
    if not len(numbers) == len(set(numbers.values())) == len(seen.arrivals) == len(seen.rows):
        yield f"I2 {len(seen.rows)} kept, {len(seen.arrivals)} filed, {len(set(numbers.values()))} numbers"
    places = {one.log_index for one in seen.arrivals}
    if len(places) < len(seen.arrivals) or not places <= set(range(seen.hall.log_size())):
        yield "I2 the log's places are not each taken once"
    yield from (
        f"I2 {row.env_id.hex()}: the bus says {row.filing_no}, city hall {numbers.get(row.env_id)}"
        for row in seen.rows
        if row.filing_no != numbers.get(row.env_id)
    )


def _open(seen: Evidence) -> Iterator[str]:
    """I3: nothing in the keyless rooms' folders can be read."""
    needles = [CANARY.encode(one) for one in ("utf-8", "cp932", "utf-16-le")]
    for folder in seen.world.keyless:
        for path in folder.rglob("*"):
            if path.is_file() and any(needle in path.read_bytes() for needle in needles):
                yield f"I3 {path.name} can be read by anybody"


def _log(seen: Evidence) -> Iterator[bytes]:
    """Make the log anew: each filing's leaf at its place, and between them the envelopes as they became whole."""
    filed = {one.log_index: one for one in seen.arrivals}
    whole = sorted((one for one in seen.arrivals if one.complete), key=lambda one: one.moved)
    for place in range(len(filed) + len(whole)):
        one, leaf = (filed[place], log_leaf) if place in filed else (whole.pop(0), whole_leaf)
        yield leaf(hashlib.sha256(seen.hall.slip(one.env_id)).digest(), one.filing_no)


def _chains(seen: Evidence, *, forgot: bool) -> Iterator[str]:
    """I4: the journal's chain holds, the log is what its leaves make, every head the bus saw is a beginning of it."""
    entries = seen.bus.entries()
    verify_chain(entries)
    if not forgot and any(entry.kind == "alarm" for entry in entries):
        yield "I4 the bus saw city hall's history break"
    leaves = Tree(_log(seen))
    if (len(leaves), leaves.root()) != (seen.hall.log_size(), seen.hall.log_root(len(leaves))):
        yield "I4 the log's root is not the root of its filings and completions"
    notes = [decode_proof(row.proof).checkpoint for row in seen.rows if row.proof]
    head = seen.bus.hall_head()
    key = make_signer(COUNTERSIGNER).public
    for note in (*notes, *([head.note] if head is not None else [])):
        told = read_checkpoint(note, key)
        if told.origin != LOG_ORIGIN or told.size > len(leaves):
            yield f"I4 a head of {told.size} filings was signed, the log has {len(leaves)}"
        elif not forgot and told.root != leaves.root(told.size):
            yield f"I4 the head of {told.size} filings is no beginning of the log"


def _receipts(seen: Evidence) -> Iterator[str]:
    """I5: both receipts verify with the bundle alone, and the filing time lies inside what city hall attests."""
    objects = {entry.seq: entry.object_hash for entry in seen.bus.entries()}
    for row in seen.rows:
        box = read_receipt(row.box_receipt, seen.world.bundle)
        hall = read_receipt(row.hall_receipt or b"", seen.world.bundle)
        if not isinstance(box, BoxReceipt) or not isinstance(hall, HallReceipt):
            yield f"I5 {row.env_id.hex()}: a receipt is not what it should be"
            continue
        if objects[box.journal_seq] != box.envelope_sha256:
            yield f"I5 {row.env_id.hex()}: the journal's entry speaks of something else"
        if not hall.not_before <= hall.filed <= hall.received or hall.stage != COMPLETE:
            yield f"I5 {row.env_id.hex()}: filed outside its bounds, or not complete"
        if hall.envelope_sha256 != box.envelope_sha256 or hall.filing_no != row.filing_no:
            yield f"I5 {row.env_id.hex()}: city hall's receipt is for another envelope"
        if not proof_holds(hall, decode_proof(row.proof or b"")):
            yield f"I5 {row.env_id.hex()}: the proof does not hold"


def _orphans(seen: Evidence) -> Iterator[str]:
    """I6: at most two contacts were needed, and after each room's own sweep nothing lies about that no row knows."""
    world = seen.world
    if world.sessions_after_faults > CONTACTS:
        yield f"I6 {world.sessions_after_faults} contacts until all was settled"
    now = datetime.now(UTC) + LATER
    seen.bus.sweep(now)
    seen.hall.sweep(now)
    known = {row.env_id.hex() for row in seen.rows}
    parts = {path.name for path in (world.bus_mail / "parts").iterdir()}
    pieces = list((world.hall_mail / "pieces").iterdir())
    blobs = {path.name for path in (world.hall_mail / "blobs").glob("*/*")}
    arrived = {one.env_id.hex() for one in seen.arrivals}
    if parts != known or pieces or blobs != arrived:
        yield f"I6 orphans: parts {parts ^ known}, pieces {pieces}, blobs {blobs ^ arrived}"
    sides = [*world.bus_mail.rglob("*.part"), *world.hall_mail.rglob("*.part")]
    if sides:
        yield f"I6 half files stay: {sides}"


def _untrue(seen: Evidence) -> Iterator[str]:
    """I7: whatever a process said it had done is so."""
    states = {row.env_id.hex(): STAGES[row.state] for row in seen.rows}
    for env_id, stage in RECEIPT_KEPT.findall(seen.uplink_log):
        if states.get(env_id, 0) < int(stage):
            yield f"I7 {env_id}: the bus said it holds receipt {stage} and does not"
    filed = {one.env_id.hex(): 1 + one.complete for one in seen.arrivals}
    for env_id, stage in RECEIPT_GIVEN.findall(seen.intake_log):
        if filed.get(env_id, 0) < int(stage):
            yield f"I7 {env_id}: city hall gave receipt {stage} and does not know of it"
    head = seen.bus.hall_head()
    if head is not None and head.size > seen.hall.log_size():
        yield f"I7 city hall signed {head.size} filings and has {seen.hall.log_size()}"
