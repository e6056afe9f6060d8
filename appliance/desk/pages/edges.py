"""Finds the four corners of one sheet of paper in a photograph, or says why it is not sure of them."""

from dataclasses import dataclass

import cv2
import numpy as np

from appliance.desk.pages import borders, quads, sides
from appliance.desk.pages.borders import Floats
from papers.opening import Picture

ROUGH_SIDE = 360
"""Long side at which borders are looked for."""
QUICK_SIDE = 180
"""The same for a live picture: eight times cheaper."""
FINE_SIDE = 1296
"""Long side at which each side is followed."""
INK = 0.2
"""How much darker than its surroundings writing is (log of brightness)."""
INK_POINTS = 400


LEAD = 0.03
"""By how much the best answer must be better than any other."""
GOOD = 1.65
"""Score below which no answer is one; see `quads`."""
SEEN, SEEN_ALL = 0.5, 0.8
"""Share of a side that must be seen, of the worst and of all four together."""
GOES_ON = 0.5
"""Share of a side's continuation beyond a corner above which it is no page's side."""
STAYS = 0.05
"""Share of the step that must be left farther out; see `sides.stays`."""
ROOM = 0.001


@dataclass(frozen=True, slots=True)
class Page:
    """Corners (4, 2) tl, tr, br, bl as seen, in pixels of the picture; None with a reason when unsure.

    Reasons: "no_page" nothing four-sided, "unclear" two answers or a side hardly seen, "cut" the page goes on
    beyond the picture. `edges` (4, n, 2) are points along the sides, `facts` what was weighed.
    """

    corners: Floats | None
    reason: str = ""
    edges: Floats | None = None
    facts: tuple[tuple[str, float], ...] = ()


def find_page(picture: Picture, *, quick: bool = False) -> Page:
    """Find the one sheet in an RGB photograph; an answer that is not sure is none. `quick` is for live pictures."""
    side = QUICK_SIDE if quick else ROUGH_SIDE
    rough = borders.surface(picture, side)
    height, width = rough.shape[:2]
    upright = borders.upright(rough)
    level = borders.upright(np.ascontiguousarray(rough.transpose(1, 0, 2)))
    answers = quads.best_quads(upright, level, _ink(picture, (width, height)), (width, height))
    if not answers:
        return Page(None, "no_page")
    plane = _plane(picture)
    lead = answers[0].score - answers[1].score if len(answers) > 1 else LEAD
    judged = []
    for answer in answers:
        if answer.score < GOOD:
            break
        guess = _scaled(answer.corners, plane.shape[1] / width)
        judged.append(_judge(plane, guess, answer.score, lead, picture.shape[1] / plane.shape[1]))
        if lead >= LEAD and not judged[0].reason:
            return judged[0]
    fine = [page for page in judged if not page.reason]
    if len(fine) == 1:
        return fine[0]
    return judged[0] if judged and judged[0].reason else Page(None, "unclear")


def _plane(picture: Picture) -> Floats:
    fine = borders.shrink(picture, FINE_SIDE)
    plain = cv2.morphologyEx(fine, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return borders.logarithms(np.asarray(plain, np.uint8))


def _ink(picture: Picture, size: tuple[int, int]) -> Floats:
    """Points of writing, in pixels of the rough picture."""
    width, height = size
    small = borders.shrink(picture, 2 * max(size))
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    plain = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    dark = np.log(plain / 255 + borders.DARK) - np.log(grey / 255 + borders.DARK) > INK
    ys, xs = np.nonzero(dark)
    every = max(1, len(xs) // INK_POINTS)
    scale = np.array([width / small.shape[1], height / small.shape[0]], np.float32)
    return np.stack([xs[::every], ys[::every]], axis=1).astype(np.float32) * scale


def _judge(plane: Floats, guess: Floats, score: float, lead: float, scale: float) -> Page:
    """Follow the four sides closely and say whether they are a page's; `scale` leads back to the picture."""
    followed = [sides.follow(plane, guess[i], guess[(i + 1) % 4]) for i in range(4)]
    corners = np.stack([sides.corner(followed[i - 1], followed[i]) for i in range(4)])
    seen = [side.seen for side in followed]
    room = _room(corners, plane.shape)
    facts = {
        "score": score,
        "lead": lead,
        "seen": min(seen),
        "seen_all": sum(seen) / 4,
        "goes_on": max(sides.goes_on(plane, side) for side in followed),
        "stays": min(sides.stays(plane, side) for side in followed),
        "room": room,
    }
    edges = np.stack([side.points() for side in followed])
    reason = _reason(facts)
    return Page(
        None if reason else _scaled(corners, scale),
        reason,
        _scaled(edges, scale),
        tuple(facts.items()),
    )


def _reason(facts: dict[str, float]) -> str:
    if facts["room"] < ROOM:
        return "cut"
    unseen = facts["seen"] < SEEN or facts["seen_all"] < SEEN_ALL
    doubtful = facts["goes_on"] > GOES_ON or facts["stays"] < STAYS
    return "unclear" if unseen or doubtful else ""


def _scaled(points: Floats, scale: float) -> Floats:
    """Return points in pixels of a picture `scale` times as large."""
    return np.asarray((points + 0.5) * scale - 0.5, np.float32)


def _room(corners: Floats, shape: tuple[int, ...]) -> float:
    """Share of the long side between the page and the picture's border; below 0 outside."""
    height, width = shape[:2]
    low = float(corners.min())
    high = float((np.array([width, height]) - 1 - corners).min())
    return min(low, high) / max(height, width)
