"""Reading a stick at city hall: which frame of a file goes to the receiver now, later, or not at all.

On the wire the bus waits for city hall's word; a file cannot, so this does it in its place.
"""

from enum import Enum, auto

from sync.frames import (
    SLIP_ITEM,
    Confirm,
    Frame,
    Have,
    Hello,
    Offer,
    Piece,
    Receipt,
    Refuse,
    Welcome,
)
from sync.refusals import ends_session


class Step(Enum):
    """What becomes of a frame."""

    FEED = auto()
    WAIT = auto()
    SKIP = auto()


class Feeder:
    """One file session: ask `step`, note `fed`, and tell what city hall says with `heard`."""

    def __init__(self) -> None:
        self._welcomed = False
        self._lengths: dict[bytes, int] = {}
        self._offered: set[bytes] = set()
        self._filing: set[bytes] = set()
        self._filed: set[bytes] = set()
        self._left: set[bytes] = set()
        self._held: dict[tuple[bytes, int], int] = {}
        self._sent: dict[tuple[bytes, int], int] = {}

    @property
    def settled(self) -> bool:
        """Tell whether city hall has answered everything that was fed."""
        return self._welcomed and not self._offered and not self._filing

    def step(self, frame: Frame) -> Step:
        """Tell what to do with the file's next frame."""
        if isinstance(frame, Hello):
            return Step.FEED
        if not self._welcomed:
            return Step.WAIT
        return self._piece(frame) if isinstance(frame, Piece) else Step.FEED

    def fed(self, frame: Frame) -> None:
        """Note that a frame went to the receiver."""
        if isinstance(frame, Offer):
            self._lengths[frame.env_id] = frame.slip_length
            self._offered.add(frame.env_id)
        elif isinstance(frame, Piece):
            end = frame.offset + len(frame.data)
            self._sent[frame.env_id, frame.item] = end
            if frame.item == SLIP_ITEM and end == self._lengths[frame.env_id]:
                self._filing.add(frame.env_id)

    def heard(self, frame: Frame) -> None:
        """Note what city hall said."""
        if isinstance(frame, Welcome):
            self._welcomed = True
        elif isinstance(frame, Have):
            self._have(frame)
        elif isinstance(frame, Confirm):
            self._held[frame.thing_id, frame.item] = frame.offset
            if frame.item == SLIP_ITEM and frame.offset == self._lengths.get(frame.thing_id):
                self._file(frame.thing_id)
        elif isinstance(frame, Receipt):
            self._file(frame.env_id)
        elif isinstance(frame, Refuse) and not ends_session(frame.code):
            self._leave(frame.thing_id)

    def _piece(self, frame: Piece) -> Step:
        """Pass over what the receiver could not place: a part without its filed slip, bytes behind a lost volume."""
        env_id, place = frame.env_id, (frame.env_id, frame.item)
        held = self._held.get(place, 0)
        if env_id in self._left or env_id not in self._lengths:
            return Step.SKIP
        if env_id in self._offered or env_id in self._filing:
            return Step.WAIT
        filed = env_id in self._filed
        old = frame.offset + len(frame.data) <= held
        follows = frame.offset <= max(held, self._sent.get(place, 0))
        fits = filed != (frame.item == SLIP_ITEM)
        return Step.FEED if fits and follows and not old else Step.SKIP

    def _have(self, frame: Have) -> None:
        self._offered.discard(frame.env_id)
        for item, held in frame.held:
            self._held[frame.env_id, item] = held
        if frame.stage:
            self._file(frame.env_id)
        elif frame.env_id in self._filing:
            # The slip did not hold: it comes again with the next stick, not with this one.
            self._leave(frame.env_id)

    def _file(self, env_id: bytes) -> None:
        self._offered.discard(env_id)
        self._filing.discard(env_id)
        self._filed.add(env_id)

    def _leave(self, env_id: bytes) -> None:
        self._offered.discard(env_id)
        self._filing.discard(env_id)
        self._left.add(env_id)
