"""A counter with today's stop on board, for every test of this folder."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from appliance.desk.counter import Counter
from appliance.mail.store import MailStore
from tests.support.counterworld import CounterWorld
from tests.support.madeup_papers import due


@pytest.fixture
def world(tmp_path: Path) -> CounterWorld:
    """Return an enrolled box."""
    return CounterWorld(tmp_path / "box").enrol()


@pytest.fixture
def mail(world: CounterWorld) -> Iterator[MailStore]:
    """Open the shelf with one visit pack on it: three people are due, the third without physician."""
    shelf = world.open_mail()
    world.post(
        shelf,
        "visit_pack",
        world.pack(due(1), due(2), due(3, **{"physician.name": ""})),
    )
    yield shelf
    shelf.close()


@pytest.fixture
async def counter(world: CounterWorld, mail: MailStore) -> AsyncIterator[Counter]:
    """Open the visit and choose the stop."""
    made = await world.opened(mail)
    yield made
    await made.stop()
