"""How often a wrong PIN may be tried."""

from datetime import timedelta
from pathlib import Path

from appliance.desk.attempts import (
    ATTEMPTS_FILE,
    FREE_TRIES,
    LONGEST_WAIT,
    Attempts,
    keep_attempts,
    read_attempts,
)
from tests.support.counterworld import NOON


def after(wrong: int) -> Attempts:
    """Return the count after so many wrong PINs at noon."""
    attempts = Attempts()
    for _ in range(wrong):
        attempts = attempts.failed(NOON)
    return attempts


def test_a_few_slips_cost_nothing() -> None:
    """Fingers slip."""
    assert after(FREE_TRIES - 1).waits(NOON) == 0


def test_the_fifth_wrong_pin_makes_a_minute() -> None:
    """From then on guessing is slow."""
    assert after(FREE_TRIES).waits(NOON) == 61


def test_the_wait_doubles_up_to_its_longest() -> None:
    """It never locks the counter for the rest of the day."""
    assert after(FREE_TRIES + 1).waits(NOON) == 121
    assert after(60).waits(NOON) == LONGEST_WAIT.total_seconds()


def test_the_wait_ends_by_itself() -> None:
    """After the time another PIN may be tried."""
    assert after(FREE_TRIES).waits(NOON + timedelta(minutes=1)) == 0


def test_a_clock_set_back_never_locks_longer_than_the_longest_wait() -> None:
    """A wrong clock must not close the counter."""
    assert after(FREE_TRIES).waits(NOON - timedelta(days=400)) == LONGEST_WAIT.total_seconds()


def test_a_restart_does_not_forget(tmp_path: Path) -> None:
    """Pulling the plug wins no tries."""
    keep_attempts(tmp_path, after(7))
    assert read_attempts(tmp_path) == after(7)


def test_a_damaged_count_starts_anew(tmp_path: Path) -> None:
    """A torn file does not lock anybody out."""
    (tmp_path / ATTEMPTS_FILE).write_text("{", encoding="utf-8")
    assert read_attempts(tmp_path) == Attempts()
