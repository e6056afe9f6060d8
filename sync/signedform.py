"""A form (a procedure's TOML) on its way to the desks: signed by the city's office, readable by everybody."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sync import canonical, shape
from sync.errors import FailureKind, SealError
from sync.keys import Signer, VerifyKey

LABEL: Final = "form/v1"
TEXT_MAX: Final = 256 * 1024
FORM_MAX: Final = TEXT_MAX + 8 * 1024
_WAY: Final = 1
_NAME: Final = re.compile(r"[a-z0-9_-]{1,24}", re.ASCII)
_VERSION: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.(\d{1,4}))?", re.ASCII)
_KEY_ID: Final = 8
_SHORT: Final = 64
_LONG: Final = 2420

Find = Callable[[bytes], VerifyKey | None]


@dataclass(frozen=True, slots=True)
class SignedForm:
    """One version of a form: `procedure` is its id, `valid_from` the first day it may be offered, `text` the TOML."""

    procedure: str
    version: str
    valid_from: date
    text: str


def encode_form(form: SignedForm, signer: Signer) -> bytes:
    """Return the signed bytes; raises ValueError for a form `decode_form` would refuse."""
    body = canonical.encode(
        [_WAY, form.procedure, form.version, form.valid_from.isoformat(), form.text]
    )
    _form(body)
    short, long = signer.sign(LABEL, body)
    return canonical.encode([body, signer.key_id, short, long])


def decode_form(data: bytes, office: Find) -> SignedForm:
    """Return the form once the office's signatures hold; raises SealError. `office` finds a key by its id."""
    try:
        body, key_id, short, long = shape.row(canonical.decode(data, FORM_MAX), 4, "signed form")
        key = office(shape.blob(key_id, "signed form's key id", _KEY_ID))
        body = shape.blob(body, "signed form's body", 1, FORM_MAX)
        signatures = (
            shape.blob(short, "signed form's signature", _SHORT),
            shape.blob(long, "signed form's signature", _LONG),
        )
        form = _form(body)
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error
    if key is None:
        raise SealError(FailureKind.NO_MATCH, "signed form: not signed by this city's office")
    key.verify(LABEL, body, signatures)
    return form


def rank_of(version: str) -> tuple[str, int]:
    """Return what orders versions: the day and the number behind it; raises ValueError."""
    found = _VERSION.fullmatch(version)
    if found is None:
        raise ValueError("form's version: must be a day like 2026-04-01, or 2026-04-01.2")
    return found[1], int(found[2] or 0)


def _form(body: bytes) -> SignedForm:
    way, procedure, version, valid_from, text = shape.row(
        canonical.decode(body, FORM_MAX), 5, "form"
    )
    shape.number(way, "form's way of writing", _WAY, _WAY)
    rank_of(shape.text(version, "form's version"))
    return SignedForm(
        procedure=shape.word(procedure, _NAME, "form's procedure"),
        version=version,
        valid_from=shape.day(valid_from, "form's first day"),
        text=shape.text(text, "form's text", TEXT_MAX),
    )
