"""City hall's own signed time, as the bus sealed it into an envelope: nothing in it was handed in before."""

import logging
from datetime import datetime

from sync.bundle import KeyBundle
from sync.errors import SealError
from sync.receipt import read_beacon
from sync.verify import read_header

log = logging.getLogger(__name__)


def city_time(slip: bytes, bundle: KeyBundle) -> datetime | None:
    """Return the time of a verified slip's beacon, or None when it holds none that our countersigner signed."""
    beacon = read_header(slip).beacon
    if not beacon:
        return None
    try:
        return read_beacon(beacon, bundle).time
    except SealError as refusal:
        log.warning("beacon.passed_over cause=%s", refusal.kind.value)
        return None
