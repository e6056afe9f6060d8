"""sync.packing: records first onto the stick, and volumes that follow one another."""

from datetime import UTC, datetime

import pytest

from sync.carry import VOLUMES_MAX, Place, Way
from sync.envelope import PartRole
from sync.errors import LocalError
from sync.outgoing import Due, Item
from sync.packing import Packer, in_order

MADE = datetime(2026, 11, 24, tzinfo=UTC)
ITEMS = (
    Item(0, PartRole.RECORD, 10),
    Item(1, PartRole.PREVIEW, 20),
    Item(2, PartRole.PAGE, 30),
)


def due(n: int, deadline: int | None = None) -> Due:
    """Return envelope n."""
    return Due(bytes([n]) * 16, deadline, n, 0, fresh=False, items=ITEMS)


def packer(number: int = 1, body_max: int = 20) -> Packer:
    """Return an empty packer."""
    return Packer(Place("bus-07", Way.UP, bytes(8), number), bytes(8), MADE, body_max=body_max)


def test_records_go_first_then_previews_then_pages_by_days_left() -> None:
    """A stick that is too small still carries every record."""
    order = [(one.age, item.item) for one, item in in_order([due(1), due(2, 5), due(3, 9)])]
    assert order == [(2, 0), (3, 0), (1, 0), (2, 1), (3, 1), (1, 1), (2, 2), (3, 2), (1, 2)]


def test_volumes_are_filled_and_numbered() -> None:
    """A frame counts with its length in front; the last volume says so."""
    filling = packer()
    filling.add(b"12345")
    assert filling.room_for(b"1234567")
    assert not filling.room_for(b"12345678")
    first = filling.take(last=False)
    filling.add(b"8")
    second = filling.take(last=True)
    assert (first.frames, second.frames) == ((b"12345",), (b"8",))
    assert (first.place.number, second.place.number, first.last, second.last) == (1, 2, False, True)


def test_an_empty_volume_takes_any_frame() -> None:
    """However small volumes are made, everything goes onto the stick."""
    assert packer(body_max=1).room_for(bytes(99))


def test_fail__too_many_volumes() -> None:
    """Four digits name them."""
    filling = packer(VOLUMES_MAX)
    filling.take(last=False)
    with pytest.raises(LocalError, match="9999 volumes"):
        filling.take(last=True)
