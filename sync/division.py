"""The division's keys by month: which one a box seals for now, and how that stands when news stayed away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from sync import signedjson
from sync.keys import SealingKey

EPOCH_DAYS: Final = 31
"""How long a division key is the newest one."""
OVERLAP_DAYS: Final = 14
"""How much longer it may be sealed for: time for every bus to hear of the next."""
GRACE_DAYS: Final = 45
"""How long behind the last good day a box says so quietly; after that it says so aloud, and still accepts."""

_EPOCH: Final = frozenset({"from", "key", "until"})


@dataclass(frozen=True, slots=True)
class Epoch:
    """One of the division's keys and when boxes seal for it: from `since`, and no longer than `until`."""

    key: SealingKey
    since: datetime
    until: datetime


class Standing(Enum):
    """How good a key is to seal for: in its time, a little behind it, or long behind it."""

    FRESH = "fresh"
    GRACE = "grace"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Division:
    """The epoch a box seals for now, and how that stands; it always seals: availability beats freshness."""

    epoch: Epoch
    standing: Standing


def epoch_from(key: SealingKey, since: datetime) -> Epoch:
    """Return a month's epoch of this key, with the overlap behind it."""
    return Epoch(key, since, since + timedelta(days=EPOCH_DAYS + OVERLAP_DAYS))


def epoch_at(epochs: Sequence[Epoch], expires: datetime, now: datetime) -> Division:
    """Return the epoch to seal for at `now`: the newest valid one, else the nearest. Raises ValueError without any.

    Past the epoch's or the bundle's (`expires`) last moment the standing is GRACE for 45 days, then OVERDUE.
    """
    if not epochs:
        raise ValueError("bundle: it has no division key; publish one")
    begun = [one for one in epochs if one.since <= now]
    valid = [one for one in begun if now < one.until]
    if valid:
        epoch = max(valid, key=lambda one: one.since)
    elif begun:
        epoch = max(begun, key=lambda one: one.until)
    else:
        # The box's clock stands before all of them and is wrong; the oldest key is the nearest.
        epoch = min(epochs, key=lambda one: one.since)
    return Division(epoch, _standing(now - min(expires, epoch.until)))


def standing_at(epoch: Epoch, sealed: datetime) -> Standing:
    """Return how an epoch's key stood when something was sealed for it."""
    return _standing(sealed - epoch.until)


def _standing(late: timedelta) -> Standing:
    if late < timedelta(0):
        return Standing.FRESH
    return Standing.GRACE if late < timedelta(days=GRACE_DAYS) else Standing.OVERDUE


def epoch_text(epoch: Epoch) -> dict[str, str]:
    """Return an epoch as it stands in a bundle."""
    return {
        "key": signedjson.base64_of(epoch.key.raw),
        "from": signedjson.stamp(epoch.since),
        "until": signedjson.stamp(epoch.until),
    }


def read_epoch(value: Any, place: str) -> Epoch:
    """Return an epoch of a bundle; raises ValueError."""
    found = signedjson.fields(value, _EPOCH, place)
    epoch = Epoch(
        key=signedjson.sealing_key(found["key"], place),
        since=signedjson.moment(found["from"], f"{place}'s from"),
        until=signedjson.moment(found["until"], f"{place}'s until"),
    )
    if epoch.until <= epoch.since:
        raise ValueError(f"{place}: a key's until must lie after its from")
    return epoch


def check_epochs(epochs: Sequence[Epoch]) -> None:
    """Raise ValueError unless they stand oldest first and each key once."""
    if len({one.key.key_id for one in epochs}) != len(epochs):
        raise ValueError("division: each key stands once")
    if list(epochs) != sorted(epochs, key=lambda one: one.since):
        raise ValueError("division: must stand oldest first")
