"""The checker on the command line: one line for each form, and an exit code for scripts."""

from pathlib import Path

import pytest

from procedures.check import main
from procedures.definition import names
from tests.support.forms import SMALL_FORM


def test_shipped_forms_are_good(capsys: pytest.CaptureFixture[str]) -> None:
    """Without arguments every shipped form is checked."""
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == list(names())
    assert all(line.startswith("good ") for line in lines)


def test_good_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A good file is counted out."""
    file = tmp_path / "small.toml"
    file.write_text(SMALL_FORM, encoding="utf-8")
    assert main([str(file)]) == 0
    assert "4 fields, 1 documents, 1 checks" in capsys.readouterr().out


def test_bad_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bad file gives its error and the exit code 1."""
    file = tmp_path / "bad.toml"
    file.write_text(SMALL_FORM.replace('type = "name"', 'type = "nam"'), encoding="utf-8")
    assert main([str(file)]) == 1
    assert "did you mean 'name'?" in capsys.readouterr().out


def test_every_file_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One bad file does not hide the next."""
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(SMALL_FORM, encoding="utf-8")
    bad.write_text("id = ", encoding="utf-8")
    assert main([str(bad), str(good)]) == 1
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["wrong", "good"]


def test_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there is told as such."""
    assert main([str(tmp_path / "none.toml")]) == 1
    assert "check the path" in capsys.readouterr().out


def test_file_in_another_encoding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not UTF-8 is told as such."""
    file = tmp_path / "sjis.toml"
    file.write_bytes('ja = "届"'.encode("cp932"))
    assert main([str(file)]) == 1
    assert "UTF-8" in capsys.readouterr().out
