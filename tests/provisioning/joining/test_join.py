"""A box enrols over a real connection: it makes its keys, the city knows them, nothing secret travels."""

import shutil
import threading
from pathlib import Path

import pytest

from appliance.desk.keyring import read_keyring
from provisioning.boxkeys import Bus, StaffMember
from provisioning.city import City
from provisioning.enrol import AdmissionError, renew_box
from provisioning.joining.code import read_code
from provisioning.joining.errors import LineLostError, RefusedError
from provisioning.joining.offer import Standing
from sync.bundle import decode_bundle
from sync.root import decode_root
from tests.support.depot_world import (
    DEADLINE_S,
    HALL,
    NOW,
    Absent,
    Comparing,
    Screen,
    call,
    depot_of,
)

STAFF = StaffMember("S-014", "工藤 真", "24681012")


def joined(
    city: City,
    folder: Path,
    device: str,
    staff: tuple[StaffMember, ...] = (),
    *,
    typed: bool = False,
) -> Bus:
    """Enrol one box whose operator compares the words."""
    screen = Screen()
    with depot_of(city, device, Comparing(screen), typed=typed) as depot:
        told = call(read_code(depot.code.spelled(), depot.code.address), folder, screen, staff)
        assert depot.end() is Standing.TAKEN
    assert told == (device, HALL)
    return Bus(folder)


def test_ok__the_city_knows_the_boxs_own_keys(city: City, tmp_path: Path) -> None:
    """The name stands in the bundle with the key that was made on the box, and the box believes that bundle."""
    bus = joined(city, tmp_path, "bus-31", (STAFF,))
    ring = read_keyring(bus.keys)
    root = decode_root((bus.keys / "root.json").read_text("utf-8"))
    held = decode_bundle((bus.folder / "uplink" / "bundle.json").read_text("utf-8"), root)
    known = city.bundle().device("bus-31")
    assert known == held.device("bus-31")
    assert known is not None
    assert known.verify == ring.signer.public
    assert known.reading == ring.open_reading("S-014", STAFF.pin).public


def test_ok__a_typed_code_does_the_same(city: City, tmp_path: Path) -> None:
    """24 signs and the depot's address beside them."""
    assert joined(city, tmp_path, "bus-32", typed=True).enrolled() == "bus-32"


def test_ok__no_private_key_leaves_the_box(city: City, tmp_path: Path) -> None:
    """Nothing in the city's folder holds a key file of the box, or its seed."""
    bus = joined(city, tmp_path, "bus-33")
    secrets = [path.read_bytes() for path in bus.folder.rglob("*.key")]
    secrets += [secret.splitlines()[1] for secret in secrets]
    assert len(secrets) == 6
    city_files = [path.read_bytes() for path in city.folder.rglob("*") if path.is_file()]
    assert not [one for one in secrets for held in city_files if one in held]


def test_ok__an_enrolled_box_joins_again_for_fresh_certificates(city: City, tmp_path: Path) -> None:
    """It keeps its keys and the PINs of its staff."""
    bus = joined(city, tmp_path, "bus-34", (STAFF,))
    before = {path: path.read_bytes() for path in bus.folder.rglob("*.key")}
    staff = (bus.keys / "staff.json").read_bytes()
    old = (bus.folder / "call" / "tls.pem").read_bytes()
    joined(city, tmp_path, "bus-34")
    assert {path: path.read_bytes() for path in before} == before
    assert (bus.keys / "staff.json").read_bytes() == staff
    assert (bus.folder / "call" / "tls.pem").read_bytes() != old


def test_ok__the_depot_may_still_renew_a_box_by_folder(city: City, tmp_path: Path) -> None:
    """What was enrolled over the network is renewed folder to folder, too."""
    bus = joined(city, tmp_path, "bus-35")
    old = (bus.folder / "uplink" / "tls.pem").read_bytes()
    renew_box(city, bus, NOW)
    assert (bus.folder / "uplink" / "tls.pem").read_bytes() != old


def test_fail__a_box_of_another_name(city: City, tmp_path: Path) -> None:
    """A name stays with its box: the offer is for somebody else."""
    joined(city, tmp_path, "bus-36")
    with depot_of(city, "bus-37", Absent()) as depot, pytest.raises(ValueError, match="is bus-36"):
        call(depot.code, tmp_path, Screen())
    assert city.bundle().device("bus-37") is None


def test_fail__a_name_of_another_box(city: City, tmp_path: Path) -> None:
    """The depot may agree to the words: the city refuses, and the box hears why."""
    joined(city, tmp_path / "first", "bus-38")
    before, screen = city.bundle(), Screen()
    with (
        depot_of(city, "bus-38", Comparing(screen)) as depot,
        pytest.raises(RefusedError, match="must keep its signing key"),
    ):
        call(depot.code, tmp_path / "second", screen)
    assert city.bundle() == before


def test_fail__no_depot_there(city: City, tmp_path: Path) -> None:
    """The box says what to look at, and has made nothing yet."""
    with depot_of(city, "bus-39", Absent()) as depot:
        code = depot.code
    with pytest.raises(LineLostError, match="cannot be reached"):
        call(code, tmp_path, Screen())
    assert not list(tmp_path.rglob("*.key"))


def test_ok__a_door_that_is_closed_asks_nobody_any_more(city: City, tmp_path: Path) -> None:
    """The operator leaves the terminal while the words stand there: the box hears that the line is lost."""
    screen = Screen()
    told: list[LineLostError] = []

    def wait() -> None:
        with pytest.raises(LineLostError) as lost:
            call(depot.code, tmp_path, screen)
        told.append(lost.value)

    with depot_of(city, "bus-40", Absent()) as depot:
        thread = threading.Thread(target=wait)
        thread.start()
        screen.wait()
    thread.join(DEADLINE_S)
    assert len(told) == 1
    assert city.bundle().device("bus-40") is None


def test_fail__an_enrolled_box_is_led_to_no_other_city(
    city: City, other: City, tmp_path: Path
) -> None:
    """Its code, its depot and its words are all right, and of another city: nothing of the box changes."""
    bus = joined(city, tmp_path / "box", "bus-43")
    before = {path: path.read_bytes() for path in bus.folder.rglob("*") if path.is_file()}
    screen = Screen()
    with (
        depot_of(other, "bus-43", Comparing(screen)) as depot,
        pytest.raises(AdmissionError, match="another root"),
    ):
        call(depot.code, bus.folder, screen)
    assert {path: path.read_bytes() for path in before} == before


def test_fail__an_older_bundle_of_the_same_city(city: City, tmp_path: Path) -> None:
    """A depot whose folder was put back to an old day would take the box back with it."""
    old = City(Path(shutil.copytree(city.folder, tmp_path / "old")))
    bus = joined(city, tmp_path / "box", "bus-44")
    joined(city, tmp_path / "box", "bus-44")
    screen = Screen()
    with (
        depot_of(old, "bus-44", Comparing(screen)) as depot,
        pytest.raises(AdmissionError, match="is older than"),
    ):
        call(depot.code, bus.folder, screen)
