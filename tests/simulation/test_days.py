"""provisioning.simulate: days by seed. Many more of them are played by `./run simulate --days N`."""

from collections import Counter
from pathlib import Path

import pytest

from provisioning.simulate.command import main, some_days
from provisioning.simulate.day import play
from provisioning.simulate.profile import Fault
from provisioning.simulate.world import Plant

DAYS = 12
# Days on which something was wrong once; docs/simulation.md tells what.
KEPT = (3, 61, 95, 1051, 2024, 2335, 5170, 2026137296, 2026202218)


@pytest.mark.parametrize("first", range(0, 6 * DAYS, DAYS))
def test_ok__no_invariant_is_violated_on_any_day(first: int) -> None:
    """Whatever faults a day brings: nothing lost, nothing doubled, and all settles when they stop."""
    tally = some_days(first, DAYS)
    assert tally.violated == {}
    assert tally.applications > DAYS


@pytest.mark.parametrize("seed", KEPT)
def test_ok__a_day_that_went_wrong_once_goes_well(seed: int, tmp_path: Path) -> None:
    """Days on which a fault of the product was found are played for ever."""
    assert play(seed, tmp_path).violations == ()


def test_ok__a_seed_is_a_day(tmp_path: Path) -> None:
    """The same seed tells the same story, to the millisecond."""
    first, again = play(7, tmp_path), play(7, tmp_path)
    assert first.story == again.story
    assert len(first.story) > 10


def test_ok__every_kind_of_trouble_comes(tmp_path: Path) -> None:
    """No fault is in the list only; slow disks are not counted, they are there or not for a whole day."""
    happened: Counter[Fault] = Counter()
    for seed in range(12):
        # A day with an old card has no old session in it.
        without = {Fault.OLD_CARD} if seed % 2 else set()
        happened += play(seed, tmp_path, Plant(always=frozenset(set(Fault) - without))).happened
    assert {fault for fault in Fault if not happened[fault]} == {Fault.SLOW_DISK}


def test_ok__the_command_says_what_it_played(capsys: pytest.CaptureFixture[str]) -> None:
    """Days, applications, faults by kind, and no violation."""
    assert main(["--days", "2", "--seed", "11"]) == 0
    told = capsys.readouterr().out
    assert "2 days" in told
    assert "connection cut at a byte" in told
    assert "seeds 11 to 12: 0 with a violation" in told


def test_ok__the_command_tells_one_day(capsys: pytest.CaptureFixture[str]) -> None:
    """A person can read what happened, line by line."""
    assert main(["--seed", "11", "--tell"]) == 0
    told = capsys.readouterr().out
    assert "showed its receipt" in told
    assert told.endswith("no violation\n")
