"""The chip: the real driver on a software TPM and the simulated one keep the same promises."""

import os
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.catalogue import open_tpm
from hardware.errors import DeviceBusy, DeviceError, DeviceFault, DeviceMissing
from hardware.protocols import Tpm
from hardware.tpm import commands
from hardware.tpm.simulated import SimulatedTpm
from hardware.tpm.tpm2 import TRIES, Tpm2
from tests.support.swtpm import PROGRAM, WITHOUT, Swtpm

SECRET, OTHER = bytes(range(32)), b"\x07" * 32
AUTH, WRONG = b"a" * 32, b"b" * 32

needs_swtpm = pytest.mark.skipif(PROGRAM is None, reason=WITHOUT)


@pytest.fixture
def chip(tmp_path: Path) -> Iterator[Swtpm]:
    """Run a software TPM."""
    made = Swtpm(tmp_path)
    yield made
    made.cut()


@pytest.fixture(params=[pytest.param("tpm2", marks=needs_swtpm), "simulated"])
def tpm(request: pytest.FixtureRequest) -> Tpm:
    """Give each driver in turn."""
    if request.param == "simulated":
        return open_tpm("simulated")
    return open_tpm("tpm2", setting=request.getfixturevalue("chip").setting)


def test_a_secret_is_read_under_its_password(tpm: Tpm) -> None:
    """Each slot keeps its own."""
    tpm.define(0, SECRET, AUTH)
    tpm.define(1, OTHER, WRONG)
    assert (tpm.read(0, AUTH), tpm.read(1, WRONG)) == (SECRET, OTHER)
    assert tpm.simulated


def test_a_slot_is_defined_anew(tpm: Tpm) -> None:
    """What the slot held before is gone, with its password."""
    tpm.define(0, SECRET, AUTH)
    tpm.define(0, OTHER, WRONG)
    assert tpm.read(0, WRONG) == OTHER


def test_a_destroyed_secret_is_gone(tpm: Tpm) -> None:
    """The right password finds nothing; destroying twice does no harm."""
    tpm.define(0, SECRET, AUTH)
    tpm.undefine(0)
    tpm.undefine(0)
    with pytest.raises(DeviceFault) as caught:
        tpm.read(0, AUTH)
    assert caught.value.cause == "empty"


def test_wrong_passwords_are_counted(tpm: Tpm) -> None:
    """After the last one even the right password is not looked at."""
    tpm.define(0, SECRET, AUTH)
    for _ in range(TRIES):
        with pytest.raises(DeviceFault) as caught:
            tpm.read(0, WRONG)
        assert caught.value.cause == "auth"
    with pytest.raises(DeviceBusy) as locked:
        tpm.read(0, AUTH)
    assert locked.value.cause == "lockout"
    with pytest.raises(DeviceBusy):
        tpm.define(1, SECRET, AUTH)


def test_the_counter_only_rises(tpm: Tpm) -> None:
    """Every call is one more."""
    first = tpm.count_up()
    assert [tpm.count_up(), tpm.count_up()] == [first + 1, first + 2]


@needs_swtpm
def test_secret_and_counter_outlast_a_power_cut(chip: Swtpm) -> None:
    """The chip without current keeps what it was given."""
    chip.driver.define(0, SECRET, AUTH)
    counted = chip.driver.count_up()
    chip.cut()
    chip.start()
    assert chip.driver.read(0, AUTH) == SECRET
    assert chip.driver.count_up() == counted + 1


@needs_swtpm
def test_a_chip_without_current_is_missing(chip: Swtpm) -> None:
    """The driver says so and does not wait."""
    driver = chip.driver
    assert driver.present()
    chip.cut()
    assert not driver.present()
    with pytest.raises(DeviceMissing):
        driver.read(0, AUTH)


@needs_swtpm
def test_nobody_resets_the_count(chip: Swtpm) -> None:
    """The lockout has a password that was thrown away: who holds the box cannot widen its own tries."""
    chip.driver.define(0, SECRET, AUTH)
    for command in (
        commands.bound_tries(1_000_000, 1, 1),
        commands.set_lockout_auth(b"mine"),
    ):
        with pytest.raises(DeviceError):
            chip.driver._do(command)


@needs_swtpm
def test_neither_owner_nor_an_empty_password_opens_a_slot(chip: Swtpm) -> None:
    """Only the slot's own password does."""
    chip.driver.define(0, SECRET, AUTH)
    with pytest.raises(DeviceFault):
        chip.driver.read(0, b"")


@pytest.mark.parametrize("setting", ["", "/dev/tpm0", "device:tpm0", "file:/dev/tpm0"])
def test_a_setting_that_names_no_chip_is_refused(setting: str) -> None:
    """The way and an absolute path, or a sentence."""
    with pytest.raises(ValueError, match=r"desk\.tpm"):
        Tpm2(setting)


def test_a_device_that_is_not_there_is_missing(tmp_path: Path) -> None:
    """The kernel's file is not there: no chip, or its driver is not loaded."""
    with pytest.raises(DeviceMissing):
        Tpm2(f"device:{tmp_path}/tpm0").undefine(0)


@pytest.mark.parametrize(
    ("answer", "cause"),
    [("80010000000a00000000", ""), ("80010000000a0000028b", ""), ("6e6f", "garbled"), ("", "hung")],
)
def test_a_device_answers_one_command(answer: str, cause: str) -> None:
    """Done and nothing-to-do are well; noise is garbled, silence is hung."""
    far, near = os.openpty()
    try:
        tty.setraw(near)
        os.write(far, bytes.fromhex(answer))
        asked = Tpm2(f"device:{os.ttyname(near)}", deadline_s=0.1)
        if not cause:
            asked.undefine(0)
        else:
            with pytest.raises(DeviceFault) as caught:
                asked.undefine(0)
            assert caught.value.cause == cause
    finally:
        os.close(far)
        os.close(near)


@pytest.mark.parametrize("slot", [-1, 64])
def test_a_slot_outside_the_range_is_our_mistake(slot: int) -> None:
    """No other index of the chip is ever touched."""
    with pytest.raises(ValueError, match="slot"):
        Tpm2("device:/dev/null").undefine(slot)


def test_a_secret_has_thirty_two_bytes() -> None:
    """Another length is refused before the chip is asked."""
    with pytest.raises(ValueError, match="32 bytes"):
        Tpm2("device:/dev/null").define(0, b"short", AUTH)


def test_an_answer_that_is_cut_short_is_no_answer() -> None:
    """Too few bytes, a wrong size, data that ends early, another property: each a ValueError."""
    with pytest.raises(ValueError, match="10 bytes"):
        commands.code_of(b"\x80\x01")
    with pytest.raises(ValueError, match="says it has"):
        commands.code_of(b"\x80\x01\x00\x00\x00\x0b\x00\x00\x00\x00")
    with pytest.raises(ValueError, match="ends inside"):
        commands.data_of(bytes(14) + b"\x00\x20short")
    with pytest.raises(ValueError, match="permanent"):
        commands.permanent_of(bytes(27))


def test_the_simulated_chip_can_fail() -> None:
    """It goes away, comes back, and forgets."""
    made = SimulatedTpm()
    made.define(0, SECRET, AUTH)
    assert made.present()
    made.gone = True
    assert not made.present()
    with pytest.raises(DeviceMissing):
        made.read(0, AUTH)
    made.gone = False
    made.emptied()
    with pytest.raises(DeviceFault):
        made.read(0, AUTH)


@pytest.mark.parametrize("answer", [bytes(10), bytes(15), bytes(14) + b"\x00\x20" + bytes(31)])
def test_fail__an_answer_that_ends_early_is_no_answer(answer: bytes) -> None:
    """Its data and its attributes are looked for within its bytes only."""
    with pytest.raises(ValueError, match="answer"):
        commands.data_of(answer)
    with pytest.raises(ValueError, match=r"answer|attributes"):
        commands.permanent_of(answer)
