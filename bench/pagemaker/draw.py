"""Lays a whole page out: the blocks of its layout from top to bottom, filled for one person or left blank."""

from random import Random
from typing import Any

from bench.pagemaker import choices, dates, fonts, written
from bench.pagemaker.filler import Filler, Widget
from bench.pagemaker.layout import Layout, Row, row_of
from bench.pagemaker.marks import seal
from bench.pagemaker.paper import BLACK, PENS, RED, Box, Colour, Paper, Pen
from bench.pagemaker.people import Person

DPI = 300
THICK, THIN = 0.5, 0.18
WIDGETS: dict[str, Widget] = {
    name: widget
    for module in (written, dates, choices)
    for name, widget in vars(module).items()
    if callable(widget) and name.islower() and not name.startswith("_")
}
PROFILES = ("reference", "link", "number")


def draw(
    layout: Layout, person: Person, rng: Random, *, held: bool, blank: bool = False
) -> tuple[Paper, dict[str, Any]]:
    """Draw one page; the second result is what its truth file says besides texts and fields."""
    told = layout.told
    faces = fonts.choices(told.get("print", "gothic"), held=layout.held)
    paper = Paper(
        width=told["page_mm"][0],
        height=told["page_mm"][1],
        dpi=told.get("dpi", DPI),
        colour=_colour(told.get("paper", (255, 255, 255))),
        print_font=faces[told.get("print_index", 0) % len(faces)],
        ink=_colour(told.get("ink", BLACK)),
        blank=blank,
    )
    mode = rng.choice(told.get("modes", ["typed"]))
    filler = _filler(paper, layout, person, rng, mode=mode, held=held)
    page = _Page(paper, filler, person, layout, rng)
    page.blocks()
    hand = filler.hand.font if mode != "typed" else None
    return paper, {
        "doc": layout.doc,
        "layout": layout.name,
        "mode": mode if layout.doc == "form" else None,
        "hfont": hand,
        "page_mm": told["page_mm"],
        "print_font": paper.print_font,
        "typed_font": filler.machine.font,
        "qr": page.code,
    }


def _filler(
    paper: Paper, layout: Layout, person: Person, rng: Random, *, mode: str, held: bool
) -> Filler:
    machine = Pen(rng.choice(fonts.choices("typed", held=held)), BLACK, 0.0, rng)
    unrest = rng.uniform(0.7, 1.5)
    hand = Pen(rng.choice(fonts.choices("hand", held=held)), rng.choice(PENS), unrest, rng, "hand")
    facts = dict(person.facts)
    if rng.random() < 0.4:  # noqa: PLR2004 - many leave the individual number out
        facts.pop("kojin_no", None)
    setting = layout.told.get("wide", False)
    wide = rng.random() < 0.5 if setting == "sometimes" else bool(setting)  # noqa: PLR2004 - either way
    return Filler(
        paper, facts, mode, machine, hand, rng, WIDGETS, wide, person.extra["office_kind"]
    )


class _Page:
    """The state of one page while its blocks are drawn."""

    def __init__(
        self, paper: Paper, filler: Filler, person: Person, layout: Layout, rng: Random
    ) -> None:
        self.paper, self.filler, self.person, self.told = paper, filler, person, layout.told
        self._rng = rng
        self.shade = _colour(self.told["shade"]) if "shade" in self.told else None
        self.code: dict[str, Any] | None = None
        self._y = 0.0

    def blocks(self) -> None:
        """Draw every block; one without `y` follows the block before it."""
        self._ground()
        for block in self.told["block"]:
            self._y = block.get("y", self._y + block.get("gap", 0))
            getattr(self, f"_{block['type']}")(block)
        self._code()

    def _ground(self) -> None:
        """Repeat a faint word over the page, as security paper does."""
        word = self.told.get("ground")
        if not word:
            return
        ink, self.paper.ink = self.paper.ink, _colour(self.told["ground_ink"])
        logged = len(self.paper.texts)
        for row in range(int(self.paper.height // 9)):
            for column in range(int(self.paper.width // 26) + 1):
                self.paper.label((column * 26 + (row % 3) * 8, 5 + row * 9), word, 3)
        del self.paper.texts[logged:]
        self.paper.ink = ink

    def _code(self) -> None:
        asked = self.told.get("qr")
        if not asked or (not self.paper.blank and self._rng.random() < asked.get("without", 0.3)):
            return
        profile = self._rng.choice(PROFILES)
        person, insured = self.person, self.person.facts["hihokensha_no"]
        payload = {
            "reference": f"KN1:{person.insurer_no}:{person.reference}:{person.check[:16]}",
            "link": f"https://kaigo.example.lg.jp/r/{person.token}?f=KN1&v=2",
            "number": f"KN1|{person.insurer_no}|{insured}|{person.reference}"
            f"|{person.extra['printed'].replace('-', '')}|{person.check}",
        }[profile]
        side = self._rng.choice((16, 18, 20, 22) if profile != "number" else (20, 22, 24))
        x, y = asked["at"]
        place = {
            "tl": (x, y),
            "tr": (x - side, y),
            "bl": (x, y - side),
            "br": (x - side, y - side),
        }[asked.get("corner", "tl")]
        self.code = self.paper.code(place, side, payload, self._rng.choice(("m", "m", "q")))
        size = 2.4
        name = self.paper.label if not self.paper.blank else lambda *_: None
        name((place[0] + side / 2, place[1] + side + 2.6), self.person.reference, size, "m")
        if not self.paper.blank:
            self.paper.texts[-1]["key"] = "seiri_no"
            box = (place[0], place[1] + side + 1.4, side, size)
            self.paper.told("seiri_no", self.person.reference, box, "typed")

    def _words(self, block: dict[str, Any]) -> None:
        """Print lines: [x, y, size, text] with an optional anchor, y counted from the block."""
        for x, y, size, text, *anchor in block["lines"]:
            self.paper.label((x, self._y + y), self._said(text), size, *anchor)
        self._y += block.get("height", 0)

    def _values(self, block: dict[str, Any]) -> None:
        """Values outside any table: [x, y, width, height, widget line]."""
        for x, y, width, height, widgets in block["cells"]:
            self.filler.cell(
                (x, self._y + y, width, height), row_of(f"{height} ; : {widgets}").cells[0].widgets
            )
        self._y += block.get("height", 0)

    def _paragraph(self, block: dict[str, Any]) -> None:
        """Print running text broken at the block's width."""
        size, pitch = block.get("size", 3.0), block.get("pitch", 4.1)
        for text in block["text"]:
            line = ""
            for sign in self._said(text) + "\n":
                if sign == "\n" or self.paper.length(line + sign, size) > block["width"]:
                    self.paper.label((block["x"], self._y + pitch / 2), line, size)
                    line, self._y = "", self._y + pitch
                line += sign
        self._y += block.get("after", 0)

    def _table(self, block: dict[str, Any]) -> None:
        """Rows of cells under a heading: a band above, a column of signs at the left, a line, or none."""
        x, width = block["x"], block["width"]
        head, side = block.get("head", ""), block.get("side", "none")
        rows = [row_of(line) for line in block["rows"]]
        top = self._y
        if side == "band":
            self.paper.frame((x, top, width, 5.4), THICK, self.shade)
            self.paper.label((x + 2, top + 2.7), head, 3.4)
            top += 5.4
        elif side == "line":
            self.paper.label((x, top + 2.6), head, 3.5)
            top += 5.6
        high = sum(row.height for row in rows)
        inset = 6.5 if side == "column" else 0.0
        if side == "column":
            self._column((x, top, inset, high), head)
        y = top
        for row in rows:
            self._row((x + inset, y, width - inset, row.height), row, block)
            y += row.height
        self.paper.frame((x, top, width, high), block.get("line", THICK))
        self._y = y + block.get("after", 0)

    def _column(self, box: Box, head: str) -> None:
        x, y, width, height = box
        self.paper.frame(box, THIN, self.shade)
        size = 3.4
        pitch = min(6.5, (height - 3) / max(1, len(head)))
        logged = len(self.paper.texts)
        for index, sign in enumerate(head):
            self.paper.label(
                (x + width / 2, y + height / 2 + (index - (len(head) - 1) / 2) * pitch),
                sign,
                min(size, pitch),
                "m",
            )
        del self.paper.texts[logged:]

    def _row(self, box: Box, row: Row, block: dict[str, Any]) -> None:
        x, y, width, height = box
        labels = [
            block.get("label", 26) if index == 0 else block.get("label2", 20)
            for index in range(len(row.cells))
        ]
        taken = sum(wide for wide, cell in zip(labels, row.cells, strict=True) if cell.label)
        shares = sum(cell.share for cell in row.cells)
        for wide, cell in zip(labels, row.cells, strict=True):
            if cell.label:
                self._label((x, y, wide, height), cell.label, block.get("size", 3.0))
                x += wide
            room = (width - taken) * cell.share / shares
            self.paper.frame((x, y, room, height), THIN)
            self.filler.cell((x, y, room, height), cell.widgets)
            x += room

    def _label(self, box: Box, text: str, size: float) -> None:
        x, y, width, height = box
        self.paper.frame(box, THIN, self.shade)
        lines = text.split("/")
        for index, line in enumerate(lines):
            fitting = min(size, size * (width - 1.5) / max(1.0, self.paper.length(line, size)))
            place = (x + width / 2, y + height * (index + 0.5) / len(lines))
            self.paper.label(place, line, fitting, "m")

    def _seal(self, block: dict[str, Any]) -> None:
        """Stamp a seal of the city, or the round stamp of its counter, now and then."""
        if self._rng.random() > block.get("often", 1.0):
            return
        colour = RED if self._rng.random() < 0.8 else (52, 60, 160)  # noqa: PLR2004 - most stamp pads are red
        seal(
            self.paper,
            tuple(block["at"]),
            block["side"],
            self._said(block["text"]),
            colour,
            square=block.get("square", False),
        )

    def _said(self, text: str) -> str:
        return text.replace("{city}", self.person.city).replace("{name}", self.person.extra["seal"])


def _colour(told: Any) -> Colour:
    red, green, blue = told
    return int(red), int(green), int(blue)
