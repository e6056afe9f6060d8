"""T19: somebody listens to a call's media or leads it elsewhere: two real peers, rung through a switchboard."""

import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from appliance.call.line import Line
from appliance.call.phone import Phone
from cityhall.switchboard.exchange import Exchange
from sync.calling import Call, CallRefused, CallState, Side
from sync.errors import FailureKind, SealError
from sync.keys import Signer
from sync.mediabinding import (
    Binding,
    Bound,
    bound,
    bound_description,
    fingerprint_of,
    ringing_of,
    sign_binding,
)
from tests.support.makers import BOX, OFFICE, ROOT, make_bundle, make_device, make_signer
from tests.support.roots import bundle_text
from tests.support.switchboard_line import phone_of, switchboard, until
from tests.support.tls import TlsCity

pytest.importorskip("aiortc", reason="the media peers of these tests are aiortc's")
from tests.support.media_peer import MediaPeer, media_peers  # needs aiortc
from tests.support.udp_listener import path_between  # stands beside it

CALL = "ab" * 16
BUS, HALL, THIEF = make_signer(BOX), make_signer(OFFICE), make_signer(9)
CANARY = "工藤花子さんの認定は十二月八日までです"


@dataclass
class Signalled:
    """One bus at one switchboard."""

    exchange: Exchange
    phone: Phone
    line: Line

    async def ring(self, binding: str) -> Call:
        """Ring from the bus; returns the call as the switchboard has it."""
        await self.line.say(self.phone.ring(time.monotonic(), CALL, binding))
        await until(lambda: self.exchange.board.calls() or self.phone.refusal)
        return next(iter(self.exchange.board.calls()), self.told)

    async def answer(self, binding: str) -> Call:
        """Answer in city hall; returns the call as the bus hears it."""
        self.exchange.act(lambda now: self.exchange.board.answer(CALL, now, binding))
        await until(lambda: self.told.state is CallState.TALKING)
        return self.told

    @property
    def told(self) -> Call:
        """The bus's copy of its call."""
        assert self.phone.call is not None
        return self.phone.call


@pytest.fixture
async def signalled(tmp_path: Path) -> AsyncIterator[Signalled]:
    """A bus whose line is up, at a switchboard that knows its key."""
    city, bundle = TlsCity(tmp_path / "tls"), tmp_path / "bundle.json"
    known = make_bundle(devices=(make_device("bus-07"),))
    bundle.write_text(bundle_text(known, ROOT), encoding="utf-8")
    async with (
        switchboard(city, bundle) as (exchange, port),
        phone_of("bus-07", city.box("bus-07"), city, port) as (phone, line),
    ):
        await until(lambda: phone.reachable)
        yield Signalled(exchange, phone, line)


def rung(offered: str) -> str:
    """Sign what the bus rings with."""
    return sign_binding(Binding(CALL, "bus-07", Side.BUS, fingerprint_of(offered)), BUS)


def replied(answered: str, ringing: Binding) -> str:
    """Sign what city hall answers with."""
    own = fingerprint_of(answered)
    return sign_binding(Binding(CALL, "bus-07", Side.HALL, own, ringing.fingerprint), HALL)


def heard_by_hall(call: Call) -> Binding:
    """Check a ringing as the office does, with the key bundle's keys."""
    return ringing_of(call.ringing, CALL, "bus-07", Side.BUS, (BUS.public,))


def heard_by_bus(call: Call) -> Bound:
    """Check an answer as the bus does, with the key bundle's keys."""
    ours = ringing_of(call.ringing, CALL, "bus-07", Side.BUS, (BUS.public,))
    return bound(ours, call.answering, (HALL.public,))


def with_fingerprints_of(description: str, other: str) -> str:
    """Put another peer's certificate into a description, as somebody on the way would."""
    theirs = iter(re.findall(r"^a=fingerprint:.*$", other, re.MULTILINE))
    return re.sub(r"^a=fingerprint:.*$", lambda _: next(theirs), description, flags=re.MULTILINE)


async def connected(signalled: Signalled, bus: MediaPeer, hall: MediaPeer) -> None:
    """Ring, answer and open media as both sides must."""
    offered = await bus.offer()
    ringing = heard_by_hall(await signalled.ring(rung(offered)))
    answered = await hall.answer(bound_description(offered, ringing.fingerprint))
    told = heard_by_bus(await signalled.answer(replied(answered, ringing)))
    await bus.take(bound_description(answered, told.hall))


async def test_a_bound_call_carries_voice_and_words(signalled: Signalled) -> None:
    """The certificates that ring are the certificates that speak."""
    async with media_peers(2, voice=True) as (bus, hall):
        await connected(signalled, bus, hall)
        await bus.say(CANARY)
        await until(lambda: hall.heard == [CANARY] and hall.frames and bus.frames)


async def test_a_swapped_fingerprint_opens_no_media(signalled: Signalled) -> None:
    """Somebody on the way puts his own certificate into either description: each side refuses before it opens."""
    async with media_peers(3) as (bus, hall, thief):
        offered, stolen = await bus.offer(), await thief.offer()
        ringing = heard_by_hall(await signalled.ring(rung(offered)))
        with pytest.raises(SealError) as at_hall:
            bound_description(with_fingerprints_of(offered, stolen), ringing.fingerprint)
        answered = await hall.answer(bound_description(offered, ringing.fingerprint))
        told = heard_by_bus(await signalled.answer(replied(answered, ringing)))
        with pytest.raises(SealError) as at_bus:
            bound_description(with_fingerprints_of(answered, stolen), told.hall)
        assert {at_hall.value.kind, at_bus.value.kind} == {FailureKind.NO_MATCH}
        assert not bus.open
        assert bus.connection.connectionState == "new"


async def test_a_peer_without_the_signed_certificate_hears_nothing(signalled: Signalled) -> None:
    """Somebody takes the media's packets to himself and leaves the fingerprint as it was signed: DTLS fails."""
    async with media_peers(3) as (bus, hall, thief):
        offered = await bus.offer()
        ringing = heard_by_hall(await signalled.ring(rung(offered)))
        answered = await hall.answer(bound_description(offered, ringing.fingerprint))
        told = heard_by_bus(await signalled.answer(replied(answered, ringing)))
        led = with_fingerprints_of(await thief.answer(offered), answered)
        await bus.take(bound_description(led, told.hall))
        await until(lambda: bus.over)
        assert (bus.open, thief.heard) == (False, [])


async def test_the_same_thief_hears_all_of_a_call_that_nobody_bound() -> None:
    """What the two trials above would come to without a binding: they see what they are there to see."""
    async with media_peers(2) as (bus, thief):
        await bus.take(await thief.answer(await bus.offer()))
        await bus.say(CANARY)
        await until(lambda: thief.heard == [CANARY])


async def test_a_switchboard_cannot_answer_in_the_halls_place(signalled: Signalled) -> None:
    """It signs with a key of its own, or passes on an answer to another ringing: the bus believes neither."""
    async with media_peers(2) as (bus, thief):
        offered = await bus.offer()
        ringing = heard_by_hall(await signalled.ring(rung(offered)))
        answered = await thief.answer(offered)
        own = Binding(CALL, "bus-07", Side.HALL, fingerprint_of(answered), ringing.fingerprint)
        forged = await signalled.answer(sign_binding(own, THIEF))
        with pytest.raises(SealError) as stranger:
            heard_by_bus(forged)
        old = replace(forged, answering=sign_binding(replace(own, answers=bytes(32)), HALL))
        with pytest.raises(SealError) as replayed:
            heard_by_bus(old)
        kinds = (stranger.value.kind, replayed.value.kind)
        assert kinds == (FailureKind.SIGNATURE, FailureKind.NO_MATCH)


@pytest.mark.parametrize("signer", [THIEF, HALL])
async def test_a_ringing_that_another_key_signed_never_rings(
    signalled: Signalled, signer: Signer
) -> None:
    """The switchboard checks it against the bundle: nobody in city hall sees a call."""
    one = Binding(CALL, "bus-07", Side.BUS, bytes(32))
    told = await signalled.ring(sign_binding(one, signer))
    assert signalled.exchange.board.calls() == ()
    assert signalled.phone.refusal is not None
    assert signalled.phone.refusal.number == CallRefused.NOT_BOUND
    assert (told.state, told.ringing) == (CallState.ENDED, "")


async def test_a_ringing_of_another_box_never_rings(signalled: Signalled) -> None:
    """A binding is of the box whose certificate the connection shows."""
    await signalled.ring(sign_binding(Binding(CALL, "bus-08", Side.BUS, bytes(32)), BUS))
    assert signalled.exchange.board.calls() == ()


async def test_whoever_listens_on_the_path_hears_no_word(signalled: Signalled) -> None:
    """Every packet of a call goes through him, and none holds what was said, nor any stretch of it."""
    async with media_peers(2) as (bus, hall), path_between() as path:
        offered = await bus.offer()
        ringing = heard_by_hall(await signalled.ring(rung(offered)))
        seen = await path.describe("caller", bound_description(offered, ringing.fingerprint))
        answered = await hall.answer(seen)
        told = heard_by_bus(await signalled.answer(replied(answered, ringing)))
        back = await path.describe("answerer", answered)
        await bus.take(bound_description(back, told.hall))
        for _ in range(3):
            await bus.say(CANARY)
        await until(lambda: hall.heard == [CANARY] * 3)
        stretches = [CANARY[at : at + 4].encode() for at in range(len(CANARY) - 3)]
        stretches += [CANARY[at : at + 4].encode("utf-16-le") for at in range(len(CANARY) - 3)]
        assert len(path.packets) > 6
        assert not [one for one in stretches for packet in path.packets if one in packet]
