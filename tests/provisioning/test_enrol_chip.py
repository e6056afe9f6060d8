"""Enrolling a box that has a chip: its staff's locks lie half in it."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.desk.keyring import WrongPin, read_keyring
from hardware.errors import DeviceMissing
from hardware.tpm.simulated import SimulatedTpm
from provisioning.city import City, found_city
from provisioning.enrol import BusPorts, StaffMember, enrol_box, write_bus_settings
from sync.chiplock import needs_chip

NOW = datetime(2026, 8, 25, 3, 0, tzinfo=UTC)
STAFF = (StaffMember("S-014", "工藤 真", "24681012"), StaffMember("S-015", "見本 結", "13571357"))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """Found a city."""
    return found_city(tmp_path_factory.mktemp("city"), "盛岡市", NOW, ("127.0.0.1",))


def test_each_member_of_staff_opens_with_pin_and_chip(city: City, tmp_path: Path) -> None:
    """The same reading key, each in a slot of its own; a wrong PIN is refused by the chip."""
    chip = SimulatedTpm()
    bus = enrol_box(city, tmp_path, "bus-21", STAFF, NOW, tpm=chip)
    ring = read_keyring(bus.folder / "desk" / "keys")
    opened = [ring.open_reading(one.staff_id, one.pin, chip).key_id for one in STAFF]
    assert opened[0] == opened[1]
    assert [ring.staff[one.staff_id].slot for one in STAFF] == [1, 2]
    with pytest.raises(WrongPin):
        ring.open_reading("S-014", "11111111", chip)


def test_the_file_alone_is_no_help_in_guessing(city: City, tmp_path: Path) -> None:
    """Whoever has the disk and the PIN, and not the chip, opens nothing and learns nothing."""
    bus = enrol_box(city, tmp_path, "bus-22", STAFF, NOW, tpm=SimulatedTpm())
    keys = bus.folder / "desk" / "keys"
    for entry in json.loads((keys / "staff.json").read_text("utf-8")).values():
        assert needs_chip(base64.b64decode(entry["reading"]))
    with pytest.raises(DeviceMissing):
        read_keyring(keys).open_reading("S-014", STAFF[0].pin)


def test_the_settings_name_the_chip(city: City, tmp_path: Path) -> None:
    """The desk finds it there."""
    bus = enrol_box(city, tmp_path, "bus-23", STAFF[:1], NOW)
    chip = {"scanner": "sane", "tpm": "device:/dev/tpmrm0"}
    write_bus_settings(bus, "bus-23", BusPorts(8443, 8444), chip)
    assert 'tpm = "device:/dev/tpmrm0"' in bus.settings_path.read_text("utf-8")


def test_fail__more_staff_than_the_chip_has_slots(city: City, tmp_path: Path) -> None:
    """A chip has a few kilobytes: refused before anybody is locked."""
    many = tuple(StaffMember(f"S-{n:03}", "見本", "13571357") for n in range(33))
    with pytest.raises(ValueError, match="at most 32"):
        enrol_box(city, tmp_path, "bus-24", many, NOW, tpm=SimulatedTpm())
