"""Reads the fields of a page: labels give the places, types give the values, a second look gives the confidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from appliance.desk.pages import circles, values
from appliance.desk.pages.anchor import Spot, in_order, place
from appliance.desk.pages.choices import LEVEL_TYPES, Choices
from appliance.desk.pages.judge import DISAGREED, alike, judged, judged_period
from appliance.desk.pages.labels import find_labels
from appliance.desk.pages.ocr import LineReader
from appliance.desk.pages.piece import Piece, line_height
from appliance.desk.pages.rules import Rules
from appliance.desk.pages.sheet import Box, FieldReading
from appliance.desk.pages.writing import bare, begins_address
from papers.opening import Picture

HEAD_KEYS = frozenset({"application_date", "reference"})
NOTICEABLE = 0.5
"""A reading below this contradicts none."""
UNLABELLED = 0.75
"""Most confidence a value may have that stands beside no label."""
FARTHEST_LEFT = 16.0
"""Line heights to the left of から in which a period's first day begins."""

NEVER_SURE = frozenset({"name", "address", "text", "line"})
"""Kinds whose form speaks for nothing: a person looks at them anyway, so the second engine does not."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A squared page as seen: the picture, its writing and its rules."""

    page: Picture
    pieces: Sequence[Piece]
    rules: Rules
    today: date


class Extractor:
    """Reads fields; holds both engines: the second reads every value again that may be sure."""

    def __init__(self, reader: LineReader, second: LineReader) -> None:
        self._engines = reader, second

    def fields(self, kind: str, sight: Sight) -> tuple[FieldReading, ...]:
        """Read every field that labels.toml knows for this kind of page; one reading a key, the surest."""
        found, loose = find_labels(kind, sight.pieces)
        spots = place(found, loose, sight.rules, sight.page.shape[0])
        look = _Look(self._engines, kind, sight, spots, loose)
        readings: dict[str, FieldReading] = {}
        for reading in look.readings():
            known = readings.get(reading.key)
            readings[reading.key] = reading if known is None else _settled(known, reading)
        return tuple(readings.values())


class _Look:
    """One page being read."""

    def __init__(
        self,
        engines: tuple[LineReader, LineReader],
        kind: str,
        sight: Sight,
        spots: Sequence[Spot],
        loose: Sequence[Piece],
    ) -> None:
        self._reader, self._second = engines
        self._source = "ocr" if kind.startswith("form") else "card"
        self._sight = sight
        self._spots, self._loose = spots, loose
        self._front = kind == "form_front"
        self._height = line_height(sight.pieces)
        self._ink = circles.ink_of(sight.page)
        self._choices = Choices(sight.page, sight.pieces, sight.rules, self._source)

    def readings(self) -> list[FieldReading]:
        """Read all spots."""
        levels = [s for s in self._spots if s.found.label.type in LEVEL_TYPES]
        level = self._choices.level(levels)
        found = [] if level is None else [level]
        for spot in self._spots:
            kind = spot.found.label.type
            if not spot.key or kind in ("hidden", "", *LEVEL_TYPES):
                continue
            if kind.startswith("choice:"):
                choice = self._choices.choice(spot, kind.removeprefix("choice:"))
                found += [] if choice is None else [choice]
            elif spot.pieces:
                found += self._written(spot, kind)
        read = {reading.key for reading in found}
        if "prev_valid_from" not in read:
            found += self._before_until()
        if self._front and "application_date" not in read:
            found += self._head_date()
        return found

    def _before_until(self) -> list[FieldReading]:
        """Read the first day of a period without a label: the date left of the printed から."""
        for spot in self._spots:
            until = spot.found.piece
            if spot.key != "prev_valid_to" or spot.found.label.type != "date":
                continue
            line = [
                p
                for p in self._loose
                if abs(p.middle[1] - until.middle[1]) < self._height * 0.7
                and until.left - self._height * FARTHEST_LEFT < p.left < until.left
            ]
            reading = self._typed("prev_valid_from", "date", in_order(line, self._height))
            if reading is not None:
                return [reading]
        return []

    def _head_date(self) -> list[FieldReading]:
        """Read the only date above the first field of a form; without a label it stays doubtful."""
        tops = [s.found.piece.top for s in self._spots if s.key and s.key not in HEAD_KEYS]
        first = min(tops, default=0.0)
        found = []
        lines: list[list[Piece]] = []
        for piece in in_order([p for p in self._loose if p.bottom < first], self._height):
            near = lines and abs(piece.middle[1] - lines[-1][-1].middle[1]) < self._height * 0.6
            lines[-1].append(piece) if near else lines.append([piece])
        for line in lines:
            dated = [piece for piece in line if any(sign in piece.text for sign in "年月日令和")]
            reading = self._typed("application_date", "date", dated)
            if reading is not None:
                found.append(replace(reading, confidence=min(reading.confidence, UNLABELLED)))
        return found if len(found) == 1 else []

    def _written(self, spot: Spot, kind: str) -> list[FieldReading]:
        pieces = spot.pieces
        if kind in ("period", "stay_period"):
            return self._period(spot, pieces)
        if kind == "address":
            return self._address(spot.key, pieces)
        if kind == "name_and_kana":
            return self._name_and_kana(pieces)
        if kind == "date" and spot.key == "birth_date":
            pieces, _ = self._choices.era(pieces)
        if kind in ("name", "line"):
            pieces = self._tallest_line(pieces)
        if kind == "kana":
            pieces = [self._spaced(piece) for piece in pieces]
        reading = self._typed(spot.key, kind, pieces)
        return [reading] if reading else []

    def _typed(self, key: str, kind: str, pieces: Sequence[Piece]) -> FieldReading | None:
        if not pieces:
            return None
        raw, weakest = _joined(pieces), min(piece.weakest for piece in pieces)
        again = raw if kind in NEVER_SURE else self._again(pieces, self._second)
        told = judged(key, kind, raw, again, weakest, self._sight.today)
        if again != raw and (told is None or told.sure <= DISAGREED):
            # Perhaps the boxes found cut a sign in two: both engines look at the same whole lines.
            whole = self._again(pieces, self._reader)
            retold = judged(key, kind, whole, again, weakest, self._sight.today)
            told = retold if retold and (told is None or retold.sure > told.sure) else told
        if told is None:
            return None
        return FieldReading(key, told.value, raw, round(told.sure, 3), self._source, _box(pieces))

    def _again(self, pieces: Sequence[Piece], reader: LineReader) -> str:
        """Look a second time, at each line as a whole and with more margin."""
        lines: list[list[Piece]] = []
        for piece in in_order(pieces, self._height):
            near = lines and abs(piece.middle[1] - lines[-1][-1].middle[1]) < self._height * 0.6
            if near:
                lines[-1].append(piece)
            else:
                lines.append([piece])
        return " ".join(self._reread(line, reader) for line in lines)

    def _reread(self, line: Sequence[Piece], reader: LineReader) -> str:
        margin = self._height * 0.12
        height, width = self._sight.page.shape[:2]
        top = max(0, round(min(p.top for p in line) - margin))
        bottom = min(height, round(max(p.bottom for p in line) + margin))
        left = max(0, round(min(p.left for p in line) - margin))
        right = min(width, round(max(p.right for p in line) + margin))
        if bottom - top < 4 or right - left < 4:  # noqa: PLR2004 - nothing to look at
            return ""
        return reader.read(self._sight.page[top:bottom, left:right]).text

    def _period(self, spot: Spot, pieces: Sequence[Piece]) -> list[FieldReading]:
        raw, again = _joined(pieces), self._again(pieces, self._second)
        keys = spot.key, spot.key.replace("_from", "_to")
        weakest = min(piece.weakest for piece in pieces)
        told = judged_period(keys, raw, again, weakest, self._sight.today)
        box = _box(pieces)
        return [
            FieldReading(key, found.value, raw, round(found.sure, 3), self._source, box)
            for key, found in told
        ]

    def _address(self, key: str, pieces: Sequence[Piece]) -> list[FieldReading]:
        postal_key = key.replace("address", "postal_code")
        found: list[FieldReading] = []
        rest: list[Piece] = []
        for piece in pieces:
            code, behind = values.split_postal(piece.text)
            if not code:
                rest.append(piece)
                continue
            again, _ = values.split_postal(self._again([piece], self._second))
            sure = values.LIKELY if again == code else DISAGREED
            sure *= 0.5 + 0.5 * _weakest_digit(piece)
            box = _box([piece])
            found.append(FieldReading(postal_key, code, code, round(sure, 3), self._source, box))
            if behind.strip():
                rest.append(piece.cut(len(piece.letters) - len(behind), len(piece.letters)))
        rest = [p for p in rest if len(bare(p.text)) > 1 or p.text.strip().isalnum()]
        rest = sorted(rest, key=lambda p: begins_address(p.text), reverse=True)
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


def _settled(one: FieldReading, other: FieldReading) -> FieldReading:
    """Keep the surer of two readings of one field; two that both count and differ leave it doubtful."""
    surer, weaker = (one, other) if one.confidence >= other.confidence else (other, one)
    if weaker.confidence >= NOTICEABLE and not alike(surer.value, weaker.value):
        return replace(surer, confidence=min(surer.confidence, DISAGREED))
    return surer


def _joined(pieces: Sequence[Piece]) -> str:
    return " ".join(piece.text.strip() for piece in pieces)


def _weakest_digit(piece: Piece) -> float:
    return min((x.probability for x in piece.letters if x.text.isdigit()), default=0.0)


def _is_kana(text: str) -> bool:
    flat = bare(text)
    kana = sum("ァ" <= sign <= "ヶ" or sign in "ー一" for sign in flat)
    return len(flat) > 0 and kana >= 0.8 * len(flat)


def _box(pieces: Sequence[Piece]) -> Box:
    left, top = min(p.left for p in pieces), min(p.top for p in pieces)
    right, bottom = max(p.right for p in pieces), max(p.bottom for p in pieces)
    return round(left), round(top), round(right - left), round(bottom - top)
