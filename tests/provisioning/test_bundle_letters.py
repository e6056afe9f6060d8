"""Revoking a box and telling the others: from the technician's verb to the trust of a bus on the road."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.uplink.trust import Trust
from cityhall.intake.register import Register
from cityhall.mail import downwards
from cityhall.mail.store import HallMail
from provisioning import field
from provisioning.bundle_letters import KEY_BUNDLE, letter_id_of
from provisioning.city import BUNDLE_DAYS, City, found_city
from provisioning.enrol import Bus, StaffMember, enrol_box
from sync.bundle import Revoked
from sync.errors import PeerError
from sync.journal import Checkpoint
from sync.refusals import Refused
from tests.support.makers import make_envelope

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STAFF = StaffMember("S-014", "工藤 真", "24681012")


@pytest.fixture
def enrolled(tmp_path: Path) -> tuple[City, Bus]:
    """A city with two boxes; the box is bus-07, the other is bus-08."""
    city = found_city(tmp_path / "hall", "見本市", NOW, ("127.0.0.1",))
    enrol_box(city, tmp_path / "lost", "bus-08", (STAFF,), NOW)
    return city, enrol_box(city, tmp_path / "bus", "bus-07", (STAFF,), NOW)


def told(city: City, device: str) -> list[bytes]:
    """Return the bundles that wait for a box."""
    mail = HallMail(city.mail)
    letters = [mail.letter(device, letter_id) for letter_id in mail.letters_for(device)]
    mail.close()
    return [one.body for one in letters if one is not None and one.kind == KEY_BUNDLE]


def type_in(*words: str, city: City) -> int:
    """Do as the technician types it."""
    return field.main([*words, "--city", str(city.folder)])


def test_a_bus_on_the_road_takes_the_revocation(enrolled: tuple[City, Bus]) -> None:
    """The body of the letter is what the uplink's trust takes; the lost box itself is told nothing."""
    city, bus = enrolled
    trust = Trust(bus.folder / "uplink" / "bundle.json", bus.folder / "uplink" / "root.json")
    before = trust.bundle()
    assert type_in("revoke", "bus-08", city=city) == 0
    [body] = told(city, "bus-07")
    trust.offer(body)
    after = trust.bundle()
    assert (after.version, after) == (before.version + 1, city.bundle())
    assert [one.name for one in after.devices if one.revoked] == ["bus-08"]
    assert told(city, "bus-08") == []


def test_a_revoking_bundle_is_fresh(enrolled: tuple[City, Bus]) -> None:
    """Its dates count from the day of the revocation; every key stays in it."""
    city, _ = enrolled
    type_in("revoke", "bus-08", city=city)
    bundle = city.bundle()
    assert abs(bundle.issued - datetime.now(UTC)) < timedelta(minutes=5)
    assert bundle.expires - bundle.issued == timedelta(days=BUNDLE_DAYS)
    assert [one.name for one in bundle.devices] == ["bus-08", "bus-07"]


def test_city_hall_lets_a_revoked_box_in_no_more(enrolled: tuple[City, Bus]) -> None:
    """A register that runs takes the new file."""
    city, _ = enrolled
    register = Register(city.bundle_path)
    assert register.admit("bus-08", "bus-08")
    type_in("revoke", "bus-08", city=city)
    assert register.refresh()
    with pytest.raises(PeerError) as caught:
        register.admit("bus-08", "bus-08")
    assert caught.value.code == Refused.REVOKED_DEVICE


def test_revoking_twice_is_revoking_once(
    enrolled: tuple[City, Bus], capsys: pytest.CaptureFixture[str]
) -> None:
    """No newer version, no second letter; a posting that was cut is caught up with."""
    city, _ = enrolled
    type_in("revoke", "bus-08", city=city)
    before = city.bundle_path.read_bytes()
    assert type_in("revoke", "bus-08", city=city) == 0
    assert (city.bundle_path.read_bytes(), len(told(city, "bus-07"))) == (before, 1)
    assert "was revoked before" in capsys.readouterr().out


def test_fail__a_name_nobody_bears(
    enrolled: tuple[City, Bus], capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip of the finger revokes nothing and posts nothing; the names are shown."""
    city, _ = enrolled
    before = city.bundle_path.read_bytes()
    assert type_in("revoke", "bus-80", city=city) == 1
    assert (city.bundle_path.read_bytes(), told(city, "bus-07")) == (before, [])
    assert "bus-08, bus-07" in capsys.readouterr().err


def test_the_same_version_is_one_letter_to_each_box(enrolled: tuple[City, Bus]) -> None:
    """Published twice, also after it was delivered; and without a key, which lie in safes."""
    city, _ = enrolled
    for key in (*city.folder.glob("root-*/root.key"), *city.folder.glob("publisher/*.key")):
        key.unlink()
    text = city.bundle_path.read_bytes()
    assert type_in("publish", city=city) == 0
    assert (told(city, "bus-07"), told(city, "bus-08")) == ([text], [text])
    mail = HallMail(city.mail)
    assert mail.letter_delivered(letter_id_of(3, "bus-07"), "bus-07", NOW)
    mail.close()
    assert type_in("publish", city=city) == 0
    assert (told(city, "bus-07"), told(city, "bus-08")) == ([], [text])


def test_a_full_tray_holds_nobody_up(
    enrolled: tuple[City, Bus],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The others get theirs; the one is named, and the verb says that it is not done."""
    city, _ = enrolled
    mail = HallMail(city.mail)
    mail.post_letter("bus-08", "correction", b"", bytes(16))
    mail.close()
    monkeypatch.setattr(downwards, "UNDELIVERED_LIMIT", 1)
    assert type_in("publish", city=city) == 1
    assert (len(told(city, "bus-07")), told(city, "bus-08")) == (1, [])
    assert "bus-08" in capsys.readouterr().err


def test_a_revocation_names_the_last_entry_city_hall_heard_of(enrolled: tuple[City, Bus]) -> None:
    """That of the box's last filed envelope; another box's envelopes say nothing of it."""
    city, _ = enrolled
    mail = HallMail(city.mail)
    for n, device, seq in ((0, "bus-08", 30), (1, "bus-08", 12), (2, "bus-07", 90)):
        sealed = make_envelope(n, sender=device, journal=(seq, bytes(32)))
        mail.commit_slip(
            sealed.env_id,
            device=device,
            slip=sealed.slip,
            header=sealed.header,
            sha256=hashlib.sha256(sealed.slip).digest(),
            at=NOW,
            receipt_for=lambda _number, _index: b"hall",
        )
    mail.close()
    assert type_in("revoke", "bus-08", city=city) == 0
    assert revoked(city, "bus-08").journal == 31


def test_a_revocation_believes_what_the_box_told_of_its_journal(
    enrolled: tuple[City, Bus],
) -> None:
    """Applications that were on the bus at its last contact and did not come yet are believed."""
    city, _ = enrolled
    mail = HallMail(city.mail)
    mail.keep_journal("bus-08", Checkpoint("bus-08/journal", 57, bytes(32)), "note", NOW)
    mail.close()
    type_in("revoke", "bus-08", city=city)
    assert revoked(city, "bus-08").journal == 57


def test_a_revocation_may_be_said_again_with_a_later_entry(enrolled: tuple[City, Bus]) -> None:
    """A receipt printed before the loss names it; the moment of the revocation stays."""
    city, _ = enrolled
    type_in("revoke", "bus-08", city=city)
    first, version = revoked(city, "bus-08"), city.bundle().version
    assert type_in("revoke", "bus-08", city=city) == 0
    assert city.bundle().version == version
    assert type_in("revoke", "bus-08", "--journal", "44", city=city) == 0
    assert revoked(city, "bus-08") == replace(first, journal=44)


def revoked(city: City, device: str) -> Revoked:
    """Return what the bundle says of a revoked box."""
    found = city.bundle().device(device)
    assert found is not None
    assert found.revoked is not None
    return found.revoked
