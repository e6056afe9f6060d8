"""A visit whose key lies half in a software TPM: what a thief has before, during and after it."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.desk.attempts import Attempts, read_attempts
from appliance.desk.partners import Refused
from appliance.desk.pinsecret import VISIT_SLOT, close_secret, open_secret
from appliance.desk.visit import (
    DRAFTS_FOLDER,
    FORGOTTEN_AFTER,
    VisitPinWrong,
    destroy_visit,
    left_behind,
    open_visit,
    read_visit,
)
from appliance.mail.store import MailStore
from hardware.errors import DeviceError, DeviceMissing
from hardware.tpm.simulated import SimulatedTpm
from hardware.tpm.tpm2 import FIRST_INDEX, Tpm2
from sync.chiplock import needs_chip
from sync.clock import ClockQuality
from tests.support.counterworld import NOON, PIN, STAFF, CounterWorld, HandClock
from tests.support.swtpm import PROGRAM, WITHOUT, Swtpm

needs_swtpm = pytest.mark.skipif(PROGRAM is None, reason=WITHOUT)


@pytest.fixture
def chip(tmp_path: Path) -> Iterator[Swtpm]:
    """Run a software TPM."""
    made = Swtpm(tmp_path / "chip")
    yield made
    made.cut()


@pytest.fixture
def simulated(world: CounterWorld) -> SimulatedTpm:
    """Give the box a chip in memory."""
    world.tpm = made = SimulatedTpm()
    return made


def opens(folder: Path, tpm: Tpm2) -> bool:
    """Tell whether disk and chip give the visit key to somebody who knows the PIN."""
    file = read_visit(folder)
    try:
        return file is not None and len(file.unlock(PIN, tpm)) > 0
    except (DeviceError, VisitPinWrong):
        return False


@needs_swtpm
def test_pin_and_chip_give_the_key_back(tmp_path: Path, chip: Swtpm) -> None:
    """After a cut of disk and chip alike the PIN opens what it closed."""
    _, key = open_visit(tmp_path, STAFF, PIN, NOON, tpm=chip.driver)
    chip.cut()
    chip.start()
    file = read_visit(tmp_path)
    assert file is not None
    assert needs_chip(file.wrapped)
    assert file.unlock(PIN, chip.driver) == key


@needs_swtpm
def test_a_thief_guesses_at_the_chip_alone(tmp_path: Path, chip: Swtpm) -> None:
    """Whoever has box and chip but no PIN is locked out after few tries, the right PIN included."""
    file, _ = open_visit(tmp_path, STAFF, PIN, NOON, tpm=chip.driver)
    half = bytes(32)
    for _ in range(32):
        with pytest.raises(DeviceError):
            chip.driver.read(VISIT_SLOT, half)
    with pytest.raises(DeviceError) as caught:
        file.unlock(PIN, chip.driver)
    assert caught.value.cause == "lockout"


@needs_swtpm
def test_a_wrong_pin_is_refused_by_the_chip(tmp_path: Path, chip: Swtpm) -> None:
    """It counts there, not on the disk that a thief can put back."""
    file, _ = open_visit(tmp_path, STAFF, PIN, NOON, tpm=chip.driver)
    with pytest.raises(VisitPinWrong):
        file.unlock("000000", chip.driver)


@needs_swtpm
def test_the_disk_without_the_chip_opens_nothing(tmp_path: Path, chip: Swtpm) -> None:
    """In another box, or with the chip's setting taken out, the PIN is no help."""
    file, _ = open_visit(tmp_path, STAFF, PIN, NOON, tpm=chip.driver)
    other = Swtpm(tmp_path / "other")
    try:
        with pytest.raises(DeviceError):
            file.unlock(PIN, other.driver)
    finally:
        other.cut()
    with pytest.raises(DeviceMissing):
        file.unlock(PIN)


@needs_swtpm
def test_after_the_end_no_copy_opens_anything(tmp_path: Path, chip: Swtpm) -> None:
    """A copy of the disk from within the visit, the chip's state after it, and the PIN: nothing."""
    desk, copy = tmp_path / "desk", tmp_path / "copy"
    open_visit(desk, STAFF, PIN, NOON, tpm=chip.driver)
    (desk / DRAFTS_FOLDER).mkdir()
    (desk / DRAFTS_FOLDER / "visit.sealed").write_bytes(b"draft")
    shutil.copytree(desk, copy)
    stolen = chip.copied_to(tmp_path / "stolen")
    destroy_visit(desk, chip.driver)
    chip.cut()
    after = chip.copied_to(tmp_path / "after")
    try:
        assert opens(copy, stolen.driver), "the probe opens what is still open"
        assert not opens(copy, after.driver)
        assert list(desk.iterdir()) == []
    finally:
        stolen.cut()
        after.cut()


@needs_swtpm
async def test_a_whole_visit_on_a_chip(world: CounterWorld, mail: MailStore, chip: Swtpm) -> None:
    """Open, cut both, unlock, go on, end: the chip holds the key that long and no longer."""
    world.tpm = chip.driver
    counter = world.counter(mail)
    await counter.sign_in(STAFF, PIN)
    await counter.choose_stop("kitakami")
    await counter.on_tray().declare(3, "")
    await counter.stop()
    chip.cut()
    chip.start()
    again = world.counter(mail)
    await again.sign_in(STAFF, PIN)
    assert again.opened().current().declared == 3
    await again.close(anyway=True)
    assert again.notice == ""
    with pytest.raises(DeviceError) as caught:
        chip.driver.read(VISIT_SLOT, bytes(32))
    assert caught.value.cause == "empty"


async def test_the_end_of_a_visit_says_when_the_chip_was_silent(
    world: CounterWorld, mail: MailStore, simulated: SimulatedTpm
) -> None:
    """The disk is cleared all the same; the next start clears the chip."""
    counter = world.counter(mail)
    await counter.sign_in(STAFF, PIN)
    simulated.gone = True
    await counter.close(anyway=True)
    assert (counter.standing, counter.notice) == ("closed", "notice.chip_left")
    await counter.forget_left_behind()
    simulated.gone = False
    await world.counter(mail).forget_left_behind()
    with pytest.raises(DeviceError) as caught:
        simulated.read(VISIT_SLOT, bytes(32))
    assert caught.value.cause == "empty"


async def test_a_missing_chip_costs_no_try(
    world: CounterWorld, mail: MailStore, simulated: SimulatedTpm
) -> None:
    """The person reads what is wrong; the PIN was not looked at."""
    simulated.gone = True
    with pytest.raises(Refused) as caught:
        await world.counter(mail).sign_in(STAFF, PIN)
    assert caught.value.key == "refused.chip_absent"
    assert read_attempts(world.desk) == Attempts()


async def test_a_chip_that_was_reset_begins_a_new_visit(
    world: CounterWorld, mail: MailStore, simulated: SimulatedTpm
) -> None:
    """The old draft can never be opened: it is cleared away, and the person is told."""
    first = world.counter(mail)
    await first.sign_in(STAFF, PIN)
    old = first.opened().file.visit
    await first.stop()
    simulated.emptied()
    counter = world.counter(mail)
    await counter.sign_in(STAFF, PIN)
    assert counter.opened().file.visit != old
    assert counter.notice == "notice.draft_lost"
    await counter.stop()


async def test_three_days_unopened_destroy_the_visit(
    world: CounterWorld, mail: MailStore, simulated: SimulatedTpm
) -> None:
    """At the next start, by a clock that is known to be right; the door says so."""
    counter = world.counter(mail)
    await counter.sign_in(STAFF, PIN)
    await counter.forget_left_behind()
    assert counter.standing == "open"
    await counter.stop()
    world.clock.wall += FORGOTTEN_AFTER - timedelta(seconds=1)
    await world.counter(mail).forget_left_behind()
    assert world.counter(mail).standing == "locked"
    world.clock.wall += timedelta(seconds=1)
    late = world.counter(mail)
    await late.forget_left_behind()
    assert (late.standing, late.notice) == ("closed", "notice.forgotten")
    with pytest.raises(DeviceError):
        simulated.read(VISIT_SLOT, bytes(32))


def test_a_pin_given_again_starts_the_three_days_anew(tmp_path: Path) -> None:
    """A visit over a long weekend is not one left behind."""
    file, _ = open_visit(tmp_path, STAFF, PIN, NOON)
    late = HandClock(NOON + FORGOTTEN_AFTER).now()
    assert left_behind(file, None, late)
    assert not left_behind(file, NOON + timedelta(hours=1), late)


def test_a_clock_nobody_set_destroys_nothing(tmp_path: Path) -> None:
    """A box that wakes up in a wrong year keeps its draft."""
    file, _ = open_visit(tmp_path, STAFF, PIN, NOON)
    lost = HandClock(NOON + timedelta(days=900), ClockQuality.UNSYNCED).now()
    assert not left_behind(file, None, lost)


@needs_swtpm
def test_each_secret_has_its_own_slot(chip: Swtpm) -> None:
    """The end of a visit leaves the staff's reading keys alone."""
    tpm = chip.driver
    reading = close_secret(b"r" * 32, PIN, bytes, tpm, 1)
    close_secret(b"v" * 32, PIN, bytes, tpm, VISIT_SLOT)
    tpm.undefine(VISIT_SLOT)
    assert open_secret(reading, PIN, tpm, 1) == b"r" * 32
    assert FIRST_INDEX == 0x01804D00, "docs/envelope.md names it"
