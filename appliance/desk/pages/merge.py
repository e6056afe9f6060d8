"""Brings together what lists, code, papers and the last case say of one person; never hides a contradiction.

One order of trust: the city's due list, the code, the provider's own list, card and form where they were read with
certainty, the last case, and what was read with doubt. A value that two places write differently is kept with a
confidence below the doubtful line and reported as a conflict.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from appliance.desk.pages.sameness import in_letters, same_answer
from appliance.desk.pages.sheet import DOUBTFUL_BELOW, FieldReading, ReadSheet
from sync.letters import DueEntry

AGREED = 0.98
"""Two places write the same number or date."""
CONTRADICTED = 0.5
"""Two places write different things."""
NOTICEABLE = 0.5
"""A reading below this is too weak to contradict anything."""
CARRIED = 0.7
"""The last case says it and the form, which was read, does not: it may hold no longer."""
KANJI_READ = 0.75
"""A person's name that only a machine read: 髙 or 高 is for a person with the picture, or for a list, to say."""
READ = frozenset({"ocr", "card"})
NEVER = frozenset({"individual_no", "reference"})
"""Not answers: one is not taken from any page, the other only says whose page it is."""
TRUST = ("due_list", "qr", "csv", "read", "last_case", "doubtful")
"""Whose word goes first; `read` is card or form read with certainty, `doubtful` one read without."""
FORMS = frozenset({"form_front", "form_back"})


@dataclass(frozen=True, slots=True)
class MergedAnswer:
    """One field as it stands before the person confirms it. `confidence` is None where no machine guessed."""

    key: str
    value: str
    source: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two places that contradict each other: the value kept and the value set aside."""

    key: str
    kept: str
    kept_source: str
    other: str
    other_source: str


@dataclass(frozen=True, slots=True)
class Merged:
    """All answers of one application, what its card says with certainty, and the contradictions."""

    answers: tuple[MergedAnswer, ...]
    card: tuple[tuple[str, str], ...]
    conflicts: tuple[Conflict, ...]


def answers_for(
    sheets: Sequence[ReadSheet], due: DueEntry | None, listed: Sequence[tuple[str, str]] = ()
) -> Merged:
    """Merge the sheets of one application, in feeding order, with what is known of the person.

    `due` is the entry its code or number led to, `listed` what the provider's own list says under that number.
    """
    readings = [
        reading for sheet in sheets for reading in sheet.fields if _usable(reading, sheet.kind)
    ]
    known = [*_from_due(due), *_from_codes(sheets), *_told("csv", listed), *_from_last(due)]
    form_read = any(sheet.fields for sheet in sheets if sheet.kind in FORMS)
    keys = dict.fromkeys([answer.key for answer in known] + [reading.key for reading in readings])
    answers: list[MergedAnswer] = []
    conflicts: list[Conflict] = []
    for key in keys:
        told = [answer for answer in known if answer.key == key]
        told += _best_first([r for r in readings if r.key == key])
        answer, found = _settle(sorted(told, key=_rank))
        carried = form_read and len(told) == 1 and answer.source == "last_case"
        answers.append(_looked_at(replace(answer, confidence=CARRIED) if carried else answer))
        conflicts += found
    return Merged(tuple(answers), _card(sheets), tuple(conflicts))


def _usable(reading: FieldReading, kind: str) -> bool:
    """Tell whether a reading speaks for the applicant; a physician's opinion only names its subject."""
    if kind == "physician_opinion":
        return False
    return bool(reading.value) and reading.key not in NEVER


def _from_due(due: DueEntry | None) -> list[MergedAnswer]:
    if due is None:
        return []
    answers = _told("due_list", due.answers)
    if due.insured_no and all(answer.key != "insured_no" for answer in answers):
        answers.append(MergedAnswer("insured_no", due.insured_no, "due_list", None))
    return answers


def _from_last(due: DueEntry | None) -> list[MergedAnswer]:
    return [] if due is None or due.last is None else _told("last_case", due.last.answers)


def _told(source: str, pairs: Sequence[tuple[str, str]]) -> list[MergedAnswer]:
    return [
        MergedAnswer(key, value, source, None) for key, value in pairs if value and key not in NEVER
    ]


def _rank(answer: MergedAnswer) -> int:
    if answer.source in TRUST:
        return TRUST.index(answer.source)
    sure = answer.confidence is None or answer.confidence >= DOUBTFUL_BELOW
    return TRUST.index("read" if sure else "doubtful")


def _from_codes(sheets: Sequence[ReadSheet]) -> list[MergedAnswer]:
    answers = []
    for code in [sheet.qr for sheet in sheets if sheet.qr is not None]:
        if code.insured_no:
            answers.append(MergedAnswer("insured_no", code.insured_no, "qr", 1.0))
        if code.insurer_no:
            answers.append(MergedAnswer("insurer_no", code.insurer_no, "qr", 1.0))
    return answers


def _best_first(readings: list[FieldReading]) -> list[MergedAnswer]:
    ordered = sorted(readings, key=lambda r: (-r.confidence, r.source != "card"))
    return [MergedAnswer(r.key, r.value, r.source, r.confidence) for r in ordered]


def _settle(told: list[MergedAnswer]) -> tuple[MergedAnswer, list[Conflict]]:
    first, others = told[0], told[1:]
    against = [other for other in others if not _same(first, other) and _noticeable(other)]
    conflicts = [
        Conflict(first.key, first.value, first.source, other.value, other.source)
        for other in against
    ]
    if against:
        sure = 1.0 if first.confidence is None else first.confidence
        doubted = MergedAnswer(first.key, first.value, first.source, min(CONTRADICTED, sure))
        return doubted, conflicts
    supported = any(
        _same(first, other) and other.source != first.source and _noticeable(other)
        for other in others
    )
    if supported and first.confidence is not None and not in_letters(first.key):
        sure = max(first.confidence, AGREED)
        return MergedAnswer(first.key, first.value, first.source, sure), []
    return first, []


def _looked_at(answer: MergedAnswer) -> MergedAnswer:
    """Leave a name that no list gives below the doubtful line, however clearly it was read."""
    if answer.key != "name" or answer.source not in READ or answer.confidence is None:
        return answer
    return replace(answer, confidence=min(answer.confidence, KANJI_READ))


def _noticeable(answer: MergedAnswer) -> bool:
    return answer.confidence is None or answer.confidence >= NOTICEABLE


def _same(one: MergedAnswer, other: MergedAnswer) -> bool:
    return same_answer(one.key, one.value, other.value)


def _card(sheets: Sequence[ReadSheet]) -> tuple[tuple[str, str], ...]:
    """Collect what the insurance card says with certainty; a check must not accuse anybody on a doubtful reading."""
    certain: dict[str, str] = {}
    for sheet in sheets:
        if sheet.kind == "insurance_card":
            for reading in sheet.fields:
                if reading.confidence >= DOUBTFUL_BELOW and reading.key not in NEVER:
                    certain.setdefault(reading.key, reading.value)
    return tuple(certain.items())
