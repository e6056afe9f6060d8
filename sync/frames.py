"""The frames between bus and city hall as bytes: a version byte, then a CBOR list (docs/protocol.md, byte tables)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Final

from sync import canonical, shape
from sync.errors import PeerError
from sync.refusals import Refused

VERSION: Final = 1
# The name city hall's filing log bears in its signed notes.
LOG_ORIGIN: Final = "madobus/filings"
PIECE_MAX: Final = 64 * 1024
FRAME_MAX: Final = PIECE_MAX + 256
ID_BYTES: Final = 16
SESSION_BYTES: Final = 8
HASH_BYTES: Final = 32
DEVICE_MAX: Final = 32
ITEM_MAX: Final = 256
SLIP_ITEM: Final = 0
LENGTH_MAX: Final = 64 * 1024 * 1024
RECEIPT_MAX: Final = 512
PROOF_MAX: Final = 4 * 1024
NOTE_MAX: Final = 2 * 1024
PATH_MAX: Final = 64
SENTENCE_MAX: Final = 512
KIND_MAX: Final = 32
LETTER_MAX: Final = 8 * 1024 * 1024
TIME_MAX: Final = 128
NONCE_BYTES: Final = 16
COUNT_MAX: Final = 1 << 32

Check = Callable[[Any, str], Any]


def _number(high: int) -> Check:
    return lambda value, place: shape.number(value, place, 0, high)


def _blob(low: int, high: int | None = None) -> Check:
    return lambda value, place: shape.blob(value, place, low, high)


def _text(limit: int) -> Check:
    return lambda value, place: shape.text(value, place, limit)


def _path(value: Any, place: str) -> tuple[bytes, ...]:
    return tuple(shape.blob(step, place, HASH_BYTES) for step in shape.rows(value, PATH_MAX, place))


def _places(value: Any, place: str) -> tuple[tuple[int, int], ...]:
    found = []
    for pair in shape.rows(value, ITEM_MAX + 1, place):
        item, held = shape.row(pair, 2, place)
        found.append((_ITEM(item, place), _LENGTH(held, place)))
    return tuple(found)


_ID: Final = _blob(ID_BYTES)
_ITEM: Final = _number(ITEM_MAX)
_LENGTH: Final = _number(LENGTH_MAX)


@dataclass(frozen=True, slots=True)
class Frame:
    """One message of the protocol; `NUMBER` names it on the wire, `CHECKS` reads its fields in order."""

    NUMBER: ClassVar[int]
    CHECKS: ClassVar[tuple[Check, ...]]


@dataclass(frozen=True, slots=True)
class Hello(Frame):
    """Bus: who I am, the signed `note` of your log I last saw proven ("" = none), and the half letter I hold."""

    NUMBER: ClassVar[int] = 1
    CHECKS: ClassVar[tuple[Check, ...]] = (
        _text(DEVICE_MAX),
        _blob(SESSION_BYTES),
        _text(NOTE_MAX),
        _number(COUNT_MAX),
        _blob(0, ID_BYTES),
        _number(LETTER_MAX),
    )
    device: str
    session: bytes
    note: str
    waiting: int
    letter_id: bytes = b""
    letter_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Welcome(Frame):
    """Hall: your session is open; my log's signed head, and the proof that it grew from the one you know."""

    NUMBER: ClassVar[int] = 2
    CHECKS: ClassVar[tuple[Check, ...]] = (_blob(SESSION_BYTES), _text(NOTE_MAX), _path)
    session: bytes
    note: str
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Offer(Frame):
    """Bus: I have this envelope; `stage` is the receipt I hold (0, 1), `fresh` = its slip follows at once.

    `receipt` is what city hall signed for it before it lost it, handed back; empty when it lost nothing.
    """

    NUMBER: ClassVar[int] = 3
    CHECKS: ClassVar[tuple[Check, ...]] = (
        _ID,
        _LENGTH,
        _number(1),
        shape.truth,
        _blob(0, RECEIPT_MAX),
    )
    env_id: bytes
    slip_length: int
    stage: int
    fresh: bool
    receipt: bytes = b""


@dataclass(frozen=True, slots=True)
class Have(Frame):
    """Hall: this is durable here. `stage` 0 nothing, 1 slip filed, 2 all; `held` = (item, bytes) above zero."""

    NUMBER: ClassVar[int] = 4
    CHECKS: ClassVar[tuple[Check, ...]] = (_ID, _number(2), _places)
    env_id: bytes
    stage: int
    held: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Piece(Frame):
    """Bus: bytes of an item from `offset`; item 0 is the slip, item n + 1 is part n."""

    NUMBER: ClassVar[int] = 5
    CHECKS: ClassVar[tuple[Check, ...]] = (_ID, _ITEM, _LENGTH, _blob(1, PIECE_MAX))
    env_id: bytes
    item: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Confirm(Frame):
    """Either: the first `offset` bytes of this item (hall) or letter (bus, item 0) are durable."""

    NUMBER: ClassVar[int] = 6
    CHECKS: ClassVar[tuple[Check, ...]] = (_ID, _ITEM, _LENGTH)
    thing_id: bytes
    item: int
    offset: int


@dataclass(frozen=True, slots=True)
class Receipt(Frame):
    """Hall: the countersigned receipt, its proof under the log's signed head, and how that head grew."""

    NUMBER: ClassVar[int] = 7
    CHECKS: ClassVar[tuple[Check, ...]] = (
        _ID,
        _number(2),
        _blob(1, RECEIPT_MAX),
        _blob(1, PROOF_MAX),
        _path,
    )
    env_id: bytes
    stage: int
    receipt: bytes
    proof: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Refuse(Frame):
    """Either: no, with a number (docs/protocol.md) and a sentence; an empty id means the whole session."""

    NUMBER: ClassVar[int] = 8
    CHECKS: ClassVar[tuple[Check, ...]] = (
        _number(999),
        _text(SENTENCE_MAX),
        _blob(0, ID_BYTES),
    )
    code: int
    sentence: str
    thing_id: bytes = b""


@dataclass(frozen=True, slots=True)
class Down(Frame):
    """Hall: bytes of a letter from `offset`, of `total` in all; the body is opaque to carriers."""

    NUMBER: ClassVar[int] = 9
    CHECKS: ClassVar[tuple[Check, ...]] = (
        _ID,
        _text(KIND_MAX),
        _number(LETTER_MAX),
        _number(LETTER_MAX),
        _blob(0, PIECE_MAX),
    )
    letter_id: bytes
    kind: str
    offset: int
    total: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Time(Frame):
    """Bus: a nonce of 16 bytes; hall: the signed beacon that answers it."""

    NUMBER: ClassVar[int] = 10
    CHECKS: ClassVar[tuple[Check, ...]] = (_blob(NONCE_BYTES, TIME_MAX),)
    data: bytes


@dataclass(frozen=True, slots=True)
class Ping(Frame):
    """Either: are you there? The bus also tells how many envelopes wait and its last round trip."""

    NUMBER: ClassVar[int] = 11
    CHECKS: ClassVar[tuple[Check, ...]] = (
        _number(COUNT_MAX),
        _number(COUNT_MAX),
        _number(COUNT_MAX),
    )
    token: int
    waiting: int = 0
    rtt_ms: int = 0


@dataclass(frozen=True, slots=True)
class Pong(Frame):
    """Either: I am; the ping's own token comes back."""

    NUMBER: ClassVar[int] = 12
    CHECKS: ClassVar[tuple[Check, ...]] = (_number(COUNT_MAX),)
    token: int


@dataclass(frozen=True, slots=True)
class Pull(Frame):
    """Hall: a person waits for this item; send it before the other pages."""

    NUMBER: ClassVar[int] = 13
    CHECKS: ClassVar[tuple[Check, ...]] = (_ID, _ITEM)
    env_id: bytes
    item: int


@dataclass(frozen=True, slots=True)
class Journal(Frame):
    """Bus: the signed head of my journal, and the proof that it grew from the one you cosigned, `held` ("" = none)."""

    NUMBER: ClassVar[int] = 14
    CHECKS: ClassVar[tuple[Check, ...]] = (_text(NOTE_MAX), _text(NOTE_MAX), _path)
    held: str
    note: str
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Witness(Frame):
    """Hall: the newest head of your journal that I cosigned; `taken` = it is the one you just told."""

    NUMBER: ClassVar[int] = 15
    CHECKS: ClassVar[tuple[Check, ...]] = (_text(NOTE_MAX), shape.truth)
    note: str
    taken: bool


FRAMES: Final[Sequence[type[Frame]]] = (
    Hello,
    Welcome,
    Offer,
    Have,
    Piece,
    Confirm,
    Receipt,
    Refuse,
    Down,
    Time,
    Ping,
    Pong,
    Pull,
    Journal,
    Witness,
)
_BY_NUMBER: Final = {frame.NUMBER: frame for frame in FRAMES}


def encode_frame(frame: Frame) -> bytes:
    """Return one frame as bytes."""
    values = [getattr(frame, field.name) for field in fields(frame)]
    return bytes((VERSION,)) + canonical.encode([frame.NUMBER, *values])


def decode_frame(data: bytes) -> Frame:
    """Read one frame; raises PeerError (VERSION, TOO_MUCH, NOT_UNDERSTOOD) and nothing else."""
    if len(data) > FRAME_MAX:
        raise PeerError(
            Refused.TOO_MUCH, f"frame: {FRAME_MAX} bytes are the limit, not {len(data)}"
        )
    if data[:1] != bytes((VERSION,)):
        raise PeerError(
            Refused.VERSION, f"frame: version {VERSION} is spoken here; update the older side"
        )
    try:
        number, *values = shape.rows(
            canonical.decode(data[1:], FRAME_MAX), len(_BY_NUMBER), "frame"
        )
        kind = _BY_NUMBER[shape.number(number, "frame's number", 1, len(_BY_NUMBER))]
        shape.row(values, len(kind.CHECKS), f"frame {kind.__name__}")
        return kind(
            *(check(value, kind.__name__) for check, value in zip(kind.CHECKS, values, strict=True))
        )
    except ValueError as error:
        raise PeerError(Refused.NOT_UNDERSTOOD, f"frame: {error}") from error
