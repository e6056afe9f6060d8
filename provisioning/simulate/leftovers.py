"""What is left to do, and what is left over: nothing waits and nothing is orphaned once the faults stop (I6, I3)."""

from collections.abc import Iterator

from appliance.mail.rows import OPEN_STATES
from provisioning.simulate.boxdisk import BoxRow
from provisioning.simulate.halldisk import HallRow
from provisioning.simulate.pool import CANARY
from provisioning.simulate.world import World


def unsettled(world: World) -> Iterator[str]:
    """Name what still has to happen before everything is settled."""
    tables = world.hall.disk.tables
    for name, box in world.boxes.items():
        if name in world.revoked:
            continue
        for row in box.disk.tables.rows.values():
            yield from _row(name, row, tables.rows.get(row.env_id))
        letters = box.disk.tables.letters
        for letter_id, body in world.posted.get(name, {}).items():
            if letter_id not in letters:
                yield f"I6 {name} has no letter {letter_id.hex()[:6]}"
            elif letters[letter_id].body != body:
                yield f"I2 {name}'s letter {letter_id.hex()[:6]} has other bytes"
            elif (name, letter_id) not in tables.delivered:
                yield f"I6 city hall does not know that {name} has letter {letter_id.hex()[:6]}"
    for env_id, index in tables.pulls:
        if tables.rows[env_id].device not in world.revoked and not _card_lost(world, env_id):
            yield f"I6 part {index} of {env_id.hex()[:6]} is still pulled"


def _row(name: str, row: BoxRow, filed: HallRow | None) -> Iterator[str]:
    place = f"I6 {name}'s application {row.serial}"
    if row.state in OPEN_STATES:
        yield f"{place} is still {row.state}"
    elif row.refusal is not None:
        yield f"{place} was refused: {row.refusal}"
    elif filed is None:
        yield f"{place} is {row.state}, and city hall does not have it"
    elif filed.filing_no != row.filing_no:
        yield f"I2 {place[3:]} is {row.filing_no} on the bus and {filed.filing_no} at city hall"
    elif filed.final_receipt is None:
        yield f"{place} is {row.state}, and city hall misses a part"


def _card_lost(world: World, env_id: bytes) -> bool:
    told = world.told.get(env_id)
    return told is None or told.lost_with_card


def leftovers(world: World, log: tuple[int, bytes], *, purged: bool) -> Iterator[str]:
    """Name what is left over at the end of the day; `purged`: the grace is over for everything, `log`: its head."""
    hall = world.hall.disk
    for device, env_id, item in hall.pieces.seen:
        if env_id in hall.tables.rows:
            yield f"I6 item {item} of an envelope of {device} lies half at city hall for ever"
    for name, box in world.boxes.items():
        head = box.disk.tables.head_seen()
        if name not in world.revoked and head != log:
            yield f"I6 {name} knows a head of {head[0]}, the log has {log[0]}"
        if purged and name not in world.revoked:
            for row in box.disk.tables.rows.values():
                if not row.purged:
                    yield f"I6 {name}'s application {row.serial} was not purged"
        unpurged = {row.env_id for row in box.disk.tables.rows.values() if not row.purged}
        for env_id in {env_id for env_id, _ in box.disk.files.seen} - unpurged:
            yield f"I6 files of {env_id.hex()[:6]} are orphaned on {name}"
    stored = [*hall.blobs.seen.values(), *hall.pieces.seen.values()]
    stored += [data for box in world.boxes.values() for data in box.disk.files.seen.values()]
    if any(CANARY in data for data in stored):
        yield "I3 plaintext lies on a disk"
