"""The people of a mapped list: who stands under which number, and each line or value that cannot be used. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from appliance.desk.pages.sameness import same_answer
from appliance.desk.pages.writing import folded
from appliance.desk.providerlist.cell import canonical, trouble
from appliance.desk.providerlist.columns import Columns, fields_of
from appliance.desk.providerlist.table import Row, Table
from procedures.procedure import Field, Procedure
from procedures.words import Words

Pairs = Sequence[tuple[str, str]]

NUMBER = "insured_no"
WHO = ("name", "name_kana", "birth_date")
"""What tells one person from another under the same number."""
UNTIL = "prev_valid_to"

_NO_NUMBER = Words("被保険者番号がありません。", "There is no insured number.")
_NO_NUMBER_FIX = Words(
    "この行は使いません。番号の列を確かめてください。", "This line is not used; check the column."
)
_TWICE = Words(
    "同じ被保険者番号が{line}行目にもあり、内容が違います。",
    "Line {line} has the same insured number and says something else.",
)
_TWICE_FIX = Words("先にある行を使います。", "The earlier line is used.")
_SHIFTED = Words(
    "列の数が{width}ではなく{found}です。", "It has {found} columns instead of {width}."
)
_SHIFTED_FIX = Words(
    "この行は使いません。値の中の区切り記号を確かめてください。",
    "This line is not used; look for a separator inside a value.",
)
_VALUE_FIX = Words("この項目は使いません。", "This value is not used.")


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be used: line, field (nothing for the whole line), the fact, the rule and what happens."""

    line: int
    label: Words | None
    fact: str
    rule: Words
    remedy: Words


@dataclass(frozen=True, slots=True)
class People:
    """Who stands in a list, by insured number, and what could not be used."""

    told: Mapping[str, Pairs]
    problems: tuple[Problem, ...]


def people_of(table: Table, columns: Columns, procedure: Procedure) -> People:
    """Return the people of a list; a bad value is left out and told, a line without a number too."""
    fields = {field.key: field for field in fields_of(procedure)}
    mapped = {column: fields[key] for column, key in columns.items() if key in fields}
    told: dict[str, dict[str, str]] = {}
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    for row in table.rows:
        found = _person(row, table.width, mapped, problems)
        number = found.get(NUMBER, "")
        if not number:
            continue
        if number not in told or _newer(found, told[number]):
            told[number], lines[number] = found, row.line
        elif _contradicts(found, told[number]):
            rule = _TWICE.put(line=str(lines[number]))
            problems.append(Problem(row.line, None, number, rule, _TWICE_FIX))
    return People({number: tuple(one.items()) for number, one in told.items()}, tuple(problems))


def said_of(people: Sequence[People], number: str, known: Pairs) -> Pairs:
    """Return what the lists say under a number, the newest list first; only who it is where that differs.

    A number misread by one digit may be another person's: then name and date of birth are put beside the paper's,
    and nothing else is taken.
    """
    found: dict[str, str] = {}
    for one in people:
        for key, value in one.told.get(number, ()):
            found.setdefault(key, value)
    facts = dict(known)
    both = [(key, facts[key], found[key]) for key in WHO if facts.get(key) and found.get(key)]
    same = any(same_answer(*each) for each in both)
    if not same and any(_apart(*each) for each in both):
        found = {key: value for key, value in found.items() if key in WHO}
    return tuple(found.items())


def _apart(key: str, one: str, other: str) -> bool:
    """Tell whether two writings cannot be one person's: a name badly read still shares a sign."""
    if key == "birth_date":
        return one != other
    return not (set(folded(one)) & set(folded(other)))


def _person(
    row: Row, width: int, mapped: Mapping[int, Field], problems: list[Problem]
) -> dict[str, str]:
    """Return a line's usable values by key; nothing for a line that is not used."""
    # Spreadsheets leave empty cells at a line's end away, or add some.
    cells = (*row.cells, *[""] * (width - len(row.cells)))
    if any(cells[width:]):
        rule = _SHIFTED.put(width=str(width), found=str(len(row.cells)))
        problems.append(Problem(row.line, None, "", rule, _SHIFTED_FIX))
        return {}
    found: dict[str, str] = {}
    for column, field in mapped.items():
        value = canonical(field.type, cells[column], field.choices)
        wrong = trouble(field.type, value, field.choices)
        if wrong is not None:
            fix = _NO_NUMBER_FIX if field.key == NUMBER else _VALUE_FIX
            problems.append(Problem(row.line, field.label, cells[column], wrong, fix))
        elif value:
            found[field.key] = value
    if NUMBER in found:
        return found
    if not any(cells[column] for column, field in mapped.items() if field.key == NUMBER):
        problems.append(Problem(row.line, None, "", _NO_NUMBER, _NO_NUMBER_FIX))
    return {}


def _newer(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Tell whether a line is a later certification of the same person: software exports each."""
    return one.get(UNTIL, "") > other.get(UNTIL, "") != ""


def _contradicts(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return any(
        key in other and not same_answer(key, value, other[key]) for key, value in one.items()
    )
