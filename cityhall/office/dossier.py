"""One case as a caseworker reads it: all versions joined, newest answers, every sheet. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cityhall.mail.models import PartState
from sync.envelope import PartRole
from sync.record import Answer, Defect, Record, SheetNote

# In the order of a leaf's fields.
PICTURES = (PartRole.PREVIEW, PartRole.PAGE, PartRole.ORIGINAL)
# Below this a machine's reading is shown as doubtful.
SURE = 0.8


@dataclass(frozen=True, slots=True)
class OpenedVersion:
    """One opened envelope of a case."""

    env_id: bytes
    number: int
    record: Record
    parts: tuple[PartState, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """The pictures of one sheet on the shelf, known without opening it.

    `number` counts through the case, `place` through the envelope, both from 0.
    """

    number: int
    place: int
    env_id: bytes
    preview: PartState | None
    page: PartState | None
    original: PartState | None = None

    @property
    def preview_here(self) -> bool:
        """Whether the small picture can be shown."""
        return self.preview is not None and self.preview.arrived

    @property
    def page_here(self) -> bool:
        """Whether the full page can be shown."""
        return self.page is not None and self.page.arrived

    @property
    def original_here(self) -> bool:
        """Whether the picture at full sharpness can be shown."""
        return self.original is not None and self.original.arrived

    def part(self, role: PartRole) -> PartState | None:
        """Return one of the sheet's pictures, None where the envelope has none such."""
        return {
            PartRole.PREVIEW: self.preview,
            PartRole.PAGE: self.page,
            PartRole.ORIGINAL: self.original,
        }[role]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: what the record says of it and where its pictures are. `version` is the hand-in that brought it."""

    note: SheetNote
    leaf: Leaf
    version: int


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One answer; `before` is what an earlier version said, when it differs."""

    answer: Answer
    doubtful: bool
    before: str | None
    defects: tuple[Defect, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known of a case, opened."""

    record: Record
    fields: tuple[FieldRow, ...]
    defects: tuple[Defect, ...]
    sheets: tuple[Sheet, ...]


def leaves(envelopes: Sequence[tuple[bytes, Sequence[PartState]]]) -> tuple[Leaf, ...]:
    """Return the sheets of a case's envelopes, numbered through, oldest first.

    The n-th preview, page and original part of an envelope belong to its n-th sheet (docs/envelope.md).
    """
    found: list[Leaf] = []
    for env_id, parts in envelopes:
        lots = [_of_role(parts, role) for role in PICTURES]
        for place in range(max(map(len, lots))):
            pictures = [lot[place] if place < len(lot) else None for lot in lots]
            found.append(Leaf(len(found), place, env_id, *pictures))
    return tuple(found)


def assemble(versions: Sequence[OpenedVersion]) -> Dossier:
    """Join the opened versions of a case, oldest first; raises ValueError without any."""
    if not versions:
        raise ValueError("dossier: a case has at least one version; none was given")
    records = [version.record for version in versions]
    defects = _defects(records)
    return Dossier(
        record=records[-1],
        fields=_fields(records, defects),
        defects=defects,
        sheets=_sheets(versions),
    )


def _defects(records: Sequence[Record]) -> tuple[Defect, ...]:
    """Return what is still wrong: a later version mends what it brings, a page or an answer, and no more."""
    open_: tuple[Defect, ...] = ()
    for record in records:
        brought = {answer.key for answer in record.answers if answer.value}
        brought |= {sheet.kind for sheet in record.sheets}
        open_ = (*(one for one in open_ if one.field not in brought), *record.defects)
    return open_


def _fields(records: Sequence[Record], defects: Sequence[Defect]) -> tuple[FieldRow, ...]:
    answers: dict[str, Answer] = {}
    before: dict[str, str] = {}
    for record in records:
        for answer in record.answers:
            known = answers.get(answer.key)
            if known is not None and known.value != answer.value:
                before[answer.key] = known.value
            answers[answer.key] = answer
    return tuple(_field(answer, before, defects) for answer in answers.values())


def _field(answer: Answer, before: Mapping[str, str], defects: Sequence[Defect]) -> FieldRow:
    about = tuple(defect for defect in defects if defect.field == answer.key)
    unsure = answer.confidence is not None and answer.confidence < SURE
    return FieldRow(answer, unsure or bool(about), before.get(answer.key), about)


def _sheets(versions: Sequence[OpenedVersion]) -> tuple[Sheet, ...]:
    numbered = leaves([(version.env_id, version.parts) for version in versions])
    by_envelope: dict[bytes, list[Leaf]] = {}
    for leaf in numbered:
        by_envelope.setdefault(leaf.env_id, []).append(leaf)
    sheets = []
    for version in versions:
        notes = sorted(version.record.sheets, key=lambda note: note.index)
        for note, leaf in zip(notes, by_envelope.get(version.env_id, []), strict=False):
            sheets.append(Sheet(note, leaf, version.number))
    return tuple(sheets)


def _of_role(parts: Sequence[PartState], role: PartRole) -> list[PartState]:
    return sorted((part for part in parts if part.role is role), key=lambda part: part.index)
