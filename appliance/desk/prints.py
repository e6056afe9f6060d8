"""What was printed of a batch's receipts: which ones, as the first or again (再発行), and how each job ended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Paper = Literal["a4", "roll80", "roll58"]
"""What receipts are printed on: sheets, or a receipt printer's roll of 80 or 58 mm."""

PRINTS_MAX = 200
"""Presses that one batch remembers."""

SENDING, WAITING, PRINTING = "sending", "waiting", "printing"
DONE, FAILED, CANCELLED, UNSURE = "done", "failed", "cancelled", "unsure"
OVER = frozenset({DONE, FAILED, CANCELLED, UNSURE})


@dataclass(frozen=True, slots=True)
class Print:
    """One press of the print button, with the numbers of the receipts asked for; `whole`: the batch's slip, too.

    `state` is sending | waiting | printing | done | failed | cancelled, or unsure where a restart came between
    the printer and the note of it. `job` is the printer's word; nothing before it took the document.
    """

    number: int
    receipts: tuple[str, ...]
    whole: bool
    job: str = ""
    state: str = SENDING

    @property
    def over(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in OVER

    @property
    def perhaps_on_paper(self) -> bool:
        """Whether something of it may have come out: all that a printer took, or may have taken."""
        return bool(self.job) or self.state != FAILED


def ask(prints: Sequence[Print], receipts: Sequence[str], *, whole: bool) -> tuple[Print, ...]:
    """Return the prints with one more press."""
    return (*prints, Print(len(prints) + 1, tuple(receipts), whole))


def note(
    prints: Sequence[Print], number: int, *, state: str, job: str | None = None
) -> tuple[Print, ...]:
    """Return the prints with what became of one; one that is over stays as it is."""
    return tuple(
        replace(one, state=state, job=one.job if job is None else job)
        if one.number == number and not one.over
        else one
        for one in prints
    )


def before(prints: Sequence[Print], number: int) -> tuple[frozenset[str], bool]:
    """Return which receipts may be on paper from an earlier press than this, and whether the batch's slip may be."""
    earlier = [one for one in prints if one.number < number and one.perhaps_on_paper]
    receipts = frozenset(receipt for one in earlier for receipt in one.receipts)
    return receipts, any(one.whole for one in earlier)
