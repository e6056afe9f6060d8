"""Cells with printed choices of which one is ringed or ticked, and which code each printed word means."""

from bench.pagemaker.filler import PLAIN, SMALL, Filler
from bench.pagemaker.marks import ring, seal, tick
from bench.pagemaker.paper import Box, Pen
from bench.pagemaker.people import LEVELS
from procedures import fields

OFFICE_KINDS = {
    "地域包括支援センター": "community_support_center",
    "居宅介護支援事業者": "homecare_support_office",
    "介護老人福祉施設": "welfare_facility",
    "介護老人保健施設": "health_facility",
    "介護医療院": "integrated_facility",
}
CODES = {
    ("sex", "男"): "1",
    ("sex", "女"): "2",
    ("nyuin", "有"): "yes",
    ("nyuin", "無"): "no",
    ("consent", "同意する"): "yes",
    ("consent", "同意しない"): "no",
    ("place", "自宅"): "home",
    ("place", "医療機関"): "hospital",
    ("place", "施設"): "facility",
    ("place", "その他"): "other",
    ("attendee", "家族"): "family",
    ("attendee", "介護支援専門員"): "care_manager",
    ("attendee", "施設職員"): "facility_staff",
    ("attendee", "立会いなし"): "none",
    **{("level", level): fields.normalise("code:care_level", level) for level in LEVELS},
    **{("daiko_kind", word): code for word, code in OFFICE_KINDS.items()},
}


def choice(page: Filler, box: Box, key: str, words: str, kind: str = "ring") -> None:
    """Print words of which one is ringed, or ticked with kind `check`."""
    x, y, width, height = box
    options = words.split("/")
    size = min(PLAIN, height * 0.6)
    signs = [f"□{word}" if kind == "check" else word for word in options]
    total = sum(page.paper.length(sign, size) for sign in signs)
    gap = min(7.0, (width - total) / (len(signs) + 1))
    at = x + max(1.0, (width - total - gap * (len(signs) - 1)) / 2)
    pen, told = page.pen(key), page.facts.get(key, "")
    style = "tick" if kind == "check" else "circle"
    for index, (word, sign) in enumerate(zip(options, signs, strict=True)):
        if index and kind == "ring":
            page.paper.label((at - gap / 2, y + height / 2), "・", size, "m")
        place = page.paper.label((at, y + height / 2), sign, size)
        page.paper.zone(key, style, place, CODES[key, word])
        if word == told:
            _mark(page, place, pen, kind)
            page.paper.told(key, told, box, "circle")
        at += place[2] + gap


def _mark(page: Filler, place: Box, pen: Pen, kind: str) -> None:
    x, y, width, height = place
    if kind == "check":
        tick(page.paper, (x + height / 2, y + height / 2), height, pen)
    else:
        wide = max(width + 2.2, height + 2.0)
        ring(page.paper, (x + width / 2 - wide / 2, y - 0.9, wide, height + 1.8), pen)


def level(page: Filler, box: Box, kind: str = "numbers") -> None:
    """Print the result of last time as choices: bare numbers, whole words, or boxes to tick."""
    x, y, _, height = box
    told, pen, size = page.facts.get("level", ""), page.pen("level"), min(PLAIN, height * 0.55)
    middle, at = y + height / 2, x + 1.5
    for group, levels in (("要介護", LEVELS[2:]), ("要支援", LEVELS[:2])):
        if kind == "numbers":
            at += page.paper.label((at, middle), f"{group}状態区分", SMALL)[2] + 3
        elif kind == "brackets":
            at += page.paper.label((at, middle), f"{group}（", size)[2] + 1.2
        for index, level in enumerate(levels):
            word = level[-1] if kind in {"numbers", "brackets"} else level
            word = f"□{word}" if kind == "check" else word
            if index and kind == "brackets":
                at += page.paper.label((at, middle), "・", size)[2] + 1.0
            place = page.paper.label(
                (at, middle), word, size if kind != "check" else min(size, 2.7)
            )
            style = "tick" if kind == "check" else "circle"
            page.paper.zone("level", style, place, CODES["level", level])
            if level == told:
                _mark(page, place, pen, "check" if kind == "check" else "ring")
                page.paper.told("level", told, box, "circle")
            at += place[2] + {"numbers": 4.4, "brackets": 1.0, "words": 3.2, "check": 1.2}[kind]
        if kind == "brackets":
            at += page.paper.label((at, middle), "）", size)[2]
        at += {"numbers": 4.0, "brackets": 2.0, "words": 1.0, "check": 0.6}[kind]


def filer(page: Filler, box: Box, kind: str = "small") -> None:
    """Write the filer's office: its name over the kinds of which one is ringed."""
    x, y, width, height = box
    page.value("daiko_name", (x, y, width - 16, height * 0.6), 3.8)
    at, size = x + 1.5, min(2.3, height * 0.24)
    at += page.paper.label((at, y + height * 0.8), "該当に○（", size)[2]
    for index, word in enumerate(OFFICE_KINDS):
        if index:
            at += page.paper.label((at, y + height * 0.8), "・", size)[2]
        place = page.paper.label((at, y + height * 0.8), word, size)
        page.paper.zone("daiko_kind", "circle", place, CODES["daiko_kind", word])
        if word == page.office_kind and page.facts.get("daiko_name"):
            page.paper.told("daiko_kind", word, box, "circle")
            ring(
                page.paper,
                (place[0] - 0.4, place[1] - 0.5, place[2] + 0.8, place[3] + 1.0),
                page.pen("daiko_name"),
            )
        at += place[2]
    page.paper.label((at, y + height * 0.8), "）", size)
    if kind == "seal" and page.mode != "typed":
        name = page.facts.get("name", "印")[:2]
        seal(page.paper, (x + width - 8, y + height / 2), 9, name, (206, 50, 44), square=False)
