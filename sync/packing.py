"""Loading a stick: in which order things go on it, and how frames become volumes of a set."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sync.carry import BODY_MAX, VOLUMES_MAX, Place, Volume
from sync.errors import LocalError
from sync.outgoing import Due, Item
from sync.priority import NO_DEADLINE, Rank, urgency_of

# What the length in front of each frame takes.
FRAME_HEAD: Final = 4


def in_order(dues: Iterable[Due]) -> list[tuple[Due, Item]]:
    """List every item as the wire would send it: all slips, then previews, then pages by days left and age."""
    return sorted(
        ((due, item) for due in dues for item in due.items), key=lambda pair: _rank(*pair)
    )


def _rank(due: Due, item: Item) -> Rank:
    deadline = NO_DEADLINE if due.deadline is None else due.deadline
    return Rank(urgency_of(item.item, item.role), deadline, due.age, item.item)


class Packer:
    """Puts frames into volumes of at most `body_max` bytes; `place` is where the next one belongs. `made` is UTC."""

    def __init__(
        self, first: Place, session: bytes, made: datetime, *, body_max: int = BODY_MAX
    ) -> None:
        self.place = first
        self._session = session
        self._made = made
        self._body_max = body_max
        self._frames: list[bytes] = []
        self._size = 0

    def room_for(self, frame: bytes) -> bool:
        """Tell whether a frame fits into the volume that is being filled; an empty one takes any."""
        return not self._frames or self._size + FRAME_HEAD + len(frame) <= self._body_max

    def add(self, frame: bytes) -> None:
        """Put a frame into the volume that is being filled."""
        self._frames.append(frame)
        self._size += FRAME_HEAD + len(frame)

    def take(self, *, last: bool) -> Volume:
        """Return the filled volume and begin the next one; raises LocalError above the limit of a set."""
        place = self.place
        if place.number > VOLUMES_MAX:
            raise LocalError(f"carry: {VOLUMES_MAX} volumes are the limit of a set")
        volume = Volume(place, self._session, last, self._made, tuple(self._frames))
        self.place = Place(place.device, place.way, place.set_id, place.number + 1)
        self._frames, self._size = [], 0
        return volume
