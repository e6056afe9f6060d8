"""Draws the cells of a page: one method per widget, each with the cell's box and the words of its line."""

from dataclasses import dataclass
from random import Random

from bench.pagemaker.paper import Box, Paper, Pen
from bench.pagemaker.people import LEVELS

SMALL, PLAIN = 2.6, 3.3
PRINTED = frozenset(
    [
        "hihokensha_no",
        "name",
        "kana",
        "birth",
        "sex",
        "zip",
        "addr",
        "bldg",
        "level",
        "valid_from",
        "valid_to",
    ]
)
"""What a city prints on a form that it sends out prefilled."""
WIDE = str.maketrans("0123456789,", "０１２３４５６７８９，")
INLINE = {
    "iryo_hokensha_mei": "保険者名",
    "iryo_hokensha_no": "保険者番号",
    "iryo_hihokensha_no": "番号",
}
ERAS = ("明治", "大正", "昭和")
OFFICE_KINDS = (
    "地域包括支援センター",
    "居宅介護支援事業者",
    "介護老人福祉施設",
    "介護老人保健施設",
    "介護医療院",
)


@dataclass
class Filler:
    """One page being filled: the facts of its person and the two who write, a machine and a hand."""

    paper: Paper
    facts: dict[str, str]
    mode: str
    machine: Pen
    hand: Pen
    rng: Random
    wide: bool = False
    office_kind: str = ""

    def cell(self, box: Box, widgets: tuple[tuple[str, ...], ...]) -> None:
        """Draw the widgets of a cell, one above the other in equal parts."""
        x, y, width, height = box
        part = height / max(1, len(widgets))
        for index, (name, *words) in enumerate(widgets):
            if index and name != "small":
                self.paper.rule(
                    (x, y + index * part), (x + width, y + index * part), 0.12, dashed=True
                )
            getattr(self, f"_{name}")((x, y + index * part, width, part), *words)

    def pen(self, key: str) -> Pen:
        """Who writes this field: on a prefilled form the city's printer wrote the first part."""
        if self.mode == "typed" or (self.mode == "preprint" and key in PRINTED):
            return self.machine
        return self.hand

    def _text(self, key: str) -> str:
        text = self.facts.get(key, "")
        return text.translate(WIDE) if self.wide else text

    def _value(self, key: str, box: Box, size: float) -> None:
        x, y, width, height = box
        pen = self.pen(key)
        room = width - 1.5
        bigger = 1.22 if pen.unrest else 1.0
        self.paper.zone(key, "line", box)
        at = (x + 1.2 + (self.rng.uniform(0, 1.5) if pen.unrest else 0), y + height / 2)
        self.paper.value(
            key, at, self._text(key), min(size * bigger, height * 0.92), pen=pen, room=room - 1.5
        )

    def _line(self, box: Box, key: str, size: str = "3.6") -> None:
        self._value(key, box, float(size))

    def _big(self, box: Box, key: str) -> None:
        self._value(key, box, 5.2)

    def _digits(self, box: Box, key: str, count: str, style: str = "") -> None:
        x, y, width, height = box
        number = int(count)
        tall = min(6.4, height - 1.6)
        wide = min(width - 3, number * (5.8 if style == "roomy" else 4.8))
        place = (x + 1.5, y + (height - tall) / 2, wide, tall)
        self.paper.zone(key, "boxes", place)
        self.paper.digits(
            key,
            place,
            number,
            self.facts.get(key, ""),
            pen=self.pen(key),
            dashed=style == "dashed",
        )

    def _spaced(self, box: Box, key: str) -> None:
        """Set a number wide without boxes."""
        x, y, _, height = box
        pen, text = self.pen(key), self.facts.get(key, "")
        size, pitch = min(4.6, height * 0.75), 3.6
        place = (x + 1.5, y + height / 2 - size / 2, pitch * len(text), size)
        self.paper.zone(key, "line", box)
        if self.paper.blank:
            return
        for index, sign in enumerate(text):
            self.paper.write_run((x + 1.5 + index * pitch, y + height / 2), sign, size, pen)
        self.paper.logged(key, text, place, "value", pen.style)

    def _choice(self, box: Box, key: str, words: str, kind: str = "ring") -> None:
        """Print words of which one is ringed, or ticked with kind `check`."""
        x, y, width, height = box
        options = words.split("/")
        size = min(PLAIN, height * 0.6)
        signs = [f"□{word}" if kind == "check" else word for word in options]
        total = sum(self.paper.length(sign, size) for sign in signs)
        gap = min(7.0, (width - total) / (len(signs) + 1))
        at = x + max(1.0, (width - total - gap * (len(signs) - 1)) / 2)
        pen, told = self.pen(key), self.facts.get(key, "")
        self.paper.zone(key, "circle", box)
        for index, (word, sign) in enumerate(zip(options, signs, strict=True)):
            if index and kind == "ring":
                self.paper.label((at - gap / 2, y + height / 2), "・", size, "m")
            place = self.paper.label((at, y + height / 2), sign, size)
            if word == told:
                self._mark(place, pen, kind)
                self.paper.told(key, told, box, "circle")
            at += place[2] + gap

    def _mark(self, place: Box, pen: Pen, kind: str) -> None:
        x, y, width, height = place
        if kind == "check":
            self.paper.tick((x + height / 2, y + height / 2), height, pen)
        else:
            wide = max(width + 2.2, height + 2.0)
            self.paper.ring((x + width / 2 - wide / 2, y - 0.9, wide, height + 1.8), pen)

    def _level(self, box: Box, kind: str = "numbers") -> None:
        """Print the result of last time as choices: bare numbers, whole words, or boxes to tick."""
        x, y, _, height = box
        told, pen, size = self.facts.get("level", ""), self.pen("level"), min(PLAIN, height * 0.55)
        middle, at = y + height / 2, x + 1.5
        self.paper.zone("level", "circle", box)
        for group, levels in (("要介護", LEVELS[2:]), ("要支援", LEVELS[:2])):
            if kind == "numbers":
                at += self.paper.label((at, middle), f"{group}状態区分", SMALL)[2] + 3
            elif kind == "brackets":
                at += self.paper.label((at, middle), f"{group}（", size)[2] + 1.2
            for index, level in enumerate(levels):
                word = level[-1] if kind in {"numbers", "brackets"} else level
                word = f"□{word}" if kind == "check" else word
                if index and kind == "brackets":
                    at += self.paper.label((at, middle), "・", size)[2] + 1.0
                place = self.paper.label(
                    (at, middle), word, size if kind != "check" else min(size, 2.7)
                )
                if level == told:
                    self._mark(place, pen, "check" if kind == "check" else "ring")
                    self.paper.told("level", told, box, "circle")
                at += place[2] + {"numbers": 4.4, "brackets": 1.0, "words": 3.2, "check": 1.2}[kind]
            if kind == "brackets":
                at += self.paper.label((at, middle), "）", size)[2]
            at += {"numbers": 4.0, "brackets": 2.0, "words": 1.0, "check": 0.6}[kind]

    def _eras(self, box: Box, key: str) -> None:
        """Write a date whose era is ringed and whose numbers stand before printed 年月日."""
        x, y, width, height = box
        text, pen = self.facts.get(key, ""), self.pen(key)
        era, rest = text[:2], text[2:]
        year, _, rest = rest.partition("年")
        month, _, day = rest.rstrip("日").partition("月")
        self.paper.zone(key, "line", box)
        two = height > 8  # noqa: PLR2004 - room for two lines
        top, low = (
            (y + height * 0.3, y + height * 0.72) if two else (y + height / 2, y + height / 2)
        )
        at = x + 1.5
        for word in ERAS:
            place = self.paper.label((at, top), word, SMALL)
            if word == era and not self.paper.blank:
                self.paper.ring((place[0] - 1, place[1] - 0.7, place[2] + 2, place[3] + 1.4), pen)
            at += place[2] + 1.6
        at, step = (x + 3, (width - 6) / 3) if two else (at, max(8.0, (width - (at - x) - 2) / 3))
        for number, unit in ((year, "年"), (month, "月"), (day, "日")):
            if number and not self.paper.blank:
                self.paper.write_run((at + 0.5, low), number, 3.6, pen)
            self.paper.label((at + step - 3.4, low), unit, SMALL)
            at += step
        self.paper.logged(key, text, box, "value", pen.style)

    def _slots(self, box: Box, key: str) -> None:
        """Write a date after a printed 令和, its numbers before printed 年月日."""
        x, y, width, height = box
        text, pen = self.facts.get(key, ""), self.pen(key)
        year, _, rest = text[2:].partition("年")
        month, _, day = rest.rstrip("日").partition("月")
        middle, step = y + height / 2, min(13.0, (width - 9) / 3)
        at = x + 1.2
        self.paper.zone(key, "line", box)
        at += self.paper.label((at, middle), text[:2] or "令和", SMALL)[2]
        for number, unit in ((year, "年"), (month, "月"), (day, "日")):
            if number and not self.paper.blank:
                self.paper.write_run((at + 1.2, middle), number, 3.4, pen)
            self.paper.label((at + step - 2.8, middle), unit, SMALL)
            at += step
        self.paper.logged(key, text, (x + 1.2, middle - 1.8, at - x, 3.6), "value", pen.style)

    def _period(self, box: Box, first: str, last: str, style: str = "から") -> None:
        """Two dates with から and まで, or a ～ between them."""
        x, y, width, height = box
        middle, at = y + height / 2, x
        between, after = (6.5, 6.5) if style == "から" else (4.0, 0.0)
        part = min(45.0, (width - between - after) / 2)
        self._value(first, (at, y, part, height), 3.4)
        at += part
        self.paper.label((at + 0.5, middle), style, SMALL)
        at += between
        self._value(last, (at, y, part, height), 3.4)
        if after:
            self.paper.label((at + part, middle), "まで", SMALL)

    def _period_slots(self, box: Box, first: str, last: str) -> None:
        """Two dates of printed slots with ～ between them."""
        x, y, width, height = box
        part = (width - 6) / 2
        self._slots((x, y, part, height), first)
        self.paper.label((x + part + 1, y + height / 2), "～", SMALL)
        self._slots((x + part + 5, y, part, height), last)

    def _inline(self, box: Box, *words: str) -> None:
        """Small printed words, each followed by its value: KEY=WORD, or a bare word for none."""
        x, y, width, height = box
        part = width / len(words)
        for index, word in enumerate(words):
            key, _, label = word.partition("=")
            at = x + index * part + 1.2
            name = self.paper.label((at, y + height / 2), label or key, SMALL)
            if label:
                left = name[2] + 2
                self._value(key, (at + left, y, part - left - 1.5, height), 3.3)

    def _address(self, box: Box, prefix: str = "", tel: str = "") -> None:
        """Postal code over address, the telephone number at the right where asked."""
        x, y, width, height = box
        keys = {
            "": ("zip", "addr", "bldg", "tel"),
            "daiko": ("daiko_zip", "daiko_addr", "", "daiko_tel"),
        }
        code, street, house, phone = keys[prefix if prefix != "-" else ""]
        side = 44.0 if tel else 0.0
        self.paper.label((x + 1.2, y + height * 0.24), "〒", SMALL)
        self._value(code, (x + 4.5, y, 24, height * 0.45), 3.2)
        if house and house in self.facts:
            self._value(house, (x + 44, y, width - side - 44, height * 0.45), 3.2)
        self._value(street, (x + 1.5, y + height * 0.45, width - side - 2, height * 0.52), 3.7)
        if tel:
            self.paper.label((x + width - side + 1, y + height * 0.22), "電話番号", SMALL)
            self._value(
                phone, (x + width - side + 2, y + height * 0.42, side - 3, height * 0.5), 3.6
            )
            if tel == "ruled":
                self.paper.rule((x + width - side, y), (x + width - side, y + height), 0.15)

    def _lines(self, box: Box, key: str, signs: str, house: str = "") -> None:
        """Write a long value broken after so many signs, its building on a line of its own (insurance cards)."""
        x, y, width, height = box
        text, count = self._text(key), int(signs)
        rows = [text[index : index + count] for index in range(0, len(text), count)]
        tail = self._text(house) if house else ""
        pitch = min(5.0, height / (len(rows) + (1 if house else 0) + 0.6))
        self.paper.zone(key, "line", box)
        for index, row in enumerate([*rows, tail] if tail else rows):
            at = (x + 1.5, y + 1.2 + pitch * (index + 0.5))
            name = house if tail and index == len(rows) else f"{key}{index + 1}"
            self.paper.value(name, at, row, min(3.7, pitch * 0.8), pen=self.machine, room=width - 2)
        whole = self.facts.get(key, "") + (self.facts.get(house, "") if house else "")
        self.paper.told(key, whole, box, "typed")

    def _filer(self, box: Box, kind: str = "small") -> None:
        """Write the filer's office: its name over the kinds of which one is ringed."""
        x, y, width, height = box
        self._value("daiko_name", (x, y, width - 16, height * 0.6), 3.8)
        at, size = x + 1.5, min(2.3, height * 0.24)
        at += self.paper.label((at, y + height * 0.8), "該当に○（", size)[2]
        for index, word in enumerate(OFFICE_KINDS):
            if index:
                at += self.paper.label((at, y + height * 0.8), "・", size)[2]
            place = self.paper.label((at, y + height * 0.8), word, size)
            if word == self.office_kind and self.facts.get("daiko_name"):
                self.paper.ring(
                    (place[0] - 0.4, place[1] - 0.5, place[2] + 0.8, place[3] + 1.0),
                    self.pen("daiko_name"),
                )
            at += place[2]
        self.paper.label((at, y + height * 0.8), "）", size)
        if kind == "seal" and self.mode != "typed":
            name = self.facts.get("name", "印")[:2]
            self.paper.seal((x + width - 8, y + height / 2), 9, name, (206, 50, 44), square=False)

    def _note(self, box: Box, *words: str) -> None:
        """Print words alone."""
        self.paper.label((box[0] + 1.2, box[1] + box[3] / 2), "　".join(words), SMALL)

    def _blank(self, box: Box, *_: str) -> None:
        """Leave the cell empty."""
