"""An old card put back is noticed by the box itself."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.config import read_settings
from appliance.desk.__main__ import build
from appliance.desk.cardage import STARTS_FILE, card_is_old
from hardware.errors import DeviceMissing
from hardware.tpm.faults import missing
from hardware.tpm.simulated import SimulatedTpm
from tests.appliance.desk.test_desk_process import settings
from tests.support.counterworld import CounterWorld
from tests.support.swtpm import PROGRAM, WITHOUT, Swtpm


@pytest.fixture
def chip(tmp_path: Path) -> Iterator[Swtpm]:
    """Run a software TPM."""
    made = Swtpm(tmp_path / "chip")
    yield made
    made.cut()


@pytest.mark.skipif(PROGRAM is None, reason=WITHOUT)
def test_an_old_card_is_noticed_before_any_contact(tmp_path: Path, chip: Swtpm) -> None:
    """Three starts, the card of the second put back: the fourth says so, the fifth on that card does not again."""
    card, copy = tmp_path / "card", tmp_path / "copy"
    card.mkdir()
    told = [card_is_old(card, chip.driver, boot) for boot in ("1", "2")]
    shutil.copytree(card, copy)
    told.append(card_is_old(card, chip.driver, "3"))
    chip.cut()
    chip.start()
    assert told == [False, False, False]
    assert card_is_old(copy, chip.driver, "4")
    assert card_is_old(copy, chip.driver, "4"), "the desk may begin anew within a start"
    assert not card_is_old(copy, chip.driver, "5")


def test_a_start_is_counted_once(tmp_path: Path) -> None:
    """However often the desk begins anew in it."""
    chip = SimulatedTpm()
    for _ in range(5):
        assert not card_is_old(tmp_path, chip, "1")
    assert chip.count_up() == 2


def test_a_cut_between_card_and_chip_is_no_alarm(tmp_path: Path) -> None:
    """The card is one ahead, and the next start puts both together again."""
    chip = SimulatedTpm()
    card_is_old(tmp_path, chip, "1")
    chip.gone = True
    for _ in range(3):
        with pytest.raises(DeviceMissing):
            card_is_old(tmp_path, chip, "2")
    chip.gone = False
    assert [card_is_old(tmp_path, chip, boot) for boot in ("3", "4")] == [False, False]
    chip.count_up()
    chip.count_up()
    assert card_is_old(tmp_path, chip, "5"), "a silent chip widens nothing"


class CutBehindTheStep(SimulatedTpm):
    """A chip whose step is counted, and the power goes before anybody hears of it."""

    cuts = 0

    def count_up(self) -> int:
        """Count, and be heard only when no cut is left."""
        count = super().count_up()
        if self.cuts:
            self.cuts -= 1
            raise missing("tpm", "the power went")
        return count


@pytest.mark.parametrize("cuts", [1, 2, 3])
def test_a_cut_behind_the_chips_step_is_no_alarm(tmp_path: Path, cuts: int) -> None:
    """The chip counted and the card did not hear it, however often in a row; older copies are found as before."""
    chip = CutBehindTheStep()
    card_is_old(tmp_path, chip, "1")
    before = (tmp_path / STARTS_FILE).read_bytes()
    chip.cuts = cuts
    for start in range(cuts):
        with pytest.raises(DeviceMissing):
            card_is_old(tmp_path, chip, f"cut {start}")
    assert [card_is_old(tmp_path, chip, boot) for boot in ("8", "9")] == [False, False]
    (tmp_path / STARTS_FILE).write_bytes(before)
    assert card_is_old(tmp_path, chip, "10")


def test_a_card_that_never_counted_begins(tmp_path: Path) -> None:
    """A new card, or a file nobody can read, is no alarm."""
    chip = SimulatedTpm()
    assert not card_is_old(tmp_path, chip, "1")
    (tmp_path / STARTS_FILE).write_text("{", encoding="utf-8")
    assert not card_is_old(tmp_path, chip, "2")


@pytest.mark.skipif(PROGRAM is None, reason=WITHOUT)
def test_the_desk_knows_it_from_its_start_on(world: CounterWorld, chip: Swtpm) -> None:
    """Built on an older copy it says so at the door; on a chip that does not answer it claims nothing."""
    path = settings(world)
    text = path.read_text("utf-8").replace("port = 0\n", f'port = 0\ntpm = "{chip.setting}"\n')
    path.write_text(text, encoding="utf-8")
    assert not started(path)
    (world.desk / STARTS_FILE).write_text(
        json.dumps({"boot": "an earlier one", "count": 0, "old": False, "ahead": False}), "utf-8"
    )
    chip.driver.count_up()
    assert started(path)
    chip.cut()
    (world.desk / STARTS_FILE).unlink()
    assert not started(path)


def started(path: Path) -> bool:
    """Build a desk and return whether it holds its card for an old one."""
    partners = build(read_settings(path))
    partners.mail.close()
    return partners.old_card
