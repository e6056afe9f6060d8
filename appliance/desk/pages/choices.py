"""Reads printed choices of which one is ringed or ticked: the level of care, the sex, eras, words of a code list."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from appliance.desk.pages import circles, rings, strokes
from appliance.desk.pages.anchor import Spot, Walls
from appliance.desk.pages.circles import Option, option_of
from appliance.desk.pages.judge import RINGED
from appliance.desk.pages.piece import Piece, line_height
from appliance.desk.pages.rules import Rules
from appliance.desk.pages.sheet import FieldReading
from appliance.desk.pages.spelled import choices_in, words_in
from appliance.desk.pages.writing import bare
from papers.opening import Picture
from procedures.codes import SHARED

CARE, SUPPORT = ("21", "22", "23", "24", "25"), ("12", "13")
LEVEL_TYPES = ("care_digits", "support_digits", "choice:care_level")
ERAS = ("明治", "大正", "昭和", "平成", "令和")
PAIRS = {"sex": ("1", "2"), "yes_no": ("yes", "no")}
"""Choices printed as one letter each (男 女, 有 無), the first to the left."""
INFERRED = 0.95
ERA_LEAD = 0.05
"""How far the ringed era must lead; the second engine reads the date again and knows only the era printed last."""
CERTAIN, DOUBTED = 0.96, 0.85
"""A ring or square less closed than the first may be a letter's own strokes; it counts no more than the second."""
GUESSED = 0.75
"""Most confidence a choice may have whose word was misread."""
HIGHEST_ROW = 6.0
"""Line heights a row of choices may be high; beyond it its rules were not found."""
_CARE, _SUPPORT = re.compile(r"要介."), re.compile(r"要支.")


@dataclass(frozen=True, slots=True)
class _Sign:
    """One letter of a row and where it stands."""

    text: str
    x: float
    piece: Piece


class Choices:
    """The choices of one page."""

    def __init__(self, page: Picture, pieces: Sequence[Piece], rules: Rules, source: str) -> None:
        self._pieces, self._source = pieces, source
        self._height = line_height(pieces)
        self._walls = Walls(rules, page.shape[0])
        self._ink = circles.ink_of(page)
        self._near = rings.near(self._ink, self._height)

    def level(self, spots: Sequence[Spot]) -> FieldReading | None:
        """Read the level of care from all labels that name it: words or digits, ringed or ticked."""
        for spot in spots:
            row = self._row(spot.found.piece, beside=False)
            words = self._spelled(row, "care_level")
            if len({option.code for option in words}) >= 4:  # noqa: PLR2004 - words, not digits
                found = self._marked("prev_result", _filled(words))
            else:
                found = self._picked("prev_result", self._ringed(_digits(row)))
            if found is not None:
                return found
        return None

    def choice(self, spot: Spot, name: str) -> FieldReading | None:
        """Read a marked word of a code list that stands in the row of its label."""
        row = self._row(spot.found.piece)
        options = self._spelled(row, name)
        guessed: set[str] = set()
        if name not in PAIRS or not options:
            options, guessed = self._guessed(row, name)
        if name in PAIRS and all(option.half_width < self._height for option in options):
            ticked = rings.ticked(_once(options), self._ink)
            if ticked is not None:
                return self._picked(spot.key, ticked)
            return self._pair(spot, PAIRS[name], options)
        codes = [option.code for option in options]
        if len(codes) < 2 or len(set(codes)) < len(codes):  # noqa: PLR2004 - nothing to choose
            return None
        reading = self._marked(spot.key, options)
        if reading is not None and reading.value in guessed:
            return replace(reading, confidence=min(reading.confidence, GUESSED))
        return reading

    def era(self, pieces: Sequence[Piece]) -> tuple[list[Piece], bool]:
        """Put the ringed era in front of a date whose eras are printed to choose from; False: none is ringed."""
        found = [(era, part) for piece in pieces for era, part in words_in(piece, ERAS)]
        if len(found) < 2:  # noqa: PLR2004 - one era is simply written
            return list(pieces), True
        options = [option_of(era, part) for era, part in found]
        choice = rings.ringed(options, self._near, self._height, lead=ERA_LEAD)
        rest = [_without(piece) for piece in pieces]
        rest = [piece for piece in rest if piece is not None]
        if choice is None or not rest:
            return [], False
        era = next(part for word, part in found if word == choice[0].code)
        return [era, *(piece for piece in rest if piece is not None)], True

    def _row(self, label: Piece, *, beside: bool = True) -> list[Piece]:
        """Give the pieces of a label's row, with the label itself unless only those `beside` it are asked for."""
        top, bottom = self._walls.row(*label.middle)
        if bottom - top > self._height * HIGHEST_ROW:
            top, bottom = label.top - self._height, label.bottom + self._height
        edge = label.right if beside else label.left + 1
        return [p for p in self._pieces if top < p.middle[1] < bottom and p.right > edge]

    def _spelled(self, row: Sequence[Piece], name: str) -> list[Option]:
        spelled = _spellings(name)
        return [
            option_of(spelled[word], part)
            for piece in row
            for word, part in words_in(piece, tuple(spelled))
        ]

    def _guessed(self, row: Sequence[Piece], name: str) -> tuple[list[Option], set[str]]:
        """Find the words of a code list, misread ones too; the second names the codes of those."""
        spelled = _spellings(name)
        options: list[Option] = []
        guessed: set[str] = set()
        most: dict[str, int] = {}
        told = [choices_in(piece, spelled) for piece in row]
        # An office's name may hold the word of its kind: the line with more of the words is the list.
        for found, likely in sorted(told, key=lambda each: -len(each[0])):
            for code, part in found:
                if len(found) >= most.setdefault(code, len(found)):
                    options.append(option_of(code, part))
                    guessed |= likely & {code}
        return options, guessed

    def _marked(self, key: str, options: Sequence[Option]) -> FieldReading | None:
        ticked = rings.ticked(options, self._ink)
        return self._picked(key, ticked or self._ringed(options) or self._surrounded(options))

    def _ringed(self, options: Sequence[Option]) -> tuple[Option, float] | None:
        return rings.ringed(options, self._near, self._height)

    def _surrounded(self, options: Sequence[Option]) -> tuple[Option, float] | None:
        """Find the one word with a line around it, where words are so small that every one seems ringed."""
        chosen = strokes.surrounded(options, self._ink)
        return None if chosen is None else (chosen, DOUBTED)

    def _pair(
        self, spot: Spot, codes: tuple[str, str], options: Sequence[Option]
    ) -> FieldReading | None:
        """Read one of two letters, printed in a known order; a ring may have hidden one of them."""
        seen = {option.code: option for option in options}
        if not seen or len(seen) < len(options):
            return None
        middles = [option.x for option in options]
        # Beside two letters that are both seen stands nothing to choose; one not seen is hidden by its ring.
        room = self._height * (1 if len(seen) == len(codes) else 4)
        left, right = self._between(min(middles), max(middles), options[0].y, room)
        left = max(left, spot.found.piece.right + self._height * 0.5)
        y = sum(option.y for option in options) / len(options)
        drawn = circles.only_ring(self._ink, left, right, y, self._height)
        if drawn is None:
            return None
        for option in options:
            if abs(option.x - drawn.x) < self._height * 0.7:
                return self._picked(spot.key, (option, drawn.closed))
        if len(seen) == len(codes):
            return None
        first = codes[0] not in seen
        if (drawn.x < options[0].x) != first:
            return None
        half = self._height / 2
        hidden = Option(codes[0] if first else codes[1], drawn.x, drawn.y, half, half)
        return self._picked(spot.key, (hidden, drawn.closed * INFERRED))

    def _between(self, left: float, right: float, y: float, room: float) -> tuple[float, float]:
        """Give the columns around two choices that are neither another cell's nor another word's."""
        low, high = left - room, right + room
        for rule in self._walls.rules.plumb:
            if rule.start <= y <= rule.end:
                low = max(low, rule.at) if rule.at < left else low
                high = min(high, rule.at) if rule.at > right else high
        for piece in self._pieces:
            if piece.top < y < piece.bottom:
                low = max(low, piece.right) if piece.right < left else low
                high = min(high, piece.left) if piece.left > right else high
        return low, high

    def _picked(self, key: str, choice: tuple[Option, float] | None) -> FieldReading | None:
        if choice is None:
            return None
        o, closed = choice
        box = (
            round(o.x - o.half_width),
            round(o.y - o.half_height),
            round(2 * o.half_width),
            round(2 * o.half_height),
        )
        if closed < CERTAIN:
            closed = min(closed, DOUBTED)
        return FieldReading(key, o.code, "○", round(RINGED * closed, 3), self._source, box)


def _spellings(name: str) -> dict[str, str]:
    """Give the code of every way to write a choice of a code list."""
    return {
        bare(word): choice.code for choice in SHARED[name] for word in (choice.ja, *choice.also)
    }


def _without(piece: Piece) -> Piece | None:
    """Take printed eras off the front of a piece; None when nothing is left."""
    ends = [i for i, letter in enumerate(piece.letters) if letter.text in "治正和成"]
    if not any(era in bare(piece.text) for era in ERAS):
        return piece
    rest = piece.cut(ends[-1] + 1, len(piece.letters))
    return rest if rest.text.strip() else None


def _once(options: Sequence[Option]) -> list[Option]:
    """Keep the right one of two equal neighbours: a ticked square is sometimes read as the word behind it."""
    kept: dict[str, Option] = {}
    for option in sorted(options, key=lambda o: o.x):
        kept[option.code] = option
    return list(kept.values())


def _filled(options: Sequence[Option]) -> list[Option]:
    """Add the care levels a ring has hidden from the reader, where their neighbours say they stand."""
    seen = {option.code: option for option in options if option.code in (*CARE, *SUPPORT)}
    care = [(CARE.index(code), option) for code, option in seen.items() if code in CARE]
    if len(care) < 3 or len(care) == len(CARE):  # noqa: PLR2004 - two do not show an even spacing
        return list(seen.values())
    places = np.array([place for place, _ in care], float)
    columns = np.array([option.x for _, option in care])
    pitch, start = (float(v) for v in np.polyfit(places, columns, 1))
    if pitch <= 0 or float(np.abs(columns - start - pitch * places).max()) > pitch / 4:
        return list(seen.values())
    model = care[0][1]
    for place, code in enumerate(CARE):
        x = start + pitch * place
        seen.setdefault(code, Option(code, x, model.y, model.half_width, model.half_height))
    return list(seen.values())


def _digits(row: Sequence[Piece]) -> list[Option]:
    """Place the digits behind 要介護 and 要支援 in a row; a ringed one is often not read, so spacing fills it in."""
    lines = [piece for piece in row if _SUPPORT.search(bare(piece.text))]
    signs = [
        _Sign(sign, piece.across(letter.place), piece)
        for piece in sorted(row, key=lambda p: p.left)
        if lines and abs(piece.middle[1] - lines[0].middle[1]) < lines[0].height * 0.6
        for letter in piece.letters
        for sign in bare(letter.text)
    ]
    text = "".join(sign.text for sign in signs)
    support = _SUPPORT.search(text)
    if support is None:
        return []
    care = [match.end() for match in _CARE.finditer(text, 0, support.start())]
    if not care:
        return []
    y = signs[support.start()].piece.middle[1]
    cared, pitch = _spaced(signs[care[-1] : support.start()], CARE, y, None)
    supported, _ = _spaced(signs[support.end() :], SUPPORT, y, pitch)
    whole = len(cared) == len(CARE) and len(supported) == len(SUPPORT)
    return cared + supported if whole else []


def _spaced(
    signs: Sequence[_Sign], codes: Sequence[str], y: float, pitch: float | None
) -> tuple[list[Option], float | None]:
    seen = [s for s in signs if s.text.isdigit() and 1 <= int(s.text) <= len(codes)]
    if not seen:
        return [], None
    numbers = np.array([int(sign.text) for sign in seen], float)
    columns = np.array([sign.x for sign in seen])
    height = float(np.median([sign.piece.height for sign in seen]))
    if len(set(numbers)) > 1:
        pitch, start = (float(v) for v in np.polyfit(numbers, columns, 1))
    elif pitch is not None:
        start = float(columns[0] - pitch * numbers[0])
    else:
        return [], None
    if pitch < height * 0.8 or float(np.abs(columns - start - pitch * numbers).max()) > pitch / 3:
        return [], None
    half = min(height * 0.5, pitch * 0.42)
    options = [Option(c, start + pitch * n, y, half, half) for n, c in enumerate(codes, 1)]
    return options, pitch
