"""Revoking a lost box: up to which entry of its journal it is believed, and the bundle that says so to everybody."""

from dataclasses import replace
from datetime import datetime

from cityhall.mail.store import HallMail
from provisioning.city import City, publish_fresh
from provisioning.hall_shelf import hall_shelf
from sync.bundle import Revoked
from sync.verify import read_header

BATCH = 500


class UnknownBoxError(ValueError):
    """Only a box of the bundle can be revoked."""


def revoke_device(
    city: City, name: str, now: datetime, journal: int | None = None
) -> Revoked | None:
    """Publish a fresh bundle that says this box is revoked, and return what it says; None when one says so already.

    `journal` is the last entry of its journal that is believed, None the last that city hall has heard of; saying
    another number later counts again. Raises UnknownBoxError. The box stays in the bundle: what it sealed and signed
    before is still checked there.
    """
    bundle = city.bundle()
    known = bundle.device(name)
    if known is None:
        names = ", ".join(device.name for device in bundle.devices) or "none"
        raise UnknownBoxError(f"revoke: the bundle knows no box {name!r}; it knows: {names}")
    if known.revoked is not None and journal in (None, known.revoked.journal):
        return None
    if journal is None:
        with hall_shelf(city) as mail:
            journal = heard_journal(mail, name)
    gone = Revoked(now if known.revoked is None else known.revoked.at, journal)
    devices = tuple(replace(one, revoked=gone) if one is known else one for one in bundle.devices)
    publish_fresh(city, replace(bundle, devices=devices), now)
    return gone


def heard_journal(mail: HallMail, device: str) -> int:
    """Return the number of the last journal entry of a box that city hall heard of.

    That is the size of the journal it told at its last contact, or the entry of its last filed envelope.
    """
    heard, after = mail.journal_known(device).head.size, 0
    while rows := mail.arrivals(after, BATCH):
        after = rows[-1].serial
        for row in rows:
            if row.device == device:
                heard = max(heard, _entry(mail, row.env_id))
    return heard


def _entry(mail: HallMail, env_id: bytes) -> int:
    """Return the number of the entry with which a box accepted an envelope; 0 for one that was erased."""
    try:
        return read_header(mail.slip(env_id)).journal_seq + 1
    except KeyError:
        return 0
