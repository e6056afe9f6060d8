"""The technician's probe."""

import json
from pathlib import Path

import pytest

from hardware.hotplug.simulated import SimulatedHotplug
from hardware.protocols import Plugged
from provisioning import probe as verb
from provisioning.probe import as_json, as_text, matters, probe
from tests.support.sane_stack import stand_in

CAMERA = Plugged("/devices/usb1/1-2", "video4linux", "/dev/video0", "046d", "C920", "B2")
LOOP = Plugged("/devices/virtual/net/lo", "net", "", "", "", "")
DESK = "airscan:e0:机\tMaker\tDesk 1\n"


async def test_ok__a_scanner_gives_its_settings_lines(tmp_path: Path) -> None:
    """They can be copied into bus.toml as they are."""
    found = await probe(None, program=stand_in(tmp_path, "", devices=DESK))
    assert found.settings == (
        "[desk]",
        'scanner = "sane"',
        'scanner_device = "airscan:e0:机"',
        'scanner_source = "ADF"',
    )


async def test_ok__an_own_configuration_is_part_of_the_lines(tmp_path: Path) -> None:
    """Else the desk would not find the scanner again."""
    found = await probe(None, tmp_path, stand_in(tmp_path, "", devices=DESK))
    assert found.settings[-1] == f'sane_config = "{tmp_path}"'


async def test_ok__a_flatbed_is_shown_and_not_proposed(tmp_path: Path) -> None:
    """It cannot take a stack."""
    options = "    --source Flatbed [Flatbed]"
    found = await probe(None, program=stand_in(tmp_path, "", options=options, devices=DESK))
    assert found.settings == ()
    assert "no feeder" in as_text(found)


async def test_fail__without_the_program_the_remedy_is_told(tmp_path: Path) -> None:
    """Which Debian packages to install."""
    found = await probe(None, program=str(tmp_path / "none"))
    assert "sane-airscan" in found.trouble[0]


async def test_ok__a_scanner_that_does_not_open_is_told(tmp_path: Path) -> None:
    """Listed is not the same as there."""
    found = await probe(None, program=stand_in(tmp_path, "", options="", devices=DESK))
    assert "does not open" in found.trouble[0]


async def test_ok__real_devices_are_shown_and_virtual_ones_are_not(tmp_path: Path) -> None:
    """A loopback interface is no device to a technician."""
    hotplug = SimulatedHotplug([CAMERA, LOOP])
    found = await probe(hotplug, program=stand_in(tmp_path, "", devices=""))
    assert (found.devices, matters(LOOP)) == ((CAMERA,), False)
    assert "camera: /dev/video0  046d C920 B2" in as_text(found)


async def test_ok__nothing_at_all_says_none(tmp_path: Path) -> None:
    """An empty list is not an empty screen."""
    text = as_text(await probe(None, program=stand_in(tmp_path, "", devices="")))
    assert text == "Scanners:\n  none\nOther devices:\n  none"


async def test_ok__the_json_holds_everything(tmp_path: Path) -> None:
    """And is JSON."""
    found = await probe(SimulatedHotplug([CAMERA]), program=stand_in(tmp_path, "", devices=DESK))
    told = json.loads(json.dumps(as_json(found)))
    assert told["scanners"][0]["device"] == "airscan:e0:机"
    assert told["devices"][0]["serial"] == "B2"


def test_fail__the_verb_without_a_scanner_ends_with_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script can tell."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(verb, "open_hotplug", lambda *_, **__: SimulatedHotplug())
    assert verb.main(["--json"]) == 1
    assert json.loads(capsys.readouterr().out)["scanners"] == []
