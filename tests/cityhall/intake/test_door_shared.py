"""The standards door at two intakes on one PostgreSQL: an upload is the city's, not the machine's that opened it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cityhall.config import HallSettings
from cityhall.mail.blobs import FolderBlobs
from cityhall.mail.place import shared
from cityhall.mail.store import HallMail
from tests.support.door import DEADLINE_S, Stranger, appending, at_the_door
from tests.support.houses import Hall, until
from tests.support.makers import make_envelope, make_parts
from tests.support.postgres import Postgres

SEALED = make_envelope(0, parts=make_parts(1, page_bytes=200_000))
PAGE = SEALED.parts[1]


@asynccontextmanager
async def two_doors(
    folder: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Stranger, Stranger, HallMail]]:
    """Give the same stranger at both doors, and the shelf they share."""
    url = postgres.emptied()

    def open_shared(_settings: HallSettings | None = None) -> HallMail:
        return HallMail(shared(url, FolderBlobs(folder / "blobs")))

    monkeypatch.setattr("cityhall.intake.__main__.open_hall_mail", open_shared)
    shelf = open_shared()
    async with at_the_door(folder) as one:
        other = Hall(folder / "other", one.hall.authority)
        await other.start()
        try:
            yield one, replace(one, hall=other), shelf
        finally:
            await other.stop()
            other.mail.close()
            shelf.close()


async def test_an_upload_goes_on_at_the_other_intake(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened and begun at one, its name and its offset are good at the other; the receipts too."""
    async with two_doors(tmp_path, postgres, monkeypatch) as (one, other, shelf):
        await one.upload(SEALED, 0)
        await other.upload(SEALED, 1)
        path = await one.create(SEALED, 2)
        await one.append(path, 0, PAGE[:100_000])
        assert await other.create(SEALED, 2) == path
        assert await other.offset(path) == 100_000
        answer = await other.append(path, 100_000, PAGE[100_000:], ends=True)
        assert answer.status == 200
        assert (await one.view(SEALED))["stage"] == 2
        assert shelf.part(SEALED.env_id, 1) == PAGE


async def test_writers_at_both_intakes_never_spoil_the_item(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line hangs at one intake while the client goes on at the other: the page is filed once, byte for byte."""
    async with two_doors(tmp_path, postgres, monkeypatch) as (one, other, shelf):
        await one.upload(SEALED, 0)
        path = await one.create(SEALED, 2)

        def held() -> int:
            return shelf.have("bus-07", SEALED.env_id).items[2][1]

        async with one.half(path, appending(0, len(PAGE)), PAGE[:150_000]) as (reader, writer):
            await until(lambda: held() >= 65_536, DEADLINE_S)
            offset = await other.offset(path)
            answer = await other.append(path, offset, PAGE[offset:], ends=True)
            assert answer.status == 200
            writer.write(PAGE[150_000:])
            async with asyncio.timeout(DEADLINE_S):
                line = await reader.readline()
        assert b" 200 " in line or b" 409 " in line
        assert shelf.part(SEALED.env_id, 1) == PAGE
        assert held() == len(PAGE)
