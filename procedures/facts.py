"""What the desk knows about one application, and what a check says about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Facts:
    """One application as the desk sees it: canonical answers and card values by field key.

    `written` is what the form's own pages surely say where nobody settled it: an answer may come from elsewhere.
    `filing_date` is the day it counts from; `pending` holds insured numbers with an open application;
    `confidence` runs from 0 to 1 for answers that a machine read and nobody has confirmed yet.
    """

    answers: Mapping[str, str]
    filing_date: date
    insurer_no: str
    card: Mapping[str, str] = field(default_factory=dict)
    page_kinds: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    confidence: Mapping[str, float] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One deficiency (補正事項): where it is, how grave, what is wrong, and who can mend it how.

    `severity`: block | warn | info; `mend`: bus | provider | city; `field`: a field key or a document's id.
    """

    check: str
    severity: str
    field: str
    sentence_ja: str
    sentence_en: str
    remedy_ja: str
    remedy_en: str
    mend: str
