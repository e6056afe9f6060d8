"""Several roads to one item: two requests at once, the box's own session before, after and beside the door."""

import asyncio
import contextlib
import ssl
from pathlib import Path

from aiohttp import ClientWebSocketResponse

from sync.frames import Hello, Offer, Piece, Refuse, decode_frame, encode_frame
from sync.refusals import Refused
from tests.support.door import (
    DEADLINE_S,
    appending,
    at_the_door,
    target,
)
from tests.support.houses import until
from tests.support.makers import (
    instant,
    make_envelope,
    make_parts,
)

SEALED = make_envelope(0, parts=make_parts(1, page_bytes=200_000))
SLIP, PAGE = SEALED.slip, SEALED.parts[1]


async def test_of_two_writers_the_newer_one_goes_on(tmp_path: Path) -> None:
    """The older line is ended, what came over it is kept, and no byte of either is mixed."""
    async with at_the_door(tmp_path) as stranger:
        await stranger.upload(SEALED, 0)
        path = await stranger.create(SEALED, 2)
        async with stranger.half(path, appending(0, len(PAGE)), PAGE[:70_000]) as (reader, _):
            await until(lambda: stranger.held(SEALED, 2) >= 65_536, DEADLINE_S)
            durable = await stranger.offset(path)
            assert 65_536 <= durable <= 70_000
            async with asyncio.timeout(DEADLINE_S):
                with contextlib.suppress(ConnectionError, ssl.SSLError):
                    assert await reader.read() == b""
        answer = await stranger.append(path, durable, PAGE[durable:], ends=True)
        assert answer.status == 200
        assert stranger.hall.mail.part(SEALED.env_id, 1) == PAGE


async def test_two_at_the_same_offset_never_both_win(tmp_path: Path) -> None:
    """Four requests at once, all from byte 0: one is taken, the others learn the offset or lose their line."""
    async with at_the_door(tmp_path) as stranger:
        path = await stranger.create(SEALED, 0)
        answers = await asyncio.gather(
            *(stranger.append(path, 0, SLIP[:2_000]) for _ in range(4)), return_exceptions=True
        )
        taken = [one for one in answers if getattr(one, "status", 0) == 204]
        assert len(taken) <= 1
        assert await stranger.offset(path) == 2_000


async def test_what_the_bus_began_is_finished_at_the_door(tmp_path: Path) -> None:
    """Half a slip came over the box's own session: the new upload stands at that byte."""
    async with at_the_door(tmp_path) as stranger:
        stranger.hall.mail.write_piece("bus-07", SEALED.env_id, 0, 0, SLIP[:2_345])
        made = await stranger.say(
            "POST", target(SEALED, 0), Upload_Complete="?0", Upload_Length=str(len(SLIP))
        )
        assert made.headers["Upload-Offset"] == "2345"
        answer = await stranger.append(made.headers["Location"], 2_345, SLIP[2_345:])
        assert answer.headers["Upload-Complete"] == "?1"


async def test_what_the_door_began_the_bus_finishes(tmp_path: Path) -> None:
    """Slip and half a page came at the door: the box's own uplink brings the rest and has both receipts."""
    async with at_the_door(tmp_path) as stranger:
        await stranger.upload(SEALED, 0)
        path = await stranger.create(SEALED, 2)
        await stranger.append(path, 0, PAGE[:90_000])
        bus = stranger.bus
        bus.port = stranger.hall.port
        bus.mail.keep(SEALED, deadline=None, at=instant(), receipt_for=lambda _entry: b"box")
        await bus.start()
        try:
            await until(bus.all_are("complete"), DEADLINE_S)
        finally:
            await bus.stop()
        assert await stranger.offset(path) == len(PAGE)


async def test_a_session_whose_item_the_door_finished_is_told_to_dial_again(tmp_path: Path) -> None:
    """Its next piece has nothing to stand behind; nothing is broken, the next hello learns what is durable."""
    async with at_the_door(tmp_path) as stranger:
        await stranger.upload(SEALED, 0)
        path = await stranger.create(SEALED, 2)
        async with stranger.web.ws_connect(f"{stranger.base}/bus") as line:
            for frame in (
                Hello("bus-07", bytes(8), "", 0),
                Offer(SEALED.env_id, len(SLIP), 1, fresh=False),
                Piece(SEALED.env_id, 2, 0, PAGE[:50_000]),
            ):
                await line.send_bytes(encode_frame(frame))
            await until(lambda: stranger.held(SEALED, 2) == 50_000, DEADLINE_S)
            assert (await stranger.append(path, 50_000, PAGE[50_000:], ends=True)).status == 200
            await line.send_bytes(
                encode_frame(Piece(SEALED.env_id, 2, 50_000, PAGE[50_000:60_000]))
            )
            refused = await last_word(line)
        assert refused.code == Refused.NEWER_SESSION
        assert (await stranger.upload(SEALED, 1)).headers["Upload-Complete"] == "?1"
        assert (await stranger.view(SEALED))["stage"] == 2


async def last_word(line: ClientWebSocketResponse) -> Refuse:
    """Return the refusal that ends a session."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            frame = decode_frame(await line.receive_bytes())
            if isinstance(frame, Refuse):
                return frame
