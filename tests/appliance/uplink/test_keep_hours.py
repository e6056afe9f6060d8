"""How long a box keeps what city hall confirmed is a setting, never above what the city decided."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from appliance.config import BusSettings
from appliance.uplink.__main__ import Uplink
from tests.support.houses import Bus, make_houses


def shorter(bus: Bus, hours: int) -> BusSettings:
    """Return the box's settings with so many hours."""
    told = bus.settings().model_dump(mode="json")
    told["uplink"]["keep_hours"] = hours
    return BusSettings.model_validate(told)


@pytest.mark.parametrize("hours", [0, 24, 72])
def test_the_keeper_goes_by_the_setting(tmp_path: Path, hours: int) -> None:
    """What is purged is older than that."""
    hall, bus = make_houses(tmp_path)
    uplink = Uplink(shorter(bus, hours), bus.clock)
    assert uplink.keeper._grace == timedelta(hours=hours)
    hall.mail.close()
    bus.mail.close()


@pytest.mark.parametrize("hours", [-1, 73])
def test_fail__no_box_keeps_longer_than_three_days(tmp_path: Path, hours: int) -> None:
    """The limit stands in the program, too."""
    hall, bus = make_houses(tmp_path)
    hall.mail.close()
    bus.mail.close()
    with pytest.raises(ValidationError, match="keep_hours"):
        shorter(bus, hours)
