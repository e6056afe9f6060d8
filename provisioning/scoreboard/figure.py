"""One row of the board: what is measured, in what unit, against which target, by which command."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from provisioning.scoreboard.ran import Command, Ran

Sign = Literal["<=", ">=", "="]
Value = int | float
Read = Callable[[Ran], Value]
"""Takes a figure out of what a command said; raises Unread with a sentence where it is not in there."""

DIGITS: Final = 4
"""Digits of a figure behind its point; more is noise of the machine."""


class Unread(Exception):  # noqa: N818 - no fault of ours: the command did not tell this figure
    """The command did not tell this figure."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure must reach."""

    sign: Sign
    number: Value

    def met(self, value: Value) -> bool:
        """Tell whether a figure reaches it."""
        return {
            "<=": value <= self.number,
            ">=": value >= self.number,
            "=": value == self.number,
        }[self.sign]

    def __str__(self) -> str:
        return f"{self.sign} {self.number}"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `number` is the promise it belongs to. `long` is the command of a run without haste."""

    number: int
    name: str
    unit: str
    target: Target
    command: Command
    read: Read
    long: Command | None = None

    def chosen(self, *, long: bool) -> Command:
        """Return the command of a long or a short run."""
        return self.long if long and self.long is not None else self.command


@dataclass(frozen=True, slots=True)
class Figure:
    """A row with what was seen; `value` is None, and `reason` says why, where nothing was."""

    row: Row
    command: str
    value: Value | None
    reason: str

    @property
    def met(self) -> bool:
        """Whether it was taken and reaches its target."""
        return self.value is not None and not self.reason and self.row.target.met(self.value)

    def as_json(self) -> dict[str, object]:
        """Return the figure as the board prints it."""
        return {
            "row": self.row.number,
            "name": self.row.name,
            "value": self.value,
            "unit": self.row.unit,
            "target": str(self.row.target),
            "met": self.met,
            "command": self.command,
            "reason": self.reason,
        }


def taken(row: Row, ran: Ran) -> Figure:
    """Read a row's figure from its command's run; what failed or told nothing has no value, and a reason."""
    told = ran.typed or str(ran.command)
    if ran.failure and not ran.command.tells_when_failing:
        return Figure(row, told, None, ran.failure)
    try:
        value = row.read(ran)
    except Unread as unread:
        return Figure(row, told, None, ran.failure or str(unread))
    return Figure(row, told, round(value, DIGITS), ran.failure)
