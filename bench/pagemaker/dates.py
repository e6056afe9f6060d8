"""Cells that hold dates: an era to ring, printed 年月日 with numbers before them, periods of two dates."""

from bench.pagemaker.filler import SMALL, Filler
from bench.pagemaker.marks import ring
from bench.pagemaker.paper import Box

ERAS = ("明治", "大正", "昭和")


def eras(page: Filler, box: Box, key: str) -> None:
    """Write a date whose era is ringed and whose numbers stand before printed 年月日."""
    x, y, width, height = box
    text, pen = page.facts.get(key, ""), page.pen(key)
    era, rest = text[:2], text[2:]
    year, _, rest = rest.partition("年")
    month, _, day = rest.rstrip("日").partition("月")
    page.paper.zone(key, "line", box)
    two = height > 8  # noqa: PLR2004 - room for two lines
    top, low = (y + height * 0.3, y + height * 0.72) if two else (y + height / 2, y + height / 2)
    at = x + 1.5
    for word in ERAS:
        place = page.paper.label((at, top), word, SMALL)
        if word == era and not page.paper.blank:
            ring(page.paper, (place[0] - 1, place[1] - 0.7, place[2] + 2, place[3] + 1.4), pen)
        at += place[2] + 1.6
    at, step = (x + 3, (width - 6) / 3) if two else (at, max(8.0, (width - (at - x) - 2) / 3))
    for number, unit in ((year, "年"), (month, "月"), (day, "日")):
        if number and not page.paper.blank:
            page.paper.write_run((at + 0.5, low), number, 3.6, pen)
        page.paper.label((at + step - 3.4, low), unit, SMALL)
        at += step
    page.paper.logged(key, text, box, "value", pen.style)


def slots(page: Filler, box: Box, key: str) -> None:
    """Write a date after a printed 令和, its numbers before printed 年月日."""
    x, y, width, height = box
    text, pen = page.facts.get(key, ""), page.pen(key)
    year, _, rest = text[2:].partition("年")
    month, _, day = rest.rstrip("日").partition("月")
    middle, step = y + height / 2, min(13.0, (width - 9) / 3)
    at = x + 1.2
    page.paper.zone(key, "line", box)
    at += page.paper.label((at, middle), text[:2] or "令和", SMALL)[2]
    for number, unit in ((year, "年"), (month, "月"), (day, "日")):
        if number and not page.paper.blank:
            page.paper.write_run((at + 1.2, middle), number, 3.4, pen)
        page.paper.label((at + step - 2.8, middle), unit, SMALL)
        at += step
    page.paper.logged(key, text, (x + 1.2, middle - 1.8, at - x, 3.6), "value", pen.style)


def period(page: Filler, box: Box, first: str, last: str, style: str = "から") -> None:
    """Write two dates with から and まで, or a ～ between them; `から/WORD` prints the word before them."""
    x, y, width, height = box
    style, _, name = style.partition("/")
    if name:
        page.paper.label((x + 1.5, y + height / 2), name, SMALL)
        x, width = x + 16, width - 16
    middle, at = y + height / 2, x
    between, after = (6.5, 6.5) if style == "から" else (4.0, 0.0)
    part = min(45.0, (width - between - after) / 2)
    page.value(first, (at, y, part, height), 3.4)
    at += part
    page.paper.label((at + 0.5, middle), style, SMALL)
    at += between
    page.value(last, (at, y, part, height), 3.4)
    if after:
        page.paper.label((at + part, middle), "まで", SMALL)


def period_slots(page: Filler, box: Box, first: str, last: str) -> None:
    """Two dates of printed slots with ～ between them."""
    x, y, width, height = box
    part = (width - 6) / 2
    slots(page, (x, y, part, height), first)
    page.paper.label((x + part + 1, y + height / 2), "～", SMALL)
    slots(page, (x + part + 5, y, part, height), last)
