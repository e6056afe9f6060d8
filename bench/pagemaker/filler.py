"""One page being filled: who writes what in its cells; the widgets themselves lie in written, dates and choices."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Protocol

from bench.pagemaker.paper import Box, Paper, Pen

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


class Widget(Protocol):
    """Draws one kind of cell: the page, the cell's box, and the words of its line in the layout."""

    def __call__(self, page: "Filler", box: Box, /, *words: str) -> None:
        """Draw it."""


@dataclass
class Filler:
    """One page being filled: the facts of its person and the two who write, a machine and a hand."""

    paper: Paper
    facts: dict[str, str]
    mode: str
    machine: Pen
    hand: Pen
    rng: Random
    widgets: Mapping[str, Widget]
    wide: bool = False
    office_kind: str = ""

    def cell(self, box: Box, widgets: tuple[tuple[str, ...], ...]) -> None:
        """Draw the widgets of a cell, one above the other in equal parts."""
        x, y, width, height = box
        part = height / max(1, len(widgets))
        for index, (name, *words) in enumerate(widgets):
            if index:
                self.paper.rule(
                    (x, y + index * part), (x + width, y + index * part), 0.12, dashed=True
                )
            self.widgets[name](self, (x, y + index * part, width, part), *words)

    def pen(self, key: str) -> Pen:
        """Who writes this field: on a prefilled form the city's printer wrote the first part."""
        if self.mode == "typed" or (self.mode == "preprint" and key in PRINTED):
            return self.machine
        return self.hand

    def text(self, key: str) -> str:
        """Tell what is written in a field, its digits full width on some cards."""
        text = self.facts.get(key, "")
        return text.translate(WIDE) if self.wide else text

    def value(self, key: str, box: Box, size: float) -> None:
        """Write a value at the left of its cell, and note the cell as the field's zone."""
        x, y, width, height = box
        pen = self.pen(key)
        room = width - 1.5
        bigger = 1.22 if pen.unrest else 1.0
        self.paper.zone(key, "line", box)
        at = (x + 1.2 + (self.rng.uniform(0, 1.5) if pen.unrest else 0), y + height / 2)
        self.paper.value(
            key, at, self.text(key), min(size * bigger, height * 0.92), pen=pen, room=room
        )
