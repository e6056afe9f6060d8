"""Furigana: readings set over the words of a drawn page, so that a sentence is written once and without them."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HOUSE_READINGS = Path(__file__).parent / "readings.toml"

KANJI = "\u3400-\u4dbf\u4e00-\u9fff々"
A_KANJI = re.compile(f"[{KANJI}]")
A_NUMBER = re.compile(r"[0-9０-９] ?$")
TAG = re.compile(r"<!--.*?-->|<(/?)([A-Za-z][A-Za-z0-9-]*)[^>]*>", re.DOTALL)

SILENT = frozenset({"head", "title", "option", "textarea", "script", "style", "ruby"})
"""What holds plain text only, or has readings of its own."""

LEAVE = (
    'translate="no"',
    'lang="en"',
    'class="value',
    'class="quote',
    'class="cell',
    'class="answer',
)
"""Marks of what is no word of the town hall: names, what a person wrote or a machine read, English."""

PLAIN_FROM, PLAIN_TO = "\ue000", "\ue001"
PLAIN = re.compile(f"{PLAIN_FROM}([^{PLAIN_TO}]*){PLAIN_TO}")

ALONE = frozenset(
    {"area", "br", "col", "hr", "image", "img", "input", "link", "meta", "use", "wbr"}
)


class ReadingError(ValueError):
    """An entry of the readings is not `word=reading`, or the reading does not fit the word."""


@dataclass(frozen=True, slots=True)
class _Entry:
    before: str
    word: str
    ruby: str

    def holds(self, text: str, at: int) -> bool:
        if not text.startswith(self.word, at):
            return False
        left = text[:at]
        if self.before == "#":
            return A_NUMBER.search(left) is not None
        if self.before == "^":
            return not left.strip()
        return left.endswith(self.before)


class Readings:
    """The words that have a reading; the longest word wins, and among equals the one that asks for more."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._by_first: dict[str, list[_Entry]] = {}
        for place, reading in pairs:
            before, _, word = place.rpartition("|")
            if not word or not A_KANJI.match(word):
                raise ReadingError(f"readings: {place!r} must begin with a kanji; write it so")
            self._by_first.setdefault(word[0], []).append(_Entry(before, word, _fit(word, reading)))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: (-len(entry.word), -len(entry.before)))

    def over_text(self, text: str) -> str:
        """Return a text (HTML without tags) with each known word as `<ruby>`, but for what is marked as plain."""
        parts = PLAIN.split(text)
        # What `split` caught stands at every second place.
        return "".join(part if n % 2 else self._over(part) for n, part in enumerate(parts))

    def _over(self, text: str) -> str:
        told: list[str] = []
        at = 0
        while found := A_KANJI.search(text, at):
            told.append(text[at : found.start()])
            at = found.start()
            entry = self._entry(text, at)
            told.append(text[at] if entry is None else entry.ruby)
            at += 1 if entry is None else len(entry.word)
        return "".join(told) + text[at:]

    def over_page(self, page: str) -> str:
        """Return a drawn page with readings over its texts; attributes, options and what is marked stay plain."""
        told: list[str] = []
        at, inside, depth = 0, "", 0
        for tag in TAG.finditer(page):
            text = page[at : tag.start()]
            told += [text if inside else self._over_node(text), tag[0]]
            at = tag.end()
            name = (tag[2] or "").lower()
            if inside:
                depth += (-1 if tag[1] else 1) if name == inside else 0
                inside = inside if depth else ""
            elif name and not tag[1] and _is_silent(name, tag[0]):
                inside, depth = name, 1
        return unmarked("".join(told) + self._over_node(page[at:]))

    def _over_node(self, text: str) -> str:
        told = self.over_text(text)
        # One element a text: in a row of icon and word, each reading alone would stand apart.
        return told if told == text else f"<bdi>{told}</bdi>"

    def _entry(self, text: str, at: int) -> _Entry | None:
        entries = self._by_first.get(text[at], ())
        return next((entry for entry in entries if entry.holds(text, at)), None)


def plain(text: str) -> str:
    """Mark a name that is put into a sentence, so that it is not read as a word of the town hall."""
    return f"{PLAIN_FROM}{text}{PLAIN_TO}"


def unmarked(text: str) -> str:
    """Return a text without the marks."""
    return text.replace(PLAIN_FROM, "").replace(PLAIN_TO, "")


def read_readings(path: Path) -> Readings:
    """Read the TOML file of `word=reading` pairs; raises ReadingError naming the pair that is wrong."""
    pairs = []
    for line in tomllib.loads(path.read_text(encoding="utf-8")).values():
        for pair in line.split():
            word, _, reading = pair.partition("=")
            pairs.append((word, reading))
    return Readings(pairs)


def _is_silent(name: str, tag: str) -> bool:
    return name in SILENT or (name not in ALONE and any(mark in tag for mark in LEAVE))


def _fit(word: str, reading: str) -> str:
    """Lay the reading over the kanji of a word alone: 読み取り has readings over 読 and 取."""
    runs = re.findall(f"[{KANJI}]+|[^{KANJI}]+", word)
    pattern = "".join("(.+?)" if A_KANJI.match(run) else re.escape(run) for run in runs)
    fitted = re.fullmatch(pattern, reading)
    if fitted is None:
        raise ReadingError(f"readings: {reading!r} does not fit {word!r}; correct the pair")
    over = iter(fitted.groups())
    return "".join(
        f"<ruby>{run}<rp>（</rp><rt>{next(over)}</rt><rp>）</rp></ruby>"
        if A_KANJI.match(run)
        else run
        for run in runs
    )
