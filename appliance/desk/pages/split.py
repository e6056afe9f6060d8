"""Divides a fed stack into applications. Whose a sheet is must be known, not guessed; what is not known stays loose.

Strong facts are a QR code and a number read with certainty. Weak facts (a doubtful number, the name, the date of
birth) assign a sheet only when two of them agree with exactly one person, or one agrees with the person just fed.
What only the order of the stack assigned is named, for order is worth no more than the stack's counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from appliance.desk.pages.sheet import DOUBTFUL_BELOW, Kind, QrCode, ReadSheet
from appliance.desk.pages.writing import folded
from sync.letters import DueEntry

Reason = Literal["blank", "not_ours", "unreadable", "back_alone", "nobody", "two_people"]

SENTENCES: dict[Reason, str] = {
    "blank": "白紙の面です。どの申請にも入れません。書かれた面があれば、裏返してもう一度読み取ってください。",
    "not_ours": "申請書でも被保険者証でもない紙です。必要な紙なら申請へ移し、違えば「別にする」を押してください。",
    "unreadable": "読み取れなかった紙です。読めない紙は申請に入れられません。もう一度読み取ってください。",
    "back_alone": (
        "申請書の裏面ですが、すぐ前に表面がありません。裏面は表面のすぐ後に要ります。"
        "画像を見て、申請へ移してください。"
    ),
    "nobody": "だれの紙か、確かに読めませんでした。推測では入れません。画像を見て、申請へ移してください。",
    "two_people": "2人分の情報が書かれています。1枚の紙は1人の申請に入れます。画像を見て、正しい申請へ移してください。",
}
NO_PERSON: dict[str, Reason] = {"blank": "blank", "other": "not_ours", "unreadable": "unreadable"}
FACTS_ENOUGH = 2
CARDS = ("insurance_card", "medical_insurance", "physician_opinion")


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What the split needs of a sheet; `number` is its place in feeding order. Unknown facts are empty.

    `reference` is the city's reference (整理番号) printed on a side without a code, when it was read with certainty.
    `follows` says that nothing but blank sides came between it and the sheet before: no stop of the feeder, no other.
    """

    number: int
    kind: Kind
    qr: QrCode | None = None
    insured_no: str = ""
    insured_no_confidence: float = 0.0
    name: str = ""
    birth_date: str = ""
    reference: str = ""
    follows: bool = True

    @property
    def certain_no(self) -> str:
        """The insured number, when it was read with certainty."""
        return self.insured_no if self.insured_no_confidence >= DOUBTFUL_BELOW else ""


@dataclass(frozen=True, slots=True)
class Group:
    """One application: its sheets in feeding order, and whom the city expects, if anybody.

    `by_order` are those of its sheets that are here for their place in the stack, not for what stands on them.
    """

    sheets: tuple[int, ...]
    due: DueEntry | None
    insured_no: str
    reference: str
    form_missing: bool
    by_order: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Loose:
    """A sheet that belongs to nobody yet, and why, in a sentence for the desk."""

    number: int
    reason: Reason
    sentence: str


@dataclass(frozen=True, slots=True)
class Split:
    """The whole stack: every fed sheet is in exactly one group or loose."""

    groups: tuple[Group, ...]
    loose: tuple[Loose, ...]


@dataclass(slots=True)
class _Person:
    """A group while it is being built; `keys` are strong facts, the rest weak ones."""

    due: DueEntry | None
    keys: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    births: set[str] = field(default_factory=set)
    sheets: list[SheetFacts] = field(default_factory=list)
    by_order: list[int] = field(default_factory=list)

    def take(self, sheet: SheetFacts, keys: set[str], *, by_order: bool = False) -> None:
        self.sheets.append(sheet)
        self.by_order += [sheet.number] if by_order else []
        self.keys |= keys
        self.numbers |= {sheet.insured_no} - {""}
        self.names |= {folded(sheet.name)} - {""}
        self.births |= {sheet.birth_date} - {""}

    def agreeing(self, sheet: SheetFacts) -> int:
        """Count the weak facts that agree; -1 when a certain number speaks against it."""
        own = {key[3:] for key in self.keys if key.startswith("no:")}
        if sheet.certain_no and own and sheet.certain_no not in own:
            return -1
        return (
            (sheet.insured_no in self.numbers)
            + (folded(sheet.name) in self.names)
            + (sheet.birth_date in self.births)
        )


def facts_of(number: int, sheet: ReadSheet) -> SheetFacts:
    """Take from a read sheet what the split needs."""
    found = sheet.field("insured_no")
    name, birth = sheet.field("name"), sheet.field("birth_date")
    reference = sheet.field("reference")
    return SheetFacts(
        number=number,
        kind=sheet.kind,
        qr=sheet.qr,
        insured_no=found.value if found else "",
        insured_no_confidence=found.confidence if found else 0.0,
        name=name.value if name else "",
        birth_date=birth.value if birth else "",
        reference=reference.value if reference and not reference.doubtful else "",
    )


def due_for(code: QrCode | None, insured_no: str, due: Sequence[DueEntry]) -> DueEntry | None:
    """Find the expected person by code, then by number; None when nobody or more than one fits."""
    if code is not None:
        for entry in due:
            if (code.reference and entry.reference == code.reference) or (
                code.token and entry.token == code.token
            ):
                return entry
    wanted = (code.insured_no if code is not None else "") or insured_no
    hits = [entry for entry in due if wanted and entry.insured_no == wanted]
    return hits[0] if len(hits) == 1 else None


def split(sheets: Sequence[SheetFacts], due: Sequence[DueEntry]) -> Split:
    """Divide the stack. Fronts first, then cards, then backs, so that a card may lie before its form."""
    people: list[_Person] = []
    loose: list[Loose] = []
    for sheet in sheets:
        if sheet.kind == "form_front":
            _place_front(sheet, people, due, loose)
    before = [None, *sheets]
    for previous, sheet in zip(before, sheets, strict=False):
        if sheet.kind in CARDS:
            _place_card(sheet, previous, people, due, loose)
    for previous, sheet in zip(before, sheets, strict=False):
        if sheet.kind == "form_back":
            _place_back(sheet, previous, people, due, loose)
        elif sheet.kind in NO_PERSON:
            loose.append(_loose(sheet, NO_PERSON[sheet.kind]))
    groups = sorted((_finished(person) for person in people), key=lambda group: group.sheets[0])
    return Split(tuple(groups), tuple(sorted(loose, key=lambda entry: entry.number)))


def _keys(sheet: SheetFacts, entry: DueEntry | None) -> set[str]:
    code = _code_of(sheet) or QrCode("")
    number = code.insured_no or (entry.insured_no if entry else "") or sheet.certain_no
    reference = code.reference or (entry.reference if entry else "")
    keys = {f"no:{number}", f"ref:{reference}", f"token:{code.token}"}
    return keys - {"no:", "ref:", "token:"}


def _code_of(sheet: SheetFacts) -> QrCode | None:
    """Take the sheet's code, or its printed reference for one."""
    if sheet.qr is None and sheet.reference:
        return QrCode("", reference=sheet.reference)
    return sheet.qr


def _place_front(
    sheet: SheetFacts, people: list[_Person], due: Sequence[DueEntry], loose: list[Loose]
) -> None:
    entry = due_for(_code_of(sheet), sheet.certain_no, due) or _due_by_facts(sheet, due)
    keys = _keys(sheet, entry)
    hits = [person for person in people if person.keys & keys] or _twice_agreeing(sheet, people)
    if len(hits) > 1:
        loose.append(_loose(sheet, "two_people"))
    elif hits:
        hits[0].take(sheet, keys)
    else:
        people.append(_new(sheet, entry, keys))


def _place_card(
    sheet: SheetFacts,
    previous: SheetFacts | None,
    people: list[_Person],
    due: Sequence[DueEntry],
    loose: list[Loose],
) -> None:
    entry = due_for(_code_of(sheet), sheet.certain_no, due)
    keys = _keys(sheet, entry)
    known = [person for person in people if person.keys & keys] or _twice_agreeing(sheet, people)
    hits = known or _just_fed(sheet, previous, people)
    if len(hits) > 1:
        loose.append(_loose(sheet, "two_people"))
    elif hits:
        hits[0].take(sheet, keys, by_order=not known)
    elif keys or (entry := _due_by_facts(sheet, due)) is not None:
        people.append(_new(sheet, entry, keys or _keys(sheet, entry)))
    else:
        loose.append(_loose(sheet, "nobody"))


def _place_back(
    sheet: SheetFacts,
    previous: SheetFacts | None,
    people: list[_Person],
    due: Sequence[DueEntry],
    loose: list[Loose],
) -> None:
    keys = _keys(sheet, due_for(_code_of(sheet), sheet.certain_no, due))
    hits = [person for person in people if person.keys & keys]
    by_order = False
    if not keys and sheet.follows and previous is not None and previous.kind == "form_front":
        hits = [person for person in people if previous in person.sheets]
        by_order = not any(person.agreeing(sheet) >= FACTS_ENOUGH for person in hits)
    if len(hits) == 1:
        hits[0].take(sheet, keys, by_order=by_order)
    else:
        loose.append(_loose(sheet, "back_alone"))


def _just_fed(
    sheet: SheetFacts, previous: SheetFacts | None, people: list[_Person]
) -> list[_Person]:
    """Find the person fed just before, when one weak fact agrees with that person and with nobody else."""
    some = [person for person in people if person.agreeing(sheet) == 1]
    return some if len(some) == 1 and sheet.follows and previous in some[0].sheets else []


def _twice_agreeing(sheet: SheetFacts, people: Sequence[_Person]) -> list[_Person]:
    return [person for person in people if person.agreeing(sheet) >= FACTS_ENOUGH]


def _due_by_facts(sheet: SheetFacts, due: Sequence[DueEntry]) -> DueEntry | None:
    if sheet.qr is not None or sheet.certain_no:
        return None
    hits = []
    for entry in due:
        person = _Person(entry)
        _expect(person, entry)
        if _twice_agreeing(sheet, [person]):
            hits.append(entry)
    return hits[0] if len(hits) == 1 else None


def _new(sheet: SheetFacts, entry: DueEntry | None, keys: set[str]) -> _Person:
    person = _Person(entry)
    if entry is not None:
        _expect(person, entry)
    person.take(sheet, keys)
    return person


def _expect(person: _Person, entry: DueEntry) -> None:
    answers = dict(entry.answers)
    person.numbers |= {entry.insured_no} - {""}
    person.names |= {folded(answers.get("name", ""))} - {""}
    person.births |= {answers.get("birth_date", "")} - {""}


def _finished(person: _Person) -> Group:
    sheets = sorted(person.sheets, key=lambda sheet: sheet.number)
    numbers = [key[3:] for key in sorted(person.keys) if key.startswith("no:")]
    references = [key[4:] for key in sorted(person.keys) if key.startswith("ref:")]
    return Group(
        sheets=tuple(sheet.number for sheet in sheets),
        due=person.due,
        insured_no=numbers[0] if len(numbers) == 1 else "",
        reference=references[0] if references else "",
        form_missing=all(sheet.kind != "form_front" for sheet in sheets),
        by_order=tuple(sorted(person.by_order)),
    )


def _loose(sheet: SheetFacts, reason: Reason) -> Loose:
    return Loose(sheet.number, reason, SENTENCES[reason])
