"""A bus whose wall clock is wrong reaches city hall all the same; one that knows the time refuses old certificates."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.uplink.causes import Cause, LinkError
from appliance.uplink.dial import HallDialler
from provisioning.certificates import make_authority, make_box, make_server
from sync.clock import ClockQuality, Instant
from tests.support.tls import server_context

NOW = datetime.now(UTC)
DECADE = timedelta(days=3650)
SYNCED, UNSYNCED = ClockQuality.SYNCED, ClockQuality.UNSYNCED


def at(moment: datetime, quality: ClockQuality = SYNCED) -> Instant:
    """Return what the box knows of the time."""
    return Instant(moment, 2, quality, 1, 60_000)


@asynccontextmanager
async def hall(folder: Path, made: datetime) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Serve with a certificate made at that moment; gives the address and what was asked."""
    authority = make_authority("盛岡市", made)
    identities = {
        "hall": make_server(authority, ("127.0.0.1",), made),
        "box": make_box(authority, "bus-07", made),
    }
    (folder / "ca.pem").write_bytes(authority.certificate)
    for name, identity in identities.items():
        (folder / f"{name}.pem").write_bytes(identity.certificate)
        (folder / f"{name}.key").write_bytes(identity.key)
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.close()

    server = await asyncio.start_server(
        answer, "127.0.0.1", 0, ssl=server_context(folder / "hall.pem", folder / "hall.key")
    )
    async with server:
        yield f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}/bus", asked


async def dialled(folder: Path, url: str, now: Instant | None) -> Cause:
    """Dial once and return why it ended; this city hall never ends well."""
    files = (folder / "ca.pem", folder / "box.pem", folder / "box.key")
    dialler = HallDialler(url, *files, None if now is None else lambda: now)
    with pytest.raises(LinkError) as ended:
        async with dialler.dial():
            pass
    return ended.value.cause


@pytest.mark.parametrize("made", [NOW + DECADE, NOW - DECADE], ids=["not yet", "no more"])
@pytest.mark.parametrize("quality", [SYNCED, UNSYNCED])
async def test_the_wall_clock_keeps_no_bus_from_city_hall(
    tmp_path: Path, made: datetime, quality: ClockQuality
) -> None:
    """The kernel is ten years off: the time is known from elsewhere, or not at all."""
    async with hall(tmp_path, made) as (url, asked):
        told = made if quality is SYNCED else datetime(1970, 1, 1, tzinfo=UTC)
        assert await dialled(tmp_path, url, at(told, quality)) is not Cause.HALL_NOT_TRUSTED
        assert asked[0].startswith(b"GET /bus")


@pytest.mark.parametrize("off", [DECADE, -DECADE], ids=["expired", "not yet"])
async def test_fail__a_certificate_whose_days_are_not_now(tmp_path: Path, off: timedelta) -> None:
    """By a clock that is vouched for; not a byte is asked."""
    async with hall(tmp_path, NOW) as (url, asked):
        assert await dialled(tmp_path, url, at(NOW + off)) is Cause.HALL_NOT_TRUSTED
        assert all(not line for line in asked)


async def test_fail__without_a_clock_openssl_looks_at_the_days(tmp_path: Path) -> None:
    """By the kernel's wall clock, as everywhere."""
    async with hall(tmp_path, NOW + DECADE) as (url, _):
        assert await dialled(tmp_path, url, None) is Cause.HALL_NOT_TRUSTED


async def test_fail__another_authority_however_unsure_the_clock(tmp_path: Path) -> None:
    """Only the days are left to us."""
    async with hall(tmp_path, NOW) as (url, asked):
        (tmp_path / "ca.pem").write_bytes(make_authority("別の市", NOW).certificate)
        assert await dialled(tmp_path, url, at(NOW, UNSYNCED)) is Cause.HALL_NOT_TRUSTED
        assert all(not line for line in asked)
