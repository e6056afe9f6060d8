"""What the reader says of one sheet: its kind, its code, its fields, its findings and its two pictures."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "form_front",
    "form_back",
    "insurance_card",
    "medical_insurance",
    "physician_opinion",
    "blank",
    "other",
    "unreadable",
]
Severity = Literal["block", "warn", "info"]
Box = tuple[int, int, int, int]

DOUBTFUL_BELOW = 0.8
"""A reading with less confidence than this is shown to a person before anybody relies on it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to tell the person at the desk about the sheet: place, rule, fact and remedy in Japanese."""

    code: str
    severity: Severity
    sentence: str


@dataclass(frozen=True, slots=True)
class FieldReading:
    """One value read from the page. `raw` is what stands there, `value` its canonical writing.

    `box` is (x, y, width, height) in pixels of the page picture, None where no place is known.
    """

    key: str
    value: str
    raw: str
    confidence: float
    source: str
    box: Box | None = None

    @property
    def doubtful(self) -> bool:
        """Whether a person has to look at it first."""
        return self.confidence < DOUBTFUL_BELOW


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code of the city printed on a form; what its profile does not carry is the empty string."""

    payload: str
    insurer_no: str = ""
    insured_no: str = ""
    reference: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """One sheet as read. `rotation` is how far it was turned clockwise (degrees) to stand upright.

    `width` and `height` are pixels of the page picture; an unreadable sheet has none (0, 0, b""). `original` is the
    picture as it was fed, where it was asked for and the individual number on it is certainly hidden.
    """

    kind: Kind
    rotation: int
    width: int
    height: int
    qr: QrCode | None
    fields: tuple[FieldReading, ...]
    findings: tuple[Finding, ...]
    page: bytes
    page_type: str
    preview: bytes
    preview_type: str
    original: bytes = b""
    original_type: str = ""

    def field(self, key: str) -> FieldReading | None:
        """Find the reading of one field, or None when the page does not say."""
        return next((reading for reading in self.fields if reading.key == key), None)


def unreadable(finding: Finding) -> ReadSheet:
    """Make a sheet of which nothing but the reason is known."""
    return ReadSheet("unreadable", 0, 0, 0, None, (), (finding,), b"", "", b"", "")
