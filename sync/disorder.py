"""What the order of two sealed things says against their clocks. Pure.

The journal's order is the order of doing. Boot number and monotonic time must follow it; the wall clock may step, and
where it did between two hand-ins, whoever reads them must know.
"""

from enum import Enum
from typing import Final

from sync.clock import DRIFT_PPM, ClockQuality, Instant

SLACK_MS: Final = 1000
"""A moment is taken a little before what it dates is written."""


class Disorder(Enum):
    """Why two moments cannot have followed each other as they say."""

    BOOT_BACK = "boot_back"
    MONOTONIC_BACK = "monotonic_back"
    WALL_BACK = "wall_back"
    WALL_STEPPED = "wall_stepped"


def disorder(before: Instant, after: Instant) -> Disorder | None:
    """Return what is impossible about `after`, the next of the same box; None when nothing is.

    A clock nobody vouched for claimed nothing with its wall time; that is said elsewhere.
    """
    since_ms = after.monotonic_ms - before.monotonic_ms
    if after.boot < before.boot:
        return Disorder.BOOT_BACK
    same = after.boot == before.boot
    if same and since_ms < -SLACK_MS:
        return Disorder.MONOTONIC_BACK
    if ClockQuality.UNSYNCED in {before.quality, after.quality}:
        return None
    moved_ms = (after.wall - before.wall).total_seconds() * 1000
    doubt_ms = (before.uncertainty_s + after.uncertainty_s) * 1000 + SLACK_MS
    if not same:
        return Disorder.WALL_BACK if moved_ms < -doubt_ms else None
    stray_ms = abs(since_ms) * DRIFT_PPM / 1_000_000
    return Disorder.WALL_STEPPED if abs(moved_ms - since_ms) > doubt_ms + stray_ms else None
