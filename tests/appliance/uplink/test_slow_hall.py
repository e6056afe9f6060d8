"""A city hall that does not answer, does not read, or does both too slowly: the bus notices and dials again."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.mail.store import MailStore
from appliance.uplink import dial
from appliance.uplink.causes import Cause, LinkError
from appliance.uplink.clock import UplinkClock
from appliance.uplink.evidence import Evidence
from appliance.uplink.partners import Partners
from appliance.uplink.pump import Pump
from appliance.uplink.status import Status
from appliance.uplink.trust import Trust
from hardware.clock.system import SystemClock
from sync.frames import LOG_ORIGIN, Hello, Ping, Refuse, Welcome, decode_frame, encode_frame
from sync.journal import checkpoint
from sync.letterbox import Letterbox
from sync.merkle import EMPTY_ROOT
from sync.refusals import Refused
from tests.support.houses import make_houses, until
from tests.support.makers import COUNTERSIGNER, ROOT, make_bundle, make_signer
from tests.support.memory_line import MemoryLine
from tests.support.roots import bundle_text, root_text

BEAT_S = 0.1


@pytest.fixture
def partners(tmp_path: Path) -> Iterator[Partners]:
    """A box with nothing to send and a quick heart."""
    (tmp_path / "bundle.json").write_text(bundle_text(make_bundle(), ROOT))
    (tmp_path / "root.json").write_text(root_text())
    trust = Trust(tmp_path / "bundle.json", tmp_path / "root.json")
    mail = MailStore(tmp_path / "mail")
    yield Partners(
        device="bus-07",
        mail=mail,
        clock=UplinkClock(SystemClock()),
        evidence=Evidence(trust, mail),
        trust=trust,
        status=Status(),
        heartbeat_s=BEAT_S,
    )
    mail.close()


async def end_of(partners: Partners, line: MemoryLine) -> LinkError:
    """Serve until the session ends; gives why."""
    with pytest.raises(LinkError) as caught:
        async with asyncio.timeout(60):
            await Pump(partners, line, Letterbox()).run()
    return caught.value


async def test_a_hall_that_never_answers(partners: Partners) -> None:
    """Three heartbeats without a word; the bus says why it goes."""
    line = MemoryLine()
    end = await end_of(partners, line)
    assert (end.cause, end.code) == (Cause.SILENT, Refused.SILENT)
    last = decode_frame(line.said[-1])
    assert isinstance(last, Refuse)
    assert last.code == Refused.SILENT


async def test_a_hall_that_reads_nothing(partners: Partners) -> None:
    """A message that does not leave holds up neither the heartbeat nor the end."""
    line = MemoryLine(takes=0)
    end = await end_of(partners, line)
    assert (end.cause, line.said) == (Cause.SILENT, [])


async def test_what_was_reached_is_kept_although_the_farewell_is_stuck(
    partners: Partners, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process is told to end while city hall reads nothing: the rest of the session's end still happens."""
    monkeypatch.setattr("appliance.uplink.pump.FAREWELL_S", 0.2)
    pump = Pump(partners, MemoryLine(takes=0), Letterbox())
    kept: list[bool] = []

    async def keep() -> None:
        kept.append(True)

    monkeypatch.setattr(pump, "_write_progress", keep)
    monkeypatch.setattr(pump, "_last_words", lambda _machine: asyncio.Event().wait())
    running = asyncio.create_task(pump.run())
    await until(lambda: pump._machine is not None)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert kept == [True]


async def test_a_hall_that_talks_and_does_not_read(
    partners: Partners, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is never silent, and still nothing arrives there: the line's own limit ends it."""
    monkeypatch.setattr("appliance.uplink.pump.SEND_S", 0.5)
    line = MemoryLine(takes=1)
    talking = asyncio.create_task(_talk(line))
    end = await end_of(partners, line)
    talking.cancel()
    await asyncio.gather(talking, return_exceptions=True)
    assert (end.cause, end.code) == (Cause.SILENT, None)
    assert "took nothing" in end.fact


async def _talk(line: MemoryLine) -> None:
    """Welcome the bus and go on pinging it."""
    await until(lambda: bool(line.said))
    hello = decode_frame(line.said[0])
    assert isinstance(hello, Hello)
    note = checkpoint(LOG_ORIGIN, 0, EMPTY_ROOT, make_signer(COUNTERSIGNER))
    line.put(encode_frame(Welcome(hello.session, note, ())))
    while True:
        line.put(encode_frame(Ping(1)))
        await asyncio.sleep(BEAT_S / 4)


async def test_a_hall_that_takes_the_connection_and_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TCP stands, no handshake comes back: the attempt is given up and its cause said."""
    monkeypatch.setattr(dial, "CONNECT_S", 0.3)
    _, bus = make_houses(tmp_path)

    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(nothing, "127.0.0.1", 0) as deaf:
        bus.port = deaf.sockets[0].getsockname()[1]
        await bus.start()
        uplink = bus.uplink
        assert uplink is not None
        await until(lambda: uplink.status.counts["no_answer"] > 1)
        await bus.stop()
