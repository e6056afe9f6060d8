"""Clocks: the kernel's own with its doubt, and the one that is set by hand."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hardware.clock import system
from hardware.clock.simulated import SimulatedClock
from hardware.clock.system import SystemClock

MORNING = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


def test_ok__the_kernel_tells_its_error_or_none() -> None:
    """On any machine one of both, never a negative number."""
    error = system.kernel_error_us()
    assert error is None or error >= 0


def test_ok__a_clock_nobody_keeps_doubts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unsynced, with the doubt that was set for it."""
    monkeypatch.setattr(system, "kernel_error_us", lambda: None)
    reading = SystemClock(unkept_s=900).now()
    assert (reading.quality, reading.uncertainty_s) == ("unsynced", 900)


def test_ok__a_kept_clock_is_as_wrong_as_the_kernel_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Microseconds are rounded up to whole seconds."""
    monkeypatch.setattr(system, "kernel_error_us", lambda: 1_200_000)
    reading = SystemClock().now()
    assert (reading.quality, reading.uncertainty_s) == ("synced", 2)


def test_ok__a_clock_that_was_kept_holds_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doubt grows with the crystal's drift: a hundred microseconds a second."""
    clock = SystemClock()
    boot_times = iter([1000.0, 1000.0 + 86_400])
    errors = iter([1_000_000, None])
    monkeypatch.setattr(system, "kernel_error_us", lambda: next(errors))
    monkeypatch.setattr(time, "clock_gettime", lambda _which: next(boot_times))
    clock.now()
    reading = clock.now()
    assert (reading.quality, reading.uncertainty_s) == ("holdover", 10)


def test_ok__two_looks_share_a_boot_and_go_forwards() -> None:
    """The readings bear the number they were given, the monotonic time does not go back."""
    clock = SystemClock(boot=7)
    first, second = clock.now(), clock.now()
    assert (first.boot, second.boot) == (7, 7)
    assert second.monotonic_ms >= first.monotonic_ms
    assert clock.monotonic() > 0


def test_ok__the_kernel_names_this_boot() -> None:
    """The same name at each look."""
    assert system.boot_id() == system.boot_id() != ""


def test_ok__without_a_boot_id_the_boots_moment_stands_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Under a sandbox that hides it."""
    monkeypatch.setattr(system, "BOOT_ID", tmp_path / "none")
    assert system.boot_id().startswith("since ")


def test_ok__a_set_clock_stands_until_it_is_moved() -> None:
    """Both times move together."""
    clock = SimulatedClock(MORNING)
    clock.advance(1.5)
    reading = clock.now()
    assert (reading.wall, reading.monotonic_ms) == (MORNING + timedelta(seconds=1.5), 1500)
    assert clock.monotonic() == 1.5


def test_ok__a_step_moves_the_wall_alone() -> None:
    """As a time service does."""
    clock = SimulatedClock(MORNING)
    clock.step(-3600)
    reading = clock.now()
    assert (reading.wall, reading.monotonic_ms) == (MORNING - timedelta(hours=1), 0)


def test_ok__a_reboot_starts_the_monotonic_time_anew() -> None:
    """Under the next boot number."""
    clock = SimulatedClock(MORNING)
    clock.advance(10)
    clock.reboot()
    assert (clock.now().boot, clock.now().monotonic_ms) == (2, 0)


def test_fail__time_does_not_run_backwards() -> None:
    """Only the wall can be set back."""
    with pytest.raises(ValueError, match="step"):
        SimulatedClock(MORNING).advance(-1)


def test_fail__a_wall_time_without_a_zone() -> None:
    """Whose morning it is must be told."""
    with pytest.raises(ValueError, match="time zone"):
        SimulatedClock(MORNING.replace(tzinfo=None))
