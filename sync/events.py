"""What the two machines tell their shells; each event is one fact, in the order it became true."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One fact."""


# On the bus.


@dataclass(frozen=True, slots=True)
class Welcomed(Event):
    """City hall opened the session and told its log's head; the shell checks it against the one it knows."""

    note: str
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Progressed(Event):
    """City hall holds `offset` bytes of an item."""

    env_id: bytes
    item: int
    offset: int


@dataclass(frozen=True, slots=True)
class Receipted(Event):
    """A receipt came; it counts once the shell verified it and called `settle`.

    Its log head is the next one of the session also when the envelope is not `carried` any more.
    """

    env_id: bytes
    stage: int
    receipt: bytes
    proof: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class SetAside(Event):
    """City hall does not take an envelope; the others go on."""

    env_id: bytes
    code: int
    sentence: str


@dataclass(frozen=True, slots=True)
class LetterCame(Event):
    """A letter is whole; the shell makes it durable, then calls `letter_kept`."""

    letter_id: bytes
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class TimeTold(Event):
    """A beacon came for our `nonce`, `waited_s` after we asked; the shell verifies it."""

    nonce: bytes
    beacon: bytes
    waited_s: float


@dataclass(frozen=True, slots=True)
class JournalWitnessed(Event):
    """City hall told the newest head of our journal that it cosigned; the shell compares it with its own journal."""

    note: str
    taken: bool


# At city hall.


@dataclass(frozen=True, slots=True)
class BusHello(Event):
    """A bus says who it is; the shell checks certificate and bundle, then calls `welcome` or `dismiss`.

    `note` is the signed head it last saw proven; nobody looked at its signature yet.
    """

    device: str
    session: bytes
    note: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Offered(Event):
    """A bus has an envelope; the shell looks it up and calls `have`. `stage` is the receipt the bus holds.

    `fresh` = the bus never sent a byte of it and sends the slip at once; `receipt` = what we said of it before
    our log broke with the past, not looked at yet.
    """

    env_id: bytes
    stage: int
    fresh: bool
    receipt: bytes = b""


@dataclass(frozen=True, slots=True)
class PieceCame(Event):
    """The next bytes of an item; the shell makes them durable, then calls `stored`. `last` = the item is whole."""

    env_id: bytes
    item: int
    offset: int
    data: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class LetterTaken(Event):
    """The bus holds a letter durably."""

    letter_id: bytes


@dataclass(frozen=True, slots=True)
class LetterRefused(Event):
    """The bus cannot keep a letter; it is not sent again in this session."""

    letter_id: bytes
    code: int
    sentence: str


@dataclass(frozen=True, slots=True)
class TimeAsked(Event):
    """The bus asks for a signed time; the shell calls `tell_time`."""

    nonce: bytes


@dataclass(frozen=True, slots=True)
class JournalTold(Event):
    """The bus told the head of its journal; the shell compares it with the one it knows, and calls `witness`."""

    held: str
    note: str
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class BusTold(Event):
    """The bus told small numbers of its link."""

    waiting: int
    rtt_ms: int


# On either end.


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """The session is over: `code` and `sentence` say why (docs/protocol.md); `ours` = we ended it."""

    code: int
    sentence: str
    ours: bool
