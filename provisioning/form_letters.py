"""A form (様式) as a letter to every box: signed by the office, in force from the next visit on."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from cityhall.mail.downwards import TrayFullError
from procedures.definition import read
from provisioning.city import City
from provisioning.hall_shelf import hall_shelf
from sync.frames import ID_BYTES
from sync.signedform import SignedForm, encode_form

PROCEDURE = "procedure"


@dataclass(frozen=True, slots=True)
class PostedForm:
    """What became of one posting: the form's id and version, the boxes it goes to, those whose tray is full."""

    procedure: str
    version: str
    devices: tuple[str, ...]
    full: tuple[str, ...]


def post_form(city: City, text: str, place: str, valid_from: date, now: datetime) -> PostedForm:
    """Sign a form's TOML and put it into the tray of every box; the same version is one letter.

    `place` names the text in errors. Raises ProcedureError for a text no counter could use.
    """
    procedure = read(text, place)
    form = SignedForm(procedure.id, procedure.version, valid_from, text)
    body = encode_form(form, city.office_signer())
    names = [device.name for device in city.bundle().devices if not device.revoked]
    full = []
    with hall_shelf(city) as mail:
        for name in names:
            try:
                mail.post_letter(name, PROCEDURE, body, letter_id_of(form, name), at=now)
            except TrayFullError:
                full.append(name)
    reached = tuple(one for one in names if one not in full)
    return PostedForm(form.procedure, form.version, reached, tuple(full))


def letter_id_of(form: SignedForm, device: str) -> bytes:
    """Return the id of the letter that brings this version to this box, always the same."""
    named = f"{PROCEDURE}/{form.procedure}/{form.version}/{device}"
    return hashlib.sha256(named.encode()).digest()[:ID_BYTES]
