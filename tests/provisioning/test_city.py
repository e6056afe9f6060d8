"""A city founded, a box enrolled: what lies in which folder, and that the rooms can read it."""

import json
import resource
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from appliance import config as bus_config
from appliance.desk.keyring import WrongPin, read_keyring
from cityhall import config as hall_config
from provisioning import field
from provisioning.city import (
    City,
    HallPorts,
    NameTakenError,
    found_city,
    renew_servers,
    write_hall_settings,
)
from provisioning.enrol import Bus, BusPorts, StaffMember, enrol_box, renew_box, write_bus_settings
from provisioning.files import write_whole
from provisioning.revoking import revoke_device

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
        settings.office.division_keys / "2026-11.key",
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
    known = city.bundle().device("bus-07")
    assert known is not None
    assert reading.public == known.reading


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
        *bus.folder.rglob("*.key"),
    ]
    open_to_others = [path for path in secrets if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert secrets
    assert open_to_others == []


def test_the_pin_is_nowhere(founded: tuple[City, Bus]) -> None:
    """Only a lock made from it."""
    staff = json.loads((founded[1].folder / "desk" / "keys" / "staff.json").read_text("utf-8"))
    assert STAFF.pin not in json.dumps(staff)


def test_a_taken_name_keeps_its_signing_key(founded: tuple[City, Bus], tmp_path: Path) -> None:
    """Another box under the old name would make the old one's receipts and envelopes worthless."""
    city, _ = founded
    before = city.bundle_path.read_bytes()
    with pytest.raises(NameTakenError, match="never used"):
        enrol_box(city, tmp_path / "other", "bus-07", (STAFF,), NOW)
    assert city.bundle_path.read_bytes() == before


def test_a_revoked_name_stays_revoked(founded: tuple[City, Bus], tmp_path: Path) -> None:
    """Also for the box that has the right key: that key may be in other hands."""
    city, _ = founded
    enrol_box(city, tmp_path / "bus-08", "bus-08", (STAFF,), NOW)
    assert revoke_device(city, "bus-08", NOW)
    gone = city.bundle().device("bus-08")
    (tmp_path / "bus-08" / "enrolled").unlink()
    with pytest.raises(NameTakenError):
        enrol_box(city, tmp_path / "bus-08", "bus-08", (STAFF,), NOW)
    assert city.bundle().device("bus-08") == gone


def test_an_enrolment_that_was_cut_goes_on_with_the_same_signing_key(
    founded: tuple[City, Bus], tmp_path: Path
) -> None:
    """Or for other staff: the key that receipts bear stays, the bundle is as fresh as the enrolment."""
    city, _ = founded
    later = NOW + timedelta(days=10)
    bus = enrol_box(city, tmp_path, "bus-09", (STAFF,), NOW)
    before = city.bundle().device("bus-09")
    (tmp_path / "enrolled").unlink()
    enrol_box(city, tmp_path, "bus-09", (StaffMember("S-015", "見本", "13571357"),), later)
    after = city.bundle().device("bus-09")
    assert before is not None
    assert after is not None
    assert after.verify == before.verify
    assert read_keyring(bus.folder / "desk" / "keys").open_reading("S-015", "13571357")
    assert city.bundle().issued == later


def test_renewal_keeps_every_key(founded: tuple[City, Bus]) -> None:
    """Only the certificates are new, and the box gets the newest bundle."""
    city, bus = founded
    keys = {
        path: path.read_bytes()
        for path in [*city.folder.rglob("*.key"), *bus.folder.rglob("*.key")]
    }
    later = datetime.now(UTC) + timedelta(days=29)
    renew_box(city, bus, later)
    renew_servers(city, later)
    assert {path: path.read_bytes() for path in keys} == keys
    assert (bus.folder / "desk" / "bundle.json").read_bytes() == city.bundle_path.read_bytes()
    ends = {
        place: x509.load_pem_x509_certificate((folder / "tls.pem").read_bytes()).not_valid_after_utc
        for place, folder in (
            ("uplink", bus.folder / "uplink"),
            ("call", bus.folder / "call"),
            ("intake", city.folder / "intake"),
            ("switchboard", city.folder / "switchboard"),
        )
    }
    assert min(ends.values()) > later + timedelta(days=29)


def test_the_renew_verb(founded: tuple[City, Bus], capsys: pytest.CaptureFixture[str]) -> None:
    """As the technician types it."""
    city, bus = founded
    assert field.main(["renew", str(bus.folder), "--city", str(city.folder)]) == 0
    assert "1 boxes" in capsys.readouterr().out


def test_fail__a_disk_that_takes_half_a_file(tmp_path: Path) -> None:
    """The old file stays whole; nothing shorter takes its place."""
    write_whole(tmp_path / "key", b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError, match="make room"):
            write_whole(tmp_path / "key", bytes(300))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (tmp_path / "key").read_bytes() == b"old"


def test_a_deep_folder_gets_a_socket_the_kernel_can_bind(tmp_path: Path) -> None:
    """unix(7) ends at 108 bytes; the settings then name a short private place."""
    city = found_city(tmp_path / ("d" * 90) / "hall", "見本市", NOW, ("127.0.0.1",))
    write_hall_settings(city, HallPorts(), "見本市", "介護保険課")
    socket = hall_config.read_settings(city.settings_path).switchboard.office_socket
    assert socket is not None
    assert len(bytes(socket)) < 100
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    socket.parent.rmdir()
