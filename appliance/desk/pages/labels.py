"""Finds printed labels in what was read, and cuts lines that hold a label and its value in two."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from appliance.desk.pages.piece import Piece
from appliance.desk.pages.writing import bare

FUZZY_FROM = 4
"""Labels of this many letters may be read with one letter wrong."""
SHORTEST_MEANT, MEANT_FROM = 2, 4
"""A blurred word of two letters may be a label; of every four letters one may be read as something else altogether."""
TWINS = {
    "人": "入",
    "入": "人",
    "H": "日",
    "ー": "一",
    "一": "ー",
    "二": "ニ",
    "力": "カ",
    "工": "エ",
    "八": "ハ",
}
"""Letters so alike that a reader is sure of the wrong one."""
_MARK = re.compile(r"^[\s■□◆◇●○◎▼▶▪◼【〔<＜・.．、:：()（）\[\]\-0-9０-９①-⑳ⅠⅡⅢⅣⅤ一二三四五六七]*")
_AFTER = re.compile(r"((について|に関する|の?情報|の?状況|欄|の連絡先|[・·】〕>＞(（:：]).*)?")
"""What may stand before and after the words of a heading."""


@dataclass(frozen=True, slots=True)
class Label:
    """One entry of labels.toml."""

    words: tuple[str, ...]
    keys: dict[str, str] = field(hash=False)
    type: str
    section: str
    opens: dict[str, str] = field(hash=False)
    inline: bool
    container: bool
    whole: bool
    heading: bool

    def key_in(self, section: str) -> str:
        """Say which field the label means in a section; empty when none."""
        return self.keys.get(section) or self.keys.get("", "")


@dataclass(frozen=True, slots=True)
class Found:
    """A label where it stands."""

    label: Label
    piece: Piece


def find_labels(kind: str, pieces: Sequence[Piece]) -> tuple[list[Found], list[Piece]]:
    """Divide pieces into labels of this kind of page and everything else."""
    found: list[Found] = []
    values: list[Piece] = []
    for piece in pieces:
        for part, label in _cut(piece, _labels(kind)):
            if label is not None:
                found.append(Found(label, part))
            elif part.text.strip():
                values.append(part)
    return found, values


def _cut(piece: Piece, labels: Sequence[Label]) -> list[tuple[Piece, Label | None]]:
    """Cut one piece into labels and the writing between them."""
    signs, places = _signs(piece)
    whole = _whole(signs, labels) or _heading(piece.text, labels)
    whole = whole or _meant(piece, signs, places, labels)
    if whole is not None:
        return [(piece, whole)]
    parts: list[tuple[Piece, Label | None]] = []
    begin = at = 0
    while at < len(signs):
        hit = _at(signs, at, places, labels, piece)
        if hit is None:
            at += 1
            continue
        label, length = hit
        if places[at] > begin:
            parts.append((piece.cut(begin, places[at]), None))
        end = places[at + length] if at + length < len(signs) else len(piece.letters)
        parts.append((piece.cut(places[at], end), label))
        begin, at = end, at + length
    if begin < len(piece.letters):
        parts.append((piece.cut(begin, len(piece.letters)), None))
    return parts


def _signs(piece: Piece) -> tuple[str, list[int]]:
    """Write the piece bare, and tell for each sign from which letter it comes."""
    signs, places = "", []
    for index, letter in enumerate(piece.letters):
        for sign in bare(letter.text):
            signs += sign
            places.append(index)
    return signs, places


def _whole(signs: str, labels: Sequence[Label]) -> Label | None:
    for label in labels:
        if any(signs == word for word in label.words):
            return label
    if any(sign.isdigit() for sign in signs):
        return None
    for label in labels:
        for word in label.words:
            # Most words are too long or too short to be meant; that is seen without comparing.
            if (
                0 <= len(word) - len(signs) <= 1
                and len(word) >= FUZZY_FROM
                and _one_off(signs, word)
            ):
                return label
    return None


def _meant(piece: Piece, signs: str, places: list[int], labels: Sequence[Label]) -> Label | None:
    """Find the one label a blurred piece may be: its unsure signs count as any that the reader thought of."""
    best, label, clear = 0.0, None, False
    for other in labels:
        for word in other.words:
            if len(word) != len(signs) or len(word) < SHORTEST_MEANT:
                continue
            score = likeness(piece, places, word)
            if score > best:
                best, label, clear = score, other, True
            elif score == best and other is not label:
                clear = False
    return label if clear else None


def likeness(piece: Piece, places: Sequence[int], word: str) -> float:
    """Say how well letters at `places` may be a word: 1 if they are, 0 if too many of them cannot be."""
    same = meant = 0
    for place, sign in zip(places, word, strict=True):
        letter = piece.letters[place]
        if sign in bare(letter.text) or sign == TWINS.get(letter.text):
            same += 1
        elif sign in bare(letter.others):
            meant += 1
        elif letter.text.isdigit():
            return 0.0
    strange = len(word) - same - meant
    if strange > len(word) // MEANT_FROM:
        return 0.0
    return (same + meant / 2) / len(word)


def _heading(text: str, labels: Sequence[Label]) -> Label | None:
    """Find the label that a line names as a heading: a mark, its words, and at most a few more."""
    line = "".join(_MARK.sub("", text).split())
    for label in labels:
        for word in label.words if label.heading else ():
            if line.startswith(word) and _AFTER.fullmatch(line[len(word) :]):
                return label
    return None


def _at(
    signs: str, at: int, places: list[int], labels: Sequence[Label], piece: Piece
) -> tuple[Label, int] | None:
    """Find the longest label that begins here: at the start, after a blank, or anywhere when inline."""
    fresh = at == 0 or not piece.letters[places[at] - 1].text.strip()
    best: tuple[Label, int] | None = None
    for label in labels:
        for word in label.words:
            free = label.inline or (fresh and not label.whole and not label.heading)
            longer = best is None or len(word) > best[1]
            if free and longer and signs.startswith(word, at) and _ends(signs, at + len(word)):
                best = label, len(word)
    return best or (_guess(signs, at, places, labels, piece) if fresh else None)


def _guess(
    signs: str, at: int, places: list[int], labels: Sequence[Label], piece: Piece
) -> tuple[Label, int] | None:
    """Find the label that a blurred beginning may be; behind it a blank or a number must follow."""
    best, guess = 0.0, None
    for label in labels:
        for word in () if label.whole or label.heading else label.words:
            end = at + len(word)
            if len(word) < FUZZY_FROM or end >= len(signs) or not _apart(signs, end, places, piece):
                continue
            score = likeness(piece, places[at:end], word)
            if score > best:
                best, guess = score, (label, len(word))
    return guess


def _apart(signs: str, at: int, places: list[int], piece: Piece) -> bool:
    """Tell whether a new word begins here."""
    return signs[at].isdigit() or not piece.letters[places[at] - 1].text.strip()


def _ends(signs: str, at: int) -> bool:
    """Tell whether a label may end here: a particle behind it makes it part of a sentence."""
    return at >= len(signs) or not ("ぁ" <= signs[at] <= "ん" or signs[at] in "内欄")


def _one_off(one: str, other: str) -> bool:
    """Tell whether a reading differs from a word in one sign, exchanged or (in long words) missing."""
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    if len(one) != len(other) - 1 or len(other) <= FUZZY_FROM:
        return False
    return any(other[:i] + other[i + 1 :] == one for i in range(len(other)))


@cache
def _labels(kind: str) -> tuple[Label, ...]:
    group = "form" if kind.startswith("form") else kind
    text = resources.files("appliance.desk.pages").joinpath("labels.toml").read_text("utf-8")
    return tuple(_label(entry) for entry in tomllib.loads(text).get(group, ()))


def _label(entry: dict[str, Any]) -> Label:
    key = entry.get("key", "")
    return Label(
        words=tuple(bare(word) for word in entry["words"]),
        keys=key if isinstance(key, dict) else {"": key},
        type=entry.get("type", ""),
        section=entry.get("section", ""),
        opens=entry.get("opens", {}),
        inline=entry.get("inline", False),
        container=entry.get("container", False),
        whole=entry.get("whole", False),
        heading=entry.get("heading", False),
    )
