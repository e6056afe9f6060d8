"""Two real machines back to back over a scripted link; the shelves around them are dictionaries that outlive a cut."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sync.envelope import PartRole
from sync.errors import PeerError
from sync.events import (
    BusHello,
    Ended,
    Event,
    LetterCame,
    LetterTaken,
    Offered,
    PieceCame,
    Progressed,
    Receipted,
    SetAside,
    TimeAsked,
    Welcomed,
)
from sync.frames import Piece, decode_frame
from sync.letterbox import Letterbox
from sync.outgoing import Due, Item
from sync.receiver import Receiver
from sync.sender import Sender
from sync.states import State

SLIP_MAX = 300_000
TICK_S = 0.01


def some_bytes(name: str, size: int) -> bytes:
    """Return bytes that do not repeat and depend on the name."""
    return hashlib.shake_256(name.encode()).digest(size)


def env(n: int) -> bytes:
    """Return the id of envelope n."""
    return hashlib.sha256(f"env {n}".encode()).digest()[:16]


@dataclass
class Truth:
    """One envelope as the test made it: item -> bytes; item 0 is the slip."""

    items: dict[int, bytes]
    roles: dict[int, PartRole]
    deadline: int | None = None


def truth(
    n: int, *, slip: int = 9_000, parts: tuple[int, ...] = (), deadline: int | None = None
) -> Truth:
    """Make envelope n: a slip, and parts that are previews (odd items) and pages (even items) by turns."""
    items = {0: some_bytes(f"slip {n}", slip)}
    roles = {0: PartRole.RECORD}
    for number, size in enumerate(parts, start=1):
        items[number] = some_bytes(f"part {n} {number}", size)
        roles[number] = PartRole.PREVIEW if number % 2 else PartRole.PAGE
    return Truth(items, roles, deadline)


@dataclass
class BusShelf:
    """What the bus has on disk."""

    envelopes: dict[bytes, Truth] = field(default_factory=dict)
    stages: dict[bytes, int] = field(default_factory=dict)
    sent: set[bytes] = field(default_factory=set)
    refused: dict[bytes, int] = field(default_factory=dict)
    letters: list[tuple[bytes, str, bytes]] = field(default_factory=list)
    letterbox: Letterbox = field(default_factory=Letterbox)

    def keep(self, n: int, made: Truth) -> bytes:
        """Put envelope n on the shelf."""
        self.envelopes[env(n)] = made
        self.stages[env(n)] = 0
        return env(n)

    def due(self) -> list[Due]:
        """List what is left to send."""
        found = []
        for age, (env_id, made) in enumerate(self.envelopes.items()):
            if self.stages[env_id] < 2 and env_id not in self.refused:
                items = tuple(
                    Item(item, made.roles[item], len(data)) for item, data in made.items.items()
                )
                fresh = env_id not in self.sent
                found.append(Due(env_id, made.deadline, age, self.stages[env_id], fresh, items))
        return found


@dataclass
class HallShelf:
    """What city hall has on disk; `filings` lists the ids in the order they got their numbers."""

    known: Mapping[bytes, Truth]
    half: dict[tuple[bytes, int], bytes] = field(default_factory=dict)
    filings: list[bytes] = field(default_factory=list)
    parts: dict[tuple[bytes, int], bytes] = field(default_factory=dict)
    arrivals: list[tuple[bytes, int]] = field(default_factory=list)
    letters: list[tuple[bytes, str, bytes]] = field(default_factory=list)
    delivered: list[bytes] = field(default_factory=list)
    poison: set[bytes] = field(default_factory=set)

    def stage(self, env_id: bytes) -> int:
        """Return 0 nothing promised, 1 slip filed, 2 everything here."""
        if env_id not in self.filings:
            return 0
        missing = [
            item for item in self.known[env_id].items if item and (env_id, item) not in self.parts
        ]
        return 1 if missing else 2

    def have(self, env_id: bytes) -> dict[int, tuple[int, int]]:
        """Return item -> (length, durable bytes)."""
        if env_id not in self.filings:
            return {0: (0, len(self.half.get((env_id, 0), b"")))}
        found = {}
        for item, data in self.known[env_id].items.items():
            whole = item == 0 or (env_id, item) in self.parts
            found[item] = (
                len(data),
                len(data) if whole else len(self.half.get((env_id, item), b"")),
            )
        return found


class Line:
    """One direction of the link: frames as they were sent, doubled on request."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.carried: list[bytes] = []
        self.double: Callable[[int], bool] = lambda _n: False

    def put(self, data: bytes) -> None:
        """Send one frame, or the same one twice."""
        self.frames.append(data)
        if self.double(len(self.carried) + len(self.frames)):
            self.frames.append(data)


class Pair:
    """One session between two shelves; `carry` moves one frame, `run` moves all until nothing is left."""

    def __init__(
        self,
        bus: BusShelf,
        hall: HallShelf,
        *,
        now: float = 0.0,
        heartbeat_s: float = 5.0,
        rate: float | None = None,
    ) -> None:
        self.now = now
        self.rate = rate
        self.bus_shelf = bus
        self.hall_shelf = hall
        self.up = Line()
        self.down = Line()
        self.bus_events: list[Event] = []
        self.hall_events: list[Event] = []
        self.bus = Sender(
            "bus-07",
            "",
            random=lambda size: some_bytes("random", size),
            heartbeat_s=heartbeat_s,
            letterbox=bus.letterbox,
        )
        self.hall = Receiver(slip_max=SLIP_MAX, now=now)
        for due in bus.due():
            self.bus.add(due)
        self.bus.start(now)

    def run(self, frames: int | None = None) -> int:
        """Carry up to `frames` frames; returns how many moved before all was still."""
        moved = 0
        while frames is None or moved < frames:
            self._talk()
            if not self.carry():
                break
            moved += 1
        return moved

    def carry(self) -> bool:
        """Move one frame: downward first, since the hall's frames are small."""
        for line, take in ((self.down, self._bus_hears), (self.up, self._hall_hears)):
            if line.frames:
                data = line.frames.pop(0)
                line.carried.append(data)
                self.now += TICK_S if self.rate is None else len(data) / self.rate
                take(data)
                return True
        return False

    def pieces(self) -> list[tuple[bytes, int, int]]:
        """List (env_id, item, offset) of the pieces that reached the hall, in order."""
        found = []
        for data in self.up.carried:
            frame = decode_frame(data)
            if isinstance(frame, Piece):
                found.append((frame.env_id, frame.item, frame.offset))
        return found

    def order(self) -> list[tuple[bytes, int]]:
        """List (env_id, item) in the order their first piece reached the hall."""
        return list(dict.fromkeys((env_id, item) for env_id, item, _ in self.pieces()))

    def piece_bytes(self) -> int:
        """Return the payload bytes that reached the hall."""
        frames = (decode_frame(data) for data in self.up.carried)
        return sum(len(frame.data) for frame in frames if isinstance(frame, Piece))

    def _talk(self) -> None:
        for data in self.bus.data_to_send():
            self.up.put(data)
        if not self.up.frames:
            want = self.bus.want(self.now)
            for data in self.bus.data_to_send():
                self.up.put(data)
            if want is not None:
                self.bus_shelf.sent.add(want.env_id)
                whole = self.bus_shelf.envelopes[want.env_id].items[want.item]
                data = whole[want.offset : want.offset + want.length]
                self.bus.supply(want, data, self.now)
                for frame in self.bus.data_to_send():
                    self.up.put(frame)
        for data in self.hall.data_to_send():
            self.down.put(data)

    def _bus_hears(self, data: bytes) -> None:
        self.bus.receive(data, self.now)
        while (event := self.bus.next_event()) is not None:
            self.bus_events.append(event)
            self._bus_acts(event)

    def _bus_acts(self, event: Event) -> None:
        shelf = self.bus_shelf
        if isinstance(event, Receipted):
            shelf.stages[event.env_id] = max(shelf.stages[event.env_id], event.stage)
            self.bus.settle(event.env_id, event.stage)
        elif isinstance(event, SetAside):
            shelf.refused[event.env_id] = event.code
        elif isinstance(event, LetterCame):
            letter = (event.letter_id, event.kind, event.body)
            if letter not in shelf.letters:
                shelf.letters.append(letter)
            self.bus.letter_kept(event.letter_id, len(event.body), self.now)
        else:
            assert isinstance(event, Welcomed | Progressed | Ended) or event is not None

    def _hall_hears(self, data: bytes) -> None:
        self.hall.receive(data, self.now)
        while (event := self.hall.next_event()) is not None:
            self.hall_events.append(event)
            self._hall_acts(event)

    def _hall_acts(self, event: Event) -> None:
        shelf = self.hall_shelf
        if isinstance(event, BusHello):
            self.hall.welcome("note", ())
            self._letters_down()
        elif isinstance(event, Offered):
            stage = shelf.stage(event.env_id)
            have = shelf.have(event.env_id)
            self.hall.have(event.env_id, stage, have, silent=event.fresh and not have[0][1])
            if stage > event.stage:
                self.hall.receipt(event.env_id, stage, b"receipt", b"proof", ())
        elif isinstance(event, PieceCame):
            self._hall_stores(event)
        elif isinstance(event, LetterTaken):
            shelf.delivered.append(event.letter_id)
            self._letters_down()
        elif isinstance(event, TimeAsked) and self.hall.state is State.OPEN:
            self.hall.tell_time(b"time" * 8)

    def _hall_stores(self, piece: PieceCame) -> None:
        shelf, key = self.hall_shelf, (piece.env_id, piece.item)
        held = shelf.half.get(key, b"")
        assert piece.offset <= len(held), "the machine let a gap through"
        shelf.half[key] = held[: piece.offset] + piece.data
        if not piece.last:
            self.hall.stored(piece.env_id, piece.item, len(shelf.half[key]))
            return
        try:
            self._hall_finishes(piece)
        except PeerError as error:
            self.hall.refuse(piece.env_id, error.code, str(error))

    def _hall_finishes(self, piece: PieceCame) -> None:
        shelf, key = self.hall_shelf, (piece.env_id, piece.item)
        data = shelf.half.pop(key)
        if piece.env_id in shelf.poison and piece.item == 0:
            raise PeerError(201, "slip: the signature does not hold")
        if data != shelf.known[piece.env_id].items[piece.item]:
            self.hall.restart(piece.env_id, piece.item, "part: it does not match, twice")
            return
        shelf.arrivals.append(key)
        if piece.item == 0:
            assert piece.env_id not in shelf.filings, "an envelope was filed twice"
            shelf.filings.append(piece.env_id)
        else:
            shelf.parts[key] = data
        stage = shelf.stage(piece.env_id)
        self.hall.stored(piece.env_id, piece.item, len(data))
        if piece.item == 0:
            self.hall.have(piece.env_id, stage, shelf.have(piece.env_id), silent=True)
        if piece.item == 0 or stage == 2:
            self.hall.receipt(piece.env_id, stage, b"receipt", b"proof", ())

    def _letters_down(self) -> None:
        for letter_id, kind, body in self.hall_shelf.letters:
            if letter_id not in self.hall_shelf.delivered:
                self.hall.letters.put(letter_id, kind, body)


def shelves(*made: Truth) -> tuple[BusShelf, HallShelf]:
    """Return a bus with these envelopes and an empty hall."""
    bus = BusShelf()
    for n, one in enumerate(made):
        bus.keep(n, one)
    return bus, HallShelf(bus.envelopes)
