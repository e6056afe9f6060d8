"""Who is not let in, and how clearly the bus says why on its health page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from provisioning.certificates import Identity, make_authority, make_box
from tests.appliance.uplink.test_travel import keep
from tests.support.houses import Bus, Hall, make_houses, until
from tests.support.makers import make_bundle, make_device

NOW = datetime.now(UTC)

CARRYING = ("good", "poor")


async def health(bus: Bus) -> dict[str, Any]:
    """Return the health page."""
    assert bus.uplink is not None
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{bus.uplink.port}/health") as answer,
    ):
        found: dict[str, Any] = await answer.json()
        return found


@asynccontextmanager
async def meeting(hall: Hall, bus: Bus) -> AsyncIterator[None]:
    """Start both and end both."""
    await hall.start()
    bus.port = hall.port
    await bus.start()
    try:
        yield
    finally:
        await bus.stop()
        await hall.stop()


async def cause_of(hall: Hall, bus: Bus) -> dict[str, Any]:
    """Return the cause the health page gives once the bus was turned away."""
    keep(bus, 0)
    async with meeting(hall, bus):
        uplink = bus.uplink
        assert uplink is not None
        await until(lambda: bool(uplink.status.counts))
        found = await health(bus)
        assert (found["state"], found["waiting"]) == ("gone", 1)
        assert hall.mail.arrivals() == []
        await until(lambda: bus.mail.link().state == "gone")
        assert bus.mail.link().cause == found["cause"]["ja"]
        return dict(found["cause"])


def reissue(bus: Bus, identity: Identity) -> None:
    """Give the box another certificate."""
    (bus.folder / "tls.pem").write_bytes(identity.certificate)
    (bus.folder / "tls.key").write_bytes(identity.key)


async def test_fail__a_certificate_of_another_authority(tmp_path: Path) -> None:
    """The hall does not know who signed it."""
    hall, bus = make_houses(tmp_path)
    reissue(bus, make_box(make_authority("somebody else", NOW), "bus-07", NOW))
    cause = await cause_of(hall, bus)
    assert cause["kind"] == "not_admitted"
    assert "unable to get local issuer certificate" in cause["en"]
    assert "証明書" in cause["ja"]


async def test_fail__an_expired_certificate(tmp_path: Path) -> None:
    """It was good until yesterday."""
    hall, bus = make_houses(tmp_path)
    reissue(bus, make_box(bus.authority, "bus-07", NOW, days=-1))
    cause = await cause_of(hall, bus)
    assert cause["kind"] == "not_admitted"
    assert "certificate has expired" in cause["en"]


async def test_fail__a_certificate_the_hall_alone_does_not_like(tmp_path: Path) -> None:
    """The box finds nothing wrong with itself; the hall hangs up right after the handshake."""
    hall, bus = make_houses(tmp_path)
    (hall.folder / "ca.pem").write_bytes(make_authority("a newer authority", NOW).certificate)
    cause = await cause_of(hall, bus)
    assert cause["kind"] == "not_admitted"
    assert "right after the handshake" in cause["en"]


async def test_fail__a_box_the_bundle_does_not_know(tmp_path: Path) -> None:
    """The certificate is good, the key bundle has no such box."""
    hall, bus = make_houses(tmp_path, device="bus-99")
    cause = await cause_of(hall, bus)
    assert (cause["kind"], cause["code"]) == ("refused", 104)
    assert "knows no box 'bus-99'" in cause["en"]
    assert "104" in cause["ja"]


async def test_fail__a_revoked_box(tmp_path: Path) -> None:
    """The key bundle says so."""
    hall, bus = make_houses(tmp_path)
    hall.publish(make_bundle(2, devices=[make_device(revoked=True)]))
    cause = await cause_of(hall, bus)
    assert (cause["kind"], cause["code"]) == ("refused", 105)
    assert "revoked" in cause["en"]


async def test_fail__a_box_that_says_it_is_another(tmp_path: Path) -> None:
    """The certificate's name is not the one in the hello."""
    hall, bus = make_houses(tmp_path)
    reissue(bus, make_box(bus.authority, "bus-08", NOW))
    cause = await cause_of(hall, bus)
    assert (cause["kind"], cause["code"]) == ("refused", 103)


async def test_fail__somebody_who_only_says_he_is_city_hall(tmp_path: Path) -> None:
    """Nothing is sent to a hall without a certificate of our city."""
    hall, bus = make_houses(tmp_path)
    fake = Hall(tmp_path / "fake", make_authority("fake", NOW))
    (fake.folder / "ca.pem").write_bytes(bus.authority.certificate)
    cause = await cause_of(fake, bus)
    hall.mail.close()
    assert cause["kind"] == "hall_not_trusted"


async def test_fail__nobody_at_home(tmp_path: Path) -> None:
    """The machine answers, the intake does not run."""
    hall, bus = make_houses(tmp_path)
    await hall.start()
    bus.port = hall.port
    await hall.stop()
    await bus.start()
    uplink = bus.uplink
    assert uplink is not None
    await until(lambda: uplink.status.counts["nobody_there"] > 1)
    assert (await health(bus))["cause"]["kind"] == "nobody_there"
    await bus.stop()


async def test_fail__a_name_that_does_not_exist(tmp_path: Path) -> None:
    """The intake's name is not found."""
    _, bus = make_houses(tmp_path)
    bus.host = "intake.invalid"
    await bus.start()
    uplink = bus.uplink
    assert uplink is not None
    await until(lambda: bool(uplink.status.counts))
    assert (await health(bus))["cause"]["kind"] == "no_name"
    await bus.stop()


async def test_a_box_revoked_during_its_session_is_let_go(tmp_path: Path) -> None:
    """The intake reads the new bundle and ends the session with the number."""
    hall, bus = make_houses(tmp_path)
    async with meeting(hall, bus):
        uplink = bus.uplink
        assert uplink is not None
        await until(lambda: uplink.status.sessions == 1)
        hall.publish(make_bundle(2, devices=[make_device(revoked=True)]))
        await until(lambda: uplink.status.counts["refused"] > 0)
        assert (await health(bus))["cause"]["code"] == 105


async def test_a_box_admitted_again_sends_what_waited(tmp_path: Path) -> None:
    """The refusal ends with its cause."""
    hall, bus = make_houses(tmp_path)
    hall.publish(make_bundle(2, devices=[make_device(revoked=True)]))
    keep(bus, 0)
    async with meeting(hall, bus):
        uplink = bus.uplink
        assert uplink is not None
        await until(lambda: uplink.status.counts["refused"] > 0)
        hall.publish(replace(make_bundle(3)))
        await until(bus.all_are("complete"))


async def test_the_health_page_tells_a_link_that_carries(tmp_path: Path) -> None:
    """State (good, or poor on a machine that is slow), last contact, queue and measures, and no cause."""
    hall, bus = make_houses(tmp_path)
    keep(bus, 0)
    async with meeting(hall, bus):
        await until(bus.all_are("complete"))
        await until(lambda: bus.mail.link().waiting == 0 and bus.mail.link().state in CARRYING)
        found = await health(bus)
        assert found["state"] in CARRYING
        assert (found["waiting"], found["cause"]) == (0, None)
        assert found["queue"]["complete"] == 1
        assert found["last_contact"] is not None
        assert found["rtt_ms"] is not None


async def test_a_hint_ends_the_pause(tmp_path: Path) -> None:
    """With a pause of ten minutes ahead, POST /hint dials at once."""
    hall, bus = make_houses(tmp_path)
    bus.longest_pause_s = 600.0
    await hall.start()
    bus.port = hall.port
    await hall.stop()
    await bus.start()
    uplink = bus.uplink
    assert uplink is not None
    await until(lambda: uplink.status.counts["nobody_there"] >= 4)
    await hall.start()
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{uplink.port}/hint") as answer,
    ):
        assert answer.status == 200
    await until(lambda: uplink.status.sessions == 1)
    await bus.stop()
    await hall.stop()


@pytest.mark.parametrize("path", ["/", "/metrics", "/hint"])
async def test_nothing_else_is_served_on_loopback(tmp_path: Path, path: str) -> None:
    """GET of anything but the health page is not found or not allowed."""
    _, bus = make_houses(tmp_path)
    await bus.start()
    assert bus.uplink is not None
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{bus.uplink.port}{path}") as answer,
    ):
        assert answer.status in {404, 405}
    await bus.stop()


async def test_a_line_that_breaks_before_the_handshake_is_no_refusal(tmp_path: Path) -> None:
    """A cell tower that drops the connection says nothing about this box's certificate."""
    _, bus = make_houses(tmp_path)

    async def drop(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with await asyncio.start_server(drop, "127.0.0.1", 0) as nobody:
        bus.port = nobody.sockets[0].getsockname()[1]
        await bus.start()
        try:
            uplink = bus.uplink
            assert uplink is not None
            await until(lambda: bool(uplink.status.counts))
            found = await health(bus)
        finally:
            await bus.stop()
    assert found["cause"]["kind"] == "line_broke"
