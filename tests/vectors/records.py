"""Vectors of records, letters and forms (docs/envelope.md section 11): good values, and each rule broken once."""

from typing import Any, Final

from sync import canonical
from tests.vectors import recipe
from tests.vectors.bricks import HEADER, MALFORMED, NO_MATCH, OFFICE, SIGNATURE, THIEF, Shelf, fixed

_MOMENT: Final = 1_795_482_000_000_000
_FILING: Final = [_MOMENT, 2, "synced", "bus_receipt", "2026-04", "S-014"]
_ANSWER: Final = ["insured.name", "髙﨑 𠮷雄", "due_list", None]
_GUESS: Final = ["insured.birth", "1938-04-02", "ocr", 9712]
_DEFECT: Final = ["birth.plausible", "warn", "insured.birth", "生年月日", "Look again.", "bus"]
_H: Final = bytes(32)
_SHEET: Final = [
    0,
    "form_front",
    1,
    _H,
    _H,
    60_000,
    _H,
    7_500,
    "image/avif",
    "image/webp",
    ["ok"],
    [],
]
_ORIGINAL: Final = [_H, 700_000, "image/jpeg"]
_RECORD: Final[dict[int, Any]] = {
    1: 1,
    2: fixed("record id"),
    3: "care-renewal",
    4: "2026-10",
    5: fixed("batch id"),
    6: 1,
    7: 12,
    8: "2026-11-24-a",
    9: "kita-2",
    10: "1370000001",
    11: "きたの丘ケアプランセンター",
    12: _FILING,
    13: [_ANSWER, _GUESS],
    14: [_DEFECT],
    15: [_SHEET],
    16: "",
    17: b"",
}
_PACK: Final = [
    1,
    fixed("pack id"),
    "run",
    "stop",
    "bus-07",
    "1370000001",
    "きたの丘",
    _MOMENT,
    _MOMENT + 3_600_000_000,
    True,
    "S-014",
    [
        ["due-1", "0000000001", [["insured.name", "髙﨑 𠮷雄"]], "token", []],
        ["due-2", "0000000002", [], "", ["2025-08-20", [["physician.name", "及川 章"]]]],
    ],
    ["0000000002"],
]
_CORRECTION: Final = [
    2,
    fixed("request id"),
    fixed("case", 32),
    fixed("record id"),
    "R8-000123-6",
    "1370000001",
    "missing_page",
    "裏面がありません。",
    ["form_back"],
    ["insured.birth"],
    "2026-12-08",
    _MOMENT,
    "0000000001",
    "髙●●●",
    "care-renewal",
]
_REPLY: Final = [3, fixed("answer id"), b"", "", "", "Q?", "A.", _MOMENT]
_WAYS: Final = {"visit pack": _PACK, "correction request": _CORRECTION, "answer": _REPLY}

_GOOD: Final[dict[str, dict[int, Any]]] = {
    "a record": {},
    "a record without sheets": {13: [], 14: [], 15: []},
    "a record that completes a case": {17: bytes(32)},
    "confidence nought and one": {13: [[*_GUESS[:3], 0], [*_GUESS[:3], 10_000]]},
    "32 quality words": {15: [[*_SHEET[:10], ["w"] * 32, []]]},
    "sheets with originals": {15: [[*_SHEET[:11], _ORIGINAL], [*_SHEET[:11], _ORIGINAL]]},
    "a word of 128 signs": {8: "語" * 128},
    "a name of 4,096 signs": {11: "名" * 4096},
}
_BAD: Final[dict[str, dict[int, Any]]] = {
    "record version 2": {1: 2},
    "a record id of 15 bytes": {2: bytes(15)},
    "a word of 129 signs": {8: "語" * 129},
    "a name of 4,097 signs": {11: "名" * 4097},
    "a procedure that is bytes": {3: b"care-renewal"},
    "a negative place in the batch": {6: -1},
    "a filing without officer": {12: _FILING[:5]},
    "handed in after 2999": {12: [32_503_680_000_000_000, *_FILING[1:]]},
    "handed in with an uncertainty of 2^32": {12: [_MOMENT, 2**32, *_FILING[2:]]},
    "513 answers": {13: [["k", "v", "s", None]] * 513},
    "a confidence over one": {13: [[*_GUESS[:3], 10_001]]},
    "a confidence that is false": {13: [[*_GUESS[:3], False]]},
    "an answer without source": {13: [_ANSWER[:2]]},
    "257 defects": {14: [["c", "s", "f", "s", "r", "m"]] * 257},
    "a defect without remedy": {14: [_DEFECT[:5]]},
    "a sheet's hash of 31 bytes": {15: [[*_SHEET[:3], bytes(31), *_SHEET[4:]]]},
    "33 quality words": {15: [[*_SHEET[:10], ["w"] * 33, []]]},
    "one sheet with an original, one without": {15: [[*_SHEET[:11], _ORIGINAL], _SHEET]},
    "an original without its length": {15: [[*_SHEET[:11], [_H, "image/jpeg"]]]},
    "an original's hash of 31 bytes": {15: [[*_SHEET[:11], [bytes(31), 700_000, "image/jpeg"]]]},
    "an original that is nothing": {15: [[*_SHEET[:11], None]]},
    "a sheet without quality": {15: [_SHEET[:10]]},
    "256 sheets": {15: [[*_SHEET[:10], [], []]] * 256},
    "a completed case of 33 bytes": {17: bytes(33)},
    "a key 18": {18: 0},
}
# Letter, place in its list, value there.
_BAD_LETTERS: Final[list[tuple[str, str, int, Any]]] = [
    ("form 0", "answer", 0, 0),
    ("form 4", "answer", 0, 4),
    ("form true", "visit pack", 0, True),
    ("a pack id of 17 bytes", "visit pack", 1, bytes(17)),
    ("a designated counter that is 1", "visit pack", 9, 1),
    ("a start after 2999", "visit pack", 7, 2**62),
    ("257 due", "visit pack", 11, [["r", "n", [], "", []]] * 257),
    ("a due without last case", "visit pack", 11, [["r", "n", [], ""]]),
    ("a due answer of three", "visit pack", 11, [["r", "n", [["k", "v", "s"]], "", []]]),
    ("257 pending", "visit pack", 12, ["1"] * 257),
    ("a pending number that is one", "visit pack", 12, [1]),
    ("a last case without a day", "visit pack", 11, [["r", "n", [], "", [[]]]]),
    ("a last case that is null", "visit pack", 11, [["r", "n", [], "", None]]),
    ("a last case on no day", "visit pack", 11, [["r", "n", [], "", ["2025-02-30", []]]]),
    (
        "a last answer of three",
        "visit pack",
        11,
        [["r", "n", [], "", ["2025-08-20", [["k", "v", 1]]]]],
    ),
    ("a case id of 33 bytes", "correction request", 2, bytes(33)),
    ("a day that does not exist", "correction request", 10, "2026-02-30"),
    ("a day without hyphens", "correction request", 10, "20261208"),
    ("a day in a week", "correction request", 10, "2026-W50-2"),
    ("a day with a time", "correction request", 10, "2026-12-08T00:00:00"),
    ("129 missing kinds", "correction request", 8, ["k"] * 129),
    ("missing kinds as one text", "correction request", 8, "form_back"),
    ("a question of 4,097 signs", "answer", 5, "問" * 4097),
    ("an answer's moment as text", "answer", 7, "2026-12-08"),
]


def shelf() -> Shelf:
    """Return the vectors of what is read behind a seal, and of forms."""
    made = Shelf("records", "Records, letters and signed forms.")
    for name, change in _GOOD.items():
        values = _RECORD | change
        made.good(name, "record", {"data": _bytes(values)}, recipe.plain(values))
    for name, change in _BAD.items():
        made.bad(name, "record", {"data": _bytes(_RECORD | change)}, MALFORMED)
    less = {key: value for key, value in _RECORD.items() if key != 16}
    made.bad("a record without card custody", "record", {"data": _bytes(less)}, MALFORMED)
    listed = _bytes(list(_RECORD.values()))
    made.bad("a record as a list", "record", {"data": listed}, MALFORMED)
    over = [_bytes(_RECORD), {"repeat": "00", "times": 262_144}]
    made.bad("a record over 262,144 bytes", "record", {"data": over}, MALFORMED)
    _letters(made)
    _forms(made)
    return made


def _bytes(value: Any) -> Any:
    return recipe.packed(canonical.encode(value))


def _letters(made: Shelf) -> None:
    for name, row in _WAYS.items():
        made.good(f"a letter: {name}", "letter", {"data": _bytes(row)}, recipe.plain(row))
        made.bad(f"{name}, a field less", "letter", {"data": _bytes(row[:-1])}, MALFORMED)
        made.bad(f"{name}, a field more", "letter", {"data": _bytes([*row, 0])}, MALFORMED)
    for name, letter, place, value in _BAD_LETTERS:
        row = list(_WAYS[letter])
        row[place] = value
        made.bad(f"{letter}: {name}", "letter", {"data": _bytes(row)}, MALFORMED)
    made.bad("a letter without fields", "letter", {"data": "80"}, MALFORMED)
    made.bad("a letter that is a map", "letter", {"data": "a0"}, MALFORMED)


def _forms(made: Shelf) -> None:
    text = 'id = "care-renewal"\n'
    body = [1, "care-renewal", "2026-04-01.2", "2026-12-08", text]
    key = {"known_seeds": [OFFICE.seed.hex()]}
    data = _signed(body)
    good = made.blob("form", data)
    made.good("a form", "form", {"data": good, **key}, recipe.plain(body))
    other = [1, "f", "2026-04-01", "2026-12-08", ""]
    shortest = recipe.packed(_signed(other))
    made.good("an empty form", "form", {"data": shortest, **key}, recipe.plain(other))
    at = data.index(b"care-renewal")
    stranger = {"data": good, "known_seeds": [THIEF.seed.hex()]}
    made.bad("a form of another city", "form", stranger, NO_MATCH)
    for name, spec, fails in [
        ("a form's first letter", recipe.flipped(good, at), SIGNATURE),
        ("a form's last bit", recipe.flipped(good, -1, 7), SIGNATURE),
        ("a form cut off", recipe.cut(good, -1), HEADER),
        ("a byte behind a form", [good, "00"], HEADER),
        ("a form signed as an envelope", recipe.packed(_signed(body, "envelope/v1")), SIGNATURE),
    ]:
        made.bad(name, "form", {"data": spec, **key}, fails)
    for name, place, value in [
        ("a form of another way of writing", 0, 2),
        ("a form's version that is a word", 2, "new"),
        ("a form's version with two dots", 2, "2026-04-01.2.3"),
        ("a form's name with a capital", 1, "Care"),
        ("a form's first day that is none", 3, "2026-13-01"),
        ("a form's text as bytes", 4, b""),
    ]:
        row = list(body)
        row[place] = value
        made.bad(name, "form", {"data": recipe.packed(_signed(row)), **key}, HEADER)


def _signed(body: list[Any], label: str = "form/v1") -> bytes:
    written = canonical.encode(body)
    short, long = OFFICE.sign(label, written)
    return canonical.encode([written, OFFICE.key_id, short, long])
