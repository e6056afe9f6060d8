"""Which scanners SANE finds."""

from pathlib import Path

import pytest

from hardware.scanner import listing
from hardware.scanner.listing import list_scanners
from hardware.scanner.scanimage import Hung
from tests.support.sane_stack import missing, played, stand_in


@pytest.mark.sane
@pytest.mark.skipif(bool(missing()), reason=missing() or "it is there")
async def test_ok__the_played_scanner_is_found_with_its_feeder(tmp_path: Path) -> None:
    """Name, model and options, through the real stack."""
    async with played(tmp_path / "sane") as device:
        (found,) = await list_scanners(device.config)
    assert (found.device, found.model) == (device.device, "Madobus feeder")
    assert found.options is not None
    assert found.options.feeder("ADF") == "ADF"


@pytest.mark.sane
@pytest.mark.skipif(bool(missing()), reason=missing() or "it is there")
async def test_ok__a_scanner_that_is_off_is_listed_but_does_not_open(tmp_path: Path) -> None:
    """A configured network scanner is always listed: only opening it proves it."""
    async with played(tmp_path / "sane") as device:
        config = device.config
    (found,) = await list_scanners(config)
    assert found.options is None


async def test_ok__lines_of_another_shape_are_passed_over(tmp_path: Path) -> None:
    """Backends print what they like."""
    program = stand_in(tmp_path, "", devices="a\tb\tc\nnoise\nd\te\tf\n")
    found = await list_scanners(program=program)
    assert [f.device for f in found] == ["a", "d"]


async def test_fail__a_backend_that_hangs_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listing has a deadline as well."""
    monkeypatch.setattr(listing, "ANSWER_DEADLINE_S", 0.3)
    program = tmp_path / "scanimage"
    program.write_text("#!/bin/sh\ntrap '' TERM\nsleep 600\n", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(Hung):
        await list_scanners(program=str(program))
