"""`madobus provision form`: a newer version of a form, signed, in every box's tray."""

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from cityhall.mail import downwards
from cityhall.mail.store import HallMail
from provisioning.city import City
from provisioning.enrol import Bus
from provisioning.field import main
from sync.signedform import SignedForm, decode_form
from tests.provisioning.test_bundle_letters import enrolled

__all__ = ["enrolled"]

TEXT = (files("procedures") / "care-renewal.toml").read_text(encoding="utf-8")
Enrolled = tuple[City, Bus]


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A file with the next version."""
    file = tmp_path / "care-renewal.toml"
    file.write_text(TEXT.replace('"2026-04-01"', '"2026-10-01"', 1), encoding="utf-8")
    return file


def sent(city: City, device: str) -> list[SignedForm]:
    """Return the forms that wait for a box, their signatures verified."""
    mail = HallMail(city.mail)
    office = city.bundle().office_key
    letters = [mail.letter(device, one) for one in mail.letters_for(device)]
    mail.close()
    return [
        decode_form(one.body, office)
        for one in letters
        if one is not None and one.kind == "procedure"
    ]


def test_every_box_gets_it_once(enrolled: Enrolled, newer: Path) -> None:
    """Posted twice it is one letter; what is signed is the file, sign for sign."""
    city, _ = enrolled
    for _again in range(2):
        assert main(["form", str(newer), "--city", str(city.folder), "--from", "2026-12-08"]) == 0
    for device in ("bus-07", "bus-08"):
        [form] = sent(city, device)
        assert (form.procedure, form.version) == ("care-renewal", "2026-10-01")
        assert (form.valid_from, form.text) == (date(2026, 12, 8), newer.read_text("utf-8"))


def test_fail__a_file_no_counter_could_use(
    enrolled: Enrolled, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Gone, no form, no text: it is said here, and no box hears of it."""
    city, _ = enrolled
    (tmp_path / "no-form.toml").write_text("id = 7")
    (tmp_path / "no-text.toml").write_bytes(b"\xff")
    for name in ("gone.toml", "no-form.toml", "no-text.toml"):
        assert main(["form", str(tmp_path / name), "--city", str(city.folder)]) == 1
        assert capsys.readouterr().err.startswith("form: ")
    assert sent(city, "bus-07") == []


def test_a_full_tray_is_named(
    enrolled: Enrolled,
    newer: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing is lost: the same verb posts it again."""
    city, _ = enrolled
    monkeypatch.setattr(downwards, "UNDELIVERED_LIMIT", 0)
    assert main(["form", str(newer), "--city", str(city.folder)]) == 1
    assert "bus-08" in capsys.readouterr().err
