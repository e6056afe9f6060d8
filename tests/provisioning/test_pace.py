"""How fast the demonstration's link lets bytes through."""

from pathlib import Path

import pytest

from provisioning.demo.pace import Recorded, Steady, TraceError, condition, read_trace


def test_a_steady_link_takes_the_time_its_rate_needs() -> None:
    """80 kbit at 80 kbit/s take one second."""
    assert Steady(80_000, 0).wait(10_000, 0.0) == pytest.approx(1.0)


def test_bytes_queue_behind_those_booked_before() -> None:
    """The second second's bytes wait for the first's."""
    link = Steady(80_000, 0)
    link.wait(10_000, 0.0)
    assert link.wait(10_000, 0.5) == pytest.approx(1.5)


def test_a_trace_lets_one_packet_go_at_each_line() -> None:
    """1500 bytes at 10 ms, 1500 more at 20 ms."""
    trace = Recorded([10, 20, 30])
    assert [trace.wait(1500, 0.0), trace.wait(1500, 0.0)] == pytest.approx([0.01, 0.02])


def test_a_trace_repeats_at_its_end() -> None:
    """The fourth packet of a trace of three goes in the second round."""
    trace = Recorded([10, 20, 30])
    assert trace.wait(6000, 0.0) == pytest.approx(0.04)


def test_unused_opportunities_are_not_saved_up() -> None:
    """A link that was idle for a round begins where the clock is."""
    trace = Recorded([10, 20, 30])
    assert trace.wait(1500, 0.035) == pytest.approx(0.005)


@pytest.mark.parametrize("text", ["ten\n", "10\n-5\n", "1.5\n"])
def test_fail__a_trace_that_is_no_list_of_milliseconds(tmp_path: Path, text: str) -> None:
    """The line is named."""
    path = tmp_path / "bad.up"
    path.write_text(text, encoding="ascii")
    with pytest.raises(TraceError, match="line"):
        read_trace(path)


@pytest.mark.parametrize("milliseconds", [[], [0], [5, 3]])
def test_fail__a_trace_that_never_moves_on(milliseconds: list[int]) -> None:
    """An empty, standing or falling trace could never let a byte go."""
    with pytest.raises(TraceError):
        Recorded(milliseconds)


def test_the_way_down_has_its_own_trace_when_it_lies_beside(tmp_path: Path) -> None:
    """X.up takes X.down."""
    (tmp_path / "x.up").write_text("10\n", encoding="ascii")
    (tmp_path / "x.down").write_text("99\n", encoding="ascii")
    _, up, down = condition(str(tmp_path / "x.up"))
    assert (up.wait(1500, 0.0), down.wait(1500, 0.0)) == pytest.approx((0.01, 0.099))


def test_fail__a_link_nobody_knows() -> None:
    """The person is told which words are known."""
    with pytest.raises(TraceError, match="good, poor, gone"):
        condition("splendid")
