"""Days with broken clocks: a few of each kind in every run of the suite, ten thousand by `python -m tests.clocks`."""

from collections import Counter

import pytest

from appliance.desk.clock import DeskClock
from hardware.protocols import Clock, Reading
from sync.clock import ClockQuality, Instant
from tests.clocks.__main__ import main
from tests.clocks.day import live
from tests.clocks.faults import FAULTS
from tests.clocks.world import Keys, World, make_keys

THROWN = 40


@pytest.fixture(scope="module")
def keys() -> Keys:
    """The keys of all days."""
    return make_keys()


@pytest.mark.parametrize("fault", [one.__name__ for one in FAULTS])
@pytest.mark.parametrize("first", ["hall_is_reached", "network_time_comes", "battery_dead"])
def test_one_fault_moves_no_filing_out_of_its_bounds(keys: Keys, first: str, fault: str) -> None:
    """After a contact, under a time service, and on a box that knows nothing."""
    counts = Counter[str]()
    assert live(keys, 5, counts, [first, fault]).problems == ()
    assert counts["refused"] == 0


def test_thrown_days_hold(keys: Keys) -> None:
    """Each with two to six faults; every impossible order among them is flagged."""
    counts = Counter[str]()
    found = [verdict for seed in range(THROWN) if (verdict := live(keys, seed, counts)).problems]
    assert found == []
    assert counts["impossible orders"] == counts["impossible orders flagged"]
    assert counts["turned orders"] == counts["turned orders flagged"] > 0


class _Credulous(DeskClock):
    """Believes the kernel, whatever it says."""

    def __init__(self, box: Clock) -> None:
        super().__init__(box, lambda: None)
        self._kernel = box

    def now(self) -> Instant:
        """Return the reading as if it were vouched for."""
        read: Reading = self._kernel.now()
        return Instant(read.wall, 1, ClockQuality.SYNCED, read.boot, read.monotonic_ms)


class _CredulousWorld(World):
    """A box without the vote."""

    def _clock(self) -> DeskClock:
        super()._clock()
        self._handover._clock = _Credulous(self.machine)
        return _Credulous(self.machine)


@pytest.mark.parametrize("fault", ["wall_is_set", "battery_a_day_back", "battery_forty_days_on"])
def test_the_judge_sees_a_box_that_believes_its_wall_clock(keys: Keys, fault: str) -> None:
    """A planted fault: without the vote the same days are violated."""
    problems = [
        live(keys, seed, Counter(), ["hall_is_reached", fault], _CredulousWorld).problems
        for seed in range(8)
    ]
    assert any(problems)


def test_the_command_tells_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON, and ends well when nothing is violated."""
    assert main(["--runs", "2", "--json"]) == 0
    assert '"runs": 2' in capsys.readouterr().out
