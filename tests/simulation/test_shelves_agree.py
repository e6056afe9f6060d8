"""The shelves in memory are the real ones, step by step: the same random calls, the same answers, the same rows."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.mail.models import HallHead, LinkState
from appliance.mail.store import MailStore
from cityhall.mail.arrivals import Earlier, Slip
from cityhall.mail.store import HallMail
from provisioning.simulate.boxdisk import BoxDisk
from provisioning.simulate.boxshelf import BoxShelf
from provisioning.simulate.chance import Chance
from provisioning.simulate.halldisk import HallDisk
from provisioning.simulate.hallshelf import HallShelf
from provisioning.simulate.pool import BUSES, DAWN, pool
from provisioning.simulate.power import Power
from sync.clock import ClockQuality, Instant
from sync.ids import filing_number

STEPS = 60
SEEDS = (1, 2, 3)


class Still:
    """A clock for box and city hall that a test moves by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def wall(self) -> Any:
        """Return the box's time."""
        return DAWN + timedelta(seconds=self.seconds)

    now = wall

    def monotonic(self) -> float:
        """Return the seconds."""
        return self.seconds

    def instant(self) -> Instant:
        """Return the box's moment."""
        return Instant(self.wall(), 2, ClockQuality.SYNCED, 1, int(self.seconds * 1000))


def a_power() -> Power:
    """Return a power that stays on."""
    return Power(lambda _step, _dark: None)


def tried(work: Any) -> Any:
    """Return what a call answers, or the kind of its error."""
    try:
        return work()
    except (KeyError, ValueError, OSError, RuntimeError) as error:
        return type(error).__name__


def box_call(chance: Chance, clock: Still) -> Any:
    """Draw one call on a box's shelf: a function that does it on either."""
    envelope = pool().envelopes[BUSES[0]][chance.count(0, 4)]
    env_id, at = envelope.env_id, clock.instant()
    receipt, number = chance.data(80), filing_number(8, chance.count(1, 9))
    head = HallHead(chance.count(0, 9), chance.one_of((b"a" * 32, b"b" * 32)), "note")
    settled = {"filing_no": number, "head": chance.one_of((head, None)), "at": at}
    item, offset = chance.count(0, 2), chance.count(0, 5000)
    letter = (chance.one_of((b"L" * 16, b"M" * 16)), "correction", b"body")
    link = LinkState("good", at.wall, at.wall, 1, "")
    calls = (
        lambda shelf: shelf.keep(
            envelope, deadline=None, at=at, receipt_for=lambda entry: entry.hash
        ),
        lambda shelf: shelf.sending(env_id),
        lambda shelf: shelf.progressed([(env_id, 0, offset)]),
        lambda shelf: shelf.arrived(env_id, receipt, b"proof", **settled),
        lambda shelf: shelf.complete(env_id, receipt, b"proof", **settled),
        lambda shelf: shelf.refused(env_id, 201, "no"),
        lambda shelf: shelf.retry(env_id),
        lambda shelf: shelf.rearm(at, head),
        lambda shelf: shelf.keep_hall_head(head, at),
        lambda shelf: shelf.hall_head(),
        lambda shelf: shelf.put_letter(*letter, at),
        lambda shelf: shelf.set_link(link),
        lambda shelf: shelf.keep_beacon(b"beacon", at, 7),
        lambda shelf: shelf.part_bytes(env_id, item, offset, 100),
        lambda shelf: shelf.slip(env_id),
        lambda shelf: shelf.due(chance_serial),
        lambda shelf: shelf.purge(at),
    )
    chance_serial = chance.count(0, 3)
    return chance.one_of(calls)


def box_facts(shelf: Any) -> tuple[Any, ...]:
    """Return everything that can be seen of a box's shelf."""
    return (
        shelf.outbox(),
        shelf.entries(),
        shelf.due(),
        shelf.counts(),
        shelf.newest(),
        shelf.letters(),
        shelf.heard_beacon(),
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_ok__the_box_in_memory_answers_like_the_real_one(seed: int, tmp_path: Path) -> None:
    """Every method that desk and uplink use, in any order, also for what is not there."""
    chance, clock = Chance(f"box {seed}"), Still()
    real = MailStore(tmp_path, free_bytes=lambda: 1 << 40)
    memory = BoxShelf(BoxDisk(), a_power(), clock)  # type: ignore[arg-type]
    try:
        for _ in range(STEPS):
            clock.seconds += chance.count(1, 90_000)
            call = box_call(chance, clock)
            assert tried(lambda call=call: call(memory)) == tried(lambda call=call: call(real))
            assert box_facts(memory) == box_facts(real)
    finally:
        real.close()


def hall_call(chance: Chance, clock: Still) -> Any:
    """Draw one call on city hall's shelf: a function that does it on either."""
    device = chance.one_of(BUSES[:2])
    envelope = pool().envelopes[BUSES[0]][chance.count(0, 5)]
    env_id, index = envelope.env_id, chance.count(0, 1)
    pair = [envelope, pool().envelopes[BUSES[0]][chance.count(0, 5)]][: chance.count(1, 2)]
    number = filing_number(8, chance.count(1, 9))
    earlier = chance.one_of((None, Earlier(number, clock.wall())))
    slips = [
        Slip(
            BUSES[0],
            one.header,
            one.slip,
            hashlib.sha256(one.slip).digest(),
            clock.wall(),
            lambda number, place: f"{number} {place}".encode(),
            earlier,
        )
        for one in pair
    ]
    data, offset = chance.data(50), chance.one_of((0, 0, 50, 100))
    letter = (
        device,
        chance.one_of(("correction", "key_bundle")),
        b"body",
        chance.one_of((b"L" * 16, b"M" * 16)),
    )
    known, margin = chance.count(0, 40), 10
    calls = (
        lambda shelf: shelf.have(device, env_id),
        lambda shelf: shelf.write_piece(device, env_id, index, offset, data),
        lambda shelf: shelf.read_pieces(device, env_id, index),
        lambda shelf: shelf.drop_pieces(device, env_id, index),
        lambda shelf: shelf.commit_slips(slips),
        lambda shelf: shelf.commit_slips(slips),
        lambda shelf: shelf.commit_part(env_id, index, data),
        lambda shelf: shelf.commit_part(env_id, index, data),
        lambda shelf: shelf.completed(env_id, lambda number, _place: f"whole {number}".encode()),
        lambda shelf: shelf.part(env_id, index),
        lambda shelf: shelf.post_letter(*letter),
        lambda shelf: shelf.letter_delivered(letter[3], device, clock.wall()),
        lambda shelf: shelf.letter(device, letter[3]),
        lambda shelf: shelf.pull(env_id, index),
        lambda shelf: shelf.skip_numbers(8, known, margin),
        lambda shelf: shelf.bus_came(device, "intake/1", clock.wall(), {}),
        lambda shelf: shelf.witness(min(known, shelf.log_size())),
    )
    return chance.one_of(calls)


def hall_facts(shelf: Any) -> Iterator[Any]:
    """Return everything that can be seen of city hall's shelf."""
    size = shelf.log_size()
    yield (size, shelf.log_root(size), shelf.news(), shelf.newest_sessions())
    yield from (shelf.letters_for(device) for device in BUSES)
    yield from (sorted(shelf.pulls(device)) for device in BUSES)
    for envelope in pool().envelopes[BUSES[0]][:6]:
        answer = shelf.answer(envelope.env_id)
        yield (answer, tried(lambda env_id=envelope.env_id: shelf.slip(env_id)))
        if answer is not None:
            yield (shelf.is_whole(envelope.env_id), shelf.witness(size // 2, answer.log_index))


@pytest.mark.parametrize("seed", SEEDS)
def test_ok__the_hall_in_memory_answers_like_the_real_one(seed: int, tmp_path: Path) -> None:
    """Every method that the intake uses, in any order, also for what is not there."""
    chance, clock = Chance(f"hall {seed}"), Still()
    real = HallMail(tmp_path)
    memory = HallShelf(HallDisk(), a_power(), clock)
    try:
        for _ in range(STEPS):
            clock.seconds += chance.count(1, 900)
            call = hall_call(chance, clock)
            assert tried(lambda call=call: call(memory)) == tried(lambda call=call: call(real))
            assert list(hall_facts(memory)) == list(hall_facts(real))
    finally:
        real.close()
