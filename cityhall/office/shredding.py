"""When a month's opening key may go: no box seals for it any more, and every envelope sealed to it is taken in."""

from datetime import datetime, timedelta
from typing import Protocol

from cityhall.mail.models import Arrival
from cityhall.office.epochs import EpochKey
from sync.bundle import KeyBundle
from sync.division import GRACE_DAYS
from sync.notes import QUESTION
from sync.verify import read_header

# What is opened again and again, and must be wrapped under another key before the month's goes.
KEPT = frozenset({"application", QUESTION})
# Arrivals looked at in one step.
STEP = 200


class ShredRefusedError(Exception):
    """A month's key is still needed; nothing was destroyed."""


class Shelf(Protocol):
    """What is asked of the shelf before a key goes."""

    def arrivals(self, after: int = 0, limit: int = 500) -> list[Arrival]:
        """List arrivals whose serial is above `after`, oldest first."""

    def slip(self, env_id: bytes) -> bytes:
        """Return a slip; raises KeyError for an erased one."""


class DataKeys(Protocol):
    """What is asked of the applications' own keys."""

    def data_key(self, env_id: bytes) -> bytes | None:
        """Return an envelope's data key, or None when it is not kept."""


def check_shred(
    month: EpochKey,
    bundle: KeyBundle,
    shelf: Shelf,
    data_keys: DataKeys,
    now: datetime,
    *,
    early: bool = False,
    unopened: bool = False,
) -> int:
    """Return how many envelopes of this month are taken in; raises ShredRefusedError while the key is needed.

    `early` passes over the boxes that may still seal for it, `unopened` over what is on the shelf and was never
    opened, such as what a stolen box sealed so that it never will be: both need the recovery key then.
    """
    newest = max(bundle.division, key=lambda one: one.since)
    if newest.key.key_id == month.key.key_id:
        raise ShredRefusedError(
            f"shred {month.name}: boxes seal for the newest key for ever, and this is it; "
            "make the next month's first: madobus keys epoch"
        )
    if not early:
        _check_boxes(month, bundle, now)
    taken, waiting = _counted(month.key.key_id, shelf, data_keys)
    if waiting and not unopened:
        raise ShredRefusedError(
            f"shred {month.name}: every envelope of the month must be taken in, {waiting} on the shelf are not; "
            "start the office, look at what did not open, then shred again, or add --unopened for what never will"
        )
    return taken


def _check_boxes(month: EpochKey, bundle: KeyBundle, now: datetime) -> None:
    found = [one for one in bundle.division if one.key.key_id == month.key.key_id]
    until = max((one.until + timedelta(days=GRACE_DAYS) for one in found), default=now)
    if now < until:
        raise ShredRefusedError(
            f"shred {month.name}: a box without news may seal for it until {until.date().isoformat()}; "
            "wait, or add --early and open what still comes with the recovery key"
        )


def _counted(key_id: bytes, shelf: Shelf, data_keys: DataKeys) -> tuple[int, int]:
    taken, waiting, after = 0, 0, 0
    while step := shelf.arrivals(after, STEP):
        for arrival in step:
            after = arrival.serial
            if arrival.kind not in KEPT or not _sealed_to(key_id, shelf, arrival.env_id):
                continue
            if data_keys.data_key(arrival.env_id) is None:
                waiting += 1
            else:
                taken += 1
    return taken, waiting


def _sealed_to(key_id: bytes, shelf: Shelf, env_id: bytes) -> bool:
    try:
        slip = shelf.slip(env_id)
    except KeyError:
        return False  # erased: nobody shall open it
    return any(one.key_id == key_id for one in read_header(slip).recipients)
