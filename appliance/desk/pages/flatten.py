"""Turns a photographed page into one that looks scanned: cut out, squared, uncurled, evenly lit."""

from dataclasses import dataclass

import cv2
import numpy as np

from appliance.desk.pages import findings
from appliance.desk.pages.borders import Floats
from appliance.desk.pages.edges import Page, find_page
from appliance.desk.pages.gate import glare_share
from appliance.desk.pages.sheet import Finding
from appliance.desk.pages.sides import Numbers
from papers.limits import LONG_SIDE_LIMIT
from papers.opening import Picture

GRID = 16
"""Pixels between two places at which the mapping is worked out exactly."""
BEND_LIMIT = 0.02
"""Share of the page's long side by which an edge may bend; more is not taken out."""
LIGHT_SCALE = 8
"""The light is measured on the page shrunk by this."""
INK_WIDTH = 7
"""Shrunk pixels a stroke or a filled box of writing has at most."""
PAPER = 242
"""How bright evened paper is, the brightest of its three colours."""
DARKEST = 30
"""Light below this is deep shadow or black; it is not raised farther."""
BAND = 256
"""Rows that are evened at a time."""


@dataclass(frozen=True, slots=True)
class Flat:
    """A page of a photograph; `found` is False where the corners were not sure and nothing was cut.

    `glare` is the share of it on which a lamp is mirrored: evening the light hides that.
    """

    picture: Picture
    found: bool
    told: tuple[Finding, ...] = ()
    glare: float = 0.0


def flat_page(photo: Picture) -> Flat:
    """Cut out and square the page of an RGB photograph; unsure corners leave it whole, and say so."""
    page = find_page(photo)
    if page.corners is None:
        return Flat(even_light(photo), found=False, told=(findings.edges_unclear(page.reason),))
    squared = square(photo, page)
    glare = glare_share(squared)
    return Flat(even_light(squared, squared), found=True, glare=glare)


def square(photo: Picture, page: Page) -> Picture:
    """Map the page onto a rectangle of about as many pixels as it has in the photograph."""
    if page.corners is None:
        raise ValueError("flatten: a page without corners cannot be squared; ask find_page first")
    corners = page.corners.astype(np.float32)
    width, height = _size(corners)
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    back = cv2.getPerspectiveTransform(flat, corners)
    columns, rows = width // GRID + 2, height // GRID + 2
    ys, xs = np.mgrid[0:rows, 0:columns].astype(np.float32) * GRID
    if page.edges is not None:
        bend_x, bend_y = _bends(
            page.edges, np.linalg.inv(back), xs / width, ys / height, width, height
        )
        xs, ys = xs + bend_x, ys + bend_y
    points = np.stack([xs, ys], axis=-1).reshape(-1, 1, 2).astype(np.float32)
    seen = np.asarray(cv2.perspectiveTransform(points, back), np.float32)
    seen = seen.reshape(rows, columns, 2)
    squared = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, BAND):
        part = squared[top : top + BAND]
        reach = _reach(seen, top, len(part), width)
        across, down = np.ascontiguousarray(reach[..., 0]), np.ascontiguousarray(reach[..., 1])
        cv2.remap(photo, across, down, cv2.INTER_CUBIC, dst=part, borderMode=cv2.BORDER_REPLICATE)
    return squared


def _reach(seen: Floats, top: int, height: int, width: int) -> Floats:
    """Give for each pixel of a band where it is seen, between the places of the grid (`seen`)."""
    first = top // GRID
    cells = seen[max(0, first - 1) : first + height // GRID + 3]
    full = cv2.resize(cells, None, fx=GRID, fy=GRID, interpolation=cv2.INTER_LINEAR)
    # Resizing puts the first grid place half a cell inside; the shift puts it back onto the first pixel.
    shift = GRID // 2
    down = shift + (GRID if first else 0)
    return np.asarray(full[down : down + height, shift : shift + width], np.float32)


def even_light(page: Picture, out: Picture | None = None) -> Picture:
    """Take shadow, sun and glare from the paper and make it bright; its own tint stays. `out` may be the page."""
    height, width = page.shape[:2]
    small = cv2.resize(
        page,
        (max(1, width // LIGHT_SCALE), max(1, height // LIGHT_SCALE)),
        interpolation=cv2.INTER_AREA,
    )
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (INK_WIDTH, INK_WIDTH))
    light = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel)
    light = cv2.medianBlur(light, 5).astype(np.float32).max(axis=2)
    # One gain for all three colours: tinted paper keeps its tint, and a finger stays a finger.
    gain = (PAPER / np.maximum(light, DARKEST)).astype(np.float32)
    full = cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR)
    evened = np.empty_like(page) if out is None else out
    # Band by band: a whole photograph in floats would be most of the memory a lane may take.
    for top in range(0, height, BAND):
        rows = slice(top, top + BAND)
        evened[rows] = np.minimum(page[rows] * full[rows, :, None], 255)
    return evened


def _size(corners: Floats) -> tuple[int, int]:
    top, right, bottom, left = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = (top + bottom) / 2, (left + right) / 2
    scale = min(1.0, LONG_SIDE_LIMIT / max(width, height))
    return max(1, round(float(width * scale))), max(1, round(float(height * scale)))


def _bends(  # noqa: PLR0917 - a grid and its frame
    edges: Floats,
    flatten: Floats,
    across: Floats,
    down: Floats,
    width: int,
    height: int,
) -> tuple[Floats, Floats]:
    """Work out how far each place lies off, blended from how the four edges bend."""
    flat = cv2.perspectiveTransform(edges.reshape(-1, 1, 2).astype(np.float64), flatten)
    top, right, bottom, left = flat.reshape(4, -1, 2)
    limit = BEND_LIMIT * max(width, height)
    above = _bend(top[:, 0] / width, top[:, 1], across, limit)
    below = _bend(bottom[:, 0] / width, bottom[:, 1] - height, across, limit)
    before = _bend(left[:, 1] / height, left[:, 0], down, limit)
    behind = _bend(right[:, 1] / height, right[:, 0] - width, down, limit)
    return before * (1 - across) + behind * across, above * (1 - down) + below * down


def _bend(along: Numbers, off: Numbers, places: Floats, limit: float) -> Floats:
    # An edge that bends more is no curl but a mistake.
    if float(np.abs(off).max()) > limit:
        return np.zeros_like(places)
    curve = np.polyfit(along, off, 2)
    # A corner is where it was found; only the bow between two corners is taken out.
    ends = np.polyval(curve, 0.0) * (1 - places) + np.polyval(curve, 1.0) * places
    return np.asarray(np.polyval(curve, places) - ends, np.float32)
