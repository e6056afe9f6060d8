"""Gives every piece of writing to the printed label it answers, by place: beside, in the same cell, or beneath."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from appliance.desk.pages.labels import Found
from appliance.desk.pages.piece import Piece, line_height, overlap
from appliance.desk.pages.rules import Rule, Rules

FARTHEST = 9.0
"""Cost beyond which a piece answers no label; see `_cost`."""
WALLED = 8.0
TALLEST_ROW = 12.0
"""Lines of writing the highest row of a form has room for."""
BY_CELL_ONLY = frozenset({"place", "stay"})
"""Sections that hold only inside the row of their own label, never for what follows."""
UPRIGHT = 1.5
"""A label this much higher than wide is written downwards."""
SLACK = 6.0
"""Pixels a rule may miss the column it is asked about."""


@dataclass(slots=True)
class Spot:
    """A label in its section, and the writing that answers it, in reading order."""

    found: Found
    section: str
    pieces: list[Piece] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The field this spot answers; empty when none."""
        return self.found.label.key_in(self.section)


@dataclass(frozen=True, slots=True)
class Walls:
    """Asks the rules of a page what they separate."""

    rules: Rules
    bottom: float

    def row(self, x: float, y: float) -> tuple[float, float]:
        """Find the nearest level rules above and below a point, or the page's ends."""
        above = [r.at for r in self.rules.level if _covers(r, x) and r.at <= y]
        below = [r.at for r in self.rules.level if _covers(r, x) and r.at > y]
        return max(above, default=0.0), min(below, default=self.bottom)

    def parted(self, x: float, one: float, other: float) -> bool:
        """Tell whether a level rule at column `x` runs between two heights."""
        low, high = sorted((one, other))
        return any(_covers(r, x) and low < r.at < high for r in self.rules.level)


def place(
    found: Sequence[Found], values: Sequence[Piece], rules: Rules, bottom: float
) -> list[Spot]:
    """Make a spot of every label and hand out the values; what answers nothing is left out."""
    walls = Walls(rules, bottom)
    height = line_height([*values, *(f.piece for f in found)])
    spots = _sections(found, walls, height)
    strays = [spot for spot in spots if spot.found.label.keys.get("") is None and not spot.key]
    spots = [spot for spot in spots if spot not in strays]
    for value in [*values, *(stray.found.piece for stray in strays)]:
        costs = [
            (_cost(spot, value, spots, walls, height), index) for index, spot in enumerate(spots)
        ]
        cost, index = min(costs, default=(FARTHEST, -1))
        if cost < FARTHEST:
            spots[index].pieces.append(value)
    for spot in spots:
        spot.pieces = in_order(spot.pieces, height)
    return spots


def in_order(pieces: Sequence[Piece], height: float) -> list[Piece]:
    """Sort pieces as they are read: lines from the top, within a line from the left."""
    rest = sorted(pieces, key=lambda piece: piece.middle[1])
    lines: list[list[Piece]] = []
    for piece in rest:
        if lines and piece.middle[1] - lines[-1][0].middle[1] < height * 0.6:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [piece for line in lines for piece in sorted(line, key=lambda p: p.left)]


def _sections(found: Sequence[Found], walls: Walls, height: float) -> list[Spot]:
    boxes = [
        (f.label.section, f.piece.right, walls.row(*f.piece.middle))
        for f in found
        if f.label.container
    ]
    bands = _bands(found, walls)
    current = ""
    spots = []
    for f in sorted(found, key=lambda f: (round(f.piece.middle[1] / height), f.piece.left)):
        if upright(f.piece):
            spots.append(Spot(f, f.label.section))
            continue
        section = _band(f, bands) or f.label.section or _inside(f, boxes)
        if not section:
            current = f.label.opens.get(current, current)
            section = current
        elif section not in BY_CELL_ONLY:
            current = section
        spots.append(Spot(f, section))
    return spots


def _bands(found: Sequence[Found], walls: Walls) -> list[tuple[str, float, tuple[float, float]]]:
    """Give section, right edge and height of every block with a downward heading.

    A block reaches from rule to rule; where none was found, or a second heading stands between, as far as its words.
    """
    headings = [f for f in found if upright(f.piece) and f.label.section]
    bands = []
    for f in headings:
        top, bottom = walls.row(*f.piece.middle)
        others = [
            g for g in headings if g is not f and abs(g.piece.left - f.piece.left) < g.piece.height
        ]
        open_ended = top <= 0 or bottom >= walls.bottom
        if open_ended or any(top < g.piece.middle[1] < bottom for g in others):
            top, bottom = f.piece.top, f.piece.bottom
        # The words stand in the middle of their block; a rule that was not found makes one half too long.
        middle = f.piece.middle[1]
        half = max(f.piece.height / 2, min(middle - top, bottom - middle))
        bands.append((f.label.section, f.piece.right, (middle - half, middle + half)))
    return bands


def upright(piece: Piece) -> bool:
    """Tell whether a label is written downwards: it names the block beside it and is answered by nothing."""
    return piece.height > UPRIGHT * (piece.right - piece.left) and len(piece.letters) > 1


def _band(f: Found, bands: Sequence[tuple[str, float, tuple[float, float]]]) -> str:
    """Find the section whose downward heading stands left of a label, if the label means something there."""
    x, y = f.piece.middle
    around = [
        (bottom - top, section)
        for section, right, (top, bottom) in bands
        if top < y < bottom and x > right
    ]
    for _, section in sorted(around):
        if f.label.keys.get(section) or not f.label.section:
            return section
    return ""


def _inside(f: Found, boxes: Sequence[tuple[str, float, tuple[float, float]]]) -> str:
    x, y = f.piece.middle
    for section, right, (top, bottom) in boxes:
        if top < y < bottom and x > right and section in BY_CELL_ONLY:
            return section
    return ""


def _cost(spot: Spot, value: Piece, spots: Sequence[Spot], walls: Walls, height: float) -> float:
    label = spot.found.piece
    if upright(label):
        return FARTHEST
    beside = _beside(label, value, spots, walls, height)
    beneath = _beneath(label, value, walls, height)
    return min(beside, beneath)


def _beside(
    label: Piece, value: Piece, spots: Sequence[Spot], walls: Walls, height: float
) -> float:
    if value.left < label.right - height * 0.7:
        return FARTHEST
    for other in spots:
        between = other.found.piece
        if (
            between is not label
            and between.left >= label.right - height * 0.3
            and between.right <= value.left + height * 0.7
            and overlap(between, value) > 0.4  # noqa: PLR2004 - side by side, not above each other
        ):
            return FARTHEST
    x, y = label.middle
    top, bottom = walls.row(x, y)
    within = top < value.middle[1] < bottom and bottom - top < height * TALLEST_ROW
    away = abs(value.middle[1] - y) / height
    if not within and away > 1.2:  # noqa: PLR2004 - lines apart
        return FARTHEST
    cost = max(0.0, value.left - label.right) / height * 0.12
    cost += away * (0.5 if within else 2.0)
    if walls.parted(value.middle[0], y, value.middle[1]) and away > 0.5:  # noqa: PLR2004 - as above
        cost += WALLED
    return cost


def _beneath(label: Piece, value: Piece, walls: Walls, height: float) -> float:
    gap = (value.top - label.bottom) / height
    if not -0.6 <= gap <= 2.2:  # noqa: PLR2004 - lines apart
        return FARTHEST
    shift = (value.left - label.left) / height
    if not -2.0 <= shift <= 6.0:  # noqa: PLR2004 - letters apart
        return FARTHEST
    if walls.parted(value.middle[0], label.middle[1], value.middle[1]):
        return FARTHEST
    if _crossed(walls, label, value):
        return FARTHEST
    return 0.8 + max(0.0, gap) * 1.2 + abs(shift) * 0.2


def _crossed(walls: Walls, label: Piece, value: Piece) -> bool:
    """Tell whether a plumb rule parts the two columns."""
    x0, x1 = sorted((label.middle[0], value.middle[0]))
    y = value.middle[1]
    return any(_covers(r, y) and x0 < r.at < x1 for r in walls.rules.plumb)


def _covers(rule: Rule, place_: float) -> bool:
    return rule.start - SLACK <= place_ <= rule.end + SLACK
