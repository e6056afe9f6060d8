"""Every sentence of the screens exists in both languages and every key a page asks for exists."""

import re
from pathlib import Path

import pytest

from screens.language import TextError, read_texts
from tests.support.tree import ROOT

COUNTERS = ("appliance/desk", "cityhall/office")


def _text_files(counter: str) -> list[Path]:
    room = ROOT / counter
    return sorted([*room.rglob("texts.toml"), *room.glob("words/*.toml")])


@pytest.mark.parametrize("counter", COUNTERS)
def test_every_sentence_is_in_both_languages(counter: str) -> None:
    """Japanese and English stand side by side."""
    files = _text_files(counter)
    assert files
    assert read_texts(*files).entries


@pytest.mark.parametrize("counter", COUNTERS)
def test_every_key_a_page_names_exists(counter: str) -> None:
    """A literal t('key') in a template finds its sentence."""
    entries = read_texts(*_text_files(counter)).entries
    asked = {
        key
        for page in (ROOT / counter / "templates").rglob("*.html")
        for key in re.findall(
            r"""\bt\(\s*["']([^"'~]+)["']\s*[,)]""", page.read_text(encoding="utf-8")
        )
    }
    assert asked - set(entries) == set()


def test_a_sentence_without_english_is_refused(tmp_path: Path) -> None:
    """The file and the key are named."""
    path = tmp_path / "texts.toml"
    path.write_text('[hello]\nja = "こんにちは"\n', encoding="utf-8")
    with pytest.raises(TextError, match=r"texts\.toml: \[hello\] needs en"):
        read_texts(path)
