"""A sheet of paper measured in millimetres: lines, cells, typed words, pen circles, QR squares."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

DPI = 300
FONT_PACKAGE, FONT_FILE = "noto_cjk_sans_jp_regular", "NotoSansCJKjp-Regular.otf"
INK = (28, 28, 30)
LABEL = (60, 62, 66)
PEN = (30, 34, 96)
CIRCLE_MARGIN = 1.6
POINT_MM = 25.4 / 72

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]


class Fonts:
    """One font file at many sizes. The default is Noto CJK, which holds 髙, 﨑 and 𠮷."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or Path(str(files(FONT_PACKAGE) / FONT_FILE))
        self._sizes: dict[int, ImageFont.FreeTypeFont] = {}

    def at(self, points: float) -> ImageFont.FreeTypeFont:
        """Return the font at a size in points."""
        pixels = max(1, round(points * POINT_MM * DPI / 25.4))
        if pixels not in self._sizes:
            self._sizes[pixels] = ImageFont.truetype(str(self._file), pixels)
        return self._sizes[pixels]


class Paper:
    """What is printed and typed on one side. All places and sizes are millimetres from the top left."""

    def __init__(self, width: float, height: float, fonts: Fonts, colour: Colour) -> None:
        self.width, self.height, self._fonts = width, height, fonts
        self.image = Image.new("RGB", (px(width), px(height)), colour)
        self._draw = ImageDraw.Draw(self.image)

    def copy(self, fonts: Fonts | None = None) -> "Paper":
        """Return a second sheet with the same print, for the next person; `fonts` writes on it from here."""
        twin = Paper.__new__(Paper)
        twin.width, twin.height, twin._fonts = self.width, self.height, fonts or self._fonts  # noqa: SLF001 -- its own class
        twin.image = self.image.copy()
        twin._draw = ImageDraw.Draw(twin.image)  # noqa: SLF001 -- its own class
        return twin

    def text(
        self,
        place: tuple[float, float],
        words: str,
        size: float = 9,
        *,
        anchor: str = "lm",
        colour: Colour = INK,
        width: float | None = None,
    ) -> None:
        """Write one line; `anchor` is Pillow's (l/m/r + a/m/s). Words wider than `width` are set smaller."""
        font = self._fonts.at(size)
        while width is not None and size > 4 and font.getlength(words) > px(width):  # noqa: PLR2004 -- smallest legible
            size -= 0.5
            font = self._fonts.at(size)
        self._draw.text((px(place[0]), px(place[1])), words, font=font, fill=colour, anchor=anchor)

    def column(self, place: tuple[float, float], words: str, size: float, pitch: float) -> None:
        """Write downwards, one sign under the other, beginning at the middle of the first."""
        for index, sign in enumerate(words):
            self.text((place[0], place[1] + index * pitch), sign, size, anchor="mm", colour=LABEL)

    def box(
        self, box: Box, *, line: float = 0.15, fill: Colour | None = None, colour: Colour = INK
    ) -> None:
        """Draw a frame of x, y, width, height."""
        x, y, width, height = box
        corners = (px(x), px(y), px(x + width), px(y + height))
        self._draw.rectangle(
            corners, fill=fill, outline=colour if line else None, width=max(1, px(line))
        )

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        width: float = 0.2,
        colour: Colour = INK,
    ) -> None:
        """Draw a straight line."""
        self._draw.line(
            (px(start[0]), px(start[1]), px(end[0]), px(end[1])),
            fill=colour,
            width=max(1, px(width)),
        )

    def cell(self, box: Box, label: str, size: float = 8, fill: Colour = (238, 240, 242)) -> None:
        """Draw a shaded cell with its label, set on as many lines as the label has."""
        self.box(box, fill=fill)
        lines = label.split("\n")
        x, y, width, height = box
        pitch = size * POINT_MM * 1.35
        top = y + height / 2 - pitch * (len(lines) - 1) / 2
        for index, words in enumerate(lines):
            place = (x + width / 2, top + index * pitch)
            self.text(place, words, size, anchor="mm", colour=LABEL, width=width - 1)

    def digits(self, box: Box, count: int, digits: str = "", size: float = 13) -> None:
        """Draw a row of single-digit boxes, filled from the left."""
        x, y, width, height = box
        pitch = width / count
        self.box(box)
        for index in range(1, count):
            self.line((x + index * pitch, y), (x + index * pitch, y + height), 0.12)
        for index, digit in enumerate(digits):
            self.text((x + (index + 0.5) * pitch, y + height / 2), digit, size, anchor="mm")

    def choices(
        self, place: tuple[float, float], words: Sequence[str], gap: float, size: float = 9
    ) -> list[Box]:
        """Print words side by side and return the box to circle for each of them."""
        boxes: list[Box] = []
        x, y = place
        for word in words:
            self.text((x, y), word, size)
            width = self._fonts.at(size).getlength(word) * 25.4 / DPI
            height = size * 0.58
            boxes.append((x - CIRCLE_MARGIN, y - height / 2, width + 2 * CIRCLE_MARGIN, height))
            x += width + gap
        return boxes

    def circle(self, box: Box) -> None:
        """Draw a pen's circle round a printed word."""
        x, y, width, height = box
        corners = (px(x), px(y), px(x + width), px(y + height))
        self._draw.ellipse(corners, outline=PEN, width=5)

    def qr(self, place: tuple[float, float], side: float, payload: str) -> None:
        """Print a QR square, error level M, whose modules fill `side` without its quiet zone."""
        matrix = segno.make(payload, error="m", micro=False).matrix
        square = Image.new("L", (len(matrix), len(matrix)))
        square.putdata([0 if module else 255 for row in matrix for module in row])
        sized = square.resize((px(side), px(side)), Image.Resampling.NEAREST)
        self.image.paste(sized.convert("RGB"), (px(place[0]), px(place[1])))


def px(mm: float) -> int:
    """Millimetres as pixels at the sheet's resolution."""
    return round(mm * DPI / 25.4)
