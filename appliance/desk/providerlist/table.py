"""Turns the bytes of a foreign CSV file into rows of text, within limits; what is no such file is told in words.

Care software writes CP932 with commas (ケアプラン標準仕様 too), spreadsheets write UTF-8 or UTF-16, some with tabs.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace

from appliance.desk.partners import Refused
from procedures.numbers import individual_no_holds

BYTES_MAX = 1024 * 1024
"""A provider of a thousand people with forty columns stays below it."""

ROWS_MAX = 2000
COLUMNS_MAX = 120
CELL_MAX = 500

EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How a workbook begins that was never written as CSV."""

_HEADINGS_WITHIN = 5
_MY_NUMBER = re.compile(r"個人番号|マイナンバー|ﾏｲﾅﾝﾊﾞｰ")
_HALF = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One person's line: where it ends in the file, counted from 1, and its cells."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The file as text. `headings` is empty where the file has none; `hidden` counts individual numbers left out."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str
    hidden: int = 0

    @property
    def width(self) -> int:
        """How many columns there are: as many as headings, else as most lines have."""
        lengths = Counter(len(row.cells) for row in self.rows)
        return len(self.headings) or (lengths.most_common(1)[0][0] if lengths else 0)


def read_table(data: bytes) -> Table:
    """Return the file's rows without individual numbers; raises Refused with the sentence of what is wrong."""
    if not data.strip():
        raise Refused("refused.list_empty")
    if len(data) > BYTES_MAX:
        raise Refused("refused.list_large", most=BYTES_MAX // 1024)
    if data.startswith(EXCEL):
        raise Refused("refused.list_excel")
    text, encoding = _decoded(data)
    rows = _rows(text)
    at = _heading_at(rows)
    headings = () if at is None else tuple(" ".join(cell.split()) for cell in rows[at].cells)
    people = tuple(rows if at is None else rows[at + 1 :])
    if not people:
        raise Refused("refused.list_empty")
    if len(people) > ROWS_MAX:
        raise Refused("refused.list_rows", most=ROWS_MAX, rows=len(people))
    return _without_individual_numbers(Table(headings, people, encoding))


def _decoded(data: bytes) -> tuple[str, str]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tries: tuple[str, ...] = ("utf-16",)
    else:
        tries = ("utf-8-sig", "cp932")
    line = 1
    for encoding in tries:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            continue
        if "\0" not in text:
            return text, encoding
    raise Refused("refused.list_signs", line=line)


def _rows(text: str) -> list[Row]:
    first = text.split("\n", 1)[0]
    delimiter = max(",", "\t", ";", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = []
    try:
        for cells in reader:
            if len(cells) > COLUMNS_MAX or any(len(cell) > CELL_MAX for cell in cells):
                raise Refused(
                    "refused.list_wide", line=reader.line_num, columns=COLUMNS_MAX, signs=CELL_MAX
                )
            if any(cell.strip() for cell in cells):
                rows.append(Row(reader.line_num, tuple(cell.strip() for cell in cells)))
    except csv.Error as error:
        raise Refused("refused.list_quotes", line=reader.line_num) from error
    return rows


def _heading_at(rows: list[Row]) -> int | None:
    """Find the line of headings: the first full one without a digit, with digits in the line below."""
    width = max((len(row.cells) for row in rows), default=0)
    for place, row in enumerate(rows[:_HEADINGS_WITHIN]):
        filled = [cell for cell in row.cells if cell]
        wordy = len(filled) * _HALF > width and not any(map(_has_number, filled))
        below = rows[place + 1].cells if place + 1 < len(rows) else ()
        if wordy and (not below or any(map(_has_number, below))):
            return place
    return None


def _has_number(cell: str) -> bool:
    """Tell whether a cell is data: mostly digits. `連絡先1` is a heading."""
    flat = unicodedata.normalize("NFKC", cell)
    return sum(sign.isdigit() for sign in flat) * _HALF > len(flat)


def _without_individual_numbers(table: Table) -> Table:
    """Leave out every individual number (マイナンバー) before anything is kept or shown."""
    whole = {place for place, word in enumerate(table.headings) if _MY_NUMBER.search(_flat(word))}
    hidden = 0
    rows = []
    for row in table.rows:
        secret = {
            place
            for place, cell in enumerate(row.cells)
            if cell and (place in whole or _individual(cell))
        }
        hidden += len(secret)
        cells = tuple("" if place in secret else cell for place, cell in enumerate(row.cells))
        rows.append(replace(row, cells=cells))
    return replace(table, rows=tuple(rows), hidden=hidden)


def _individual(cell: str) -> bool:
    flat = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", cell))
    return re.fullmatch(r"[0-9]{12}", flat) is not None and individual_no_holds(flat) is True


def _flat(word: str) -> str:
    return "".join(unicodedata.normalize("NFKC", word).split())
