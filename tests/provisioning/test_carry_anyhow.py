"""Sticks and link in any order, as people do it: afterwards all is at city hall once, proven, under one number."""

import random
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.support.makers import make_id
from tests.support.sticks import Trip, filed_once, make_trip, numbers, on_the_link, proven

STEPS = 14
SEEDS = range(3)


class People:
    """Somebody who keeps, carries, forgets sticks in pockets and finds them again, by a seed."""

    def __init__(self, trip: Trip, seed: int) -> None:
        self.trip = trip
        self.kept = 0
        self.posted = 0
        self.seen: dict[bytes, str] = {}
        self._chance = random.Random(seed)  # noqa: S311 - chance by a seed, not a secret
        self._sticks = [trip]

    async def live(self) -> None:
        """Do one thing after the other; no number ever changes."""
        acts: list[Callable[[Trip], Awaitable[object]]] = [
            self._keep,
            self._export,
            self._export,
            self._hall,
            self._hall,
            self._home,
            self._home,
            self._copy,
            self._post,
            self._lose_a_file,
            self._link,
        ]
        for _ in range(STEPS):
            await self._chance.choice(acts)(self._chance.choice(self._sticks))
            self._remember()
        await on_the_link(self.trip)
        self._remember()

    def _remember(self) -> None:
        for row in self.trip.bus.mail.outbox():
            assert row.state != "refused"
            if row.filing_no:
                assert self.seen.setdefault(row.env_id, row.filing_no) == row.filing_no

    async def _keep(self, _: Trip) -> None:
        self.trip.keep(self.kept, page_bytes=3_000)
        self.kept += 1

    async def _export(self, stick: Trip) -> None:
        stick.export(body_max=self._chance.choice([2_000, 9_000, 1_000_000]))

    async def _hall(self, stick: Trip) -> None:
        for taken in await stick.at_hall(body_max=self._chance.choice([400, 1_000_000])):
            assert taken.refused == 0

    async def _home(self, stick: Trip) -> None:
        await stick.home()

    async def _copy(self, stick: Trip) -> None:
        self._sticks.append(stick.copy(f"stick-{len(self._sticks)}"))

    async def _post(self, _: Trip) -> None:
        letter_id = make_id(500 + self.posted)
        self.trip.hall.mail.post_letter("bus-07", "correction", b"letter", letter_id)
        self.posted += 1

    async def _lose_a_file(self, stick: Trip) -> None:
        files = sorted(stick.carried.iterdir()) if stick.carried.exists() else []
        if files:
            self._chance.choice(files).unlink()

    async def _link(self, _: Trip) -> None:
        await on_the_link(self.trip)


@pytest.mark.parametrize("seed", SEEDS)
async def test_in_any_order(tmp_path: Path, seed: int) -> None:
    """The seed is the test's name."""
    people = People(make_trip(tmp_path), seed)
    await people.live()
    assert len(numbers(people.trip)) == people.kept
    assert filed_once(people.trip.hall, people.kept)
    assert proven(people.trip)
    assert len(people.trip.bus.mail.letters()) == people.posted
    shutil.rmtree(tmp_path)
