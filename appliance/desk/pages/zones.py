"""Reads the zones of a page that lies on its blank: what was added to the print, never the print itself."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Protocol

from appliance.desk.pages import added, values
from appliance.desk.pages.added import Added
from appliance.desk.pages.judge import (
    IMPLAUSIBLE,
    RINGED,
    Judged,
    alike,
    judged,
    judged_period,
)
from appliance.desk.pages.ocr import Line
from appliance.desk.pages.sheet import Box, FieldReading
from appliance.desk.pages.writing import begins_address, printed
from papers.blank import Zone
from papers.register import Picture, Registered

HIDDEN = "hidden"
"""Type of the individual number's zone; it is painted over and never read."""
CHOSEN = "is:"
CHECKED = ("insured_no", "insurer_no", "medical_insurer_no", "office_no")
"""Numbers whose own digits tell when one was taken for a wall between two boxes, or a wall for one."""
_WALLS = re.compile(r"[|｜.・\s]+")
ENCLOSED, CLEAR = 0.8, 0.25
"""Share of rays about a printed word that meet added ink, and its lead over the next word."""
TICKED, TICK_CLEAR = 0.06, 0.04
"""Share of a square that added ink covers, and its lead."""


def known_type(name: str) -> bool:
    """Tell whether zones of a type can be read."""
    return (
        name in (HIDDEN, "period", "postal_code") or name.startswith(CHOSEN) or values.known(name)
    )


class Reads(Protocol):
    """Reads the upright picture of one line."""

    def read(self, crop: Picture) -> Line:
        """Read it."""
        ...


def read_zones(
    page: Registered, reader: Reads, today: date, second: Reads | None = None
) -> tuple[FieldReading, ...]:
    """Read all zones but hidden ones; boxes are pixels of `page.picture`. `second` looks again, else `reader` does."""
    looks = _Looks(page, reader, second or reader, today)
    found: list[FieldReading] = []
    for key in dict.fromkeys(zone.key for zone in page.blank.zones if zone.type != HIDDEN):
        zones = page.blank.zones_of(key)
        found += looks.choice(zones) if zones[0].type.startswith(CHOSEN) else looks.written(zones)
    return tuple(found)


def hidden_boxes(page: Registered) -> list[Box]:
    """Give the boxes to paint over, with a margin for writing that leaves its box."""
    return [
        page.box_px((x - 1, y - 1, width + 2, height + 2))
        for x, y, width, height in (z.box_mm for z in page.blank.zones if z.type == HIDDEN)
    ]


class _Looks:
    """One page being read."""

    def __init__(self, page: Registered, reader: Reads, second: Reads, today: date) -> None:
        self._page, self._reader, self._second, self._today = page, reader, second, today
        self._added = Added(page)
        self._source = "ocr" if page.blank.kind.startswith("form") else "card"

    def written(self, zones: Sequence[Zone]) -> list[FieldReading]:
        """Read one written field; its zones, if several, are parts of it in order. A period gives two readings."""
        cuts = [cut for zone in zones for cut in self._added.cuts(zone)]
        read = [(cut, self._reader.read(cut.clean)) for cut in cuts]
        if zones[0].type == "address":
            read.sort(key=lambda entry: -begins_address(_text(entry[1])))
        if not read:
            return []
        raw = " ".join(_text(line) for _, line in read)
        again = " ".join(_text(self._second.read(cut.wide)) for cut, _ in read)
        if zones[0].style == "boxes" and zones[0].type in CHECKED:
            raw, again = (_WALLS.sub("", text) for text in (raw, again))
        weakest = min((x.probability for _, line in read for x in line.letters), default=0.0)
        most = 1.0 if self._agreed(zones) else IMPLAUSIBLE
        box = _around([cut.box for cut in cuts])
        return [
            FieldReading(key, told.value, raw, round(min(told.sure, most), 3), self._source, box)
            for key, told in self._judged(zones[0], raw, again, weakest)
        ]

    def _judged(self, zone: Zone, raw: str, again: str, weakest: float) -> list[tuple[str, Judged]]:
        key = zone.key
        if zone.type == "period":
            keys = key, key.replace("_from", "_to")
            return judged_period(keys, raw, again, weakest, self._today)
        if zone.type == "postal_code":
            code, _ = values.split_postal(raw)
            other, _ = values.split_postal(again)
            sure = values.LIKELY * (0.5 + 0.5 * weakest) if alike(code, other) else IMPLAUSIBLE
            return [(key, Judged(code, sure))] if code else []
        told = judged(key, zone.type, raw, again, weakest, self._today)
        return [] if told is None else [(key, told)]

    def choice(self, zones: Sequence[Zone]) -> list[FieldReading]:
        """Find the one printed word that is ringed, or the one square that is marked; nothing when unclear."""
        ticks = zones[0].style == "tick"
        weigh, enough, clear = (
            (added.covered, TICKED, TICK_CLEAR) if ticks else (added.enclosed, ENCLOSED, CLEAR)
        )
        weighed = [(weigh(self._page.box_px(zone.box_mm), self._added.ink), zone) for zone in zones]
        weighed.sort(key=lambda entry: -entry[0])
        best, zone = weighed[0]
        if best < enough or any(best - other < clear for other, _ in weighed[1:]):
            return []
        sure = RINGED if self._agreed(zones) else IMPLAUSIBLE
        box = self._page.box_px(zone.box_mm)
        code = zone.type.removeprefix(CHOSEN)
        return [FieldReading(zone.key, code, "✓" if ticks else "○", sure, self._source, box)]

    def _agreed(self, zones: Sequence[Zone]) -> bool:
        return all(self._page.agrees_at(zone.box_mm) for zone in zones)


def _text(line: Line) -> str:
    return "".join(printed(letter.text) for letter in line.letters)


def _around(boxes: Sequence[Box]) -> Box:
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, bottom = max(b[0] + b[2] for b in boxes), max(b[1] + b[3] for b in boxes)
    return left, top, right - left, bottom - top
