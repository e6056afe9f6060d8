"""Changing the root: holders on their own machines, a file between them, and boxes that walk along."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.mail.belief import KeyFiles
from cityhall.mail.store import HallMail
from provisioning import field
from provisioning.bundle_letters import KEY_BUNDLE
from provisioning.city import City, found_city, publish_fresh
from provisioning.enrol import Bus, enrol_box
from provisioning.revoking import revoke_device
from provisioning.roots import Change, RootRefusedError, next_root, read_signer
from sync.root import encode_root

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def city(tmp_path: Path) -> City:
    """A city whose root keys were taken away to three safes."""
    city = found_city(tmp_path / "hall", "見本市", NOW, ("127.0.0.1",))
    for name in "abc":
        (city.folder / f"root-{name}").rename(tmp_path / f"safe-{name}")
    return city


@pytest.fixture
def bus(city: City, tmp_path: Path) -> Bus:
    """A box of this city; nobody opens a visit on it."""
    return enrol_box(city, tmp_path / "bus", "bus-07", (), NOW)


def root(*words: object) -> int:
    """Do as a holder types it."""
    return field.main(["root", *map(str, words)])


def files_of(bus: Bus) -> KeyFiles:
    """Return what the box's uplink believes."""
    return KeyFiles(bus.folder / "uplink" / "bundle.json", bus.folder / "uplink" / "root.json")


def letters(city: City) -> list[str]:
    """Return the key bundles that wait for the box, oldest first."""
    mail = HallMail(city.mail)
    found = [mail.letter("bus-07", one) for one in mail.letters_for("bus-07")]
    mail.close()
    return [one.body.decode() for one in found if one is not None and one.kind == KEY_BUNDLE]


def test_a_city_works_without_its_root_keys(city: City, bus: Bus) -> None:
    """Enrolling and revoking need the publisher's key; the three root keys lie in their safes."""
    assert revoke_device(city, "bus-07", NOW)
    device = city.bundle().device("bus-07")
    assert device is not None
    assert device.revoked
    assert files_of(bus).held.root == city.root()
    assert (len(city.root().root.keys), city.root().root.threshold) == (3, 2)


def test_two_holders_replace_a_lost_key_one_after_the_other(
    city: City, bus: Bus, tmp_path: Path
) -> None:
    """Key c is lost: a drafts and signs, b signs the same file, the city takes it, the box walks along."""
    lost = city.root().root.keys[2].key_id.hex()
    paper = tmp_path / "stick" / "root-2.json"
    assert root("key", tmp_path / "safe-d" / "root.key") == 0
    news = tmp_path / "safe-d" / "root.key.pub"
    assert root("draft", paper, "--city", city.folder, "--drop-id", lost, "--add", news) == 0
    assert root("sign", paper, "--key", tmp_path / "safe-a" / "root.key") == 0
    assert root("take", paper, "--city", city.folder) == 1
    assert root("sign", paper, "--key", tmp_path / "safe-b" / "root.key") == 0
    assert root("take", paper, "--city", city.folder) == 0
    assert city.root().version == 2
    box = files_of(bus)
    assert [box.offer(text) for text in letters(city)] == [True]
    assert box.held.rank == (2, city.bundle().version)
    assert files_of(bus).held == box.held


def test_a_stolen_publisher_s_key_is_replaced(city: City, bus: Bus, tmp_path: Path) -> None:
    """The city refuses the root until the new key lies in place; then it publishes with that one only."""
    elsewhere, paper = tmp_path / "new" / "publisher-2.key", tmp_path / "root-2.json"
    root("key", elsewhere)
    root("draft", paper, "--city", city.folder, "--publisher", f"{elsewhere}.pub")
    for name in "ac":
        root("sign", paper, "--key", tmp_path / f"safe-{name}" / "root.key")
    assert root("take", paper, "--city", city.folder) == 1
    assert city.root().version == 1
    elsewhere.rename(city.folder / "publisher" / "publisher-2.key")
    assert root("take", paper, "--city", city.folder) == 0
    (city.folder / "publisher" / "publisher.key").unlink()
    assert revoke_device(city, "bus-07", NOW)
    assert files_of(bus).offer(city.bundle_path.read_text(encoding="utf-8"))


def test_a_signed_root_is_taken_once(city: City, tmp_path: Path) -> None:
    """Taken twice it is one root; an older draft comes too late."""
    paper, late = tmp_path / "root-2.json", tmp_path / "late.json"
    root("key", tmp_path / "other.key")
    others = ("--publisher", tmp_path / "other.key.pub")
    for place, holders, change in ((paper, "bc", ()), (late, "ab", others)):
        root("draft", place, "--city", city.folder, *change)
        for name in holders:
            root("sign", place, "--key", tmp_path / f"safe-{name}" / "root.key")
    assert root("take", paper, "--city", city.folder) == 0
    assert root("take", paper, "--city", city.folder) == 0
    assert root("draft", paper, "--city", city.folder) == 0
    assert root("take", late, "--city", city.folder) == 1
    assert city.root().version == 2


def test_a_city_cut_between_root_and_bundle_goes_on(city: City, tmp_path: Path) -> None:
    """The root is in place, the bundle still under the old one: taking the root again publishes it."""
    before, paper = city.bundle_path.read_bytes(), tmp_path / "root-2.json"
    root("draft", paper, "--city", city.folder)
    for name in "ab":
        root("sign", paper, "--key", tmp_path / f"safe-{name}" / "root.key")
    assert root("take", paper, "--city", city.folder) == 0
    city.bundle_path.write_bytes(before)
    assert city.bundle().version == 1
    assert root("take", paper, "--city", city.folder) == 0
    assert city.bundle().version == 2


def test_fail__without_the_publisher_s_key_nothing_is_published(
    city: City, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence names the key and the place; the bundle stays what it was."""
    before = city.bundle_path.read_bytes()
    (city.folder / "publisher" / "publisher.key").unlink()
    with pytest.raises(RootRefusedError, match=r"put their key files there"):
        publish_fresh(city, city.bundle(), NOW)
    assert city.bundle_path.read_bytes() == before
    (city.folder / "roots" / "2.json").write_text(_short_root(city), encoding="utf-8")
    assert field.main(["publish", "--city", str(city.folder)]) == 0
    assert "the root ends in" in capsys.readouterr().out


def _short_root(city: City) -> str:
    """Return a root whose days are nearly over."""
    newest = city.root()
    return encode_root(
        replace(newest, version=2, expires=datetime.now(UTC) + timedelta(days=30)),
        [read_signer(city.folder.parent / f"safe-{name}" / "root.key") for name in "ab"],
    )


def test_a_root_with_too_few_keys_is_not_drafted(city: City) -> None:
    """Two of two would make one lost key the end of the root."""
    newest = city.root()
    with pytest.raises(RootRefusedError, match="add one"):
        next_root(newest, Change(drop=newest.root.keys[:1]), NOW)
    with pytest.raises(RootRefusedError, match="once"):
        next_root(newest, Change(add=newest.root.keys[:1]), NOW)


def test_a_holder_sees_what_there_is_to_sign(
    city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Version, keys by id, and who signed so far; the same for the city's newest."""
    paper = tmp_path / "root-2.json"
    root("draft", paper, "--city", city.folder)
    assert root("show", paper) == 0
    assert "signed by nobody yet" in capsys.readouterr().out
    assert root("show", "--city", city.folder) == 0
    assert "root 1," in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ("draft", "x.json", "--city", "{city}", "--drop-id", "00"),
        ("sign", "missing.json", "--key", "{safe}"),
        ("key", "{safe}"),
        ("take", "{safe}", "--city", "{city}"),
    ],
)
def test_fail__a_slip_of_the_hand_is_a_sentence(
    city: City,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    """An id nobody has, a file that is missing, a key that would be written over, a file of another kind."""
    names = {"city": str(city.folder), "safe": str(tmp_path / "safe-a" / "root.key")}
    assert root(*(word.format(**names) for word in words)) == 1
    assert f"root {words[0]}: " in capsys.readouterr().err


def test_the_verb_root_tells_its_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    """Without one, and with one that does not exist."""
    assert root() == root("sing") == 2
    assert "draft, sign, take" in capsys.readouterr().err
