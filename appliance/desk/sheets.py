"""One fed sheet and what was read from it; the pictures themselves stay sealed in the drafts."""

from dataclasses import dataclass, replace

# Kinds of page the reader tells apart; the words of the label texts and of the form files.
FORM_FRONT = "form_front"
FORM_BACK = "form_back"
BLANK = "blank"
OTHER = "other"
UNREADABLE = "unreadable"
CARD = "insurance_card"


@dataclass(frozen=True, slots=True)
class Code:
    """The machine-readable mark of a form (QR): a reference into the due list, or the number itself."""

    payload: str
    insurer_no: str = ""
    insured_no: str = ""
    reference: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class FieldRead:
    """One value found on a sheet; `box` is x, y, width, height in pixels of the upright page."""

    key: str
    value: str
    raw: str
    confidence: float
    source: str
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """One remark of the quality gate or of the reader about a sheet."""

    code: str
    severity: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture made of a sheet: media type, bytes and SHA-256 (hex) of its plaintext."""

    media_type: str
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that the reader said of one sheet."""

    kind: str
    page: Picture
    preview: Picture
    code: Code | None = None
    fields: tuple[FieldRead, ...] = ()
    notes: tuple[Note, ...] = ()
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """One side of paper as it was fed. `twice` names what was handed in with this very sheet before.

    `leaf` counts the papers, two sides of one have the same; 0 where every side is a paper of its own. `tries`
    counts the pictures taken of it, `taken` says which of them is in force, `earlier` what was in force before
    while a new one is read.
    """

    number: int
    fed_sha256: str
    media_type: str
    dpi: int
    reading: Reading | None = None
    aside: bool = False
    placed: str = ""
    twice: str = ""
    leaf: int = 0
    side: str = ""
    tries: int = 1
    taken: int = 1
    earlier: "Sheet | None" = None

    @property
    def place(self) -> int:
        """The how-manieth paper of the batch it is, as a person counts them."""
        return self.leaf or self.number

    @property
    def kind(self) -> str:
        """The kind of page; empty while it is unread."""
        return "" if self.reading is None else self.reading.kind

    @property
    def settled(self) -> bool:
        """Whether nothing more has to be read from it."""
        return self.reading is not None or bool(self.twice)

    @property
    def usable(self) -> bool:
        """Whether it may belong to an application."""
        return self.reading is not None and not self.aside and not self.twice

    def read_as(self, reading: Reading) -> "Sheet":
        """Return the sheet with what was read; a blank sheet steps aside by itself."""
        return replace(self, reading=reading, aside=self.aside or reading.kind == BLANK)
