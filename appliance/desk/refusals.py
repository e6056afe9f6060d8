"""What city hall could not take: the receipt's number, since when, and why, in words a person can pass on."""

from collections.abc import Iterable
from dataclasses import dataclass

from appliance.desk.receipts import minute_text, receipt_no
from appliance.mail.models import OutboxRow
from sync.refusals import FIRST_SINGLE, Refused

LISTED_MAX = 10
"""Applications a notice names one by one; the rest is counted."""

_OF_LETTERS = 300
_KNOWN = frozenset(code.value for code in Refused if FIRST_SINGLE <= code < _OF_LETTERS)


@dataclass(frozen=True, slots=True)
class NotTaken:
    """One application. `code` is city hall's number (docs/protocol.md), `said` its own sentence."""

    number: str
    kept_at: str
    code: int
    said: str


def refusal_word(code: int) -> str:
    """Return the key of the sentence for city hall's number; one this program does not know has its own."""
    return f"refusal.{code}" if code in _KNOWN else "refusal.unknown"


def not_taken(rows: Iterable[OutboxRow], device: str, lang: str) -> list[NotTaken]:
    """Return what a person has to tell the division of these applications."""
    return [
        NotTaken(
            receipt_no(device, row.journal_seq),
            minute_text(row.kept_at.isoformat(), lang),
            row.refusal.code,
            row.refusal.sentence,
        )
        for row in rows
        if row.refusal is not None
    ]
