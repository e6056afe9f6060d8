"""Vectors of the journal and of checkpoints (docs/envelope.md section 9)."""

import base64
import hashlib
from typing import Any, Final

from sync import canonical, merkle
from sync.journal import checkpoint
from sync.keys import Signer
from tests.vectors import recipe
from tests.vectors.bricks import (
    BOX,
    HALL,
    HEADER,
    MALFORMED,
    NO_MATCH,
    PAYLOAD,
    SIGNATURE,
    THIEF,
    Shelf,
    fixed,
)

_MOMENT: Final = 1_795_482_000_000_000
_ENTRY: Final = [1, bytes(32), "accepted", fixed("object", 32), _MOMENT, 60_000, 1]
_ORIGIN: Final = "madobus/filings"
_ROOT: Final = hashlib.sha256(b"a root").digest()

_GOOD: Final[dict[str, dict[int, Any]]] = {
    "an entry": {},
    "the last number": {0: 2**63 - 1},
    "the longest kind": {2: "k" * 32},
    "an entry of 1970": {4: 0, 5: 0, 6: 0},
    "the last microsecond": {4: 32_503_679_999_000_000},
}
_BAD: Final[dict[str, dict[int, Any]]] = {
    "entry 0": {0: 0},
    "entry 2^63": {0: 2**63},
    "a previous hash of 31 bytes": {1: bytes(31)},
    "no kind": {2: ""},
    "a kind with a digit": {2: "accepted2"},
    "a kind of 33 signs": {2: "k" * 33},
    "a kind that is bytes": {2: b"accepted"},
    "an object of 33 bytes": {3: bytes(33)},
    "an entry before 1970": {4: -1},
    "an entry half a second after the last": {4: 32_503_679_999_500_000},
    "an entry after 2999": {4: 32_503_679_999_000_001},
    "a negative monotonic time": {5: -1},
    "a boot counter that is null": {6: None},
}


def shelf() -> Shelf:
    """Return the vectors of entries, chains and checkpoints."""
    made = Shelf("journals", "Journal entries with their hashes, chains of them, checkpoints.")
    for name, change in _GOOD.items():
        values = [change.get(place, value) for place, value in enumerate(_ENTRY)]
        data = canonical.encode(values)
        gives = {"values": recipe.plain(values), "hash": _hash(data).hex()}
        made.good(name, "entry", {"data": recipe.packed(data)}, gives)
    for name, change in _BAD.items():
        values = [change.get(place, value) for place, value in enumerate(_ENTRY)]
        made.bad(name, "entry", {"data": recipe.packed(canonical.encode(values))}, MALFORMED)
    data = recipe.packed(canonical.encode(_ENTRY))
    made.bad("an entry cut off", "entry", {"data": recipe.cut(data, -1)}, MALFORMED)
    made.bad("a byte behind an entry", "entry", {"data": [data, "00"]}, MALFORMED)
    shorter = canonical.encode(_ENTRY[:6])
    made.bad("an entry without boot", "entry", {"data": recipe.packed(shorter)}, MALFORMED)
    over = [data, {"repeat": "00", "times": 200}]
    made.bad("an entry over 256 bytes", "entry", {"data": over}, MALFORMED)
    _chains(made)
    _notes(made)
    return made


def _hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"madobus/journal/v1\x00" + entry).digest()


def _chain(count: int, head: tuple[int, bytes] = (0, bytes(32))) -> list[bytes]:
    found, (seq, prev) = [], head
    for step in range(count):
        seq += 1
        row = [seq, prev, "sent", fixed(f"object {seq}", 32), _MOMENT + step, step, 1]
        found.append(canonical.encode(row))
        prev = _hash(found[-1])
    return found


def _chains(made: Shelf) -> None:
    rows = _chain(5)
    start = {"seq": 0, "hash": bytes(32).hex()}
    good = made.blobs
    for number, row in enumerate(rows):
        good[f"entry {number}"] = recipe.packed(row)
    names: list[Any] = [{"blob": f"entry {number}"} for number in range(5)]

    def given(entries: list[Any], head: dict[str, Any] = start) -> dict[str, Any]:
        return {"entries": entries, "head": head}

    whole = {"seq": 5, "hash": _hash(rows[-1]).hex()}
    third = {"seq": 3, "hash": _hash(rows[2]).hex()}
    made.good("a journal of five", "chain", given(names), whole)
    made.good("an empty journal", "chain", given([]), start)
    made.good("a journal that begins at a cut", "chain", given(names[3:], third), whole)
    changed = recipe.flipped(names[2], 50)
    bad = {
        "an entry taken out": given([*names[:2], *names[3:]]),
        "the first entry taken out": given(names[1:]),
        "two entries in each other's place": given([names[0], names[2], names[1]]),
        "an entry twice": given([*names[:2], names[1]]),
        "an entry changed": given([*names[:2], changed, names[3]]),
        "another cut": given(names[3:], {"seq": 3, "hash": "00" * 32}),
        "a cut's number told wrong": given(names[3:], {"seq": 2, "hash": third["hash"]}),
    }
    for name, one in bad.items():
        made.bad(name, "chain", one, PAYLOAD)


def _note(text: str, origin: str = _ORIGIN, signer: Signer = HALL, sign_as: bytes = b"") -> str:
    key = hashlib.sha256(origin.encode() + b"\n\x01" + signer.public.ed25519).digest()[:4]
    signature = key + signer.sign_note(sign_as or text.encode())
    return f"{text}\n\u2014 {origin} {base64.b64encode(signature).decode()}\n"


def _notes(made: Shelf) -> None:
    seed = HALL.seed.hex()

    def given(text: Any) -> dict[str, Any]:
        return {"text": text, "seed": seed}

    good = [
        ("a checkpoint", _ORIGIN, 7, _ROOT, ""),
        ("an empty log", _ORIGIN, 0, merkle.EMPTY_ROOT, ""),
        ("the highest number beside it", _ORIGIN, 7, _ROOT, "R8-000123-6"),
        ("a box's journal", "bus-07.city.example/journal", 2**62, _ROOT, ""),
        ("the longest origin", "o" * 128, 7, _ROOT, "x" * 64),
    ]
    for name, origin, size, root, extra in good:
        note = checkpoint(origin, size, root, HALL, extra)
        values = {"origin": origin, "size": recipe.plain(size), "root": root.hex(), "extra": extra}
        made.good(name, "checkpoint", given(note), values)
    for name, note, fails in _bad_notes():
        made.bad(name, "checkpoint", given(note), fails)
    long = [checkpoint(_ORIGIN, 7, _ROOT, HALL), {"repeat_text": " ", "times": 1024}]
    made.bad("a note over 1,024 signs", "checkpoint", given(long), HEADER)


def _bad_notes() -> list[tuple[str, str, str]]:
    root = base64.b64encode(_ROOT).decode()
    text = f"{_ORIGIN}\n7\n{root}\n"
    note = _note(text)
    spare = root[:-2] + chr(ord(root[-2]) + 1) + "="
    body, signature = note.split("\n\n")
    return [
        ("a changed size", note.replace("\n7\n", "\n8\n"), SIGNATURE),
        ("a changed root", note.replace(root, base64.b64encode(bytes(32)).decode()), SIGNATURE),
        ("a line put in", note.replace(f"{root}\n", f"{root}\nmore\n"), SIGNATURE),
        ("a signature over another text", _note(text, sign_as=b"another\n"), SIGNATURE),
        ("another signer", _note(text, signer=THIEF), NO_MATCH),
        ("a box's note for the hall's", _note(text, signer=BOX), NO_MATCH),
        ("another origin in the signature's line", f"{text}\n{_note('x', 'other')[3:]}", HEADER),
        ("no text", "", HEADER),
        ("no signature", f"{text}\n", HEADER),
        ("no empty line", note.replace("\n\n", "\n"), HEADER),
        ("two empty lines", note.replace("\n\n", "\n\n\n"), HEADER),
        ("two signatures", f"{note}{signature}", HEADER),
        ("no last line's end", note[:-1], HEADER),
        ("line ends of another system", note.replace("\n", "\r\n"), HEADER),
        ("a hyphen for the dash", note.replace("\u2014", "-"), HEADER),
        ("a size with a leading zero", _note(f"{_ORIGIN}\n07\n{root}\n"), HEADER),
        ("a negative size", _note(f"{_ORIGIN}\n-1\n{root}\n"), HEADER),
        ("a size in full-width digits", note.replace("\n7\n", "\n\uff17\n"), HEADER),
        ("a size beyond 2^62", _note(f"{_ORIGIN}\n{2**62 + 1}\n{root}\n"), HEADER),
        ("a root that is not base64", note.replace(root, "!" * 44), HEADER),
        ("a root with spare bits", _note(f"{_ORIGIN}\n7\n{spare}\n"), HEADER),
        ("a root of 31 bytes", _note(f"{_ORIGIN}\n7\n{'A' * 40}AA==\n"), HEADER),
        ("two extension lines", _note(f"{text}one\ntwo\n"), HEADER),
        ("an extension that begins with a space", _note(f"{text} one\n"), HEADER),
        ("an extension of 65 signs", _note(f"{text}{'x' * 65}\n"), HEADER),
        ("an origin with a capital", _note(f"Hall\n7\n{root}\n", "Hall"), HEADER),
        ("an origin of 129 signs", _note(f"{'o' * 129}\n7\n{root}\n", "o" * 129), HEADER),
        ("a signature cut off", f"{body}\n\n{signature[:-9]}\n", HEADER),
    ]
