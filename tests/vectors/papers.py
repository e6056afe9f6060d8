"""Vectors of signed words (docs/envelope.md section 8): receipts, beacons, addresses, proofs, filing numbers."""

from typing import Any, Final

from sync import canonical, merkle
from sync.ids import filing_number
from sync.keys import Signer
from sync.proof import log_leaf
from tests.vectors import recipe
from tests.vectors.bricks import (
    BOX,
    HALL,
    HEADER,
    MALFORMED,
    NO_MATCH,
    SIGNATURE,
    THIEF,
    Shelf,
    fixed,
)

_SLIP: Final = fixed("sha-256 of a slip", 32)
_FILED: Final = 1_795_482_000
_NUMBER: Final = filing_number(8, 123)
_BOX: Final[list[Any]] = [
    1,
    fixed("envelope id"),
    _SLIP,
    "care-renewal",
    _FILED,
    _FILED - 90,
    2,
    41,
    BOX.key_id,
]
_HALL: Final[list[Any]] = [
    2,
    fixed("envelope id"),
    _SLIP,
    "application",
    _NUMBER,
    _FILED,
    _FILED - 90,
    _FILED + 600,
    122,
    2,
    HALL.key_id,
]
_BEACON: Final[list[Any]] = [3, _FILED, b"nonce", HALL.key_id, 1, 7]
_LABELS: Final = {1: "box-receipt/v1", 2: "hall-receipt/v1", 3: "beacon/v1"}
_LAST: Final = 32_503_679_999

# Place in the list -> the value there; each is signed anew by the paper's own signer.
_BOX_GOOD: Final[dict[str, dict[int, Any]]] = {
    "a box receipt": {},
    "filed in the second of the last beacon": {4: _FILED - 90},
    "a box that never had a beacon": {5: 0},
    "the longest procedure": {3: "p" * 24},
    "the largest uncertainty": {6: 2**32 - 1},
    "the first journal entry": {7: 1},
    "the last second": {4: _LAST, 5: _LAST},
}
_BOX_BAD: Final[dict[str, dict[int, Any]]] = {
    "filed before the last beacon": {5: _FILED + 1},
    "filed after 2999": {4: _LAST + 1},
    "filed before 1970": {4: -1, 5: 0},
    "filed in half a second": {4: "1795482000.5"},
    "an envelope id of 15 bytes": {1: bytes(15)},
    "a slip's hash of 31 bytes": {2: bytes(31)},
    "no procedure": {3: ""},
    "a procedure with a capital": {3: "Care"},
    "a procedure of 25 signs": {3: "p" * 25},
    "a procedure that is bytes": {3: b"care-renewal"},
    "an uncertainty of 2^32": {6: 2**32},
    "journal number 0": {7: 0},
    "journal number 2^63": {7: 2**63},
    "form true": {0: True},
    "form 0": {0: 0},
    "form 9": {0: 9},
}
_HALL_GOOD: Final[dict[str, dict[int, Any]]] = {
    "a hall receipt": {},
    "arrived, not complete": {9: 1},
    "filed, bounded and received in one second": {6: _FILED, 7: _FILED},
    "the first leaf of the log": {8: 0},
    "the last number of a year": {4: filing_number(99, 999_999)},
}
_HALL_BAD: Final[dict[str, dict[int, Any]]] = {
    "filed after it was received": {7: _FILED - 1},
    "filed before the bound": {6: _FILED + 1},
    "a filing number with a wrong check digit": {4: _NUMBER[:-1] + "7"},
    "a filing number with two digits swapped": {4: "R8-000213-6"},
    "a filing number of year 0": {4: "R0-000123-6"},
    "a filing number with a leading zero": {4: "R08-000123-6"},
    "a filing number in full-width digits": {4: "R\uff18-000123-6"},
    "stage 0": {9: 0},
    "stage 3": {9: 3},
    "a negative leaf": {8: -1},
    "a leaf beyond 2^62": {8: 2**62 + 1},
    "a hall's key id of 9 bytes": {10: bytes(9)},
}


def shelf() -> Shelf:
    """Return the vectors of signed words."""
    made = Shelf("papers", "Receipts, beacons, printed addresses, proofs, filing numbers.")
    for rows, good, bad, signer in (
        (_BOX, _BOX_GOOD, _BOX_BAD, BOX),
        (_HALL, _HALL_GOOD, _HALL_BAD, HALL),
    ):
        for name, change in good.items():
            values = _with(rows, change)
            made.good(name, "receipt", _paper(values, signer), recipe.plain(values))
        for name, change in bad.items():
            made.bad(name, "receipt", _paper(_with(rows, change), signer), HEADER)
    _not_signed(made)
    _beacons(made)
    _addresses(made)
    _proofs(made)
    _numbers(made)
    return made


def _with(rows: list[Any], change: dict[int, Any]) -> list[Any]:
    return [change.get(place, value) for place, value in enumerate(rows)]


def _signed(body: bytes, signer: Signer, label: str) -> bytes:
    return body + signer.sign_short(label, body)


def _paper(values: list[Any], signer: Signer, label: str | None = None) -> dict[str, Any]:
    body = canonical.encode(values)
    chosen = label or _LABELS.get(values[0], "box-receipt/v1")
    return {"data": _signed(body, signer, chosen).hex(), "known_seeds": [signer.seed.hex()]}


def _not_signed(made: Shelf) -> None:
    good = _paper(_BOX, BOX)
    data, known = bytes.fromhex(good["data"]), good["known_seeds"]
    padded = _with(_BOX, {3: "p" * 24, 4: _LAST, 5: _LAST, 6: 2**32 - 1, 7: 2**63 - 1})
    cases = [
        ("a bit of the envelope id", recipe.flipped(good["data"], 3), SIGNATURE),
        ("the signature's first bit", recipe.flipped(good["data"], -64), SIGNATURE),
        ("the signature's last bit", recipe.flipped(good["data"], -1, 7), SIGNATURE),
        ("a receipt cut off", recipe.cut(good["data"], -1), HEADER),
        ("a byte behind a receipt", [good["data"], "00"], HEADER),
        ("a signature alone", data[-64:].hex(), HEADER),
        ("an empty receipt", "", HEADER),
        ("a receipt over 200 bytes", [good["data"], {"repeat": "00", "times": 60}], HEADER),
        ("a map and a signature", "a0" + data[-64:].hex(), HEADER),
        ("an empty list and a signature", "80" + data[-64:].hex(), HEADER),
        ("a list in a long form", "9809" + data[1:].hex(), HEADER),
    ]
    for name, spec, fails in cases:
        made.bad(name, "receipt", {"data": spec, "known_seeds": known}, fails)
    others: list[tuple[str, dict[str, Any], str]] = [
        ("signed as a beacon", _paper(_BOX, BOX, "beacon/v1"), SIGNATURE),
        ("signed as the other receipt", _paper(_HALL, HALL, "box-receipt/v1"), SIGNATURE),
        ("a box receipt with a field less", _paper(_BOX[:8], BOX), HEADER),
        ("a hall receipt with a field more", _paper([*_HALL, 0], HALL), HEADER),
        ("a beacon where a receipt belongs", _paper(_BEACON, HALL), HEADER),
        ("a key nobody knows", {**good, "known_seeds": [THIEF.seed.hex()]}, NO_MATCH),
        ("no keys at all", {**good, "known_seeds": []}, NO_MATCH),
        ("a thief who signs in the box's name", _thief(), SIGNATURE),
    ]
    for name, one, fails in others:
        made.bad(name, "receipt", one, fails)
    made.good("the longest box receipt", "receipt", _paper(padded, BOX), recipe.plain(padded))


def _thief() -> dict[str, Any]:
    data = _signed(canonical.encode(_BOX), THIEF, "box-receipt/v1")
    return {"data": data.hex(), "known_seeds": [BOX.seed.hex(), THIEF.seed.hex()]}


def _beacons(made: Shelf) -> None:
    good_changes: dict[str, dict[int, Any]] = {
        "a beacon": {},
        "a beacon that says nothing of keys": {4: 0, 5: 0},
        "a nonce of one byte": {2: b"\x00"},
        "a nonce of 16 bytes": {2: bytes(16)},
        "a beacon of 1970": {1: 0},
    }
    for name, change in good_changes.items():
        values = _with(_BEACON, change)
        made.good(name, "beacon", _paper(values, HALL), recipe.plain(values))
    bad_changes: dict[str, dict[int, Any]] = {
        "a negative root's version": {4: -1},
        "a bundle's version of 2^63": {5: 2**63},
        "no nonce": {2: b""},
        "a nonce of 17 bytes": {2: bytes(17)},
        "a beacon after 2999": {1: _LAST + 1},
        "a beacon before 1970": {1: -1},
        "a beacon's key id of 7 bytes": {3: bytes(7)},
        "a beacon's time as text": {1: "2026"},
    }
    for name, wrong in bad_changes.items():
        made.bad(name, "beacon", _paper(_with(_BEACON, wrong), HALL), HEADER)
    good = _paper(_BEACON, HALL)
    stranger = {**good, "known_seeds": [BOX.seed.hex()]}
    made.bad("a beacon of a key nobody knows", "beacon", stranger, NO_MATCH)
    for name, spec, fails in [
        ("a beacon's bit", recipe.flipped(good["data"], 4), SIGNATURE),
        ("a beacon cut off", recipe.cut(good["data"], 64), HEADER),
        ("a beacon over 120 bytes", [good["data"], {"repeat": "00", "times": 40}], HEADER),
    ]:
        made.bad(name, "beacon", {**good, "data": spec}, fails)
    made.bad("a box receipt where a beacon belongs", "beacon", _paper(_BOX, BOX), HEADER)
    signed_as_receipt = _paper(_BEACON, HALL, "hall-receipt/v1")
    made.bad("a beacon signed as a receipt", "beacon", signed_as_receipt, SIGNATURE)


def _addresses(made: Shelf) -> None:
    data = b"any bytes at all, a few of them"
    digits = len(str(256 ** len(data) - 1))
    written = str(int.from_bytes(data, "big")).zfill(digits)
    front = "https://madobus.example/r#"
    good = {
        "an address": (f"{front}{written}", data),
        "another host": (f"https://192.0.2.7:8443/r#{written}", data),
        "white space around": (f" {front}{written}\n", data),
        "one byte": (f"{front}007", b"\x07"),
        "the largest byte": (f"{front}255", b"\xff"),
        "two zero bytes": (f"{front}00000", bytes(2)),
        "200 bytes": (f"{front}{256**200 - 1}", b"\xff" * 200),
    }
    for name, (text, meant) in good.items():
        made.good(name, "address", {"text": text}, recipe.plain(meant))
    bad = {
        "no text": "",
        "no receipt behind the sign": front,
        "without encryption": f"http://madobus.example/r#{written}",
        "another path": f"https://madobus.example/s#{written}",
        "a query": f"https://madobus.example/r?{written}",
        "no host": f"https:///r#{written}",
        "a digit less": f"{front}{written[:-1]}",
        "a digit more": f"{front}{written}0",
        "a number too large for its digits": f"{front}256",
        "two digits": f"{front}07",
        "a letter": f"{front}{written[:-1]}a",
        "full-width digits": f"{front}\uff10\uff10\uff17",
        "a sign in front": f"{front}+{written[1:]}",
        "a low line between": f"{front}{written[:9]}_{written[10:]}",
        "a space inside": f"{front}{written[:9]} {written[10:]}",
        "201 bytes": [front, {"repeat_text": "0", "times": len(str(256**201 - 1))}],
    }
    for name, spec in bad.items():
        made.bad(name, "address", {"text": spec}, MALFORMED)


def _proofs(made: Shelf) -> None:
    leaves = [log_leaf(fixed(f"slip {n}", 32), filing_number(8, n)) for n in range(7)]
    leaves[4] = log_leaf(_SLIP, _NUMBER)
    root, path = merkle.root(leaves), merkle.inclusion_proof(4, leaves)
    row = [4, 7, root, path, ""]
    good = {
        "a proof": row,
        "a proof without steps": [4, 1, root, [], ""],
        "a proof of 64 steps": [4, 2**62, root, [root] * 64, ""],
        "a proof with the log's note": [4, 7, root, path, "n" * 1024],
    }
    for name, values in good.items():
        data = recipe.packed(canonical.encode(values))
        made.good(name, "proof", {"data": data}, recipe.plain(values))
    bad: dict[str, list[Any]] = {
        "another form": [5, *row[1:]],
        "size 0": [4, 0, *row[2:]],
        "a size beyond 2^62": [4, 2**62 + 1, *row[2:]],
        "a root of 31 bytes": [4, 7, bytes(31), path, ""],
        "65 steps": [4, 7, root, [root] * 65, ""],
        "a step of 33 bytes": [4, 7, root, [*path, bytes(33)], ""],
        "a note of 1,025 signs": [4, 7, root, path, "n" * 1025],
        "a note that is bytes": [4, 7, root, path, b""],
        "a proof without note": row[:4],
    }
    for name, values in bad.items():
        data = recipe.packed(canonical.encode(values))
        made.bad(name, "proof", {"data": data}, MALFORMED)
    over = [canonical.encode(row).hex(), {"repeat": "00", "times": 8192}]
    made.bad("a proof over 8,192 bytes", "proof", {"data": over}, MALFORMED)
    proof = canonical.encode(row).hex()
    filings: list[tuple[str, dict[int, Any], bool]] = [
        ("the receipt's filing stands in the log", {8: 4}, True),
        ("another place in the log", {8: 3}, False),
        ("a place beyond the log", {8: 7}, False),
        ("another filing number", {8: 4, 4: filing_number(8, 124)}, False),
        ("another slip", {8: 4, 2: bytes(32)}, False),
    ]
    for name, change, holds in filings:
        receipt = _paper(_with(_HALL, change), HALL)
        made.good(name, "holds", {**receipt, "proof": proof}, holds)


def _numbers(made: Shelf) -> None:
    for year, serial in [(1, 0), (8, 123), (8, 999_999), (10, 1), (99, 999_999)]:
        text = filing_number(year, serial)
        made.good(f"number {text}", "filing number", {"text": text}, True)
    for text in ("R8-000123-5", "R8-00123-6", "r8-000123-6", "R8-000123-6 ", "R100-000123-6", ""):
        made.good(f"no number '{text}'", "filing number", {"text": text}, False)
    for text in (_NUMBER, filing_number(8, 0)):
        leaf = log_leaf(_SLIP, text).hex()
        given = {"slip_sha256": _SLIP.hex(), "text": text}
        made.good(f"the leaf of {text}", "leaf", given, leaf)
