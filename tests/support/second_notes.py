"""Notes from a bus read without our code, from docs/envelope.md section 11 alone."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from tests.support.second_cbor import blob, micros, need, number, read, row, rows, text, word

_LIMIT: Final = 65_536


def _question(values: list[Any]) -> None:
    _, asked, case, procedure, run, stop, number_of, name, who, words, at = row(values, 11)
    blob(asked, 16)
    blob(case, 0, 32)
    for one in (procedure, run, stop, number_of, who):
        text(one, 128)
    text(name, 4096)
    text(words, 1000)
    micros(at)


def _survey(values: list[Any]) -> None:
    _, sheet, session, respondent, bank, answers, day = row(values, 7)
    blob(sheet, 16)
    blob(session, 16)
    word(respondent, "[a-z_]{1,32}")
    text(bank, 128)
    for one in rows(answers, 64):
        item, said = row(one, 2)
        word(item, "[A-Z][0-9]{2}")
        for value in rows(said, 32):
            text(value, 1000)
    _once([one[0] for one in answers])
    word(day, r"\d{4}-\d\d-\d\d")
    try:
        date.fromisoformat(day)
    except ValueError:
        need(False)


def _measures(values: list[Any]) -> None:
    _, measures, session, run, stop, procedures, opened, closed, counted = row(values, 9)
    blob(measures, 16)
    blob(session, 16)
    text(run, 128)
    text(stop, 128)
    for one in rows(procedures, 16):
        text(one, 128)
    micros(opened)
    micros(closed)
    for one in rows(counted, 128):
        name, count = row(one, 2)
        word(name, r"[a-z_]{1,32}(\.[a-z_]{1,32})?")
        number(count)
    _once([one[0] for one in counted])


def _custody(values: list[Any]) -> None:
    _, listed, session, run, stop, number_of, name, steps = row(values, 8)
    blob(listed, 16)
    blob(session, 16)
    for one in (run, stop, number_of):
        text(one, 128)
    text(name, 4096)
    for step in rows(steps, 400):
        case, procedure, paper, state, bag, at, staff = row(step, 7)
        blob(case, 16, 32)
        for one in (procedure, paper, staff):
            text(one, 128)
        word(state, "bag|with_filer|lost|returned")
        word(bag, "[0-9A-Z-]{1,16}" if state == "bag" else "")
        micros(at)


def _once(names: list[str]) -> None:
    need(len(set(names)) == len(names))


_NOTES: Final[Mapping[int, Callable[[list[Any]], None]]] = {
    1: _question,
    2: _survey,
    3: _measures,
    4: _custody,
}


def note(data: bytes) -> list[Any]:
    """Return the values of a note."""
    values = rows(read(data, _LIMIT), 11)
    need(values and type(values[0]) is int and values[0] in _NOTES)
    _NOTES[values[0]](values)
    return values
