"""A session that ends while the shelf is asked: the answer has nobody left to go to, and that is no error."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from cityhall.intake.pump import Pump
from cityhall.intake.sessions import Sessions
from cityhall.mail.models import Have
from cityhall.mail.store import HallMail
from sync.frames import Hello, Offer, Piece, Refuse, decode_frame, encode_frame
from sync.refusals import Refused
from tests.cityhall.intake.test_filing import intake
from tests.support.houses import until
from tests.support.makers import make_envelope
from tests.support.memory_line import MemoryLine

DEADLINE_S = 60.0
SEALED = make_envelope(parts=[])


class SlowShelf(HallMail):
    """A shelf that tells what it has of an envelope only once the test lets it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked = threading.Event()
        self.may_answer = threading.Event()

    def have(self, device: str, env_id: bytes) -> Have:
        """Wait, then answer."""
        self.asked.set()
        assert self.may_answer.wait(DEADLINE_S)
        return super().have(device, env_id)


def offered() -> list[bytes]:
    """Return the offer of an envelope that was begun before: the shelf is asked what of it is here."""
    return [encode_frame(Offer(SEALED.env_id, len(SEALED.slip), 0, fresh=False))]


def filed() -> list[bytes]:
    """Return a whole slip: once it is filed, the shelf is asked what else is here."""
    offer = Offer(SEALED.env_id, len(SEALED.slip), 0, fresh=True)
    return [encode_frame(offer), encode_frame(Piece(SEALED.env_id, 0, 0, SEALED.slip))]


@pytest.mark.parametrize("words", [offered(), filed()], ids=["an offer", "a slip"])
async def test_replaced_while_the_shelf_is_asked(tmp_path: Path, words: list[bytes]) -> None:
    """A newer session of the same box came: this one says so last, not what the shelf answers."""
    async with intake(tmp_path) as partners:
        shelf, line = SlowShelf(tmp_path / "mail"), MemoryLine()
        pump = Pump(replace(partners, mail=shelf), Sessions(), line, "bus-07")
        running = asyncio.create_task(pump.run())
        for message in (encode_frame(Hello("bus-07", b"session ", "", 0)), *words):
            line.put(message)
        await until(shelf.asked.is_set)
        pump.supersede()
        shelf.may_answer.set()
        async with asyncio.timeout(DEADLINE_S):
            await running
        shelf.close()
    last = decode_frame(line.said[-1])
    assert isinstance(last, Refuse)
    assert last.code == Refused.NEWER_SESSION
