"""Sees a page as four tones of ink on flat paper, each place judged by the ink around it; and shows such a page.

Light, shadow and the paper's own tint are taken out, so that faint pencil and strong print both use all four tones.
What is lighter than the page's own grain is paper.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from papers.coder import Tones
from papers.opening import Picture

Grey = npt.NDArray[np.uint8]
Inks = npt.NDArray[np.uint8]
"""(height, width) in tiles of `INK_TILE` spots: 0 black, 1 blue, 2 red, 3 green."""

LONG_SIDE: Final = 2500
"""A4 at 214 dpi."""
EDGES: Final = (0.18, 0.46, 0.76)
"""Shares of the full ink nearby at which the next tone begins."""
SHOWN: Final = (255, 178, 100, 30)
"""What each tone is shown as."""
INK_TILE: Final = 16
INK_STEP: Final = 36
"""Levels by which an ink's own colour stands out."""
COLOURS: Final = np.array([(0, 0, 0), (20, 40, 150), (190, 20, 20), (10, 110, 40)], np.int16)
_PAPER_SCALE: Final = 8
_PAPER_PARTS: Final = 40
_NEARBY: Final = 45
"""The page's long side holds this many neighbourhoods; one is 6.6 mm of A4."""
_FULL_OVER_MEAN: Final = 1.2
_FAINTEST, _STRONGEST = 60, 230
_FULL: Final = 240
_GRAIN_TIMES: Final = 3.0
_LEAST: Final = 14
"""Levels of darkness that are never ink."""
_DOT: Final = 5
"""Spots; a full stop has more at 200 dpi."""
_STROKE: Final = 30
"""Spots a light stroke has that stands alone."""
_SOFTER: Final = 0.55
"""Sigma (spots) of the softening that gives a shown page its steps between tones back."""


@dataclass(frozen=True, slots=True, eq=False)
class Toned:
    """A page in tones, and the colours of its inks."""

    tones: Tones
    inks: Inks


def toned(picture: Picture, long_side: int = LONG_SIDE) -> Toned:
    """Tell the tones of an RGB page, brought to at most `long_side` spots."""
    return toned_flat(flattened(within(picture, long_side)))


def toned_flat(flat: Picture) -> Toned:
    """Tell the tones of a page whose light and tint were taken out (`flattened`)."""
    dark = 255 - cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY)
    tones = _tones(np.asarray(dark, np.uint8))
    return Toned(tones, inks_of(flat, tones))


def sharpness(flat: Picture, tones: Tones) -> float:
    """Tell how fast ink begins beside paper, in full inks a spot, in the softer direction; 1 is a clean edge."""
    rows = slice(None, None, 2)
    dark = np.asarray(255 - cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY), np.uint8)
    inky = tones[rows] > 0
    if not inky.any():
        return 1.0
    across, down = (cv2.Sobel(dark, cv2.CV_16S, *way)[rows][inky] for way in ((1, 0), (0, 1)))
    steepest = min(float(np.percentile(np.abs(slopes), 90)) for slopes in (across, down))
    return steepest / 4 / float(_strength(dark)[rows][inky].mean())


def shown(page: Toned) -> Picture:
    """Show a page in tones as an RGB picture of its own size."""
    return coloured(grey_of(page.tones), page.inks)


def grey_of(tones: Tones) -> Grey:
    """Show tones as grey, softened."""
    grey = cv2.LUT(tones, np.resize(np.array(SHOWN, np.uint8), 256))
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), _SOFTER), np.uint8)


def coloured(grey: Grey, inks: Inks) -> Picture:
    """Give the ink of a grey page its colours."""
    picture = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    if inks.any():
        height, width = grey.shape
        wide = np.kron(inks, np.ones((INK_TILE, INK_TILE), np.uint8))[:height, :width]
        for number in range(1, len(COLOURS)):
            here = wide == number
            share = (255 - grey[here].astype(np.int16))[:, None]
            picture[here] = (255 - share * (255 - COLOURS[number]) // 255).astype(np.uint8)
    return np.asarray(picture, np.uint8)


def within(picture: Picture, long_side: int) -> Picture:
    """Make a picture smaller so that its long side fits."""
    scale = long_side / max(picture.shape[:2])
    if scale >= 1:
        return picture
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def flattened(picture: Picture) -> Picture:
    """Take light and tint out: paper becomes white in every channel."""
    height, width = picture.shape[:2]
    size = (max(1, width // _PAPER_SCALE), max(1, height // _PAPER_SCALE))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    reach = max(7, max(size) // _PAPER_PARTS) | 1
    kernel = np.ones((reach, reach), np.uint8)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel)
    paper = cv2.GaussianBlur(cv2.medianBlur(paper, reach), (0, 0), reach / 2)
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(picture, paper, dst=paper, scale=255), np.uint8)


def inks_of(flat: Picture, tones: Tones) -> Inks:
    """Tell the colour of the ink in each tile."""
    height, width = tones.shape
    rows, columns = -(-height // INK_TILE), -(-width // INK_TILE)
    inks = np.zeros(rows * columns, np.uint8)
    # Most ink is black, and of a tile without one coloured spot the mean has no colour.
    ink = np.asarray((tones >= 2) & _coloured_tiles(flat, tones), bool)  # noqa: PLR2004 - the dark half
    spots = np.flatnonzero(ink)
    if not len(spots):
        return inks.reshape(rows, columns)
    tiles = spots // width // INK_TILE * columns + spots % width // INK_TILE
    count = np.maximum(np.bincount(tiles, minlength=len(inks)), 1)
    colours = flat.reshape(-1, 3)[spots]
    red, green, blue = (
        np.bincount(tiles, weights=colours[:, i], minlength=len(inks)) / count for i in range(3)
    )
    inks[blue - np.maximum(red, green) > INK_STEP] = 1
    inks[red - np.maximum(blue, green) > INK_STEP] = 2
    inks[green - np.maximum(blue, red) > INK_STEP] = 3
    return inks.reshape(rows, columns)


def _coloured_tiles(flat: Picture, tones: Tones) -> npt.NDArray[np.bool_]:
    """Tell for each spot whether its tile has a spot of ink whose colour stands out."""
    red, green, blue = cv2.split(flat)
    spread = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    standing = np.asarray((spread > INK_STEP) & (tones >= 2), np.uint8)  # noqa: PLR2004 - the dark half
    height, width = tones.shape
    size = (-(-width // INK_TILE), -(-height // INK_TILE))
    padded = np.zeros((size[1] * INK_TILE, size[0] * INK_TILE), np.uint8)
    padded[:height, :width] = standing
    some = padded.reshape(size[1], INK_TILE, -1).max(axis=1).reshape(size[1], -1, INK_TILE)
    tiles = some.max(axis=2)
    wide = cv2.resize(tiles, (padded.shape[1], padded.shape[0]), interpolation=cv2.INTER_NEAREST)
    return np.asarray(wide[:height, :width] > 0, bool)


def _tones(dark: Grey) -> Tones:
    """Tell tones from darkness (0 is paper)."""
    middle, grain = _grain_of(dark)
    share = cv2.divide(dark, _strength(dark), scale=_FULL)
    steps = np.searchsorted([edge * _FULL for edge in EDGES], np.arange(256), side="right")
    tones = cv2.LUT(share, steps.astype(np.uint8))
    tones[dark < max(_LEAST, middle + _GRAIN_TIMES * grain)] = 0
    return _without_specks(np.asarray(tones, np.uint8))


def _grain_of(dark: Grey) -> tuple[int, float]:
    """Tell the middle darkness of the paper and its spread (as a sigma), from what is too light to be ink."""
    counted = cv2.calcHist([dark], [0], None, [256], [0, 256]).ravel()[:_FAINTEST]
    middle = int(np.searchsorted(np.cumsum(counted), counted.sum() / 2))
    off = np.bincount(np.abs(np.arange(_FAINTEST) - middle), weights=counted)
    return middle, 1.48 * float(np.searchsorted(np.cumsum(off), off.sum() / 2))


def _strength(dark: Grey) -> Grey:
    """Tell how dark full ink is around each spot: the mean of what is there, each spot weighed by its own darkness."""
    height, width = dark.shape
    size = (max(1, width // 2), max(1, height // 2))
    small = cv2.resize(dark, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    small[small < _LEAST] = 0
    reach = max(5, round(max(size) / _NEARBY))
    window = (reach, reach)
    around = cv2.blur(small, window)
    np.maximum(around, 0.5, out=around)
    np.multiply(small, small, out=small)
    full = cv2.blur(small, window)
    np.divide(full, around, out=full)
    np.multiply(full, _FULL_OVER_MEAN, out=full)
    np.clip(full, _FAINTEST, _STRONGEST, out=full)
    soft = cv2.GaussianBlur(full.astype(np.uint8), (0, 0), reach / 6)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _without_specks(tones: Tones) -> Tones:
    """Take out spots too small for a dot of a letter, and light ones that lean on no ink."""
    _, labels, facts, _ = cv2.connectedComponentsWithStats(
        (tones > 0).astype(np.uint8), connectivity=8
    )
    area = facts[:, cv2.CC_STAT_AREA]
    inky = np.zeros(len(area), bool)
    # Only where ink is: looking up every spot would take eight bytes a spot.
    spots = np.flatnonzero(tones)
    named = labels.ravel()[spots]
    inky[named[tones.ravel()[spots] >= 2]] = True  # noqa: PLR2004 - the dark half
    gone = (area <= _DOT) | (~inky & (area <= _STROKE))
    np.put(tones, spots[gone[named]], 0)
    return tones
