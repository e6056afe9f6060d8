"""Plain words: short Japanese sentences, no English left in them, nobody turned away."""

import re
import tomllib
from pathlib import Path

import pytest

import appliance.desk
from tests.support.tree import ROOT

WORDS = sorted((Path(appliance.desk.__file__).parent / "words").glob("*.toml"))
LONGEST = 70
"""Letters of one sentence; the town halls' guides to plain Japanese ask for about 50."""

ABBREVIATIONS = frozenset(
    {
        "TPM",
        "PDF",
        "CSV",
        "USB",
        "KB",
        "UTF",
        "CP",
        "JIS",
        "R",
        "Excel",
        "QR",
        "PIN",
        "madobus",
        "mail",
        "retry",
    }
)
"""Names of things as their makers write them, and the one command maintenance types."""

HARD = ("不受理", "却下", "下さい", "頂き", "旨を", "遵守", "当該", "若しくは", "係る")


def japanese() -> list[tuple[str, str]]:
    """Return every Japanese sentence with its key."""
    found = []
    for path in WORDS:
        for key, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            plain = re.sub(r"（[^）]*）|\{\w+\}", "", entry["ja"])
            found += [(key, one) for one in plain.split("。") if one]
    return found


def test_no_sentence_is_long() -> None:
    """Brackets and values apart."""
    assert {key: len(one) for key, one in japanese() if len(one) > LONGEST} == {}


def test_no_english_is_left_in_japanese() -> None:
    """But for names of things."""
    left = {key: set(re.findall(r"[A-Za-z]+", one)) - ABBREVIATIONS for key, one in japanese()}
    assert {key: words for key, words in left.items() if words} == {}


@pytest.mark.parametrize("word", HARD)
def test_no_hard_word_is_said(word: str) -> None:
    """Neither on the screens nor in the sentences of the checks."""
    places = [*WORDS, *sorted(ROOT.glob("procedures/*.toml"))]
    assert [path.name for path in places if word in path.read_text(encoding="utf-8")] == []
