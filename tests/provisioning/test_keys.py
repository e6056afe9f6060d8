from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cityhall.office.erasure import Reason
from cityhall.office.roles import Role
from provisioning import keys, keys_erase, keys_recovery
from provisioning.city import City
from provisioning.keys_epochs import make_epoch, month_start, next_month
from provisioning.recovery_shares import WORDS, share_files
from provisioning.shredfile import shred_file
from sync.errors import SealError
from sync.keys import OpeningKey, read_key
from sync.seal import open_record
from tests.support.founded_office import (
    FoundedOffice,
    Typist,
    found_office,
    moved_office,
    now,
    typed,
)
from tests.support.makers import make_signer


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Found a city once; nobody works in this folder."""
    folder = tmp_path_factory.mktemp("founded") / "hall"
    found_office(folder)
    return folder


@pytest.fixture
def office(founded: Path, tmp_path: Path) -> FoundedOffice:
    """Give city hall of a founded city, on a folder of its own."""
    return moved_office(founded, tmp_path / "hall")


def key_of(path: Path) -> OpeningKey:
    """Return the opening key of a file."""
    return OpeningKey.from_seed(read_key(path.read_text(), "opening"))


def months(city: City) -> list[Path]:
    """Return the key files of the division."""
    return sorted((city.folder / "office" / "division").iterdir())


def test_a_stolen_months_key_opens_its_month_only(office: FoundedOffice) -> None:
    """And what was sealed to the old month opens after the new one began: nothing in flight is lost."""
    old = office.hand_in(0, now())
    later = now() + timedelta(days=40)
    make_epoch(office.city, later, later)
    new = office.hand_in(1, later + timedelta(days=1))
    sender = make_signer().public
    first, second = map(key_of, months(office.city))
    assert open_record(old.slip, first, sender)
    assert open_record(new.slip, second, sender)
    for slip, key in ((old.slip, second), (new.slip, first)):
        with pytest.raises(SealError):
            open_record(slip, key, sender)
    assert len(office.take_in()) == 2


def test_a_month_is_made_once(office: FoundedOffice) -> None:
    """The command twice: one key, one version of the bundle."""
    city, later = office.city, now() + timedelta(days=40)
    made = make_epoch(city, later, later)
    version = city.bundle().version
    assert make_epoch(city, later, later) == made
    assert (city.bundle().version, len(months(city))) == (version, 2)


def test_the_next_month_begins_in_japan() -> None:
    """The last evening of a year in UTC is the new year's first morning there."""
    assert (
        next_month(datetime(2026, 12, 31, 14, 0, tzinfo=UTC)).isoformat()
        == "2027-01-01T00:00:00+09:00"
    )
    assert next_month(datetime(2026, 12, 31, 15, 0, tzinfo=UTC)) == month_start("2027-02")
    with pytest.raises(ValueError, match="2026-12"):
        month_start("2026-13")


def test_the_command_makes_the_next_month(office: FoundedOffice) -> None:
    """`madobus keys epoch` as the operator types it."""
    assert keys.main(["epoch", "--city", str(office.city.folder)]) == 0
    assert len(office.city.bundle().division) == 2


def test_fail__a_months_key_that_is_years_ahead(
    office: FoundedOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip of the hand in the year publishes nothing: it would stand as the newest key."""
    before = office.city.bundle().version
    year = datetime.now(UTC).year + 2
    assert keys.main(["epoch", "--city", str(office.city.folder), "--month", f"{year}-01"]) == 1
    assert f"not for {year}-01" in capsys.readouterr().err
    assert office.city.bundle().version == before


def test_a_month_is_shredded_when_everything_is_taken_in(
    office: FoundedOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused while it is the newest, while boxes may seal for it, while an envelope waits; then the file goes."""
    envelope = office.hand_in(0, now())
    [month] = months(office.city)
    stolen = key_of(month)
    command = ["shred", month.stem, "--config", str(office.city.settings_path)]
    assert keys.main([*command, "--early"]) == 1
    make_epoch(office.city, now() + timedelta(days=40), now())
    assert keys.main(command) == 1
    assert keys.main([*command, "--early"]) == 1
    office.take_in()
    said = capsys.readouterr().err
    assert "newest key" in said
    assert "--early" in said
    assert "1 on the shelf are not" in said
    assert keys.main([*command, "--early"]) == 0
    assert not month.exists()
    assert office.actions()[-1][1] == "epoch.shredded"
    assert keys.main(command) == 1
    # What was recorded opens by the thief's copy only; for the office the case's own key does it.
    assert open_record(envelope.slip, stolen, make_signer().public)
    assert office.opens(0)


def test_a_shredded_file_is_written_over(tmp_path: Path) -> None:
    """A second name of the same bytes holds something else afterwards."""
    path, witness = tmp_path / "one.key", tmp_path / "witness"
    path.write_bytes(b"secret" * 9)
    witness.hardlink_to(path)
    shred_file(path)
    shred_file(path)
    assert not path.exists()
    assert b"secret" not in witness.read_bytes()


def test_two_persons_at_a_terminal_erase_and_print(office: FoundedOffice, tmp_path: Path) -> None:
    """Propose, confirm by another, certificate as a page; one person alone does not."""
    office.hand_in(0, now())
    [number] = office.take_in()
    sato, kudo = office.account("sato", Role.CASEWORKER), office.account("kudo", Role.CHIEF)
    config = ["--config", str(office.city.settings_path)]
    page = tmp_path / "certificate.html"
    made = ["certificate", number, "--out", str(page), *config]
    assert keys.main(made) == 1
    assert (
        keys_erase.erase([number, "--propose", "law", "--name", "sato", *config], typed(sato)) == 0
    )
    assert keys_erase.erase([number, "--confirm", "--name", "sato", *config], typed(sato)) == 1
    assert keys_erase.erase([number, "--confirm", "--name", "kudo", *config], typed(kudo)) == 0
    assert keys.main(["erase", "--list", *config]) == 0
    assert keys.main(made) == 0
    text = page.read_text()
    assert text.index("消去証明書") < text.index("Certificate of erasure")
    assert "sato" in text
    assert "kudo" in text


def test_fail__a_wrong_password_or_number(office: FoundedOffice) -> None:
    """Nothing is proposed."""
    office.hand_in(0, now())
    [number] = office.take_in()
    office.account("sato", Role.CASEWORKER)
    words = ["--propose", Reason.LAW.value, "--config", str(office.city.settings_path)]
    assert keys_erase.erase([number, "--name", "sato", *words], Typist(["no", "000000"])) == 1
    assert keys_erase.erase(["R8-999999-9", "--name", "sato", *words], Typist([])) == 1
    assert keys_erase.erase([number, *words], Typist([])) == 1


def test_what_is_due_is_proposed_and_nothing_is_erased(
    office: FoundedOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a signed-in person, under a policy that is named as fictitious; an auditor proposes nothing."""
    office.hand_in(0, now())
    [number] = office.take_in()
    config = ["--config", str(office.city.settings_path)]
    sato, ogawa = office.account("sato", Role.CASEWORKER), office.account("ogawa", Role.AUDITOR)
    assert keys.main(["retention", "--list", "--today", "2099-01-01", *config]) == 0
    office.decided(number, now() - timedelta(days=7 * 366))
    assert keys_erase.retention(["--apply", "--name", "ogawa", *config], typed(ogawa)) == 1
    assert keys_erase.retention(["--apply", "--name", "sato", *config], typed(sato)) == 0
    said = capsys.readouterr().out
    assert "架空" in said
    assert ": 0 due" in said
    assert "1 proposed" in said
    assert office.opens(0)


def shares_of(city: City, first: int, second: int) -> tuple[list[str], Typist]:
    """Return two holders' files and what they type."""
    files = [share_files(city.folder)[one] for one in (first, second)]
    return [str(one) for one in files], Typist([one.with_name(WORDS).read_text() for one in files])


def test_a_drill_opens_the_test_envelope_and_is_written_down(
    office: FoundedOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    """Founding left shares; two of them open; date, holders and operator are said; no seed is on disk."""
    files, words = shares_of(office.city, 0, 2)
    config = ["--config", str(office.city.settings_path)]
    assert keys_recovery.drill([*files, *config], words) == 0
    said = capsys.readouterr().out
    assert "holders a+c" in said
    assert f"{now().astimezone():%Y}" in said
    assert office.actions()[-1][1] == "recovery.drilled"
    assert not list(office.city.folder.rglob("recovery.key"))


def test_fail__one_holder_alone_or_a_wrong_passphrase(office: FoundedOffice) -> None:
    """One share twice is one share; a passphrase is the holder's own."""
    files, _ = shares_of(office.city, 0, 0)
    config = ["--config", str(office.city.settings_path)]
    word = share_files(office.city.folder)[0].with_name(WORDS).read_text()
    assert keys_recovery.drill([*files, *config], Typist([word, word])) == 1
    assert keys_recovery.drill([*files, *config], Typist(["other", "other"])) == 1


def test_shares_are_handed_out_again(office: FoundedOffice, tmp_path: Path) -> None:
    """Two holders make three new shares under three new passphrases; the new ones pass the drill."""
    files, words = shares_of(office.city, 1, 2)
    fresh = [f"a long passphrase {one}" for one in "abc"]
    both = Typist([words(""), words(""), *(one for word in fresh for one in (word, word))])
    assert keys_recovery.split([*files, "--to", str(tmp_path / "new")], both) == 0
    made = [str(one) for one in share_files(tmp_path / "new")[:2]]
    config = ["--config", str(office.city.settings_path)]
    assert keys_recovery.drill([*made, *config], Typist(fresh[:2])) == 0
    short = Typist([*fresh[:2], "short"])
    assert keys_recovery.split([*made, "--to", str(tmp_path / "x")], short) == 1


def test_a_lost_months_key_is_made_good_by_two_holders(office: FoundedOffice) -> None:
    """The month's key burned before the office took anything in: recover, take in, shred the recovery key."""
    office.hand_in(0, now())
    shred_file(months(office.city)[0])
    files, words = shares_of(office.city, 0, 1)
    config = ["--config", str(office.city.settings_path)]
    assert keys_recovery.recover([*files, *config], words) == 0
    assert keys.main(["shred", "recovery", *config]) == 1
    office.take_in()
    assert keys.main(["shred", "recovery", *config]) == 0
    assert months(office.city) == []
    assert [action for _, action in office.actions()].count("recovery.opened") == 1


def test_a_box_that_seals_nonsense_keeps_no_key_alive(
    office: FoundedOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    """An envelope that never opens is said, and passed over on demand: the restored recovery key must be able to go."""
    office.hand_in(0, now(), record=b"no record at all")
    files, words = shares_of(office.city, 0, 1)
    config = ["--config", str(office.city.settings_path)]
    assert keys_recovery.recover([*files, *config], words) == 0
    office.take_in()
    assert keys.main(["shred", "recovery", *config, "--early"]) == 1
    assert "1 on the shelf are not" in capsys.readouterr().err
    assert keys.main(["shred", "recovery", *config, "--unopened"]) == 0
    assert "recovery" not in [one.stem for one in months(office.city)]


def test_the_verbs_say_what_they_do(capsys: pytest.CaptureFixture[str]) -> None:
    """Asked for nothing, the command lists its verbs."""
    assert keys.main([]) == 2
    assert keys.main(["--help"]) == 0
    assert "shred" in capsys.readouterr().err
