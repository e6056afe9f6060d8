"""A box is revoked while it sends: what its journal had before still comes in, what it makes later never does."""

from pathlib import Path

import pytest

from sync.errors import FailureKind, SealError
from sync.refusals import Refused
from sync.seal import open_record
from tests.support.houses import Bus, Hall, make_houses, until
from tests.support.makers import (
    READING,
    instant,
    make_bundle,
    make_device,
    make_envelope,
    make_id,
    make_opening_key,
    make_parts,
    make_signer,
)
from tests.support.relay import Relay


def keep(bus: Bus, n: int, page_bytes: int = 9_000) -> int:
    """Keep application n as the desk does; returns the number of its journal entry."""
    sealed = make_envelope(n, parts=make_parts(page_bytes=page_bytes), journal=bus.mail.head())
    kept = bus.mail.keep(sealed, deadline=None, at=instant(n), receipt_for=lambda _: b"box")
    return kept.entry.seq


def revoke(hall: Hall, version: int, journal: int) -> None:
    """Publish that the box is revoked and believed up to this entry."""
    hall.publish(make_bundle(version, devices=[make_device(revoked=True, journal=journal)]))


def here(hall: Hall) -> set[bytes]:
    """Return the envelopes that are whole at city hall."""
    return {one.env_id for one in hall.mail.arrivals() if one.complete}


async def test_a_box_revoked_in_the_middle_of_its_sending(tmp_path: Path) -> None:
    """Four were journaled before, one afterwards: the four come in, the fifth is set aside, then the box is let go."""
    hall, bus = make_houses(tmp_path)
    await hall.start()
    relay = Relay(hall.port)
    await relay.start()
    bus.port = relay.port
    before = [keep(bus, n, page_bytes=400_000) for n in range(4)]
    await bus.start()
    uplink = bus.uplink
    assert uplink is not None
    try:
        await until(lambda: bool(hall.mail.arrivals()))
        revoke(hall, 2, before[-1])
        keep(bus, 4)
        uplink.link.hint()
        await until(lambda: here(hall) == {make_id(n) for n in range(4)})
        await until(lambda: uplink.status.counts["refused"] > 0)
        assert bus.states() == ["complete"] * 4 + ["refused"]
        assert len(hall.mail.arrivals()) == 4
    finally:
        await bus.stop()
        await relay.stop()
        await hall.stop()


async def test_a_revoked_box_that_still_sends_is_sent_nothing(tmp_path: Path) -> None:
    """What it journaled before comes in; the sealed letters in its tray stay at city hall, whatever it says waits."""
    hall, bus = make_houses(tmp_path)
    revoke(hall, 2, keep(bus, 0, page_bytes=400_000))
    hall.mail.post_letter("bus-07", "visit_pack", bytes(100), make_id(900), at=instant().wall)
    await hall.start()
    bus.port = hall.port
    await bus.start()
    uplink = bus.uplink
    assert uplink is not None
    try:
        await until(lambda: here(hall) == {make_id(0)})
        await until(lambda: uplink.status.counts["refused"] > 0)
        assert hall.mail.letters_for("bus-07") == [make_id(900)]
        assert bus.mail.letters("visit_pack") == []
    finally:
        await bus.stop()
        await hall.stop()


async def test_a_lost_box_that_was_found_may_be_believed_further(tmp_path: Path) -> None:
    """Its own printed receipts name later entries: the city says so, and the next contact brings them."""
    hall, bus = make_houses(tmp_path)
    await hall.start()
    bus.port = hall.port
    first, second = keep(bus, 0), keep(bus, 1)
    revoke(hall, 2, first)
    await hall.heeds(2)
    await bus.start()
    try:
        await until(lambda: "refused" in bus.states())
        await until(lambda: here(hall) == {make_id(0)})
        revoke(hall, 3, second)
        await hall.heeds(3)
        await bus.stop()
        bus.mail.retry(make_id(1))
        await bus.start()
        await until(lambda: here(hall) == {make_id(0), make_id(1)})
    finally:
        await bus.stop()
        await hall.stop()


def test_the_box_s_own_keys_open_nothing(tmp_path: Path) -> None:
    """A thief with every key of the box, its PIN included, opens none of the envelopes on it."""
    _, bus = make_houses(tmp_path)
    for n in range(3):
        keep(bus, n)
    reading = make_opening_key(READING)
    for n in range(3):
        with pytest.raises(SealError) as caught:
            open_record(bus.mail.slip(make_id(n)), reading, make_signer().public)
        assert caught.value.kind is FailureKind.NO_MATCH


async def test_a_revoked_box_with_nothing_from_before_is_turned_away(tmp_path: Path) -> None:
    """Nothing waits on it, or nothing of it is believed: the refusal is the whole session's."""
    hall, bus = make_houses(tmp_path)
    await hall.start()
    bus.port = hall.port
    revoke(hall, 2, 9)
    await hall.heeds(2)
    await bus.start()
    uplink = bus.uplink
    assert uplink is not None
    try:
        await until(lambda: uplink.status.counts["refused"] > 0)
        told = uplink.status.view()["cause"]
        assert told["code"] == Refused.REVOKED_DEVICE
    finally:
        await bus.stop()
        await hall.stop()
