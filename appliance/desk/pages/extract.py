"""Reads the fields of a page: labels give the places, types give the values, a second look gives the confidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from appliance.desk.pages import circles, values
from appliance.desk.pages.anchor import Spot, Walls, in_order, place
from appliance.desk.pages.labels import find_labels
from appliance.desk.pages.ocr import LineReader
from appliance.desk.pages.piece import Piece, line_height
from appliance.desk.pages.rules import Rules
from appliance.desk.pages.sheet import Box, FieldReading
from appliance.desk.pages.writing import bare
from papers.opening import Picture
from procedures.codes import SHARED

DISAGREED = 0.55
"""Most confidence a value may have when two looks at it differ."""
IMPLAUSIBLE = 0.4
RINGED = 0.9
"""Most confidence a circled choice may have."""
CARE = ("21", "22", "23", "24", "25")
SUPPORT = ("12", "13")
ERAS = ("明治", "大正", "昭和", "平成", "令和")
PAIRS = {"sex": ("1", "2"), "yes_no": ("yes", "no")}
"""Choices printed as one letter each (男 女, 有 無), the first to the left."""
INFERRED = 0.95


@dataclass(frozen=True, slots=True)
class Sight:
    """A squared page as seen: the picture, its writing and its rules."""

    page: Picture
    pieces: Sequence[Piece]
    rules: Rules
    today: date


class Extractor:
    """Reads fields; holds the line reader for second looks."""

    def __init__(self, reader: LineReader) -> None:
        self._reader = reader

    def fields(self, kind: str, sight: Sight) -> tuple[FieldReading, ...]:
        """Read every field that labels.toml knows for this kind of page; one reading a key, the surest."""
        found, loose = find_labels(kind, sight.pieces)
        spots = place(found, loose, sight.rules, sight.page.shape[0])
        look = _Look(self._reader, kind, sight, spots)
        readings: dict[str, FieldReading] = {}
        for reading in look.readings():
            known = readings.get(reading.key)
            if known is None or known.confidence < reading.confidence:
                readings[reading.key] = reading
        return tuple(readings.values())


class _Look:
    """One page being read."""

    def __init__(self, reader: LineReader, kind: str, sight: Sight, spots: Sequence[Spot]) -> None:
        self._reader = reader
        self._source = "ocr" if kind.startswith("form") else "card"
        self._sight = sight
        self._spots = spots
        self._height = line_height(sight.pieces)
        self._ink = circles.ink_of(sight.page)
        self._walls = Walls(sight.rules, sight.page.shape[0])

    def readings(self) -> list[FieldReading]:
        """Read all spots."""
        found = self._levels()
        for spot in self._spots:
            kind = spot.found.label.type
            if not spot.key or kind in ("hidden", ""):
                continue
            if kind.startswith("choice:") and all(r.key != spot.key for r in found):
                found += self._choice(spot, kind.removeprefix("choice:"))
            elif spot.pieces and not kind.startswith("choice:"):
                found += self._written(spot, kind)
        return found

    def _written(self, spot: Spot, kind: str) -> list[FieldReading]:
        pieces = spot.pieces
        if kind in ("period", "stay_period"):
            return self._period(spot, pieces)
        if kind == "address":
            return self._address(spot.key, pieces)
        if kind == "name_and_kana":
            return self._name_and_kana(pieces)
        if kind == "date" and spot.key == "birth_date":
            pieces = self._with_era(pieces)
        if kind in ("name", "line"):
            pieces = self._tallest_line(pieces)
        if kind == "kana":
            pieces = [self._spaced(piece) for piece in pieces]
        reading = self._typed(spot.key, kind, pieces)
        return [reading] if reading else []

    def _typed(self, key: str, kind: str, pieces: Sequence[Piece]) -> FieldReading | None:
        if not pieces:
            return None
        raw = _joined(pieces)
        first = values.read_value(kind, raw)
        second = values.read_value(kind, self._again(pieces))
        chosen = first or second
        if chosen is None:
            return None
        sure = chosen.support * (0.5 + 0.5 * min(piece.weakest for piece in pieces))
        agreed = first is not None and second is not None and _alike(first.text, second.text)
        if not agreed:
            sure = min(sure, DISAGREED)
        if kind == "date" and not values.plausible(key, chosen.text, self._sight.today):
            sure = min(sure, IMPLAUSIBLE)
        return FieldReading(key, chosen.text, raw, round(sure, 3), self._source, _box(pieces))

    def _again(self, pieces: Sequence[Piece]) -> str:
        """Look a second time, at each line as a whole and with more margin."""
        lines: list[list[Piece]] = []
        for piece in in_order(pieces, self._height):
            near = lines and abs(piece.middle[1] - lines[-1][-1].middle[1]) < self._height * 0.6
            if near:
                lines[-1].append(piece)
            else:
                lines.append([piece])
        return " ".join(self._reread(line) for line in lines)

    def _reread(self, line: Sequence[Piece]) -> str:
        margin = self._height * 0.12
        height, width = self._sight.page.shape[:2]
        top = max(0, round(min(p.top for p in line) - margin))
        bottom = min(height, round(max(p.bottom for p in line) + margin))
        left = max(0, round(min(p.left for p in line) - margin))
        right = min(width, round(max(p.right for p in line) + margin))
        if bottom - top < 4 or right - left < 4:  # noqa: PLR2004 - nothing to look at
            return ""
        return self._reader.read(self._sight.page[top:bottom, left:right]).text

    def _period(self, spot: Spot, pieces: Sequence[Piece]) -> list[FieldReading]:
        raw = _joined(pieces)
        days, again = values.dates_in(raw), values.dates_in(self._again(pieces))
        start = spot.key
        keys = [start, start.replace("_from", "_to")]
        found = []
        weakest = min(piece.weakest for piece in pieces)
        for index, (key, day) in enumerate(zip(keys, days, strict=False)):
            sure = values.LIKELY * (0.5 + 0.5 * weakest)
            if len(again) <= index or again[index] != day:
                sure = min(sure, DISAGREED)
            if not values.plausible(key, day, self._sight.today) or days != sorted(days):
                sure = min(sure, IMPLAUSIBLE)
            found.append(FieldReading(key, day, raw, round(sure, 3), self._source, _box(pieces)))
        return found

    def _address(self, key: str, pieces: Sequence[Piece]) -> list[FieldReading]:
        postal_key = key.replace("address", "postal_code")
        found: list[FieldReading] = []
        rest: list[Piece] = []
        for piece in pieces:
            code, behind = values.split_postal(piece.text)
            if not code:
                rest.append(piece)
                continue
            again, _ = values.split_postal(self._again([piece]))
            sure = values.LIKELY if again == code else DISAGREED
            sure *= 0.5 + 0.5 * _weakest_digit(piece)
            box = _box([piece])
            found.append(FieldReading(postal_key, code, code, round(sure, 3), self._source, box))
            if behind.strip():
                rest.append(piece.cut(len(piece.letters) - len(behind), len(piece.letters)))
        rest = [p for p in rest if len(bare(p.text)) > 1 or p.text.strip().isalnum()]
        rest = sorted(rest, key=lambda p: _begins_address(p.text), reverse=True)
        reading = self._typed(key, "address", rest)
        return [*found, reading] if reading else found

    def _name_and_kana(self, pieces: Sequence[Piece]) -> list[FieldReading]:
        small = [p for p in pieces if _is_kana(p.text)]
        large = self._tallest_line([p for p in pieces if p not in small])
        found = [
            self._typed("name_kana", "kana", [self._spaced(piece) for piece in small]),
            self._typed("name", "name", large),
        ]
        return [reading for reading in found if reading]

    def _tallest_line(self, pieces: Sequence[Piece]) -> list[Piece]:
        """Keep the line of the name itself: neither the small kana above it nor a seal far to its right."""
        if not pieces:
            return []
        tall = max(pieces, key=lambda p: p.height * min(4, len(p.letters)))
        line = [p for p in pieces if abs(p.middle[1] - tall.middle[1]) < tall.height * 0.6]
        line.sort(key=lambda p: p.left)
        kept = [line[0]]
        for piece in line[1:]:
            if piece.left - kept[-1].right > self._height * 3:
                break
            kept.append(piece)
        return kept

    def _spaced(self, piece: Piece) -> Piece:
        """Turn a long vowel sign that stands on blank paper into the space it is."""
        letters = []
        width = (piece.right - piece.left) / max(1, len(piece.letters))
        for letter in piece.letters:
            x = piece.across(letter.place)
            left, right = round(x - width * 0.25), round(x + width * 0.25)
            top, bottom = (
                round(piece.top + piece.height * 0.2),
                round(piece.bottom - piece.height * 0.2),
            )
            blank = not self._ink[top:bottom, max(0, left) : right].any()
            if letter.text in "ー一—-" and blank:
                letters.append(type(letter)("　", letter.probability, letter.place))
            else:
                letters.append(letter)
        return Piece(tuple(letters), piece.left, piece.top, piece.right, piece.bottom)

    def _with_era(self, pieces: Sequence[Piece]) -> list[Piece]:
        """Put the circled era in front of a date whose eras are printed to choose from."""
        options = [
            circles.option_of(era, part) for piece in pieces for era, part in _words(piece, ERAS)
        ]
        if len(options) < 2:  # noqa: PLR2004 - one era is simply written
            return list(pieces)
        rest = [p for p in pieces if not any(era in bare(p.text) for era in ERAS)]
        choice = circles.circled(options, self._ink)
        if choice is None or not rest:
            return []
        era = next(
            part
            for piece in pieces
            for word, part in _words(piece, ERAS)
            if word == choice.option.code
        )
        return [era, *rest]

    def _levels(self) -> list[FieldReading]:
        """Read the level of care from the circled digit behind two labels."""
        rows = {kind: self._digit_spots(kind) for kind in ("care_digits", "support_digits")}
        if not all(rows.values()):
            return []
        care, care_pitch = circles.digit_options(_pieces(rows["care_digits"]), CARE, None)
        support, _ = circles.digit_options(_pieces(rows["support_digits"]), SUPPORT, care_pitch)
        options = care + support
        if len(options) < len(CARE + SUPPORT):
            return []
        left = min(option.x for option in options) - self._height
        right = max(option.x for option in options) + self._height
        y = sum(option.y for option in options) / len(options)
        drawn = circles.only_ring(self._ink, left, right, y, self._height)
        if drawn is None:
            return []
        nearest = min(options, key=lambda option: abs(option.x - drawn.x))
        if abs(nearest.x - drawn.x) > self._height * 0.6:
            return []
        return [self._picked("prev_result", nearest, drawn.closed)]

    def _digit_spots(self, kind: str) -> list[Spot]:
        return [spot for spot in self._spots if spot.found.label.type == kind and spot.pieces]

    def _choice(self, spot: Spot, name: str) -> list[FieldReading]:
        """Read a circled word of a code list that stands in the row of its label."""
        label = spot.found.piece
        top, bottom = self._walls.row(*label.middle)
        if bottom - top > self._height * 6:
            top, bottom = label.top - self._height, label.bottom + self._height
        spelled = {
            bare(word): choice.code for choice in SHARED[name] for word in (choice.ja, *choice.also)
        }
        options = [
            circles.option_of(spelled[word], part)
            for piece in self._sight.pieces
            if top < piece.middle[1] < bottom and piece.right > label.right
            for word, part in _words(piece, tuple(spelled))
        ]
        if name in PAIRS and all(option.half_width < self._height for option in options):
            return self._pair(spot, PAIRS[name], options)
        codes = [option.code for option in options]
        if len(codes) < 2 or len(set(codes)) < len(codes):  # noqa: PLR2004 - nothing to choose
            return []
        return self._ringed(spot.key, options)

    def _pair(
        self, spot: Spot, codes: tuple[str, str], options: Sequence[circles.Option]
    ) -> list[FieldReading]:
        """Read one of two letters, printed in a known order; a ring may have hidden one of them."""
        seen = {option.code: option for option in options}
        if not seen or len(seen) < len(options):
            return []
        middles = [option.x for option in options]
        left, right = min(middles) - self._height * 4, max(middles) + self._height * 4
        left = max(left, spot.found.piece.right + self._height * 0.5)
        y = sum(option.y for option in options) / len(options)
        drawn = circles.only_ring(self._ink, left, right, y, self._height)
        if drawn is None:
            return []
        for option in options:
            if abs(option.x - drawn.x) < self._height * 0.7:
                return [self._picked(spot.key, option, drawn.closed)]
        if len(seen) == len(codes):
            return []
        first = codes[0] not in seen
        known = options[0].x
        if (drawn.x < known) != first:
            return []
        half = self._height / 2
        hidden = circles.Option(codes[0] if first else codes[1], drawn.x, drawn.y, half, half)
        return [self._picked(spot.key, hidden, drawn.closed * INFERRED)]

    def _ringed(self, key: str, options: Sequence[circles.Option]) -> list[FieldReading]:
        choice = circles.circled(options, self._ink)
        return [] if choice is None else [self._picked(key, choice.option, choice.closed)]

    def _picked(self, key: str, o: circles.Option, closed: float) -> FieldReading:
        box = (
            round(o.x - o.half_width),
            round(o.y - o.half_height),
            round(2 * o.half_width),
            round(2 * o.half_height),
        )
        sure = round(RINGED * closed, 3)
        return FieldReading(key, o.code, "○", sure, self._source, box)


def _joined(pieces: Sequence[Piece]) -> str:
    return " ".join(piece.text.strip() for piece in pieces)


def _alike(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())


def _weakest_digit(piece: Piece) -> float:
    return min((x.probability for x in piece.letters if x.text.isdigit()), default=0.0)


def _begins_address(text: str) -> bool:
    flat = bare(text)
    return any(sign in flat[:5] for sign in "都道府県") or any(sign in flat[:7] for sign in "市郡")


def _is_kana(text: str) -> bool:
    flat = bare(text)
    kana = sum("ァ" <= sign <= "ヶ" or sign in "ー一" for sign in flat)
    return len(flat) > 0 and kana >= 0.8 * len(flat)


def _words(piece: Piece, words: tuple[str, ...]) -> list[tuple[str, Piece]]:
    """Find printed choices inside a piece, longest first, never overlapping."""
    signs, places = "", []
    for index, letter in enumerate(piece.letters):
        for sign in bare(letter.text):
            signs += sign
            places.append(index)
    taken = [False] * len(signs)
    found = []
    for word in sorted(words, key=len, reverse=True):
        at = signs.find(word)
        while at >= 0:
            end = at + len(word)
            if not any(taken[at:end]):
                taken[at:end] = [True] * len(word)
                found.append((word, piece.cut(places[at], places[end - 1] + 1)))
            at = signs.find(word, at + 1)
    return found


def _pieces(spots: Sequence[Spot]) -> list[Piece]:
    return [piece for spot in spots for piece in spot.pieces]


def _box(pieces: Sequence[Piece]) -> Box:
    left, top = min(p.left for p in pieces), min(p.top for p in pieces)
    right, bottom = max(p.right for p in pieces), max(p.bottom for p in pieces)
    return round(left), round(top), round(right - left), round(bottom - top)
