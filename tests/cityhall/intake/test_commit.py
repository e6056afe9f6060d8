"""Group commit: one slip that cannot be filed does not hold up the others; a full disk is told to each."""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from cityhall.intake.commit import GroupCommit
from cityhall.mail.arrivals import Slip
from cityhall.mail.models import Arrived
from cityhall.mail.store import HallMail
from keeping.away import DatabaseAwayError
from sync.errors import PeerError
from tests.support.houses import until
from tests.support.makers import instant, make_envelope


def slip(n: int, *, bad: bool = False) -> Slip:
    """Return envelope n, ready to be filed; a bad one gets no receipt."""

    def receipt_for(_number: str, _index: int) -> bytes:
        if bad:
            raise ValueError("receipt: this kind cannot be written")
        return b"receipt"

    sealed = make_envelope(n, parts=[])
    digest = hashlib.sha256(sealed.slip).digest()
    return Slip("bus-07", sealed.header, sealed.slip, digest, instant(n).wall, receipt_for)


async def outcomes(mail: HallMail, slips: list[Slip]) -> list[Arrived | BaseException]:
    """File all at once; returns what became of each."""
    commits = GroupCommit(mail)
    running = asyncio.create_task(commits.run())
    try:
        return await asyncio.gather(*(commits.file(one) for one in slips), return_exceptions=True)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_slips_that_come_together_get_numbers_in_order(tmp_path: Path) -> None:
    """One transaction, ten numbers, ten leaves."""
    mail = HallMail(tmp_path)
    found = await outcomes(mail, [slip(n) for n in range(10)])
    assert [one.log_index for one in found if isinstance(one, Arrived)] == list(range(10))
    assert mail.log_size() == 10


async def test_a_poison_slip_is_alone_in_its_failure(tmp_path: Path) -> None:
    """The others of its group are filed; nothing of the poison one stays."""
    mail = HallMail(tmp_path)
    found = await outcomes(mail, [slip(0), slip(1, bad=True), slip(2)])
    assert isinstance(found[1], PeerError)
    assert found[1].code == 200
    assert [isinstance(one, Arrived) for one in found] == [True, False, True]
    assert [one.log_index for one in mail.arrivals()] == [0, 1]


class CountingMail(HallMail):
    """A shelf that counts its group commits."""

    asked = 0

    def commit_slips(self, slips: Sequence[Slip]) -> list[Arrived]:
        """Count, then file."""
        self.asked += 1
        return super().commit_slips(slips)


async def test_a_poison_slip_costs_its_group_a_few_commits(tmp_path: Path) -> None:
    """Halves are tried, not one slip after the other: nobody slows the house down by being refused."""
    mail = CountingMail(tmp_path)
    found = await outcomes(mail, [slip(n, bad=n == 11) for n in range(64)])
    assert sum(isinstance(one, Arrived) for one in found) == 63
    assert mail.asked < 20


class FullMail(HallMail):
    """A shelf on a full disk."""

    def commit_slips(self, slips: Sequence[Slip]) -> list[Arrived]:
        """Take nothing."""
        del slips
        raise OSError(28, "No space left on device")


async def test_a_full_disk_is_told_and_the_writer_lives_on(tmp_path: Path) -> None:
    """Each session hears of it; the next attempt may work."""
    found = await outcomes(FullMail(tmp_path), [slip(0), slip(1)])
    assert [type(one) for one in found] == [OSError, OSError]


class AwayMail(HallMail):
    """A shelf whose database is away; counts how often it was asked."""

    asked = 0

    def commit_slips(self, slips: Sequence[Slip]) -> list[Arrived]:
        """Take nothing."""
        del slips
        self.asked += 1
        raise DatabaseAwayError("database: away")


async def test_a_database_that_is_away_is_asked_once_for_a_group(tmp_path: Path) -> None:
    """Not slip by slip: every session hears at once that it has to come again."""
    mail = AwayMail(tmp_path)
    found = await outcomes(mail, [slip(n) for n in range(5)])
    assert [type(one) for one in found] == [OSError] * 5
    assert mail.asked == 1


async def test_a_session_that_left_leaves_its_slip_filed(tmp_path: Path) -> None:
    """The answer has nobody to go to; the filing stands and is told in the next session."""
    mail = HallMail(tmp_path)
    commits = GroupCommit(mail)
    waiting = asyncio.create_task(commits.file(slip(0)))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    running = asyncio.create_task(commits.run())
    await until(lambda: mail.log_size() == 1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(mail.arrivals()) == 1


@pytest.mark.parametrize("count", [1, 300])
async def test_the_same_slip_many_times_is_filed_once(tmp_path: Path, count: int) -> None:
    """The same slip many times at once is one filing."""
    mail = HallMail(tmp_path)
    first = slip(0)
    found = await outcomes(mail, [first] * count)
    assert len({one.filing_no for one in found if isinstance(one, Arrived)}) == 1
    assert mail.log_size() == 1
