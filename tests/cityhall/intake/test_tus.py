"""The standards door in the way of tus 1.0.0, also with the clients of its own makers in Python and Node."""

import asyncio
import base64
import io
from pathlib import Path

import pytest
from tusclient.client import TusClient

from cityhall.intake.tus import EXTENSIONS
from sync.envelope import Envelope
from sync.refusals import Refused
from tests.support import node_clients
from tests.support.door import TUS, Stranger, at_the_door, item_bytes, target
from tests.support.makers import make_envelope, make_parts

SEALED = make_envelope(0, parts=make_parts(1, page_bytes=200_000))
LARGE = [make_envelope(n, parts=make_parts(1, page_bytes=2_000_000)) for n in (1, 2)]
V1 = {"Tus_Resumable": "1.0.0"}


def metadata(envelope: Envelope, item: int) -> str:
    """Return Upload-Metadata for an item."""
    told = {"envelope": envelope.env_id.hex(), "item": str(item)}
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in told.items())


def upload_with_tuspy(stranger: Stranger, item: int, stop_at: int) -> int:
    """Send an item, stop on the way, go on with a new uploader; return where it went on."""
    folder = stranger.bus.folder
    client = TusClient(
        f"{stranger.base}/uploads", client_cert=(str(folder / "tls.pem"), str(folder / "tls.key"))
    )
    told = {"envelope": SEALED.env_id.hex(), "item": str(item)}
    data = io.BytesIO(item_bytes(SEALED, item))
    first = client.uploader(file_stream=data, metadata=told, chunk_size=70_000)
    first.upload(stop_at=stop_at)
    second = client.uploader(file_stream=data, url=first.url, chunk_size=70_000)
    resumed_at = int(second.offset)
    second.upload()
    return resumed_at


async def test_tuspy_delivers_an_envelope_with_a_stop_in_each_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client of the tus project for Python, with the box's certificate."""
    async with at_the_door(tmp_path) as stranger:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(stranger.bus.folder / "ca.pem"))
        for item, stop_at in ((0, 4_000), (1, 12_345), (2, 150_001)):
            assert await asyncio.to_thread(upload_with_tuspy, stranger, item, stop_at) == stop_at
        assert (await stranger.view(SEALED))["stage"] == 2
        assert stranger.hall.mail.part(SEALED.env_id, 1) == SEALED.parts[1]


async def test_tus_js_client_delivers_in_both_dialects_with_aborts(tmp_path: Path) -> None:
    """The client of the tus project for Node, in tus 1.0.0 and in the IETF's draft; pages are aborted half-way."""
    async with at_the_door(tmp_path) as stranger:
        jobs = []
        for envelope, protocol in zip(LARGE, ("tus-v1", "ietf-draft-05"), strict=True):
            for item in (0, 1, 2):
                file = tmp_path / f"{envelope.env_id.hex()}-{item}"
                file.write_bytes(item_bytes(envelope, item))
                jobs.append(
                    {
                        "protocol": protocol,
                        "envelope": envelope.env_id.hex(),
                        "item": item,
                        "file": str(file),
                        "chunk": 600_000,
                        "abortAt": 900_000 if item == 2 else 0,
                    }
                )
        folder = stranger.bus.folder
        order = {
            "endpoint": f"{stranger.base}/uploads",
            "ca": str(folder / "ca.pem"),
            "cert": str(folder / "tls.pem"),
            "key": str(folder / "tls.key"),
            "jobs": jobs,
        }
        resumed = await asyncio.to_thread(node_clients.upload, order)
        assert [at is not None and at >= 600_000 for at in resumed] == [False, False, True] * 2
        for envelope in LARGE:
            assert (await stranger.view(envelope))["stage"] == 2
            assert stranger.hall.mail.part(envelope.env_id, 1) == envelope.parts[1]


async def test_the_door_says_what_it_speaks(tmp_path: Path) -> None:
    """Version, extensions and the largest item, before anything is asked."""
    async with at_the_door(tmp_path) as stranger:
        answer = await stranger.say("OPTIONS", "/uploads")
        assert answer.status == 204
        told = [answer.headers[f"Tus-{name}"] for name in ("Version", "Extension", "Max-Size")]
        assert told == ["1.0.0", EXTENSIONS, "67108864"]
        assert "max-size=67108864" in answer.headers["Upload-Limit"]


async def test_the_first_bytes_may_come_with_the_creation(tmp_path: Path) -> None:
    """Creation with upload, then HEAD tells offset, length and metadata, and the rest makes it whole."""
    async with at_the_door(tmp_path) as stranger:
        size = str(len(SEALED.slip))
        about = {"Upload_Length": size, "Upload_Metadata": metadata(SEALED, 0)}
        made = await stranger.say(
            "POST", "/uploads", SEALED.slip[:500], Content_Type=TUS, **about, **V1
        )
        assert (made.status, made.headers["Upload-Offset"]) == (201, "500")
        path = made.headers["Location"]
        told = (await stranger.say("HEAD", path, **V1)).headers
        assert (told["Upload-Offset"], told["Upload-Length"]) == ("500", size)
        assert (told["Cache-Control"], told["Upload-Metadata"]) == ("no-store", metadata(SEALED, 0))
        last = await stranger.say(
            "PATCH", path, SEALED.slip[500:], Content_Type=TUS, Upload_Offset="500", **V1
        )
        assert (last.status, last.headers["Upload-Offset"]) == (204, size)
        assert (await stranger.view(SEALED))["stage"] == 1


async def test_an_upload_can_be_terminated_by_a_client_that_only_posts(tmp_path: Path) -> None:
    """X-HTTP-Method-Override: DELETE."""
    async with at_the_door(tmp_path) as stranger:
        path = await stranger.create(SEALED, 0)
        gone = await stranger.say("POST", path, X_HTTP_Method_Override="DELETE", **V1)
        assert (gone.status, gone.headers["Tus-Resumable"]) == (204, "1.0.0")
        assert (await stranger.say("HEAD", path, **V1)).status == 404


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Tus_Resumable": "0.2.2", "Upload_Length": "5000"}, 412, Refused.VERSION),
        ({**V1}, 400, Refused.NOT_UNDERSTOOD),
        ({**V1, "Upload_Defer_Length": "1"}, 400, Refused.NOT_UNDERSTOOD),
        ({**V1, "Upload_Length": "0"}, 413, Refused.TOO_LARGE),
        ({**V1, "Upload_Length": "99999999999"}, 413, Refused.TOO_LARGE),
    ],
)
async def test_fail__a_creation_that_is_not_as_tus_says(
    tmp_path: Path, headers: dict[str, str], status: int, code: Refused
) -> None:
    """Each is told its number in a problem document."""
    async with at_the_door(tmp_path) as stranger:
        answer = await stranger.say("POST", target(SEALED, 0), **headers)
        problem = await answer.json(content_type="application/problem+json")
        assert (answer.status, problem["refusal"]) == (status, code)
        assert answer.headers["Tus-Resumable"] == "1.0.0"


@pytest.mark.parametrize(
    "about", ["", "envelope !!!,item MA==", "envelope bm9uZQ==,item MA==", "item MA=="]
)
async def test_fail__metadata_that_names_no_item(tmp_path: Path, about: str) -> None:
    """The item must be named by address or metadata."""
    async with at_the_door(tmp_path) as stranger:
        answer = await stranger.say(
            "POST", "/uploads", Upload_Length="5000", Upload_Metadata=about, **V1
        )
        assert answer.status == 400


async def test_fail__bytes_of_another_media_type_or_coding(tmp_path: Path) -> None:
    """415, and nothing is kept."""
    async with at_the_door(tmp_path) as stranger:
        path = await stranger.create(SEALED, 0)
        about = {"Upload_Offset": "0", **V1}
        plain = await stranger.say("PATCH", path, b"x", Content_Type="text/plain", **about)
        coded = await stranger.say(
            "PATCH", path, b"x", Content_Type=TUS, Content_Encoding="gzip", **about
        )
        assert (plain.status, coded.status) == (415, 415)
        assert await stranger.offset(path) == 0
