"""The messages about calls, as small JSON texts. Strict: what `write` would not write, `read` refuses."""

import json
import re
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Final, TypeAlias

from sync.calling import TEXT_MAX, CallRefused, CallState, Line, Outcome, Side
from sync.errors import PeerError
from sync.mediabinding import BINDING_MAX

VERSION: Final = 1
MESSAGE_MAX: Final = 8 * 1024  # bytes: 500 characters of any script, escaped, and their envelope
_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_SENTENCE_MAX: Final = 400


@dataclass(frozen=True, slots=True)
class Greet:
    """Either side's first word: the version it speaks."""

    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Ring:
    """The bus rings city hall under a number it drew itself, so that a repeat is the same call."""

    call_id: str
    binding: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The bus answers."""

    call_id: str
    binding: str = ""


@dataclass(frozen=True, slots=True)
class HangUp:
    """The bus hangs up, refuses, or gives up ringing."""

    call_id: str


@dataclass(frozen=True, slots=True)
class Say:
    """The bus says one line."""

    call_id: str
    line_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The switchboard tells how a call stands; `binding` is city hall's own, once there is one."""

    call_id: str
    caller: Side
    state: CallState
    outcome: Outcome
    binding: str = ""


@dataclass(frozen=True, slots=True)
class Quiet:
    """The switchboard tells that there is no call."""


@dataclass(frozen=True, slots=True)
class Said:
    """The switchboard tells a line it has written down: the other side's, or the bus's own."""

    call_id: str
    line_id: str
    by: Side
    text: str
    at: int

    def line(self) -> Line:
        """Return the line alone."""
        return Line(self.line_id, self.by, self.text, self.at)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The switchboard does not follow; `number` is a CallRefused, `about` the call or nothing."""

    number: int
    about: str
    sentence: str


Message: TypeAlias = Greet | Ring | Answer | HangUp | Say | Standing | Quiet | Said | Refusal
FROM_BUS: Final = (Greet, Ring, Answer, HangUp, Say)
FROM_HALL: Final = (Greet, Standing, Quiet, Said, Refusal)
_KINDS: Final[dict[str, type[Any]]] = {
    kind.__name__.lower(): kind for kind in (*FROM_BUS, *FROM_HALL)
}
_ENUMS: Final[dict[str, type[Enum]]] = {
    "caller": Side,
    "by": Side,
    "state": CallState,
    "outcome": Outcome,
}
_NUMBERS: Final = frozenset({"version", "number", "at"})
_IDS: Final = frozenset({"call_id", "line_id"})
_LONGEST: Final = {"text": TEXT_MAX, "sentence": _SENTENCE_MAX, "about": 32, "binding": BINDING_MAX}


def write(message: Message) -> str:
    """Return the message as one JSON object with its kind."""
    plain: dict[str, object] = {"kind": type(message).__name__.lower()}
    for field in fields(message):
        value = getattr(message, field.name)
        plain[field.name] = value.value if isinstance(value, Enum) else value
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def read(text: str, allowed: tuple[type[Any], ...]) -> Message:
    """Read one message of the allowed kinds; raises PeerError(NOT_UNDERSTOOD) naming what is wrong."""
    if len(text.encode(errors="replace")) > MESSAGE_MAX:
        raise _bad(f"is longer than {MESSAGE_MAX} bytes")
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad("is not JSON") from error
    kind = _KINDS.get(str(plain.pop("kind", ""))) if isinstance(plain, dict) else None
    if kind is None or kind not in allowed:
        raise _bad("is of no kind this side hears")
    if set(plain) != {field.name for field in fields(kind)}:
        raise _bad(f"has other fields than {kind.__name__}")
    message: Message = kind(**{name: _value(name, value) for name, value in plain.items()})
    return message


def _value(name: str, value: object) -> object:
    if name in _NUMBERS:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise _bad(f"has a {name} that is no count")
        return value
    if not isinstance(value, str):
        raise _bad(f"has a {name} that is no text")
    if name in _ENUMS:
        if value not in {member.value for member in _ENUMS[name]}:
            raise _bad(f"has an unknown {name}")
        return _ENUMS[name](value)
    if name in _IDS and not _ID.fullmatch(value):
        raise _bad(f"has a {name} that is not 32 hexadecimal digits")
    if len(value) > _LONGEST.get(name, len(value)):
        raise _bad(f"has a {name} that is too long")
    return value


def _bad(what: str) -> PeerError:
    return PeerError(
        CallRefused.NOT_UNDERSTOOD,
        f"call message: {what}; speak version {VERSION} as written in docs/call.md",
    )
