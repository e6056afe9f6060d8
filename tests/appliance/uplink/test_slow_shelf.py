"""A bus with a slow disk, whose city hall forgot: nothing leaves before what the bus was promised is at hand."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from appliance.mail.rows import HallHead
from appliance.mail.store import MailStore
from appliance.uplink.causes import Cause, LinkError
from appliance.uplink.clock import UplinkClock
from appliance.uplink.evidence import Evidence
from appliance.uplink.partners import Partners
from appliance.uplink.pump import Pump
from appliance.uplink.status import Status
from appliance.uplink.trust import Trust
from hardware.clock.system import SystemClock
from sync.clock import Instant
from sync.frames import (
    LOG_ORIGIN,
    Frame,
    Have,
    Hello,
    Offer,
    Piece,
    Ping,
    Pong,
    Welcome,
    decode_frame,
    encode_frame,
)
from sync.journal import checkpoint
from sync.letterbox import Letterbox
from tests.support.houses import until
from tests.support.makers import (
    COUNTERSIGNER,
    ROOT,
    instant,
    make_bundle,
    make_envelope,
    make_signer,
)
from tests.support.memory_line import MemoryLine
from tests.support.roots import bundle_text, root_text

DEADLINE_S = 60.0
SEALED = make_envelope(parts=[])
PROMISED = b"city hall's receipt"

F = TypeVar("F", bound=Frame)


class SlowShelf(MailStore):
    """A shelf that writes a loss down only once the test lets it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.may_write = threading.Event()

    def rearm(self, now: Instant, head: HallHead) -> list[bytes]:
        """Wait, then write."""
        assert self.may_write.wait(DEADLINE_S)
        return super().rearm(now, head)


def head(root: bytes) -> HallHead:
    """Return city hall's signed head of a log of one filing."""
    return HallHead(1, root, checkpoint(LOG_ORIGIN, 1, root, make_signer(COUNTERSIGNER)))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[SlowShelf]:
    """A shelf with one application that city hall filed."""
    mail = SlowShelf(tmp_path / "mail")
    mail.keep(SEALED, deadline=None, at=instant(), receipt_for=lambda _entry: b"box")
    mail.arrived(
        SEALED.env_id,
        PROMISED,
        b"proof",
        filing_no="R8-000001",
        head=head(b"\1" * 32),
        at=instant(),
    )
    yield mail
    mail.close()


@pytest.fixture
def partners(tmp_path: Path, shelf: SlowShelf) -> Partners:
    """The box around it."""
    (tmp_path / "bundle.json").write_text(bundle_text(make_bundle(), ROOT))
    (tmp_path / "root.json").write_text(root_text())
    trust = Trust(tmp_path / "bundle.json", tmp_path / "root.json")
    return Partners(
        device="bus-07",
        mail=shelf,
        clock=UplinkClock(SystemClock()),
        evidence=Evidence(trust, shelf),
        trust=trust,
        status=Status(),
        heartbeat_s=DEADLINE_S,
    )


def said(line: MemoryLine, kind: type[F]) -> list[F]:
    """Return what the bus said of a kind."""
    return [frame for frame in map(decode_frame, line.said) if isinstance(frame, kind)]


async def offered(line: MemoryLine) -> Offer:
    """Return the bus's first offer."""
    await until(lambda: bool(said(line, Offer)))
    return said(line, Offer)[0]


async def test_nothing_leaves_while_a_loss_is_written_down(
    partners: Partners, shelf: SlowShelf
) -> None:
    """City hall says that it holds nothing; the slip goes with the receipt handed back, one session later."""
    line = MemoryLine()
    serving = asyncio.create_task(Pump(partners, line, Letterbox()).run())
    assert (await offered(line)).receipt == b""
    session = said(line, Hello)[0].session
    line.put(encode_frame(Welcome(session, head(b"\2" * 32).note, ())))
    line.put(encode_frame(Have(SEALED.env_id, 0, ())))
    for token in range(3):
        # Between two answers the bus looks once for what it may send.
        line.put(encode_frame(Ping(token)))
        await until(lambda: len(said(line, Pong)) > token)  # noqa: B023 - waited for in this turn
    assert said(line, Piece) == []
    shelf.may_write.set()
    with pytest.raises(LinkError) as end:
        await serving
    assert end.value.cause is Cause.HISTORY_BROKE
    assert said(line, Piece) == []
    later = MemoryLine()
    serving = asyncio.create_task(Pump(partners, later, Letterbox()).run())
    assert (await offered(later)).receipt == PROMISED
    later.put(None)
    with pytest.raises(LinkError):
        await serving
