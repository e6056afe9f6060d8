"""What the machine counts of a visit while it runs: presses, and the seconds in each phase and with each link."""

from collections.abc import Mapping
from dataclasses import dataclass

GAP_S = 60.0
"""Nobody looks at a screen that was not drawn for so long: the time beyond it counts for nothing."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts as the draft keeps them; milliseconds by phase and by the state of the link. Nothing of a person."""

    presses: int = 0
    phases: tuple[tuple[str, int], ...] = ()
    links: tuple[tuple[str, int], ...] = ()


NOTHING = Tally()


class Counting:
    """The counts of an open visit. They are kept with each step of the draft: a cut loses what came after the last."""

    def __init__(self, begun: Tally) -> None:
        self._presses = begun.presses
        self._phases = dict(begun.phases)
        self._links = dict(begun.links)
        self._last: tuple[float, str, str] | None = None

    def pressed(self) -> None:
        """Count a button."""
        self._presses += 1

    def saw(self, phase: str, link: str, monotonic: float) -> None:
        """Note where the visit and the link stand at this moment (seconds that never step)."""
        if self._last is not None:
            since, before, linked = self._last
            passed = round(1000 * min(max(monotonic - since, 0.0), GAP_S))
            _add(self._phases, before, passed)
            _add(self._links, linked, passed)
        self._last = (monotonic, phase, link)

    def tally(self) -> Tally:
        """Return the counts so far."""
        return Tally(self._presses, _row(self._phases), _row(self._links))


def _add(counts: dict[str, int], name: str, more: int) -> None:
    counts[name] = counts.get(name, 0) + more


def _row(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items()))
