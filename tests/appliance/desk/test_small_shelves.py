"""Key folder, bundle, remembered sheets, snapshot: what the desk keeps beside its drafts."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.desk.bundles import Bundles
from appliance.desk.handedpages import PAGES_FILE, PAGES_MAX, HandedPages
from appliance.desk.keyring import KeyringError, WrongPin, read_keyring
from appliance.desk.snapshot import Snapshot, SnapshotLost, decode_snapshot, encode_snapshot
from appliance.mail.store import MailStore
from sync.errors import SealError
from tests.support.batches import PROOF, application, fed, flaw
from tests.support.counterworld import PIN, STAFF, CounterWorld, seed
from tests.support.roots import bundle_text


def test_the_key_folder_opens_with_the_pin(world: CounterWorld) -> None:
    """The reading key comes out under the right PIN and only then."""
    ring = read_keyring(world.folder / "keys")
    assert ring.open_reading(STAFF, PIN).key_id == world.reading.key_id
    with pytest.raises(WrongPin):
        ring.open_reading(STAFF, "1")
    with pytest.raises(WrongPin):
        ring.open_reading("nobody", PIN)


@pytest.mark.parametrize("name", ["signer.key", "root.json", "staff.json"])
def test_fail__a_key_file_that_is_missing(world: CounterWorld, name: str) -> None:
    """The message names the file and the remedy."""
    (world.folder / "keys" / name).unlink()
    with pytest.raises(KeyringError, match=rf"{name}.*enrol"):
        read_keyring(world.folder / "keys")


@pytest.mark.parametrize(
    "text",
    ["{", '{"S-1": {"name": "x"}}', '{"S-1": 3}', '{"a": {"name": "b", "reading": "?"}}'],
)
def test_fail__a_staff_list_of_another_shape(world: CounterWorld, text: str) -> None:
    """A damaged list is named, not guessed."""
    (world.folder / "keys" / "staff.json").write_text(text, encoding="utf-8")
    with pytest.raises(KeyringError, match="staff"):
        read_keyring(world.folder / "keys")


def test_fail__more_staff_than_the_limit(world: CounterWorld) -> None:
    """The list has a named most."""
    entry = {"name": "x", "reading": ""}
    table = {f"S-{number}": entry for number in range(201)}
    (world.folder / "keys" / "staff.json").write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(KeyringError, match="at most 200"):
        read_keyring(world.folder / "keys")


def bundles(world: CounterWorld, mail: MailStore) -> Bundles:
    """Return the bundle shelf of an enrolled box."""
    return Bundles(world.folder / "bundle.json", world.folder / "keys" / "root.json", mail)


def test_a_newer_bundle_by_mail_is_taken_and_kept(world: CounterWorld, mail: MailStore) -> None:
    """It counts at once and after a restart."""
    text = bundle_text(world.bundle(version=2))
    mail.put_letter(seed("b2")[:16], "key_bundle", text.encode(), world.clock.now())
    shelf = bundles(world, mail)
    shelf.refresh()
    assert (shelf.current.version, bundles(world, mail).current.version) == (2, 2)


def test_an_older_bundle_never_replaces_a_newer(world: CounterWorld, mail: MailStore) -> None:
    """A replayed letter changes nothing."""
    for version in (3, 2):
        text = bundle_text(world.bundle(version=version))
        mail.put_letter(seed(f"b{version}")[:16], "key_bundle", text.encode(), world.clock.now())
    shelf = bundles(world, mail)
    shelf.refresh()
    assert shelf.current.version == 3


def test_a_bundle_of_another_root_is_refused(world: CounterWorld, mail: MailStore) -> None:
    """Only the city's root makes bundles; what it did not sign is left."""
    forged = bundle_text(world.bundle(version=9), 55)
    mail.put_letter(seed("forged")[:16], "key_bundle", forged.encode(), world.clock.now())
    shelf = bundles(world, mail)
    shelf.refresh()
    assert shelf.current.version == 1
    (world.folder / "bundle.json").write_text(forged, encoding="utf-8")
    with pytest.raises(SealError):
        bundles(world, mail)


def test_remembered_sheets_survive_a_restart(tmp_path: Path) -> None:
    """A digest leads to the application it was handed in with."""
    HandedPages(tmp_path).add({"aa": "e1", "bb": "e1"})
    again = HandedPages(tmp_path)
    assert (again.env_id("aa"), again.env_id("cc")) == ("e1", "")


def test_remembering_twice_keeps_the_first(tmp_path: Path) -> None:
    """The first hand-in of a sheet is the one that counts."""
    pages = HandedPages(tmp_path)
    pages.add({"aa": "e1"})
    pages.add({"aa": "e2"})
    assert HandedPages(tmp_path).env_id("aa") == "e1"


def test_a_torn_line_costs_only_itself(tmp_path: Path) -> None:
    """A power cut in the middle of a line leaves the others."""
    HandedPages(tmp_path).add({"aa": "e1"})
    with (tmp_path / PAGES_FILE).open("a", encoding="utf-8") as file:
        file.write('["bb", "e')
    assert HandedPages(tmp_path).env_id("aa") == "e1"


def test_the_oldest_sheets_are_forgotten_beyond_the_limit(tmp_path: Path) -> None:
    """The list stays within its named most."""
    pages = HandedPages(tmp_path)
    pages.add({f"{number:064x}": "e" for number in range(PAGES_MAX)})
    assert pages.env_id(f"{0:064x}") == "e"
    pages.add({"new": "e"})
    again = HandedPages(tmp_path)
    assert (again.env_id(f"{0:064x}"), again.env_id("new")) == ("", "e")


def test_a_snapshot_comes_back_as_it_was() -> None:
    """Sheets, answers, flaws and proofs survive a restart exactly."""
    item = replace(
        application(1, name="髙﨑　𠮷雄"), flaws=(flaw(),), handed=PROOF, typed=(("a", "b"),)
    )
    batch = replace(fed("form_front", "blank"), applications=(item,), grouped=True)
    snapshot = Snapshot("aa", "0370101234", "きたかみ", (batch,))
    assert decode_snapshot(encode_snapshot(snapshot)) == snapshot


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"batches": [{}]}'])
def test_fail__a_snapshot_of_another_shape(data: bytes) -> None:
    """What this program did not write is not guessed at."""
    with pytest.raises(SnapshotLost, match="not readable"):
        decode_snapshot(data)
