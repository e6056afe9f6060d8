"""Readings over words: on the kanji alone, never in attributes, and for every word the desk says."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from screens.furigana import A_KANJI, HOUSE_READINGS, ReadingError, Readings, read_readings
from tests.support.tree import ROOT

RUBY = re.compile(r"<ruby>(.*?)<rp>（</rp><rt>(.*?)</rt><rp>）</rp></ruby>")
SAID = (*sorted(ROOT.glob("appliance/desk/words/*.toml")), *sorted(ROOT.glob("procedures/*.toml")))


@pytest.fixture(scope="module")
def house() -> Readings:
    """Read the readings that the screens use."""
    return read_readings(HOUSE_READINGS)


def said(readings: Readings, text: str) -> str:
    """Return a text with its readings in brackets."""
    return RUBY.sub(r"\1(\2)", readings.over_text(text))


def sentences(told: object) -> Iterator[str]:
    """Yield every text of a TOML file."""
    if isinstance(told, dict):
        told = list(told.values())
    if isinstance(told, list):
        for one in told:
            yield from sentences(one)
    elif isinstance(told, str):
        yield re.sub(r"\{\w+\}", "3", told)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("読み取りをはじめる", "読(よ)み取(と)りをはじめる"),
        ("2 人目の 1 枚目", "2 人目(にんめ)の 1 枚(まい)目(め)"),
        ("受付済み", "受付(うけつけ)済(ず)み"),
        ("済み", "済(す)み"),
        ("できる所で待つ", "できる所(ところ)で待(ま)つ"),
        ("6か月と3月", "6か月(げつ)と3月(がつ)"),
        (
            "車上受付済・市役所未達",
            "車上(しゃじょう)受付(うけつけ)済(ずみ)・市役所(しやくしょ)未達(みたつ)",
        ),
    ],
)
def test_a_word_is_read_as_it_is_meant(house: Readings, text: str, wanted: str) -> None:
    """The longest word wins; what stands before it decides among equals."""
    assert said(house, text) == wanted


@pytest.mark.parametrize("path", SAID, ids=lambda path: path.name)
def test_every_word_of_the_desk_has_a_reading(house: Readings, path: Path) -> None:
    """A kanji without one is named here: add its word to screens/readings.toml."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    bare = {
        text: signs
        for text in sentences(told)
        if (signs := "".join(A_KANJI.findall(RUBY.sub("", house.over_text(text)))))
    }
    assert bare == {}


def test_only_what_is_read_on_the_page_carries_readings(house: Readings) -> None:
    """Attributes, options, typed text, English and names stay as they are."""
    page = (
        '<head><title>申請</title></head><p title="申請">申請</p><option>申請</option>'
        '<textarea>申請</textarea><b translate="no">申請<i>申請</i></b><input translate="no">申請'
    )
    drawn = house.over_page(page)
    assert drawn.count("<rt>") == 2
    assert RUBY.sub(r"\1", drawn).replace("<bdi>", "").replace("</bdi>", "") == page


@pytest.mark.parametrize(
    ("word", "reading"), [("読み取り", "よみとる"), ("かな", "かな"), ("", "あ")]
)
def test_fail__a_reading_that_does_not_fit(word: str, reading: str) -> None:
    """The pair is named."""
    with pytest.raises(ReadingError):
        Readings([(word, reading)])
