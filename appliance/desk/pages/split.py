"""Divides a fed stack into applications. Whose a sheet is must be known, not guessed; what is not known stays loose.

Strong facts are a QR code and a number read with certainty. Weak facts (a doubtful number, the name, the date of
birth) assign a card only when two of them agree with exactly one person and none speaks against it, or one agrees with
the person just fed; they never make two forms one. What was assigned by likeness or by the order of the stack alone is
named, for both are worth no more than the rest of the stack.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from appliance.desk.pages.person import Person, SheetFacts
from appliance.desk.pages.sheet import QrCode
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
class Group:
    """One application: its sheets in feeding order, and whom the city expects, if anybody.

    `by_order` are those of its sheets that are here for their place in the stack alone and `by_likeness` those here for
    facts that others share: somebody has to look at them. `by_leaf` are backs of a front's own paper and `alike` those
    here for two facts that nobody else in the stack shares: right, if the rest of the stack is. `named` says that name
    and date of birth are known, so that another person's can be told from them.
    """

    sheets: tuple[int, ...]
    due: DueEntry | None
    insured_no: str
    reference: str
    form_missing: bool
    by_order: tuple[int, ...] = ()
    by_likeness: tuple[int, ...] = ()
    by_leaf: tuple[int, ...] = ()
    alike: tuple[int, ...] = ()
    named: bool = False


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
    people: list[Person] = []
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
    sheet: SheetFacts, people: list[Person], due: Sequence[DueEntry], loose: list[Loose]
) -> None:
    entry = due_for(_code_of(sheet), sheet.certain_no, due)
    keys = _keys(sheet, entry)
    hits = [person for person in people if person.keys & keys]
    if len(hits) > 1:
        loose.append(_loose(sheet, "two_people"))
    elif hits:
        hits[0].take(sheet, keys)
    else:
        people.append(_new(sheet, entry, keys) if keys else _unmarked(sheet, people, due))


def _unmarked(sheet: SheetFacts, people: list[Person], due: Sequence[DueEntry]) -> Person:
    """Open an application for a form without a mark; whoever fits is expected, unless he has a form already."""
    entry = _due_by_facts(sheet, due)
    keys = _keys(sheet, entry)
    if entry is None or any(person.keys & keys for person in people):
        return _new(sheet, None, set())
    person = _new(sheet, entry, keys)
    person.by_likeness.append(sheet.number)
    return person


def _place_card(
    sheet: SheetFacts,
    previous: SheetFacts | None,
    people: list[Person],
    due: Sequence[DueEntry],
    loose: list[Loose],
) -> None:
    entry = due_for(_code_of(sheet), sheet.certain_no, due)
    keys = _keys(sheet, entry)
    known = [person for person in people if person.keys & keys]
    alike = known or _twice_agreeing(sheet, people)
    hits = alike or _just_fed(sheet, previous, people)
    if len(hits) > 1:
        loose.append(_loose(sheet, "two_people"))
    elif hits:
        hits[0].take(sheet, keys)
        if alike and not known:
            clear = _alone(hits[0], sheet, people) >= FACTS_ENOUGH
            (hits[0].alike if clear else hits[0].by_likeness).append(sheet.number)
        elif not known:
            hits[0].by_order.append(sheet.number)
    elif keys:
        people.append(_new(sheet, entry, keys))
    elif (entry := _due_by_facts(sheet, due)) is not None:
        people.append(_new(sheet, entry, _keys(sheet, entry)))
        people[-1].by_likeness.append(sheet.number)
    else:
        loose.append(_loose(sheet, "nobody"))


def _place_back(
    sheet: SheetFacts,
    previous: SheetFacts | None,
    people: list[Person],
    due: Sequence[DueEntry],
    loose: list[Loose],
) -> None:
    keys = _keys(sheet, due_for(_code_of(sheet), sheet.certain_no, due))
    hits = [person for person in people if person.keys & keys]
    placed: SheetFacts | None = None
    if not keys and sheet.follows and previous is not None and previous.kind == "form_front":
        hits = [person for person in people if previous in person.sheets]
        placed = previous
    if len(hits) == 1:
        hits[0].take(sheet, keys)
        if placed is not None:
            same = 0 < sheet.leaf == placed.leaf
            (hits[0].by_leaf if same else hits[0].by_order).append(sheet.number)
    else:
        loose.append(_loose(sheet, "back_alone"))


def _just_fed(sheet: SheetFacts, previous: SheetFacts | None, people: list[Person]) -> list[Person]:
    """Find the person fed just before, when one weak fact agrees with that person and with nobody else."""
    some = [person for person in people if person.agreeing(sheet) == 1]
    near = len(some) == 1 and sheet.follows and previous in some[0].sheets
    return some if near and not some[0].contradicted(sheet) else []


def _alone(person: Person, sheet: SheetFacts, people: Sequence[Person]) -> int:
    """Count the facts that agree with this person and with nobody else in the stack."""
    others = [each.shared(sheet) for each in people if each is not person]
    return len(person.shared(sheet).difference(*others))


def _twice_agreeing(sheet: SheetFacts, people: Sequence[Person]) -> list[Person]:
    found = [person for person in people if person.agreeing(sheet) >= FACTS_ENOUGH]
    clear = [person for person in found if not person.contradicted(sheet)]
    return clear if len(found) == 1 else found


def _due_by_facts(sheet: SheetFacts, due: Sequence[DueEntry]) -> DueEntry | None:
    if sheet.qr is not None or sheet.certain_no:
        return None
    hits = []
    for entry in due:
        person = Person(entry)
        person.expect(entry)
        if _twice_agreeing(sheet, [person]):
            hits.append(entry)
    return hits[0] if len(hits) == 1 else None


def _new(sheet: SheetFacts, entry: DueEntry | None, keys: set[str]) -> Person:
    person = Person(entry)
    if entry is not None:
        person.expect(entry)
    person.take(sheet, keys)
    return person


def _finished(person: Person) -> Group:
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
        by_likeness=tuple(sorted(person.by_likeness)),
        by_leaf=tuple(sorted(person.by_leaf)),
        alike=tuple(sorted(person.alike)),
        named=bool(person.names and person.births),
    )


def _loose(sheet: SheetFacts, reason: Reason) -> Loose:
    return Loose(sheet.number, reason, SENTENCES[reason])
