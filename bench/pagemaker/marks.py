"""What people put on a page that is no writing: rings, ticks, seals."""

import math

from PIL import Image, ImageDraw

from bench.pagemaker import fonts
from bench.pagemaker.paper import Box, Colour, Paper, Pen


def tick(paper: Paper, middle: tuple[float, float], size: float, pen: Pen) -> None:
    """Tick a printed box."""
    if paper.blank:
        return
    x, y = middle
    points = [
        (x - size * 0.3, y - size * 0.05),
        (x - size * 0.05, y + size * 0.3),
        (x + size * 0.5, y - size * 0.5),
    ]
    shake = [pen.rng.gauss(0, 0.12 * pen.unrest) for _ in range(6)]
    drawn = [
        (paper.px(a + shake[2 * i]), paper.px(b + shake[2 * i + 1]))
        for i, (a, b) in enumerate(points)
    ]
    paper.brush.line(drawn, fill=pen.colour, width=max(2, paper.px(0.4)), joint="curve")


def ring(paper: Paper, box: Box, pen: Pen) -> None:
    """Circle a printed choice."""
    if paper.blank:
        return
    x, y, width, height = box
    rng, shaky = pen.rng, pen.unrest
    middle = (
        x + width / 2 + rng.gauss(0, 0.25 * shaky),
        y + height / 2 + rng.gauss(0, 0.25 * shaky),
    )
    start, turns = rng.uniform(0, 6.28), 6.28 + (rng.uniform(-0.2, 0.7) * shaky)
    points = []
    swell = [rng.gauss(0, 0.06 * shaky) for _ in range(3)]
    for step in range(61):
        angle = start + turns * step / 60
        far = 1 + swell[0] * math.sin(angle) + swell[1] * math.cos(2 * angle) + swell[2] * step / 60
        points.append(
            (
                paper.px(middle[0] + math.cos(angle) * far * width / 2),
                paper.px(middle[1] + math.sin(angle) * far * height / 2),
            )
        )
    paper.brush.line(points, fill=pen.colour, width=max(2, paper.px(0.38)), joint="curve")


def seal(
    paper: Paper,
    middle: tuple[float, float],
    side: float,
    words: str,
    colour: Colour,
    *,
    square: bool,
) -> None:
    """Stamp a seal: words downwards in one or more columns, worn as rubber is."""
    if paper.blank:
        return
    edge = paper.px(side)
    mask = Image.new("L", (edge, edge), 0)
    draw = ImageDraw.Draw(mask)
    shape = (2, 2, edge - 3, edge - 3)
    (draw.rectangle if square else draw.ellipse)(shape, outline=220, width=max(2, edge // 24))
    rows = math.ceil(math.sqrt(len(words))) if square else len(words)
    pitch = edge * 0.78 / max(rows, 2)
    face = fonts.font("ipaexm.ttf", round(pitch))
    for index, sign in enumerate(words):
        column, row = divmod(index, rows)
        columns = math.ceil(len(words) / rows)
        at = (
            edge / 2 + ((columns - 1) / 2 - column) * pitch,
            edge / 2 + (row - (rows - 1) / 2) * pitch,
        )
        draw.text(at, sign, font=face, fill=215, anchor="mm")
    ink = Image.new("RGB", mask.size, colour)
    paper.image.paste(ink, (paper.px(middle[0]) - edge // 2, paper.px(middle[1]) - edge // 2), mask)
