"""One fed sheet and what was read from it; the pictures themselves stay sealed in the drafts."""

from dataclasses import dataclass, replace

from procedures.procedure import Procedure

# Kinds of page the reader tells apart; the words of the label texts and of the form files.
FORM_FRONT = "form_front"
FORM_BACK = "form_back"
BLANK = "blank"
OTHER = "other"
UNREADABLE = "unreadable"
CARD = "insurance_card"

TRIES_MAX = 3
"""Pictures taken of one sheet; after the last it passes, flagged."""

SPOILED = frozenset(
    {
        "blurred", "coarse", "cut_off", "glare", "skewed", "low_contrast", "edges_unclear",
        "broken_picture", "not_a_picture", "reading_stopped",
    }
)  # fmt: skip
"""Remarks of the quality gate that another picture of the same sheet may mend."""


def nameable(form: Procedure) -> tuple[str, ...]:
    """Return the kinds of paper a person may name where the reader knew none: a form's pages are never named."""
    kinds = [kind for document in form.documents for kind in document.any_of]
    return tuple(kind for kind in dict.fromkeys(kinds) if kind not in (FORM_FRONT, FORM_BACK, CARD))


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
    """All that the reader said of one sheet. `original` is None where the city keeps none, or it may not be kept."""

    kind: str
    page: Picture
    preview: Picture
    code: Code | None = None
    fields: tuple[FieldRead, ...] = ()
    notes: tuple[Note, ...] = ()
    width: int = 0
    height: int = 0
    original: Picture | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One side of paper as it was fed. `twice` names what was handed in with this very sheet before.

    `named` is the paper a person asked for when it was fed: then it is that, whatever its look.
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
    named: str = ""

    @property
    def place(self) -> int:
        """The how-manieth paper of the batch it is, as a person counts them."""
        return self.leaf or self.number

    @property
    def kind(self) -> str:
        """The kind of page; empty while it is unread."""
        if self.reading is None:
            return ""
        told = self.reading.kind
        return self.named if self.named and told not in (BLANK, UNREADABLE) else told

    @property
    def spoiled(self) -> tuple[Note, ...]:
        """Why another picture of it would be better."""
        notes = () if self.reading is None else self.reading.notes
        return tuple(note for note in notes if note.code in SPOILED)

    @property
    def tries_left(self) -> int:
        """How many more pictures may be taken of it; 0 where none is wanted."""
        return TRIES_MAX - self.tries if self.usable and self.spoiled else 0

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

    def taken_again(self, picture: "Sheet") -> "Sheet":
        """Return the sheet with another picture of it, still to be read; the one before is kept until then."""
        return replace(
            self,
            fed_sha256=picture.fed_sha256,
            media_type=picture.media_type,
            dpi=picture.dpi,
            reading=None,
            tries=self.tries + 1,
            taken=self.tries + 1,
            earlier=self,
        )

    def better_of(self, reading: Reading) -> "Sheet":
        """Return the sheet with the better of its last two pictures in force, now that the newer is read.

        A picture of another paper never takes the place of the first one; that is said on the sheet.
        """
        newer = replace(self, earlier=None).read_as(reading)
        if self.earlier is None or self.earlier.reading is None:
            return newer
        older = replace(self.earlier, tries=self.tries)
        if _other_paper(self.earlier.reading, reading):
            said = replace(self.earlier.reading, notes=(*self.earlier.reading.notes, OTHER_PAPER))
            return replace(older, reading=said)
        return newer if _worth(reading) >= _worth(self.earlier.reading) else older


OTHER_PAPER = Note(
    "other_paper",
    "warn",
    "入れ直した紙は、この用紙とは別の紙のようです。入れ直した画像は使っていません。紙を確かめて、もう一度入れてください。",
)
SURE = 0.8


def _other_paper(one: Reading, other: Reading) -> bool:
    """Tell whether two pictures show two papers: another code, another certain number, another kind."""
    known = {BLANK, OTHER, UNREADABLE}
    kinds = {one.kind, other.kind}
    codes = {reading.code.payload for reading in (one, other) if reading.code is not None}
    numbers = {_sure_number(reading) for reading in (one, other)} - {""}
    apart = len(kinds) > 1 and not kinds & known
    return apart or len(codes) > 1 or len(numbers) > 1


def _sure_number(reading: Reading) -> str:
    sure = (f for f in reading.fields if f.key == "insured_no" and f.confidence >= SURE)
    return next((field.value for field in sure), "")


def _worth(reading: Reading) -> tuple[bool, int, int]:
    """Rank a picture: that it can be read, how little is wrong with it, how much of it is sure."""
    spoiled = sum(note.code in SPOILED for note in reading.notes)
    sure = sum(field.confidence >= SURE for field in reading.fields)
    return reading.kind not in (UNREADABLE, BLANK), -spoiled, sure
