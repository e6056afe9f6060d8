"""`madobus provision usb`: from what is plugged in to the list, and from the list to usbguard's rules."""

from pathlib import Path

import pytest

from hardware.usb.allowed import read_allowed
from hardware.usb.usbguard import usbguard_rules
from provisioning.field import main
from tests.support.usb_devices import HONEST, SCANNER
from tests.support.usb_tree import UsbTree


@pytest.fixture
def suggested(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The list that the verb wrote of a box's devices."""
    tree = UsbTree(tmp_path / "usb")
    for device in HONEST:
        tree.plug(device)
    assert main(["usb", "suggest", "--sockets", str(tree.folder)]) == 0
    path = tmp_path / "usb.toml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    return path


def test_ok__what_is_suggested_is_a_list(
    suggested: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row for each device."""
    assert main(["usb", "check", "--list", str(suggested)]) == 0
    assert capsys.readouterr().out == f"{suggested}: {len(HONEST)} rows\n"


def test_ok__rules_are_written_whole(suggested: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ready for rules.conf."""
    assert main(["usb", "rules", "--list", str(suggested)]) == 0
    told = capsys.readouterr().out
    assert told == usbguard_rules(read_allowed(suggested))
    assert SCANNER.serial in told


def test_fail__a_wrong_list_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The row, and what to do."""
    path = tmp_path / "usb.toml"
    path.write_text('[[device]]\nname = "scanner"\n', encoding="utf-8")
    assert main(["usb", "rules", "--list", str(path)]) == 1
    told = capsys.readouterr()
    assert (told.out, "vendor is missing" in told.err) == ("", True)


def test_fail__a_box_with_nothing_plugged_in_gets_no_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty file would refuse everything without a word."""
    assert main(["usb", "suggest", "--sockets", str(tmp_path)]) == 1
    assert "nothing is plugged in" in capsys.readouterr().err
