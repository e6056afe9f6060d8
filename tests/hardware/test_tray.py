"""The played scanner's tray."""

from pathlib import Path

import pytest

from hardware.protocols import FeederState
from hardware.scanner.papers import Paper
from hardware.scanner.tray import MAX_SHEETS, Fault, Tray


def papers(count: int) -> list[Paper]:
    """Sheets that are only told apart by their names."""
    return [Paper(Path(str(n)), 10, 10, jpeg=True, grey=False) for n in range(count)]


def test_ok__sheets_are_pulled_from_the_top_in_order() -> None:
    """First in, first out."""
    tray = Tray()
    tray.load(papers(3))
    assert [tray.pull().path.name for _ in range(3)] == ["0", "1", "2"]


def test_ok__a_full_tray_is_full() -> None:
    """The limit itself still fits."""
    tray = Tray()
    tray.load(papers(MAX_SHEETS))
    assert len(tray.sheets) == MAX_SHEETS


def test_fail__one_sheet_too_many_loads_none() -> None:
    """Half a stack would be worse than none."""
    tray = Tray()
    with pytest.raises(ValueError, match=str(MAX_SHEETS)):
        tray.load(papers(MAX_SHEETS + 1))
    assert not tray.sheets


def test_ok__a_fault_waits_for_its_sheet() -> None:
    """After two good sheets it shows, and not before."""
    tray = Tray()
    tray.load(papers(4))
    tray.set_fault(Fault.JAM, after=2)
    seen = [tray.state]
    for _ in range(2):
        tray.pull()
        seen.append(tray.state)
    assert seen == [FeederState.LOADED, FeederState.LOADED, FeederState.JAMMED]


def test_ok__a_double_feed_happens_once() -> None:
    """Two sheets go, one is seen, and then all is well."""
    tray = Tray()
    tray.load(papers(4))
    tray.set_fault(Fault.DOUBLE)
    assert [tray.pull().path.name for _ in range(3)] == ["0", "2", "3"]
    assert (tray.pulled, tray.fault) == (4, None)


def test_ok__a_double_feed_of_the_last_sheet_is_a_single_one() -> None:
    """There is nothing under it to slip through."""
    tray = Tray()
    tray.load(papers(1))
    tray.set_fault(Fault.DOUBLE)
    tray.pull()
    assert tray.pulled == 1
