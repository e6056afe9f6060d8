"""A box of the city that went bad and read an envelope's id off a receipt: what it can do to another box's filing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.uplink.dial import HallDialler
from cityhall.mail import store
from provisioning.certificates import make_box
from sync.frames import Frame, Hello, Offer, Piece, Refuse, decode_frame, encode_frame
from sync.line import Line
from sync.refusals import Refused
from tests.support.houses import Bus, Hall, make_houses, until
from tests.support.makers import (
    instant,
    make_bundle,
    make_device,
    make_envelope,
    make_id,
    make_parts,
)

SEALED = make_envelope(0, parts=make_parts(1, page_bytes=20_000))


@asynccontextmanager
async def beside(folder: Path) -> AsyncIterator[tuple[Hall, Bus, Line]]:
    """Give a hall, the honest box with one envelope kept, and a line on which the bad box said hello."""
    hall, bus = make_houses(folder)
    devices = [make_device(), make_device("bus-08", signer=5, reading=14)]
    hall.publish(make_bundle(2, devices=devices))
    await hall.start()
    bus.port = hall.port
    bus.mail.keep(SEALED, deadline=None, at=instant(), receipt_for=lambda _entry: b"box")
    bad = make_box(hall.authority, "bus-08", datetime.now(UTC))
    (folder / "bad.pem").write_bytes(bad.certificate)
    (folder / "bad.key").write_bytes(bad.key)
    url = f"wss://127.0.0.1:{hall.port}/bus"
    dialler = HallDialler(url, bus.folder / "ca.pem", folder / "bad.pem", folder / "bad.key")
    try:
        async with dialler.dial() as line:
            await say(line, Hello("bus-08", bytes(8), "", 0))
            await hear(line)
            yield hall, bus, line
    finally:
        await bus.stop()
        await hall.stop()


async def say(line: Line, frame: Frame) -> None:
    """Send one frame."""
    await line.send(encode_frame(frame))


async def hear(line: Line) -> Frame:
    """Return the next frame."""
    async with asyncio.timeout(60):
        return decode_frame(await line.receive() or b"")


async def test_rubbish_under_the_same_id_spoils_nothing(tmp_path: Path) -> None:
    """Half a slip of the bad box lies there; the honest box's own is filed all the same."""
    async with beside(tmp_path) as (_hall, bus, line):
        await say(line, Offer(SEALED.env_id, len(SEALED.slip), 0, fresh=False))
        await hear(line)
        await say(line, Piece(SEALED.env_id, 0, 0, b"rubbish"))
        await hear(line)
        bus.mail.sending(SEALED.env_id)
        await bus.start()
        await until(bus.all_are("complete"))


async def test_another_boxs_filing_is_not_told(tmp_path: Path) -> None:
    """No receipt, no filing number, no word of what is here."""
    async with beside(tmp_path) as (_hall, bus, line):
        await bus.start()
        await until(bus.all_are("complete"))
        await say(line, Offer(SEALED.env_id, len(SEALED.slip), 0, fresh=False))
        answer = await hear(line)
        assert isinstance(answer, Refuse)
        assert (answer.code, answer.thing_id) == (Refused.SLIP_SENDER, SEALED.env_id)


async def test_a_box_that_begins_too_much_is_sent_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its number, and the honest box is not touched."""
    monkeypatch.setattr(store, "HALF_ENVELOPES_LIMIT", 1)
    async with beside(tmp_path) as (_hall, bus, line):
        for n in (1, 2):
            await say(line, Offer(make_id(n), 100, 0, fresh=True))
            await say(line, Piece(make_id(n), 0, 0, b"half"))
        answers = [await hear(line), await hear(line)]
        assert isinstance(answers[1], Refuse)
        assert answers[1].code == Refused.TOO_MUCH
        await bus.start()
        await until(bus.all_are("complete"))
