"""One envelope that is coming in: which byte of which item is expected next. Old pieces and gaps do no harm."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from sync.frames import SLIP_ITEM, Have, Piece

# Times an item may come whole and not match before its envelope is set aside.
MISMATCH_LIMIT: Final = 2
# Pieces of parts that may come while their slip is being filed; the bus's own window is smaller.
EARLY_LIMIT: Final = 512


class Verdict(Enum):
    """What a piece is."""

    NEXT = auto()
    OLD = auto()
    GAP = auto()
    EARLY = auto()
    NO_ITEM = auto()
    TOO_LONG = auto()


@dataclass(slots=True)
class Slot:
    """One item that is coming: its length and the offset expected next."""

    length: int
    expected: int
    asked: bool = False
    mismatches: int = 0


@dataclass(slots=True)
class Incoming:
    """One envelope offered in this session; `slots` is empty until the shell told what is durable."""

    slip_length: int
    stage: int = 0
    refused: bool = False
    slots: dict[int, Slot] = field(default_factory=dict)
    early: list[Piece] = field(default_factory=list)

    def hold(self, stage: int, items: Mapping[int, tuple[int, int]]) -> None:
        """Take the shelf's word: item -> (length, durable bytes); at stage 0 the slip's length is the offer's.

        A slip that seems to lie there whole and unfiled comes again: nothing else would ever file it.
        """
        self.stage = max(self.stage, stage)
        for item, (length, held) in items.items():
            if item == SLIP_ITEM and not stage:
                expected = held if held < self.slip_length else 0
                self.slots.setdefault(item, Slot(self.slip_length, expected))
            else:
                self.slots.setdefault(item, Slot(length, min(held, length)))

    def judge(self, piece: Piece) -> Verdict:
        """Tell what a piece is, and change nothing."""
        slot = self.slots.get(piece.item)
        if slot is None:
            if self.being_filed():
                return Verdict.EARLY
            return Verdict.OLD if self.comes_again() else Verdict.NO_ITEM
        end = piece.offset + len(piece.data)
        if end > slot.length:
            return Verdict.TOO_LONG
        if piece.offset > slot.expected:
            return Verdict.GAP
        return Verdict.NEXT if end > slot.expected else Verdict.OLD

    def being_filed(self) -> bool:
        """Tell whether the slip is whole and the shell has not said yet that it is filed."""
        slip = self.slots.get(SLIP_ITEM)
        return self.stage == 0 and slip is not None and slip.expected == slip.length

    def comes_again(self) -> bool:
        """Tell whether the slip was asked for again: pieces of its parts may still be on the wire, and come again."""
        slip = self.slots.get(SLIP_ITEM)
        return self.stage == 0 and slip is not None and slip.mismatches > 0

    def take(self, piece: Piece) -> tuple[int, bytes, bool]:
        """Take a piece that is NEXT: returns the offset, the bytes that are new, and whether the item is whole."""
        slot = self.slots[piece.item]
        offset = slot.expected
        data = piece.data[offset - piece.offset :]
        slot.expected, slot.asked = offset + len(data), False
        return offset, data, slot.expected == slot.length

    def ask(self, item: int) -> bool:
        """Tell whether a gap in an item is news: pieces after a restart may still be on the wire."""
        slot = self.slots[item]
        asked, slot.asked = slot.asked, True
        return not asked

    def restart(self, item: int) -> bool:
        """Expect an item from its first byte again; False when it did not match too often already."""
        slot = self.slots[item]
        slot.mismatches += 1
        slot.expected = 0
        if item == SLIP_ITEM:
            self.early.clear()
        return slot.mismatches < MISMATCH_LIMIT

    def told(self, env_id: bytes) -> Have:
        """Return what the bus is told."""
        held = ((item, slot.expected) for item, slot in sorted(self.slots.items()))
        return Have(env_id, self.stage, tuple(pair for pair in held if pair[1]))
