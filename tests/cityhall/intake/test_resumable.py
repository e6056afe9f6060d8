"""The standards door in the IETF's way, over real TLS: whole envelopes, cuts, replays, restarts."""

import base64
import contextlib
import ssl
from pathlib import Path

from sync.proof import decode_proof
from sync.receipt import COMPLETE, HallReceipt, proof_holds, read_receipt
from tests.support.door import (
    DEADLINE_S,
    appending,
    at_the_door,
    target,
)
from tests.support.houses import until
from tests.support.makers import (
    COUNTERSIGNER,
    make_envelope,
    make_parts,
    make_signer,
)

SEALED = make_envelope(0, parts=make_parts(1, page_bytes=200_000))
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
            await until(lambda: stranger.held(SEALED, 2) >= 65_536, DEADLINE_S)
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()
        await until(lambda: stranger.held(SEALED, 2) == 100_001, DEADLINE_S)
        assert await stranger.offset(path) == 100_001
        last = await stranger.append(path, 100_001, PAGE[100_001:], ends=True)
        assert last.status == 200


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


async def test_a_cancelled_upload_is_gone_with_its_bytes(tmp_path: Path) -> None:
    """A new one begins at the first byte."""
    async with at_the_door(tmp_path) as stranger:
        path = await stranger.create(SEALED, 0)
        await stranger.append(path, 0, SLIP[:1_000])
        assert (await stranger.say("DELETE", path)).status == 204
        assert (await stranger.append(path, 1_000, SLIP[1_000:])).status == 404
        assert await stranger.offset(await stranger.create(SEALED, 0)) == 0
