"""Says which column of a provider's list is which field of the form: by its heading, else by what stands in it."""

import hashlib
import json
import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from importlib.resources import files

from appliance.desk.providerlist.cell import canonical
from appliance.desk.providerlist.table import Table
from procedures.fields import fault
from procedures.procedure import Field, Procedure

Columns = Mapping[int, str]
"""Column, counted from 0, to the key of a field."""

UNTOLD = frozenset({"individual_no", "application_date", "application_kind", "insured_class"})
"""Fields no list is asked for: never taken at all, or following from the rest."""
CONSENT = "consent"
"""A consent is given in the form's own box, never by a list."""

SAMPLE_ROWS = 200
_MOST = 0.8
_DISTINCT = 0.6
_BORN = (date(1900, 1, 1), date(1990, 12, 31))
_KANJI_NAME = re.compile(r"[^\W\d_ァ-ヶぁ-ん]{1,6}[\s\u3000][^\W\d_]{1,8}")


def fields_of(procedure: Procedure) -> tuple[Field, ...]:
    """Return the fields that a column may be mapped to, in the form's order."""
    return tuple(
        field
        for field in procedure.fields
        if field.key not in UNTOLD and not field.key.startswith(CONSENT)
    )


def shape_of(table: Table) -> str:
    """Return a word for files of this kind: a digest of the headings, or of the number of columns without any."""
    told = [_plain(word) for word in table.headings] or [str(table.width)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def propose(table: Table, procedure: Procedure) -> dict[int, str]:
    """Return the columns that are recognised; each field is proposed once."""
    fields = {field.key: field for field in fields_of(procedure)}
    found = _by_heading(table, fields)
    if "insured_no" not in found.values():
        for column, key in _by_content(table, fields, found).items():
            found[column] = key
    return dict(sorted(found.items()))


def _by_heading(table: Table, fields: Mapping[str, Field]) -> dict[int, str]:
    known = _synonyms()
    for key, field in fields.items():
        known.setdefault(_plain(field.label.ja), key)
    found: dict[int, str] = {}
    for column, word in enumerate(table.headings):
        key = known.get(_plain(word), "")
        if key in fields and key not in found.values():
            found[column] = key
    return found


def _by_content(
    table: Table, fields: Mapping[str, Field], taken: Mapping[int, str]
) -> dict[int, str]:
    """Recognise the columns that cannot be anything else; the rest is for a person to say."""
    found: dict[int, str] = {}
    for column in range(table.width):
        if column in taken:
            continue
        cells = [row.cells[column] for row in table.rows[:SAMPLE_ROWS] if column < len(row.cells)]
        key = _kind([cell for cell in cells if cell])
        if key in fields and key not in (*found.values(), *taken.values()):
            found[column] = key
    return found


def _kind(cells: Sequence[str]) -> str:
    """Return the field these cells can only be of, or nothing."""
    if not cells:
        return ""
    distinct = len(set(cells)) >= _DISTINCT * len(cells)
    for key, holds in _KINDS.items():
        # An office's number has ten digits, too, and is the same on every line.
        if _mostly(cells, holds) and (distinct or key != "insured_no"):
            return key
    return ""


def _mostly(cells: Sequence[str], holds: Callable[[str], bool]) -> bool:
    return sum(1 for cell in cells if holds(cell)) >= _MOST * len(cells)


def _born(cell: str) -> bool:
    try:
        day = date.fromisoformat(canonical("era_date", cell))
    except ValueError:
        return False
    return _BORN[0] <= day <= _BORN[1]


def _synonyms() -> dict[str, str]:
    file = files("appliance.desk.providerlist") / "headings.toml"
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    known: dict[str, str] = {}
    for key, words in told.items():
        for word in words:
            known.setdefault(_plain(word), key)
    return known


def _plain(heading: str) -> str:
    """Write a heading for comparing: no blanks, brackets or separators."""
    flat = unicodedata.normalize("NFKC", heading).upper()
    return re.sub(r"[\s()\[\]【】「」『』・_:：/／※*・.-]", "", flat)


_KINDS: Mapping[str, Callable[[str], bool]] = {
    "insured_no": lambda cell: re.fullmatch(r"\d{10}", cell) is not None,
    "name_kana": lambda cell: len(cell) > 1 and fault("kana", canonical("kana", cell)) is None,
    "name": lambda cell: _KANJI_NAME.fullmatch(cell) is not None,
    "birth_date": _born,
    "sex": lambda cell: cell in {"男", "女", "男性", "女性"},
    "prev_result": lambda cell: cell.startswith(("要介護", "要支援")),
}
"""What a column cannot but be, when nearly all its cells look so."""
