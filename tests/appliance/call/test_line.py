"""The bus's line over real mutual TLS: presence, calls, text, loss and refusal."""

import json
import ssl
import time
from pathlib import Path

import aiohttp
import pytest

from appliance.call import line as line_room
from appliance.call.line import tls_context
from cityhall.switchboard.guests import common_name
from sync.bundle import Device
from sync.calling import CallRefused, CallState
from sync.callwords import FROM_HALL, Greet, Refusal, Ring, read, write
from tests.support.makers import ROOT, make_bundle, make_device
from tests.support.roots import bundle_text
from tests.support.switchboard_line import phone_of, switchboard, until
from tests.support.tls import TlsCity


@pytest.fixture
def city(tmp_path: Path) -> TlsCity:
    """An authority of its own for each test."""
    return TlsCity(tmp_path / "tls")


def bundle_with(path: Path, *devices: Device) -> Path:
    """Publish a key bundle that knows these boxes."""
    path.write_text(bundle_text(make_bundle(devices=devices), ROOT), encoding="utf-8")
    return path


def device(name: str, *, revoked: bool = False) -> Device:
    """A box as the bundle knows it."""
    return make_device(name, revoked=revoked)


async def test_ok__a_bus_becomes_reachable_and_a_caseworker_sees_it(city: TlsCity) -> None:
    """Both ends know within one connection."""
    async with (
        switchboard(city) as (exchange, port),
        phone_of("bus-07", city.box("bus-07"), city, port) as (phone, _),
    ):
        await until(lambda: phone.reachable)
        (seen,) = exchange.board.presence()
        assert (seen.device, seen.reachable) == ("bus-07", True)


async def test_ok__a_call_with_words_both_ways(city: TlsCity) -> None:
    """Ring, answer, a line from each side, hang up."""
    async with (
        switchboard(city) as (exchange, port),
        phone_of("bus-07", city.box("bus-07"), city, port) as (phone, line),
    ):
        await until(lambda: phone.reachable)
        await line.say(phone.ring(time.monotonic()))
        await until(exchange.board.calls)
        call_id = exchange.board.calls()[0].call_id
        exchange.act(lambda now: exchange.board.answer(call_id, now))
        await until(lambda: phone.call and phone.call.state is CallState.TALKING)
        exchange.act(lambda now: exchange.board.say(call_id, "1" * 32, "聞こえますか", now))
        await line.say(phone.say("はい、聞こえます", 1_790_000_000))
        await until(lambda: len(phone.lines) == 2)
        exchange.act(lambda now: exchange.board.hang_up(call_id, now))
        await until(lambda: phone.call and phone.call.state is CallState.ENDED)
        assert {x.text for x in phone.lines} == {"聞こえますか", "はい、聞こえます"}


async def test_ok__a_call_outlives_its_connection(
    city: TlsCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the link is back the same call goes on, and what was said meanwhile arrives."""
    monkeypatch.setattr(line_room, "FIRST_WAIT_S", 0.05)
    pem = city.box("bus-07")
    async with switchboard(city) as (exchange, port):
        async with phone_of("bus-07", pem, city, port) as (phone, line):
            await until(lambda: phone.reachable)
            await line.say(phone.ring(time.monotonic()))
            await until(exchange.board.calls)
            call_id = exchange.board.calls()[0].call_id
            exchange.act(lambda now: exchange.board.answer(call_id, now))
            await until(lambda: phone.call and phone.call.state is CallState.TALKING)
            exchange._open["bus-07"].finish()
            await until(lambda: not phone.reachable)
            await line.say(phone.say("いま戻りました", 1_790_000_000))
            await until(lambda: phone.reachable and phone.lines)
            assert exchange.board.calls()[0].call_id == call_id
            assert phone.call is not None
            assert phone.call.state is CallState.TALKING
        await until(lambda: exchange.board.calls()[0].state is CallState.HELD)


async def test_ok__a_newer_connection_takes_over(city: TlsCity) -> None:
    """A box that came back on another network is not locked out by its own ghost."""
    pem = city.box("bus-07")
    async with switchboard(city) as (exchange, port), raw(city, "bus-07", port) as old:
        await old.send_str(write(Greet()))
        await until(exchange.board.presence)
        async with phone_of("bus-07", pem, city, port) as (phone, _):
            await until(lambda: phone.reachable)
            told = [read(m.data, FROM_HALL) async for m in old if m.type is aiohttp.WSMsgType.TEXT]
            assert isinstance(told[-1], Refusal)
            assert told[-1].number == CallRefused.NEWER_CONNECTION
            assert exchange.board.presence()[0].reachable


class raw:  # noqa: N801  # it reads as a verb in the tests
    """A bus's connection spoken by hand."""

    def __init__(self, city: TlsCity, name: str, port: int) -> None:
        pem = city.box(name)
        self._context = tls_context(pem.certificate, pem.key, city.ca)
        self._url = f"wss://127.0.0.1:{port}/bus"
        self._session = aiohttp.ClientSession()

    async def __aenter__(self) -> aiohttp.ClientWebSocketResponse:
        return await self._session.ws_connect(self._url, ssl=self._context)

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()


@pytest.mark.parametrize(
    "first",
    ["no json", write(Greet(version=2)), write(Ring("a" * 32)), b"bytes"],
)
async def test_fail__the_first_word_is_a_greeting(city: TlsCity, first: str | bytes) -> None:
    """Anything else ends the connection with a number and a sentence."""
    async with switchboard(city) as (exchange, port), raw(city, "bus-07", port) as bus:
        if isinstance(first, bytes):
            await bus.send_bytes(first)
        else:
            await bus.send_str(first)
        answer = read((await bus.receive()).data, FROM_HALL)
        assert isinstance(answer, Refusal)
        assert answer.number == CallRefused.NOT_UNDERSTOOD
        assert exchange.board.presence() == ()


async def test_fail__a_babbler_is_let_go(city: TlsCity) -> None:
    """Each wrong message is answered; after STRIKES_MAX the connection ends."""
    async with switchboard(city) as (_, port), raw(city, "bus-07", port) as bus:
        await bus.send_str(write(Greet()))
        for _ in range(25):
            await bus.send_str("{}")
        told = [m async for m in bus]
        assert sum("not_understood" in m.data or "no kind" in m.data for m in told) >= 19


async def test_fail__a_box_without_our_certificate_does_not_come_in(
    city: TlsCity, tmp_path: Path
) -> None:
    """A stranger's certificate, an expired one, and none at all."""
    stranger = TlsCity(tmp_path / "other").box("bus-07")
    expired = city.box("bus-06", days=0)
    async with switchboard(city) as (exchange, port):
        for pem in (stranger, expired, None):
            context = ssl.create_default_context(cafile=str(city.ca))
            if pem is not None:
                context.load_cert_chain(str(pem.certificate), str(pem.key))
            async with aiohttp.ClientSession() as session:
                with pytest.raises(aiohttp.ClientError):
                    await session.ws_connect(f"wss://127.0.0.1:{port}/bus", ssl=context)
        assert exchange.board.presence() == ()


@pytest.mark.parametrize(
    ("known", "number"),
    [
        ((), CallRefused.UNKNOWN_DEVICE),
        ((device("bus-07", revoked=True),), CallRefused.REVOKED_DEVICE),
    ],
)
async def test_fail__a_box_the_bundle_does_not_want(
    city: TlsCity, tmp_path: Path, known: tuple[Device, ...], number: int
) -> None:
    """Its certificate is good, and yet it is refused with the number; the bus knows why."""
    bundle = bundle_with(tmp_path / "bundle.json", *known)
    async with (
        switchboard(city, bundle) as (exchange, port),
        phone_of("bus-07", city.box("bus-07"), city, port) as (phone, _),
    ):
        await until(lambda: "box" in phone.cause)
        assert (phone.reachable, exchange.board.presence()) == (False, ())
        assert ("revoked" in phone.cause) is (number == CallRefused.REVOKED_DEVICE)


async def test_ok__a_known_box_comes_in(city: TlsCity, tmp_path: Path) -> None:
    """The bundle's word and the certificate's agree."""
    bundle = bundle_with(tmp_path / "bundle.json", device("bus-07"))
    async with (
        switchboard(city, bundle) as (_, port),
        phone_of("bus-07", city.box("bus-07"), city, port) as (phone, _),
    ):
        await until(lambda: phone.reachable)


async def test_ok__a_hint_ends_the_waiting(city: TlsCity, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody saw the network: the bus tries at once, not in an hour."""
    monkeypatch.setattr(line_room, "FIRST_WAIT_S", 3600.0)
    monkeypatch.setattr(line_room, "LONGEST_WAIT_S", 3600.0)
    async with switchboard(city) as (_, port):
        pass
    async with phone_of("bus-07", city.box("bus-07"), city, port) as (phone, line):
        await until(lambda: phone.cause == "ClientConnectorError")
        async with switchboard(city, port=port):
            line.hint()
            await until(lambda: phone.reachable)


def test_ok__a_certificate_without_a_name_is_nobody() -> None:
    """An odd subject gives the empty name, which is refused."""
    assert common_name({"subject": ((("organizationName", "x"),),)}) == ""
    assert json.dumps(common_name({})) == '""'
