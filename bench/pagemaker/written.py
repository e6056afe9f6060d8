"""Cells that are written in: lines, boxes for digits, addresses, small printed words with values."""

from bench.pagemaker.filler import SMALL, Filler
from bench.pagemaker.paper import Box


def line(page: Filler, box: Box, key: str, size: str = "3.6") -> None:
    """Write one line of so many millimetres."""
    page.value(key, box, float(size))


def big(page: Filler, box: Box, key: str) -> None:
    """Write one large line, as names are written."""
    page.value(key, box, 5.2)


def digits(page: Filler, box: Box, key: str, count: str, style: str = "") -> None:
    """Write a number into a row of boxes."""
    x, y, width, height = box
    number = int(count)
    tall = min(6.4, height - 1.6)
    wide = min(width - 3, number * (5.8 if style == "roomy" else 4.8))
    place = (x + 1.5, y + (height - tall) / 2, wide, tall)
    page.paper.zone(key, "boxes", place)
    page.paper.digits(
        key,
        place,
        number,
        page.facts.get(key, ""),
        pen=page.pen(key),
        dashed=style == "dashed",
    )


def spaced(page: Filler, box: Box, key: str) -> None:
    """Set a number wide without boxes."""
    x, y, _, height = box
    pen, text = page.pen(key), page.facts.get(key, "")
    size, pitch = min(4.6, height * 0.75), 3.6
    place = (x + 1.5, y + height / 2 - size / 2, pitch * len(text), size)
    page.paper.zone(key, "line", box)
    if page.paper.blank:
        return
    for index, sign in enumerate(text):
        page.paper.write_run((x + 1.5 + index * pitch, y + height / 2), sign, size, pen)
    page.paper.logged(key, text, place, "value", pen.style)


def inline(page: Filler, box: Box, *words: str) -> None:
    """Small printed words, each followed by its value: KEY=WORD, or a bare word for none."""
    x, y, width, height = box
    part = width / len(words)
    for index, word in enumerate(words):
        key, _, label = word.partition("=")
        at = x + index * part + 1.2
        name = page.paper.label((at, y + height / 2), label or key, SMALL)
        if label:
            left = name[2] + 2
            page.value(key, (at + left, y, part - left - 1.5, height), 3.3)


def address(page: Filler, box: Box, prefix: str = "", tel: str = "") -> None:
    """Postal code over address, the telephone number at the right where asked."""
    x, y, width, height = box
    keys = {
        "": ("zip", "addr", "bldg", "tel"),
        "daiko": ("daiko_zip", "daiko_addr", "", "daiko_tel"),
    }
    code, street, house, phone = keys[prefix if prefix != "-" else ""]
    side = 44.0 if tel else 0.0
    page.paper.label((x + 1.2, y + height * 0.24), "〒", SMALL)
    page.value(code, (x + 4.5, y, 24, height * 0.45), 3.2)
    if house and house in page.facts:
        page.value(house, (x + 44, y, width - side - 44, height * 0.45), 3.2)
    page.value(street, (x + 1.5, y + height * 0.45, width - side - 2, height * 0.52), 3.7)
    if tel:
        page.paper.label((x + width - side + 1, y + height * 0.22), "電話番号", SMALL)
        page.value(phone, (x + width - side + 2, y + height * 0.42, side - 3, height * 0.5), 3.6)
        if tel == "ruled":
            page.paper.rule((x + width - side, y), (x + width - side, y + height), 0.15)


def lines(page: Filler, box: Box, key: str, signs: str, house: str = "") -> None:
    """Write a long value broken after so many signs, its building on a line of its own (insurance cards)."""
    x, y, width, height = box
    text, count = page.text(key), int(signs)
    rows = [text[index : index + count] for index in range(0, len(text), count)]
    tail = page.text(house) if house else ""
    pitch = min(5.0, height / (len(rows) + (1 if house else 0) + 0.6))
    page.paper.zone(key, "line", box)
    for index, row in enumerate([*rows, tail] if tail else rows):
        at = (x + 1.5, y + 1.2 + pitch * (index + 0.5))
        name = house if tail and index == len(rows) else f"{key}{index + 1}"
        page.paper.value(name, at, row, min(3.7, pitch * 0.8), pen=page.machine, room=width - 2)
    whole = page.facts.get(key, "") + (page.facts.get(house, "") if house else "")
    page.paper.told(key, whole, box, "typed")


def note(page: Filler, box: Box, *words: str) -> None:
    """Print words alone."""
    page.paper.label((box[0] + 1.2, box[1] + box[3] / 2), "　".join(words), SMALL)


def blank(page: Filler, box: Box, *_: str) -> None:
    """Leave the cell empty."""
