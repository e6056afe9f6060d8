"""The standards door in the IETF's way, over real TLS: whole envelopes, cuts, replays, and who is refused."""

import asyncio
import base64
import contextlib
import hashlib
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector

from appliance.uplink.dial import client_context
from cityhall.intake.body import Pace
from cityhall.intake.door import Limits
from provisioning.certificates import make_box
from sync.frames import Hello, Offer, Piece, Refuse, decode_frame, encode_frame
from sync.proof import decode_proof
from sync.receipt import COMPLETE, HallReceipt, proof_holds, read_receipt
from sync.refusals import Refused
from tests.support.door import (
    DEADLINE_S,
    Stranger,
    appending,
    at_the_door,
    target,
)
from tests.support.houses import until
from tests.support.makers import (
    COUNTERSIGNER,
    instant,
    make_bundle,
    make_device,
    make_envelope,
    make_parts,
    make_signer,
)

SEALED = make_envelope(0, parts=make_parts(1, page_bytes=200_000))
BOTH = [make_device(), make_device("bus-08", signer=5, reading=14)]
SLIP, PAGE = SEALED.slip, SEALED.parts[1]


async def test_an_envelope_goes_in_and_its_receipts_come_back(tmp_path: Path) -> None:
    """Slip, preview, page; the last answer is what city hall knows: stage 2, a number, a proof that holds."""
    async with at_the_door(tmp_path) as stranger:
        for item in (0, 1, 2):
            answer = await stranger.upload(SEALED, item)
            assert (answer.status, answer.headers["Upload-Complete"]) == (200, "?1")
        told = await answer.json()
        assert told == await stranger.view(SEALED)
        receipt = read_receipt(
            base64.b64decode(told["receipts"][1]), lambda _id: make_signer(COUNTERSIGNER).public
        )
        assert isinstance(receipt, HallReceipt)
        assert (told["stage"], receipt.stage) == (2, COMPLETE)
        assert receipt.filing_no == told["filing_no"]
        assert proof_holds(receipt, decode_proof(base64.b64decode(told["proof"])))
        assert stranger.hall.mail.part(SEALED.env_id, 1) == PAGE


async def test_a_cut_keeps_exactly_what_was_sent(tmp_path: Path) -> None:
    """The line breaks after 100,001 bytes of the body: so many are durable, and the rest makes the item whole."""
    async with at_the_door(tmp_path) as stranger:
        await stranger.upload(SEALED, 0)
        path = await stranger.create(SEALED, 2)
        async with stranger.half(path, appending(0, len(PAGE)), PAGE[:100_001]) as (_, writer):
            await until(lambda: held(stranger) >= 65_536, DEADLINE_S)
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()
        await until(lambda: held(stranger) == 100_001, DEADLINE_S)
        assert await stranger.offset(path) == 100_001
        last = await stranger.append(path, 100_001, PAGE[100_001:], ends=True)
        assert last.status == 200


def held(stranger: Stranger, item: int = 2) -> int:
    """Look on the shelf how much of an item is durable."""
    return stranger.hall.mail.have("bus-07", SEALED.env_id).items[item][1]


async def test_a_restarted_intake_goes_on_from_the_same_byte(tmp_path: Path) -> None:
    """The upload's name and its bytes outlive the process."""
    async with at_the_door(tmp_path) as stranger:
        path = await stranger.create(SEALED, 0)
        await stranger.append(path, 0, SLIP[:5_000])
        await stranger.hall.stop()
        await stranger.hall.start()
        assert await stranger.offset(path) == 5_000
        assert (await stranger.append(path, 5_000, SLIP[5_000:])).status == 200


async def test_a_wrong_offset_is_told_the_right_one(tmp_path: Path) -> None:
    """Also when it is the replay of a request that came already: nothing is kept twice."""
    async with at_the_door(tmp_path) as stranger:
        path = await stranger.create(SEALED, 0)
        await stranger.append(path, 0, SLIP[:4_000])
        for offset in (0, 3_999, 4_001):
            answer = await stranger.append(path, offset, SLIP[offset : offset + 10])
            problem = await answer.json()
            assert (answer.status, answer.headers["Upload-Offset"]) == (409, "4000")
            assert problem["type"].endswith("#mismatching-upload-offset")
            assert (problem["expected-offset"], problem["provided-offset"]) == (4_000, offset)


async def test_a_complete_upload_may_be_asked_and_finished_again(tmp_path: Path) -> None:
    """The answer was lost: the offset says all, an empty last PATCH gives the answer again."""
    async with at_the_door(tmp_path) as stranger:
        path = await stranger.create(SEALED, 0)
        first = await stranger.append(path, 0, SLIP, ends=True)
        told = await stranger.say("HEAD", path)
        assert told.headers["Upload-Complete"] == "?1"
        again = await stranger.append(path, len(SLIP), b"", ends=True)
        assert (await again.json())["receipts"] == (await first.json())["receipts"]


async def test_a_slip_of_unknown_length_is_whole_when_the_client_says_so(tmp_path: Path) -> None:
    """No Upload-Length anywhere; the last body's end is the slip's."""
    async with at_the_door(tmp_path) as stranger:
        made = await stranger.say("POST", target(SEALED, 0), Upload_Complete="?0")
        path = made.headers["Location"]
        await stranger.append(path, 0, SLIP[:3_000])
        assert "Upload-Length" not in (await stranger.say("HEAD", path)).headers
        answer = await stranger.append(path, 3_000, SLIP[3_000:], ends=True)
        assert (await answer.json())["stage"] == 1


async def test_one_request_is_enough_when_nothing_breaks(tmp_path: Path) -> None:
    """POST with the whole slip."""
    async with at_the_door(tmp_path) as stranger:
        answer = await stranger.say("POST", target(SEALED, 0), SLIP, Upload_Complete="?1")
        assert (await answer.json())["stage"] == 1


async def test_a_part_before_its_slip_is_told_to_wait(tmp_path: Path) -> None:
    """A problem document that names place, rule, fact, remedy and our number."""
    async with at_the_door(tmp_path) as stranger:
        answer = await stranger.say(
            "POST", target(SEALED, 2), Upload_Complete="?0", Upload_Length=str(len(PAGE))
        )
        problem = await answer.json(content_type="application/problem+json")
        assert (answer.status, problem["refusal"]) == (409, Refused.NOT_OFFERED)
        assert all(problem[word] for word in ("place", "rule", "fact", "remedy"))


async def test_a_body_that_is_too_long_is_refused_unread(tmp_path: Path) -> None:
    """A terabyte is announced: the answer comes before a byte of it, also to a client that waits for 100."""
    async with at_the_door(tmp_path) as stranger:
        path = await stranger.create(SEALED, 0)
        announced = appending(0, 10**12) | {"Expect": "100-continue"}
        async with stranger.half(path, announced, b"") as (reader, _), asyncio.timeout(DEADLINE_S):
            assert await reader.readline() == b"HTTP/1.1 413 Request Entity Too Large\r\n"


async def test_more_than_the_item_has_closes_the_upload(tmp_path: Path) -> None:
    """Whoever sends more than was sealed has other bytes; the name is gone."""
    async with at_the_door(tmp_path) as stranger:
        path = await stranger.create(SEALED, 0)
        answer = await stranger.append(path, 0, SLIP + b"x")
        assert (answer.status, (await answer.json())["refusal"]) == (400, Refused.TOO_LARGE)
        assert (await stranger.say("HEAD", path)).status == 404


@pytest.mark.parametrize(("spoilt", "status"), [(b"", 200), (b"x", 400)])
async def test_a_body_is_what_its_digest_says(tmp_path: Path, spoilt: bytes, status: int) -> None:
    """Content-Digest of RFC 9530: other bytes are dropped, and the upload's name is gone."""
    async with at_the_door(tmp_path) as stranger:
        digest = base64.b64encode(hashlib.sha256(SLIP + spoilt).digest()).decode()
        answer = await stranger.say(
            "POST",
            target(SEALED, 0),
            SLIP,
            Upload_Complete="?1",
            Content_Digest=f"sha-256=:{digest}:, md5=:AA==:",
        )
        assert answer.status == status
        assert (stranger.hall.mail.answer(SEALED.env_id) is None) == bool(spoilt)


async def test_a_full_disk_is_told_before_the_body(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """507 and the number, unread; with room again the same upload goes on."""
    async with at_the_door(tmp_path) as stranger:
        path = await stranger.create(SEALED, 0)
        with monkeypatch.context() as patch:
            patch.setattr("cityhall.intake.appending.ROOM_RESERVE", 1 << 60)
            async with stranger.half(path, appending(0, len(SLIP)), b"") as (reader, _):
                assert b" 507 " in await reader.readline()
        assert (await stranger.append(path, 0, SLIP, ends=True)).status == 200


async def test_a_dripping_body_is_let_go_and_its_bytes_are_kept(tmp_path: Path) -> None:
    """Too slow for the pace: 408, the connection closed, the bytes durable."""
    limits = Limits(body=Pace(bytes_per_s=1000, patience_s=0.2))
    async with at_the_door(tmp_path, limits) as stranger:
        path = await stranger.create(SEALED, 0)
        async with (
            stranger.half(path, appending(0, len(SLIP)), SLIP[:10]) as (reader, _),
            asyncio.timeout(DEADLINE_S),
        ):
            assert await reader.readline() == b"HTTP/1.1 408 Request Timeout\r\n"
        assert await stranger.offset(path) == 10


async def test_of_two_writers_the_newer_one_goes_on(tmp_path: Path) -> None:
    """The older line is ended, what came over it is kept, and no byte of either is mixed."""
    async with at_the_door(tmp_path) as stranger:
        await stranger.upload(SEALED, 0)
        path = await stranger.create(SEALED, 2)
        async with stranger.half(path, appending(0, len(PAGE)), PAGE[:70_000]) as (reader, _):
            await until(lambda: held(stranger) >= 65_536, DEADLINE_S)
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


async def test_a_part_that_does_not_match_may_come_once_more(tmp_path: Path) -> None:
    """Dropped with 207, its name gone; the second time the item is refused, until it is forgotten."""
    async with at_the_door(tmp_path) as stranger:
        await stranger.upload(SEALED, 0)
        for _ in range(2):
            path = await stranger.create(SEALED, 2)
            answer = await stranger.append(path, 0, bytes(len(PAGE)), ends=True)
            problem = await answer.json()
            assert (answer.status, problem["refusal"]) == (422, Refused.PART_MISMATCH)
            assert answer.headers["Upload-Complete"] == "?1"
            assert (await stranger.say("HEAD", path)).status == 404
        again = await stranger.say("POST", target(SEALED, 2), Upload_Complete="?0")
        assert (await again.json())["refusal"] == Refused.PART_MISMATCH
        assert (await stranger.say("DELETE", target(SEALED, 2))).status == 204
        assert (await stranger.upload(SEALED, 2)).status == 200


async def test_a_slip_that_does_not_hold_is_told_its_number(tmp_path: Path) -> None:
    """Somebody signed who is not the box."""
    async with at_the_door(tmp_path) as stranger:
        answer = await stranger.upload(make_envelope(0, signer=make_signer(99), parts=[]), 0)
        assert (answer.status, (await answer.json())["refusal"]) == (422, Refused.SLIP_SIGNATURE)


async def test_a_cancelled_upload_is_gone_with_its_bytes(tmp_path: Path) -> None:
    """A new one begins at the first byte."""
    async with at_the_door(tmp_path) as stranger:
        path = await stranger.create(SEALED, 0)
        await stranger.append(path, 0, SLIP[:1_000])
        assert (await stranger.say("DELETE", path)).status == 204
        assert (await stranger.append(path, 1_000, SLIP[1_000:])).status == 404
        assert await stranger.offset(await stranger.create(SEALED, 0)) == 0


def other_box(stranger: Stranger, name: str) -> TCPConnector:
    """Return lines that bear another box's certificate of the same city."""
    box = make_box(stranger.hall.authority, name, datetime.now(UTC))
    folder = stranger.bus.folder
    (folder / "other.pem").write_bytes(box.certificate)
    (folder / "other.key").write_bytes(box.key)
    context = client_context(folder / "ca.pem", folder / "other.pem", folder / "other.key")
    return TCPConnector(ssl=context)


async def refusal(stranger: Stranger, method: str, path: str) -> tuple[int, int]:
    """Return status and number of a refused request."""
    answer = await stranger.say(method, path, Upload_Complete="?0", Upload_Length="5000")
    problem: Any = await answer.json(content_type=None)
    return answer.status, problem.get("refusal", 0)


async def test_another_box_learns_nothing(tmp_path: Path) -> None:
    """Neither receipts nor offsets of a filed envelope; an upload's name is worth nothing to it."""
    async with at_the_door(tmp_path) as stranger:
        stranger.hall.publish(make_bundle(2, devices=BOTH))
        path = await stranger.create(SEALED, 0)
        await stranger.append(path, 0, SLIP, ends=True)
        async with ClientSession(connector=other_box(stranger, "bus-08")) as web:
            other = replace(stranger, web=web)
            view = f"/envelopes/{SEALED.env_id.hex()}"
            await until_refused(other, view, Refused.SLIP_SENDER)
            for method, there in (("POST", target(SEALED, 0)), ("POST", target(SEALED, 2))):
                assert await refusal(other, method, there) == (403, Refused.SLIP_SENDER)
            assert (await other.say("HEAD", path)).status == 404


async def until_refused(stranger: Stranger, path: str, code: Refused) -> None:
    """Wait until the register has read the new bundle."""
    async with asyncio.timeout(DEADLINE_S):
        while await refusal(stranger, "GET", path) != (403, code):  # noqa: ASYNC110 - the condition is an answer
            await asyncio.sleep(0.02)


async def test_an_unknown_and_a_revoked_box_are_refused(tmp_path: Path) -> None:
    """The certificate is of the city, the bundle decides; also in the middle of an upload."""
    async with at_the_door(tmp_path) as stranger:
        view = f"/envelopes/{SEALED.env_id.hex()}"
        async with ClientSession(connector=other_box(stranger, "bus-99")) as web:
            there = replace(stranger, web=web)
            assert await refusal(there, "GET", view) == (403, Refused.UNKNOWN_DEVICE)
        path = await stranger.create(SEALED, 0)
        stranger.hall.publish(make_bundle(2, devices=[make_device(revoked=True)]))
        await until_refused(stranger, view, Refused.REVOKED_DEVICE)
        assert (await stranger.append(path, 0, SLIP)).status == 403
        assert stranger.hall.mail.answer(SEALED.env_id) is None


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
            await until(lambda: held(stranger) == 50_000, DEADLINE_S)
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
