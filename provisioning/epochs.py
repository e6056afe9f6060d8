"""A new month's division key put into the city's key bundle."""

from dataclasses import replace
from datetime import datetime

from provisioning.city import City, publish_fresh
from sync.division import Epoch, epoch_from
from sync.keys import SealingKey

EPOCHS_KEPT = 14
"""A year of months and two: what the office still finds in the bundle when an old record comes in."""


def publish_epoch(
    city: City, key: SealingKey, now: datetime, since: datetime | None = None
) -> Epoch:
    """Publish a fresh bundle that lets boxes seal for this key from `since` (now) on; a known key changes nothing."""
    bundle = city.bundle()
    known = next((one for one in bundle.division if one.key == key), None)
    if known is not None:
        return known
    epoch = epoch_from(key, now if since is None else since)
    epochs = sorted((*bundle.division, epoch), key=lambda one: one.since)[-EPOCHS_KEPT:]
    publish_fresh(city, replace(bundle, division=tuple(epochs)), now)
    return epoch
