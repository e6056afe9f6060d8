"""Vectors of notes from a bus (docs/envelope.md section 11): good values, and each rule broken once."""

from typing import Any, Final

from sync import canonical
from tests.vectors import recipe
from tests.vectors.bricks import MALFORMED, Shelf, fixed

_MOMENT: Final = 1_795_482_000_000_000
_QUESTION: Final = [
    1,
    fixed("question id"),
    b"",
    "care-renewal",
    "2026-11-24-a",
    "kita-2",
    "1370000001",
    "きたの丘",
    "S-014",
    "同意欄は代筆でもよいですか。",
    _MOMENT,
]
_SURVEY: Final = [
    2,
    fixed("sheet id"),
    fixed("session"),
    "provider",
    "1",
    [["B05", ["4"]], ["B06", ["list", "plans"]]],
    "2026-11-24",
]
_MEASURES: Final = [
    3,
    fixed("measures id"),
    fixed("session"),
    "2026-11-24-a",
    "kita-2",
    ["care-renewal"],
    _MOMENT,
    _MOMENT + 3_000_000_000,
    [["presses", 31], ["link.gone", 1200]],
]
_STEP: Final = [
    fixed("case id"),
    "care-renewal",
    "insurance_card",
    "bag",
    "014",
    _MOMENT,
    "S-014",
]
_CUSTODY: Final = [
    4,
    fixed("list id"),
    fixed("session"),
    "2026-11-24-a",
    "kita-2",
    "1370000001",
    "きたの丘",
    [_STEP, [*_STEP[:3], "returned", "", _MOMENT + 60_000_000, "S-015"]],
]
_WAYS: Final = {
    "question": _QUESTION,
    "survey": _SURVEY,
    "measures": _MEASURES,
    "custody": _CUSTODY,
}


def _stepped(place: int, value: Any) -> list[Any]:
    """Return the steps of a list with one value of one step changed."""
    return [[*_STEP[:place], value, *_STEP[place + 1 :]]]


# Note, place in its list, value there.
_GOOD: Final[list[tuple[str, str, int, Any]]] = [
    ("about a case", "question", 2, bytes(32)),
    ("of 1,000 signs", "question", 9, "問" * 1000),
    ("passed over", "survey", 5, []),
    ("64 items", "survey", 5, [[f"A{n:02}", []] for n in range(64)]),
    ("32 values", "survey", 5, [["B06", ["x"] * 32]]),
    ("without values", "measures", 8, []),
    ("16 procedures", "measures", 5, ["p"] * 16),
    ("a name of two words of 32 signs", "measures", 8, [[f"{'a' * 32}.{'b' * 32}", 2**63 - 1]]),
    ("without steps", "custody", 7, []),
    ("400 steps", "custody", 7, [_STEP] * 400),
    ("a bag of 16 signs", "custody", 7, _stepped(4, "A-01234567890123")),
]
_BAD: Final[list[tuple[str, str, int, Any]]] = [
    ("form 0", "question", 0, 0),
    ("form 5", "question", 0, 5),
    ("form true", "question", 0, True),
    ("an id of 15 bytes", "question", 1, bytes(15)),
    ("a case id of 33 bytes", "question", 2, bytes(33)),
    ("1,001 signs", "question", 9, "問" * 1001),
    ("a provider's name of 4,097 signs", "question", 7, "名" * 4097),
    ("a stop of 129 signs", "question", 5, "停" * 129),
    ("asked after 2999", "question", 10, 2**62),
    ("a session of 17 bytes", "survey", 2, bytes(17)),
    ("a respondent in capitals", "survey", 3, "Provider"),
    ("no respondent", "survey", 3, ""),
    ("65 items", "survey", 5, [[f"{'AB'[n // 64]}{n % 64:02}", []] for n in range(65)]),
    ("an item twice", "survey", 5, [["B05", ["4"]], ["B05", ["5"]]]),
    ("an item in small letters", "survey", 5, [["b05", ["4"]]]),
    ("an item with a full-width digit", "survey", 5, [["B0５", ["4"]]]),
    ("33 values", "survey", 5, [["B06", ["x"] * 33]]),
    ("a value that is a number", "survey", 5, [["B05", [4]]]),
    ("a value of 1,001 signs", "survey", 5, [["Q15", ["字" * 1001]]]),
    ("an answer without values", "survey", 5, [["B05"]]),
    ("a day that does not exist", "survey", 6, "2026-02-30"),
    ("a day without hyphens", "survey", 6, "20261124"),
    ("17 procedures", "measures", 5, ["p"] * 17),
    ("closed as text", "measures", 7, "2026-11-24"),
    (
        "129 values",
        "measures",
        8,
        [[f"{'a' * (n % 32 + 1)}.{'b' * (n // 32 + 1)}", 1] for n in range(129)],
    ),
    ("a name twice", "measures", 8, [["presses", 1], ["presses", 2]]),
    ("a name of three words", "measures", 8, [["a.b.c", 1]]),
    ("a name with a digit", "measures", 8, [["page1", 1]]),
    ("a negative number", "measures", 8, [["presses", -1]]),
    ("a number that is true", "measures", 8, [["presses", True]]),
    ("401 steps", "custody", 7, [_STEP] * 401),
    ("a list id of 15 bytes", "custody", 1, bytes(15)),
    ("a case id of 15 bytes", "custody", 7, _stepped(0, bytes(15))),
    ("a state of no list", "custody", 7, _stepped(3, "gone")),
    ("a bag without a number", "custody", 7, _stepped(4, "")),
    ("a bag of 17 signs", "custody", 7, _stepped(4, "0" * 17)),
    ("a bag in small letters", "custody", 7, _stepped(4, "a1")),
    ("a number without a bag", "custody", 7, _stepped(3, "lost")),
    ("a step without its staff", "custody", 7, [_STEP[:6]]),
    ("a step at a text", "custody", 7, _stepped(5, "03:00")),
]


def shelf() -> Shelf:
    """Return the vectors of what a bus says beside applications."""
    made = Shelf("notes", "Notes from a bus: questions, survey sheets, measures, custody lists.")
    for name, row in _WAYS.items():
        made.good(f"a note: {name}", "note", {"data": _bytes(row)}, recipe.plain(row))
        made.bad(f"{name}, a field less", "note", {"data": _bytes(row[:-1])}, MALFORMED)
        made.bad(f"{name}, a field more", "note", {"data": _bytes([*row, 0])}, MALFORMED)
    for name, note, place, value in _GOOD:
        row = _changed(note, place, value)
        made.good(f"{note}: {name}", "note", {"data": _bytes(row)}, recipe.plain(row))
    for name, note, place, value in _BAD:
        row = _changed(note, place, value)
        made.bad(f"{note}: {name}", "note", {"data": _bytes(row)}, MALFORMED)
    made.bad("a note without fields", "note", {"data": "80"}, MALFORMED)
    made.bad("a note that is a map", "note", {"data": "a0"}, MALFORMED)
    over = [_bytes(_QUESTION), {"repeat": "00", "times": 65_536}]
    made.bad("a note over 65,536 bytes", "note", {"data": over}, MALFORMED)
    return made


def _changed(note: str, place: int, value: Any) -> list[Any]:
    row = list(_WAYS[note])
    row[place] = value
    return row


def _bytes(value: Any) -> Any:
    return recipe.packed(canonical.encode(value))
