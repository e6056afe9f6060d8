"""A clean page measured in millimetres: print, typed and handwritten values, and the log of what stands where."""

import math
from dataclasses import dataclass, field
from random import Random
from typing import Any

import segno
from PIL import Image, ImageDraw

from bench.pagemaker import fonts

Box = tuple[float, float, float, float]
Colour = tuple[int, int, int]
BLACK: Colour = (24, 24, 26)
RED: Colour = (204, 44, 40)
PENS: tuple[Colour, ...] = ((28, 28, 34), (36, 44, 96), (58, 58, 62), (20, 24, 60))
FALLBACK = "ipaexm.ttf"


@dataclass
class Pen:
    """Who writes: a hand with its font, colour and unrest, or a machine (unrest 0)."""

    font: str
    colour: Colour
    unrest: float
    rng: Random
    style: str = "typed"


@dataclass
class Paper:
    """One side of a sheet. Texts, fields and zones are logged as they are drawn, boxes in millimetres."""

    width: float
    height: float
    dpi: int
    colour: Colour
    print_font: str
    ink: Colour
    blank: bool = False
    texts: list[dict[str, Any]] = field(default_factory=list)
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    zones: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", (self.px(self.width), self.px(self.height)), self.colour)
        self.brush = ImageDraw.Draw(self.image)

    def px(self, mm: float) -> int:
        """Millimetres as pixels."""
        return round(mm * self.dpi / 25.4)

    def length(self, text: str, size: float, font: str = "") -> float:
        """How wide a line would be."""
        face = fonts.font(font or self.print_font, self.px(size))
        return face.getlength(text) * 25.4 / self.dpi

    def label(self, place: tuple[float, float], text: str, size: float, anchor: str = "l") -> Box:
        """Print words of the form; anchor l, m or r says where `place` is on the line's middle height."""
        width = self.length(text, size)
        x = place[0] - {"l": 0.0, "m": width / 2, "r": width}[anchor]
        self._line_of((x, place[1]), text, size, self.print_font, self.ink)
        box = (x, place[1] - size / 2, width, size)
        self._log(text, box, None, "label", "typed")
        return box

    def value(
        self,
        key: str,
        place: tuple[float, float],
        text: str,
        size: float,
        *,
        pen: Pen,
        room: float = 999,
    ) -> Box:
        """Write one value from `place` (left, middle height), smaller where the room is short."""
        if self.blank or not text:
            return (*place, 0.0, 0.0)
        while size > 1.8 and self.length(text, size, pen.font) * (1 + pen.unrest * 0.08) > room:  # noqa: PLR2004 - smallest
            size -= 0.2
        width = self._write(place, text, size, pen)
        box = (place[0], place[1] - size / 2, width, size)
        self._log(text, box, key, "value", pen.style)
        self.told(key, text, box, pen.style)
        return box

    def told(self, key: str, text: str, box: Box, style: str) -> None:
        """Note a field's true value; a second line of the same field is joined to the first."""
        if self.blank:
            return
        before = self.fields.get(key)
        if before is None:
            self.fields[key] = {"value": text, "bbox_mm": _round(box), "style": style}

    def zone(self, key: str, style: str, box: Box, code: str = "") -> None:
        """Note where a value would stand (line, boxes), or a printed choice and its code (circle, tick)."""
        self.zones.append({"key": key, "style": style, "box_mm": _round(box), "code": code})

    def digits(self, key: str, box: Box, count: int, text: str, *, pen: Pen, dashed: bool) -> None:
        """Draw a row of boxes with one digit in each."""
        x, y, width, height = box
        pitch = width / count
        self.frame(box, 0.2)
        for index in range(1, count):
            self.rule((x + index * pitch, y), (x + index * pitch, y + height), 0.12, dashed=dashed)
        if self.blank or not text:
            return
        size = min(height * 0.72, pitch * 0.95)
        for index, digit in enumerate(text):
            wide = self.length(digit, size, pen.font)
            self._write((x + (index + 0.5) * pitch - wide / 2, y + height / 2), digit, size, pen)
        self._log(text, box, key, "digits", pen.style)
        self.told(key, text, box, pen.style)

    def write_run(self, place: tuple[float, float], text: str, size: float, pen: Pen) -> None:
        """Write signs that are only a part of a value; `logged` tells the whole."""
        self._write(place, text, size, pen)

    def logged(self, key: str, text: str, box: Box, kind: str, style: str) -> None:
        """Note a value that was written in parts."""
        if not self.blank and text:
            self._log(text, box, key, kind, style)
            self.told(key, text, box, style)

    def frame(self, box: Box, line: float, fill: Colour | None = None) -> None:
        """Draw a rectangle."""
        x, y, width, height = box
        corners = (self.px(x), self.px(y), self.px(x + width), self.px(y + height))
        edge = self.ink if line else None
        self.brush.rectangle(corners, fill=fill, outline=edge, width=max(1, self.px(line)))

    def rule(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        line: float,
        *,
        dashed: bool = False,
    ) -> None:
        """Draw a straight rule, dashed where asked."""
        length = math.dist(start, end)
        parts = max(1, round(length / 1.6)) if dashed else 1
        for index in range(parts):
            first, last = index / parts, (index + (0.6 if dashed else 1)) / parts
            at = [
                (
                    self.px(start[0] + (end[0] - start[0]) * t),
                    self.px(start[1] + (end[1] - start[1]) * t),
                )
                for t in (first, last)
            ]
            self.brush.line(at, fill=self.ink, width=max(1, self.px(line)))

    def code(
        self, place: tuple[float, float], side: float, payload: str, error: str
    ) -> dict[str, Any]:
        """Print a QR square that fills `side` without its quiet zone; tells what the truth file says of it."""
        made = segno.make(payload, error=error, micro=False)
        matrix = [list(row) for row in made.matrix]
        if not self.blank:
            dots = Image.new("L", (len(matrix), len(matrix)), 255)
            dots.putdata([0 if dark else 255 for row in matrix for dark in row])
            sized = dots.resize((self.px(side), self.px(side)), Image.Resampling.NEAREST)
            self.image.paste(sized.convert("RGB"), (self.px(place[0]), self.px(place[1])))
        return {
            "payload": payload,
            "bbox_mm": _round((*place, side, side)),
            "version": int(made.version),
            "ec": error.upper(),
            "module_mm": round(side / len(matrix), 3),
        }

    def _write(self, place: tuple[float, float], text: str, size: float, pen: Pen) -> float:
        if pen.unrest == 0:
            self._line_of(place, text, size, pen.font, pen.colour)
            return self.length(text, size, pen.font)
        at = x = place[0]
        y = place[1]
        slope = pen.rng.gauss(0, 0.006)
        for sign in text:
            face = pen.font if fonts.knows(pen.font, sign) else FALLBACK
            big = size * pen.rng.gauss(1, 0.04 * pen.unrest)
            wide = self.length(sign, big, face)
            lift = y + (at - x) * slope + pen.rng.gauss(0, 0.03 * size * pen.unrest)
            self._sign((at, lift), sign, big, face, pen)
            at += (
                wide * (0.6 if sign.isspace() else 1)
                + pen.rng.gauss(0.02, 0.03) * size * pen.unrest
            )
        return at - x

    def _sign(
        self, place: tuple[float, float], sign: str, size: float, face: str, pen: Pen
    ) -> None:
        x, y = place
        edge = self.px(size * 1.9)
        tile = Image.new("L", (edge, edge), 0)
        ImageDraw.Draw(tile).text(
            (edge * 0.2, edge / 2),
            sign,
            font=fonts.font(face, self.px(size)),
            fill=pen.rng.randrange(205, 256),
            anchor="lm",
        )
        turned = tile.rotate(pen.rng.gauss(0, 1.6 * pen.unrest), resample=Image.Resampling.BICUBIC)
        ink = Image.new("RGB", tile.size, pen.colour)
        self.image.paste(ink, (self.px(x) - round(edge * 0.2), self.px(y) - edge // 2), turned)

    def _line_of(
        self, place: tuple[float, float], text: str, size: float, face: str, colour: Colour
    ) -> None:
        at, y = place
        # A sign the font lacks is set from another font in its place, as an office's printer would.
        for known, run in _runs(face, text):
            name = face if known else FALLBACK
            name = name if all(fonts.knows(name, sign) for sign in run) else ""
            self.brush.text(
                (self.px(at), self.px(y)),
                run,
                font=fonts.font(name, self.px(size)),
                fill=colour,
                anchor="lm",
            )
            at += self.length(run, size, face if known else name)

    def _log(self, text: str, box: Box, key: str | None, kind: str, style: str) -> None:
        self.texts.append(
            {"text": text, "bbox_mm": _round(box), "key": key, "kind": kind, "style": style}
        )


def _runs(face: str, text: str) -> list[tuple[bool, str]]:
    runs: list[tuple[bool, str]] = []
    for sign in text:
        known = fonts.knows(face, sign)
        if runs and runs[-1][0] == known:
            runs[-1] = (known, runs[-1][1] + sign)
        else:
            runs.append((known, sign))
    return runs


def _round(box: Box) -> list[float]:
    return [round(side, 2) for side in box]
