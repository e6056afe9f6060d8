"""A city founded, a box enrolled: what lies in which folder, and that the rooms can read it."""

import json
import stat
from datetime import UTC, datetime

import pytest

from appliance import config as bus_config
from appliance.desk.keyring import WrongPin, read_keyring
from cityhall import config as hall_config
from provisioning.city import City, HallPorts, found_city, write_hall_settings
from provisioning.enrol import Bus, BusPorts, StaffMember, enrol_box, write_bus_settings

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STAFF = StaffMember("S-014", "工藤 真", "24681012")


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[City, Bus]:
    """One city with one box, made once for this file."""
    folder = tmp_path_factory.mktemp("city")
    city = found_city(folder / "hall", "見本市", NOW, ("127.0.0.1",))
    write_hall_settings(city, HallPorts(), "見本市", "介護保険課")
    bus = enrol_box(city, folder / "bus", "bus-07", (STAFF,), NOW)
    write_bus_settings(bus, "bus-07", BusPorts(8443, 8444), {"scanner": "simulated"})
    return city, bus


def test_the_bundle_knows_the_box(founded: tuple[City, Bus]) -> None:
    """Enrolment publishes a new version with the box's public keys."""
    bundle = founded[0].bundle()
    assert (bundle.version, [device.name for device in bundle.devices]) == (2, ["bus-07"])


def test_founding_twice_changes_nothing(founded: tuple[City, Bus]) -> None:
    """The keys of a city that stands are never made again."""
    before = founded[0].bundle_path.read_bytes()
    found_city(founded[0].folder, "見本市", NOW, ("127.0.0.1",))
    assert founded[0].bundle_path.read_bytes() == before


def test_enrolling_twice_changes_nothing(founded: tuple[City, Bus]) -> None:
    """The same box keeps its keys."""
    city, bus = founded
    before = (bus.folder / "desk" / "keys" / "signer.key").read_bytes()
    enrol_box(city, bus.folder, "bus-07", (STAFF,), NOW)
    assert (bus.folder / "desk" / "keys" / "signer.key").read_bytes() == before


def test_city_hall_can_read_its_settings(founded: tuple[City, Bus]) -> None:
    """Every file the settings name is there."""
    settings = hall_config.read_settings(founded[0].settings_path)
    named = [
        settings.intake.certificate,
        settings.intake.key,
        settings.intake.client_ca,
        settings.intake.countersigner,
        settings.office.division_key,
        settings.office.signer,
        settings.office.bundle,
        settings.switchboard.certificate,
    ]
    assert [path for path in named if not path.is_file()] == []


def test_the_bus_can_read_its_settings(founded: tuple[City, Bus]) -> None:
    """Every file the settings name is there."""
    settings = bus_config.read_settings(founded[1].settings_path)
    named = [
        settings.desk.bundle,
        settings.uplink.ca,
        settings.uplink.certificate,
        settings.call.key,
    ]
    assert [path for path in named if not path.is_file()] == []


def test_the_reading_key_opens_with_the_pin(founded: tuple[City, Bus]) -> None:
    """And it is the one the city seals letters to."""
    city, bus = founded
    reading = read_keyring(bus.folder / "desk" / "keys").open_reading("S-014", STAFF.pin)
    assert reading.public == city.bundle().device("bus-07").reading


@pytest.mark.parametrize(("staff", "pin"), [("S-014", "11111111"), ("S-999", STAFF.pin)])
def test_fail__another_pin_or_person(founded: tuple[City, Bus], staff: str, pin: str) -> None:
    """Wrong PIN and unknown person are told alike."""
    keyring = read_keyring(founded[1].folder / "desk" / "keys")
    with pytest.raises(WrongPin):
        keyring.open_reading(staff, pin)


def test_no_secret_is_readable_by_others(founded: tuple[City, Bus]) -> None:
    """Every key file belongs to its owner alone."""
    city, bus = founded
    secrets = [
        *city.folder.rglob("*.key"),
        *(path for path in bus.folder.rglob("*.key") if path.name != "root.key"),
    ]
    open_to_others = [path for path in secrets if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert secrets
    assert open_to_others == []


def test_the_pin_is_nowhere(founded: tuple[City, Bus]) -> None:
    """Only a lock made from it."""
    staff = json.loads((founded[1].folder / "desk" / "keys" / "staff.json").read_text("utf-8"))
    assert STAFF.pin not in json.dumps(staff)
