"""A box stolen with all its disk, and the PIN overheard (T1): what it filed opens for nobody who has it."""

import base64
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from appliance.desk.keyring import read_keyring
from appliance.mail.store import MailStore
from provisioning.city import City, found_city
from provisioning.enrol import Bus, StaffMember, enrol_box
from sync.bundle import division_at
from sync.errors import FailureKind, SealError
from sync.keyfile import read_key
from sync.keys import OpeningKey, Signer
from sync.seal import open_part, open_record
from tests.support.makers import instant, make_envelope, make_id, make_parts

NOW = datetime.now(UTC)
STAFF = StaffMember("S-014", "工藤 真", "24681012")
FILED = 3
SECRET_BYTES = 32


@pytest.fixture(scope="module")
def stolen(tmp_path_factory: pytest.TempPathFactory) -> tuple[City, Bus]:
    """Give a city and its box with three applications on the shelf, sealed as the desk seals them."""
    folder = tmp_path_factory.mktemp("stolen")
    city = found_city(folder / "hall", "見本市", NOW, ("127.0.0.1",))
    bus = enrol_box(city, folder / "bus", "bus-07", (STAFF,), NOW)
    bundle = city.bundle()
    to = [(division_at(bundle, NOW).epoch.key, 1), (bundle.recovery[-1], 2)]
    mail = MailStore(bus.mail)
    for n in range(FILED):
        envelope = make_envelope(
            n,
            signer=signer(bus),
            recipients=to,
            record=f"記録 {n}".encode(),
            parts=make_parts(1),
            random=secrets.token_bytes,
        )
        mail.keep(envelope, deadline=None, at=instant(), receipt_for=lambda _entry: b"box")
    mail.close()
    return city, bus


def signer(bus: Bus) -> Signer:
    """Return the box's own signing key."""
    return read_keyring(bus.folder / "desk" / "keys").signer


def secrets_in(bus: Bus) -> dict[bytes, str]:
    """Return every 32 bytes on the disk that could be a key, and where: key files, base64 words, the opened lock."""
    found: dict[bytes, str] = {}
    for path in sorted(one for one in bus.folder.rglob("*") if one.is_file()):
        text = path.read_bytes().decode("utf-8", errors="ignore")
        for kind in ("signer", "opening", "drawer"):
            try:
                found[read_key(text, kind)] = path.name
            except ValueError:
                continue
        for word in text.replace('"', " ").split():
            try:
                data = base64.b64decode(word, validate=True)
            except ValueError:
                continue
            if len(data) == SECRET_BYTES:
                found[data] = path.name
    keyring = read_keyring(bus.folder / "desk" / "keys")
    found[keyring.open_reading(STAFF.staff_id, STAFF.pin).seed] = "the reading key, by the PIN"
    return found


def opened(bus: Bus, keys: list[OpeningKey]) -> int:
    """Return how many of the shelf's records and parts any of these keys opens."""
    mail, sender = MailStore(bus.mail), signer(bus).public
    count = 0
    for env_id in (make_id(n) for n in range(FILED)):
        slip, part = mail.slip(env_id), mail.part(env_id, 0)
        for key in keys:
            count += opens(lambda k=key, s=slip: open_record(s, k, sender))
            count += opens(lambda k=key, s=slip, p=part: open_part(s, 0, p, k, sender))
    mail.close()
    return count


def opens(work: Callable[[], bytes]) -> bool:
    """Tell whether a trial gave a content; raises what is no answer to a wrong key."""
    try:
        work()
    except SealError as error:
        if error.kind is not FailureKind.NO_MATCH:
            raise
        return False
    return True


def test_no_key_on_the_box_opens_what_it_filed(stolen: tuple[City, Bus]) -> None:
    """Each secret on the disk, and the reading key by the right PIN, tried on each record and part: none opens."""
    _, bus = stolen
    found = secrets_in(bus)
    assert {"signer.key", "the reading key, by the PIN"} <= set(found.values())
    assert opened(bus, [OpeningKey.from_seed(seed) for seed in found]) == 0


def test_the_same_trial_opens_everything_at_city_hall(stolen: tuple[City, Bus]) -> None:
    """The trial has teeth: city hall's own keys, in its key folders, open each record and part."""
    city, bus = stolen
    bundle = city.bundle()
    known = {division_at(bundle, NOW).epoch.key.key_id, bundle.recovery[-1].key_id}
    keys = []
    for path in sorted(city.folder.rglob("*.key")):
        try:
            key = OpeningKey.from_seed(read_key(path.read_text(encoding="utf-8"), "opening"))
        except (ValueError, UnicodeDecodeError):
            continue
        if key.key_id in known:
            keys.append(key)
    assert keys
    assert opened(bus, keys) == 2 * FILED * len(keys)


def test_the_locked_reading_key_is_not_there_in_the_open(stolen: tuple[City, Bus]) -> None:
    """Without the PIN the letters to the box do not open either: its seed stands nowhere, in no usual form."""
    _, bus = stolen
    seed = read_keyring(bus.folder / "desk" / "keys").open_reading(STAFF.staff_id, STAFF.pin).seed
    forms = [seed, seed.hex().encode(), base64.b64encode(seed), base64.urlsafe_b64encode(seed)]
    for path in (one for one in bus.folder.rglob("*") if one.is_file()):
        data = path.read_bytes()
        assert not [form for form in forms if form in data], path.name


def test_the_staff_file_names_people_and_locks_only(stolen: tuple[City, Bus]) -> None:
    """Nothing else stands in it."""
    _, bus = stolen
    told = json.loads((bus.folder / "desk" / "keys" / "staff.json").read_text(encoding="utf-8"))
    assert {key for entry in told.values() for key in entry} <= {"name", "reading", "slot"}
