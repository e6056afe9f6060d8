"""The city's key bundle as a letter to every box: how a bus on the road learns of new keys and revoked boxes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cityhall.config import read_settings
from cityhall.mail.downwards import TrayFullError
from cityhall.mail.opening import open_hall_mail
from cityhall.mail.store import HallMail
from provisioning.city import City
from sync.bundle import decode_bundle
from sync.frames import ID_BYTES

KEY_BUNDLE = "key_bundle"


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of one posting: the bundle's version, the boxes it goes to, and those whose tray is full."""

    version: int
    devices: tuple[str, ...]
    full: tuple[str, ...]


def post_bundle(city: City, now: datetime) -> Posted:
    """Put the bundle in place into the tray of every box that may come in; the same version is one letter.

    A revoked box gets none: it is never let in to fetch it. Raises SealError for a damaged bundle.
    """
    text = city.bundle_path.read_text(encoding="utf-8")
    bundle = decode_bundle(text, None)  # each bus checks its own root
    names = [device.name for device in bundle.devices if not device.revoked]
    full = []
    mail = _shelf(city)
    try:
        for name in names:
            letter_id = letter_id_of(bundle.version, name)
            try:
                mail.post_letter(name, KEY_BUNDLE, text.encode(), letter_id, at=now)
            except TrayFullError:
                full.append(name)
    finally:
        mail.close()
    return Posted(bundle.version, tuple(one for one in names if one not in full), tuple(full))


def _shelf(city: City) -> HallMail:
    """Open the shelf that the city's settings name, or the folder of a city that has none yet."""
    if city.settings_path.exists():
        return open_hall_mail(read_settings(city.settings_path))
    return HallMail(city.mail)


def letter_id_of(version: int, device: str) -> bytes:
    """Return the id of the letter that brings this version to this box, always the same."""
    return hashlib.sha256(f"{KEY_BUNDLE}/{version}/{device}".encode()).digest()[:ID_BYTES]
