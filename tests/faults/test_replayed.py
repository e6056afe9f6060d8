"""Last week's messages again, in any order, twice or cut in half, by a holder of the certificate: nothing moves."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest
import pytest_asyncio

from appliance.uplink.__main__ import Uplink
from appliance.uplink.clock import UplinkClock
from appliance.uplink.dial import HallDialler
from hardware.clock.system import SystemClock
from tests.support.houses import Bus, Hall, make_houses, until
from tests.support.makers import instant, make_envelope, make_parts
from tests.support.recorded import RecordingDialler, play

pytestmark = pytest.mark.asyncio(loop_scope="module")

Replay = Callable[[Sequence[bytes]], list[bytes]]


class LastWeek:
    """A hall that holds two applications, and every message that brought them."""

    def __init__(self, hall: Hall, bus: Bus, messages: list[bytes]) -> None:
        self.hall, self.bus, self.messages = hall, bus, messages

    def dialler(self) -> HallDialler:
        """Return who dials with the box's own certificate."""
        tls = self.bus.settings().uplink
        return HallDialler(tls.hall_url, tls.ca, tls.certificate, tls.key)

    def stands(self) -> str:
        """Return a digest of all that city hall holds: rows, receipts, log, pages; not who was connected when."""
        found = hashlib.sha256()
        with closing(sqlite.connect(self.hall.folder / "mail" / "hall.db")) as shelf:
            tables = shelf.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in sorted(tables):
                rows = map(repr, shelf.execute(f'SELECT * FROM "{table}"'))  # noqa: S608 - our names
                for row in sorted(rows):
                    if table != "bus" and not row.startswith("('sessions',"):
                        found.update(row.encode())
        for path in sorted((self.hall.folder / "mail").rglob("*")):
            if path.is_file() and not path.name.startswith("hall.db"):
                found.update(path.name.encode() + path.read_bytes())
        return found.hexdigest()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def last_week(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LastWeek]:
    """Carry two applications with a real uplink while its messages are recorded."""
    hall, bus = make_houses(tmp_path_factory.mktemp("houses"))
    for n in range(2):
        envelope = make_envelope(n, parts=make_parts(1, page_bytes=90_000))
        bus.mail.keep(envelope, deadline=None, at=instant(), receipt_for=lambda _entry: b"box")
    await hall.start()
    bus.port = hall.port
    uplink = Uplink(bus.settings(), UplinkClock(SystemClock()), longest_pause_s=0.2)
    recording = RecordingDialler(uplink.link._dialler)
    uplink.link._dialler = recording
    running = asyncio.create_task(uplink.run())
    await until(bus.all_are("complete"))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    yield LastWeek(hall, bus, recording.sent)
    await hall.stop()


def as_it_was(messages: Sequence[bytes]) -> list[bytes]:
    """Return them in their order."""
    return list(messages)


def backwards(messages: Sequence[bytes]) -> list[bytes]:
    """Return the hello, then the others from the last to the first."""
    return [messages[0], *reversed(messages[1:])]


def each_twice(messages: Sequence[bytes]) -> list[bytes]:
    """Return each message two times."""
    return [message for message in messages for _ in range(2)]


def all_twice(messages: Sequence[bytes]) -> list[bytes]:
    """Return everything but the hello two times."""
    return [*messages, *messages[1:]]


def every_second(messages: Sequence[bytes]) -> list[bytes]:
    """Leave every second one out."""
    return [messages[0], *messages[1::2]]


def cut_in_half(messages: Sequence[bytes]) -> list[bytes]:
    """Return the second half of them, the first of these cut."""
    middle = len(messages) // 2
    return [messages[0], messages[middle][: len(messages[middle]) // 2], *messages[middle + 1 :]]


def in_two_pieces(messages: Sequence[bytes]) -> list[bytes]:
    """Return each message as two."""
    return [half for one in messages for half in (one[: len(one) // 2], one[len(one) // 2 :])]


def shuffled(seed: int) -> Replay:
    """Return the hello, then the others in an order of chance."""

    def mix(messages: Sequence[bytes]) -> list[bytes]:
        rest = list(messages[1:])
        random.Random(seed).shuffle(rest)  # noqa: S311 - the same order for the same seed
        return [messages[0], *rest]

    return mix


PLAYS = (as_it_was, backwards, each_twice, all_twice, every_second, cut_in_half, in_two_pieces)


@pytest.mark.parametrize("replay", [*PLAYS, *map(shuffled, range(4))])
async def test_nothing_moves(last_week: LastWeek, replay: Replay) -> None:
    """Numbers, receipts, log and pages are byte for byte what they were."""
    before = last_week.stands()
    await play(last_week.dialler(), replay(last_week.messages))
    assert last_week.stands() == before


async def test_the_same_receipts_come_back(last_week: LastWeek) -> None:
    """Who plays the whole session again is told the very words of last week."""
    heard = await play(last_week.dialler(), last_week.messages)
    receipts = [row.hall_receipt for row in last_week.bus.mail.outbox()]
    assert [receipt is not None and receipt in heard for receipt in receipts] == [True, True]


async def test_a_whole_session_twice_at_once(last_week: LastWeek) -> None:
    """Two sessions of the same box race: one wins, nothing is doubled."""
    before = last_week.stands()
    await asyncio.gather(
        *(play(last_week.dialler(), last_week.messages) for _ in range(3)), return_exceptions=True
    )
    assert last_week.stands() == before


async def test_the_digest_sees_a_changed_byte(last_week: LastWeek, tmp_path: Path) -> None:
    """What is compared would tell one page more."""
    before = last_week.stands()
    page = last_week.hall.folder / "mail" / "pieces" / tmp_path.name
    page.write_bytes(b"one page more")
    changed = last_week.stands()
    page.unlink()
    assert (changed != before, last_week.stands() == before) == (True, True)
