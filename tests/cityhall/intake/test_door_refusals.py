"""The standards door refuses: what, with which number, when it is told, and who learns nothing at all."""

import asyncio
import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, TCPConnector

from appliance.uplink.dial import client_context
from cityhall.intake.body import Pace
from cityhall.intake.digest import Digest
from cityhall.intake.door import Limits
from cityhall.mail.models import Have
from keeping.away import DatabaseAwayError
from provisioning.certificates import make_box
from sync.refusals import Refused
from tests.support.door import (
    DEADLINE_S,
    Stranger,
    appending,
    at_the_door,
    target,
)
from tests.support.makers import (
    make_bundle,
    make_device,
    make_envelope,
    make_parts,
    make_signer,
)

SEALED = make_envelope(0, parts=make_parts(1, page_bytes=200_000))
BOTH = [make_device(), make_device("bus-08", signer=5, reading=14)]
SLIP, PAGE = SEALED.slip, SEALED.parts[1]


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


def test_a_digest_named_twice_counts_once() -> None:
    """The last one, as in any dictionary of RFC 8941; a head cannot order hundreds of hashes of one body."""
    right = base64.b64encode(hashlib.sha256(SLIP).digest()).decode()
    digest = Digest(f"{'sha-256=:AA==:,' * 500} sha-256=:{right}:")
    digest.update(SLIP)
    assert (digest.holds(), len(digest._hashes)) == (True, 1)


@pytest.mark.parametrize("token", ["%E3%81%82", "%FF", "x" * 2000])
async def test_a_name_that_was_never_given_out_is_gone(tmp_path: Path, token: str) -> None:
    """Whatever is written there: 404, no error of ours."""
    async with at_the_door(tmp_path) as stranger:
        await stranger.create(SEALED, 0)
        assert (await stranger.say("GET", f"{target(SEALED, 0)}/{token}")).status == 404


async def test_a_shelf_that_is_away_is_told_to_who_asks_for_receipts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same number as for a full disk, so that the client comes again."""
    async with at_the_door(tmp_path) as stranger:

        def away(*_: object) -> Have:
            raise DatabaseAwayError("database: made up")

        monkeypatch.setattr("cityhall.mail.store.HallMail.have", away)
        view = f"/envelopes/{SEALED.env_id.hex()}"
        assert await refusal(stranger, "GET", view) == (507, Refused.HALL_FULL)


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


async def test_a_box_revoked_in_the_middle_of_a_body_files_nothing(tmp_path: Path) -> None:
    """An upload may take days: whoever may not come in any more is asked about once more at the last byte."""
    async with at_the_door(tmp_path) as stranger:
        view = f"/envelopes/{SEALED.env_id.hex()}"
        path = await stranger.create(SEALED, 0)
        async with (
            stranger.half(path, appending(0, len(SLIP)), SLIP[:100]) as (reader, writer),
            asyncio.timeout(DEADLINE_S),
        ):
            stranger.hall.publish(make_bundle(2, devices=[make_device(revoked=True)]))
            await until_refused(stranger, view, Refused.REVOKED_DEVICE)
            writer.write(SLIP[100:])
            assert await reader.readline() == b"HTTP/1.1 403 Forbidden\r\n"
        assert stranger.hall.mail.answer(SEALED.env_id) is None
