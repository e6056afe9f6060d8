"""The visit's control totals at its end: declared = fed = sealed = received, and a name for every gap. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from appliance.desk.batch import Batch
from appliance.desk.totals import Totals, count


@dataclass(frozen=True, slots=True)
class Gap:
    """One named difference. `calm` ones mend themselves or are as somebody wanted them; the others need a person."""

    name: str
    count: int
    calm: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One batch, by its number in the visit: the four counts of applications, and why they differ."""

    number: int
    completion: bool
    declared: int
    fed: int
    sealed: int
    received: int
    gaps: tuple[Gap, ...]

    @property
    def equal(self) -> bool:
        """Whether all four counts are the same."""
        return len({self.declared, self.fed, self.sealed, self.received}) == 1

    @property
    def under_way(self) -> bool:
        """Whether all were handed in and only city hall's word is missing."""
        return self.declared == self.fed == self.sealed


@dataclass(frozen=True, slots=True)
class Reconciled:
    """All batches of a visit, and their sums."""

    lines: tuple[Line, ...]
    gaps: tuple[Gap, ...]

    @property
    def declared(self) -> int:
        """Applications somebody said there were."""
        return sum(line.declared for line in self.lines)

    @property
    def fed(self) -> int:
        """Applications found among the papers."""
        return sum(line.fed for line in self.lines)

    @property
    def sealed(self) -> int:
        """Applications handed in."""
        return sum(line.sealed for line in self.lines)

    @property
    def received(self) -> int:
        """Applications city hall has given its word for."""
        return sum(line.received for line in self.lines)

    @property
    def equal(self) -> bool:
        """Whether all four counts are the same in every batch."""
        return all(line.equal for line in self.lines)

    @property
    def under_way(self) -> bool:
        """Whether what is not equal only waits for city hall: differences of two batches never cancel out."""
        return all(line.equal or line.under_way for line in self.lines)

    @property
    def open_gaps(self) -> tuple[Gap, ...]:
        """The gaps that need a person before the visit ends."""
        return tuple(gap for gap in self.gaps if not gap.calm)


def reconcile(
    batches: Sequence[Batch], transfer: Mapping[str, str], *, unsealed_questions: int = 0
) -> Reconciled:
    """Return the totals of these batches; `transfer` is the state of each envelope on the shelf."""
    counted = [(index, batch) for index, batch in enumerate(batches, 1) if not batch.idle]
    lines = tuple(_line(index, batch, transfer) for index, batch in counted)
    summed: dict[tuple[str, bool], int] = {}
    for gap in (gap for line in lines for gap in line.gaps):
        summed[gap.name, gap.calm] = summed.get((gap.name, gap.calm), 0) + gap.count
    if unsealed_questions:
        summed["questions", False] = unsealed_questions
    gaps = [Gap(name, number, calm) for (name, calm), number in summed.items()]
    return Reconciled(lines, tuple(sorted(gaps, key=lambda gap: gap.calm)))


def _line(number: int, batch: Batch, transfer: Mapping[str, str]) -> Line:
    totals = count(batch, transfer)
    return Line(
        number=number,
        completion=bool(batch.request),
        declared=totals.declared,
        fed=totals.found,
        sealed=totals.handed_in,
        received=totals.arrived,
        gaps=tuple(gap for gap in _gaps(totals) if gap.count),
    )


def _gaps(totals: Totals) -> list[Gap]:
    """Name what lies between each two of the four counts, and what became of papers."""
    return [
        Gap("fewer", max(0, -totals.gap)),
        Gap("more", max(0, totals.gap)),
        Gap("withheld", totals.withheld),
        Gap("refused", totals.refused),
        Gap("lost", totals.lost),
        Gap("unread", totals.fed - totals.read),
        Gap("loose", totals.loose),
        Gap("twice", totals.twice, calm=True),
        Gap("on_bus", totals.handed_in - totals.arrived - totals.refused, calm=True),
        Gap("aside", totals.aside, calm=True),
    ]
