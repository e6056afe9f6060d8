"""Writes one cell of a foreign list as the form does, tolerant of how software exports dates and numbers."""

import re
import unicodedata

from procedures import fields
from procedures.codes import Choices
from procedures.words import Words

NUMBER_LENGTH = 10
"""Signs of an insured number; a spreadsheet drops the zeros before it."""

_PRIVATE = re.compile(r"[\ue000-\uf8ff]")
_SHORT_ERA = re.compile(r"([MTSHR明大昭平令])(\d{2})(\d{2})(\d{2})")
_WITH_TIME = re.compile(r"(.+?)[\sT]\d{1,2}:\d{2}(:\d{2})?(\.\d+)?")
_OWN_SIGN = Words(
    "外字（端末ごとに違う文字）が含まれています。", "It holds a character of that computer's own."
)


def canonical(kind: str, cell: str, choices: Choices = ()) -> str:
    """Return a cell as the field type `kind` is written; what cannot be read stays as it is."""
    text = cell.strip()
    if kind == "era_date":
        text = _day(text)
    if kind == "insured_no":
        text = _number(text)
    return fields.normalise(kind, text, choices)


def trouble(kind: str, value: str, choices: Choices = ()) -> Words | None:
    """Return why a canonical value cannot be used, or None. Empty is never wrong."""
    if _PRIVATE.search(value):
        return _OWN_SIGN
    return fields.fault(kind, value, choices)


def _day(text: str) -> str:
    flat = unicodedata.normalize("NFKC", text).upper()
    timed = _WITH_TIME.fullmatch(flat)
    flat = timed[1] if timed else flat
    short = _SHORT_ERA.fullmatch(flat)
    return f"{short[1]}{short[2]}.{short[3]}.{short[4]}" if short else flat


def _number(text: str) -> str:
    """Put the zeros back that a spreadsheet took from an insured number, with its `="0012"` and `12345.0` too."""
    flat = unicodedata.normalize("NFKC", text).strip("=\"'")
    whole = re.fullmatch(r"(\d{1,10})(\.0+)?", flat)
    return whole[1].zfill(NUMBER_LENGTH) if whole else flat
