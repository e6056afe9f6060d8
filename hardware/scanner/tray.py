"""The paper tray of a played scanner: what lies in it, what goes wrong with it. Pure; nobody is spoken to."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from hardware.protocols import FeederState
from hardware.scanner.papers import Paper

MAX_SHEETS = 500


class Fault(Enum):
    """What can be made to go wrong. All last until cleared, except DOUBLE, which happens once."""

    JAM = "jam"
    COVER = "cover"
    BUSY = "busy"
    DROP = "drop"
    HANG = "hang"
    OFF = "off"
    DOUBLE = "double"


_SHOWN = {
    Fault.JAM: FeederState.JAMMED,
    Fault.COVER: FeederState.COVER_OPEN,
    Fault.BUSY: FeederState.BUSY,
    Fault.OFF: FeederState.ABSENT,
}


@dataclass(slots=True)
class Tray:
    """A stack of sheets, pulled from the top; `after` good sheets still pass before the fault shows."""

    sheets: deque[Paper] = field(default_factory=deque)
    pulled: int = 0
    fault: Fault | None = None
    after: int = 0

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
        return FeederState.LOADED if self.sheets else FeederState.EMPTY

    def pull(self) -> Paper:
        """Take the top sheet; with DOUBLE a second one slips through under it and is not seen."""
        paper = self.sheets.popleft()
        self.pulled += 1
        if self.active is Fault.DOUBLE:
            self.fault = None
            if self.sheets:
                self.sheets.popleft()
                self.pulled += 1
        self.after = max(0, self.after - 1)
        return paper
