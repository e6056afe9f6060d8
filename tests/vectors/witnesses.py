"""Vectors of cosigned heads of a box's journal (docs/envelope.md section 9)."""

import base64
from typing import Any, Final

from sync.keys import Signer
from sync.shape import moment_of_seconds
from sync.witness import cosign, journal_note
from tests.vectors.bricks import BOX, HALL, HEADER, NO_MATCH, SIGNATURE, THIEF, Shelf, fixed

_SEEN: Final = 1_795_482_600
_LINE: Final = "\u2014 madobus/witness "


def shelf() -> Shelf:
    """Return the vectors of cosigned heads."""
    made = Shelf("witnesses", "Heads of a box's journal under city hall's cosignature.")
    for size in (0, 41, 2**40):
        note = _note(size)
        given = {"size": size, "root": _root(size).hex(), "seen": _SEEN}
        made.good(f"a head of {size} entries", "cosigned", _given(cosigned(note)), given)
    both = _given(cosigned(_note(41)), (THIEF, HALL))
    gives = {"size": 41, "root": _root(41).hex(), "seen": _SEEN}
    made.good("one witness of two", "cosigned", both, gives)
    for name, text, fails in _bad():
        made.bad(name, "cosigned", _given(text), fails)
    stranger = _given(cosigned(_note(41)), (THIEF,))
    made.bad("a witness nobody knows", "cosigned", stranger, NO_MATCH)
    other = {**_given(cosigned(_note(41))), "device": "bus-08"}
    made.bad("another box's journal", "cosigned", other, NO_MATCH)
    thief = {**_given(cosigned(_note(41))), "seed": THIEF.seed.hex()}
    made.bad("a head signed by another box", "cosigned", thief, NO_MATCH)
    return made


def _root(size: int) -> bytes:
    return fixed(f"root of {size}", 32)


def _note(size: int, signer: Signer = BOX) -> str:
    return journal_note("bus-07", size, _root(size), signer)


def cosigned(note: str, signer: Signer = HALL) -> str:
    """Return a note with city hall's line."""
    return cosign(note, signer, moment_of_seconds(_SEEN, "seen"))


def _given(text: Any, witnesses: tuple[Signer, ...] = (HALL,)) -> dict[str, Any]:
    return {
        "text": text,
        "device": "bus-07",
        "seed": BOX.seed.hex(),
        "known_seeds": [one.seed.hex() for one in witnesses],
    }


def _bad() -> list[tuple[str, str, str]]:
    note = _note(41)
    text = cosigned(note)
    line = text.removeprefix(note)
    written = base64.b64decode(line.removeprefix(_LINE))
    later = (_SEEN + 1).to_bytes(8, "big")
    beyond = (2**63).to_bytes(8, "big")

    def under(data: bytes) -> str:
        return f"{note}{_LINE}{base64.b64encode(data).decode()}\n"

    return [
        ("no cosignature", note, HEADER),
        ("a cosignature alone", line, SIGNATURE),
        ("no text to cosign", "", HEADER),
        ("two cosignatures", text + line, HEADER),
        ("a cosignature without its line's end", text[:-1], HEADER),
        ("a cosignature cut off", under(written[:-1]), HEADER),
        ("a cosignature a byte too long", under(written + b"\x00"), HEADER),
        ("a cosignature that is not base64", f"{note}{_LINE}!!!!\n", HEADER),
        ("a cosignature of another time", under(written[:4] + later + written[12:]), SIGNATURE),
        ("a cosignature beyond all time", under(written[:4] + beyond + written[12:]), SIGNATURE),
        ("a cosignature of another head", _note(42) + line, SIGNATURE),
        ("a cosignature's last bit", under(written[:-1] + bytes((written[-1] ^ 1,))), SIGNATURE),
        ("a cosignature of a thief", cosigned(note, THIEF), NO_MATCH),
    ]
