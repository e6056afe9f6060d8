"""The paper tray of a played scanner: what lies in it, what goes wrong with it. Pure; nobody is spoken to."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from hardware.protocols import FeederState
from hardware.scanner.papers import Paper

MAX_SHEETS = 500


class Fault(Enum):
    """What can be made to go wrong. All last until cleared, except DOUBLE and LOST, which happen once.

    MULTIPICK is two sheets at once that the scanner notices, DOUBLE two that it does not; LOST is a sheet that
    passes to the exit while its picture never comes.
    """

    JAM = "jam"
    MULTIPICK = "multipick"
    COVER = "cover"
    BUSY = "busy"
    DROP = "drop"
    HANG = "hang"
    OFF = "off"
    DOUBLE = "double"
    LOST = "lost"


_SHOWN = {
    Fault.JAM: FeederState.JAMMED,
    Fault.MULTIPICK: FeederState.DOUBLE_FED,
    Fault.COVER: FeederState.COVER_OPEN,
    Fault.BUSY: FeederState.BUSY,
    Fault.OFF: FeederState.ABSENT,
}


@dataclass(slots=True)
class Tray:
    """A stack of sheets, pulled from the top; `after` good sheets still pass before the fault shows.

    Where both sides are fed, two files are one leaf; `half` is the front of one whose back is still to come.
    """

    sheets: deque[Paper] = field(default_factory=deque)
    pulled: int = 0
    fault: Fault | None = None
    after: int = 0
    half: Paper | None = None

    def load(self, papers: Iterable[Paper]) -> None:
        """Lay sheets under the stack; raises ValueError, and loads none, when they are too many."""
        more = list(papers)
        if len(self.sheets) + len(more) > MAX_SHEETS:
            raise ValueError(f"the tray takes {MAX_SHEETS} sheets; lay in fewer at once")
        self.sheets.extend(more)

    def set_fault(self, fault: Fault | None, after: int = 0) -> None:
        """Let something go wrong after so many more sheets, or clear it with None."""
        self.fault, self.after = fault, after

    @property
    def active(self) -> Fault | None:
        """Say which fault shows now."""
        return self.fault if self.after == 0 else None

    @property
    def state(self) -> FeederState:
        """Say what the feeder's sensors see."""
        if self.active in _SHOWN:
            return _SHOWN[self.active]
        return FeederState.LOADED if self.sheets or self.half else FeederState.EMPTY

    def pull(self, *, duplex: bool = False) -> Paper:
        """Take the top side; with DOUBLE a second sheet slips through under it.

        Of two leaves that pass as one, the upper's front and the lower's back are seen.
        """
        paper = self.sheets.popleft()
        self.pulled += 1
        if self.active is Fault.DOUBLE and self.half is None:
            self.fault = None
            unseen = 2 if duplex else 1
            if len(self.sheets) >= unseen + duplex:
                for _ in range(unseen):
                    self.sheets.popleft()
                self.pulled += unseen
        self.half = paper if duplex and self.half is None else None
        self.after = max(0, self.after - 1)
        return paper

    def turn(self) -> Paper | None:
        """Give the half leaf when it has no back among the files: its back is white paper."""
        half, self.half = self.half, None
        return half

    def put_back(self) -> None:
        """Lay a leaf that stuck between its two sides on the stack again, as the person does."""
        if self.half is not None:
            self.sheets.appendleft(self.half)
            self.pulled -= 1
            self.half = None
