"""Generated stacks: people's papers read as a machine reads and fed as stacks are fed, with the truth beside."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from appliance.desk.application import Application
from appliance.desk.batch import Batch, Declaration, Interruption
from appliance.desk.examining import Rules
from appliance.desk.joining import Joining, join
from appliance.desk.sheets import Code, FieldRead, Reading, Sheet
from procedures.definition import load
from sync.letters import DueEntry
from tests.support.batches import PICTURE, fresh

TODAY = date(2026, 8, 25)
FAMILY = ("佐藤", "菊池", "東海林", "髙﨑", "及川", "工藤")
GIVEN = ("ハナ", "ミツ", "一郎", "澄子", "𠮷雄", "次郎", "花子")
BIRTHS = tuple(f"19{year}-{month:02}-11" for year in range(30, 48) for month in (2, 7))
SURE, DOUBTFUL = 0.99, 0.6
DOUBTS = ("by_order", "by_likeness")


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up person."""

    number: int
    insured_no: str
    name: str
    birth: str
    reference: str


@dataclass(frozen=True, slots=True)
class Page:
    """One side as read; `owner` is the truth (0: nobody's)."""

    owner: int
    kind: str
    code: str = ""
    fields: tuple[tuple[str, str, float], ...] = ()


@dataclass(slots=True)
class Stack:
    """One stack as it was fed, with what the desk knows beside it."""

    people: list[Person]
    leaves: list[list[Page]]
    due: list[DueEntry]
    both: bool
    stops: set[int] = field(default_factory=set)

    @property
    def pages(self) -> list[Page]:
        """The sides in feeding order."""
        return [page for leaf in self.leaves for page in leaf]

    def joined(self) -> Batch:
        """Return the batch as the desk puts it together."""
        rules = Rules(FORM, TODAY, "032011")
        return join(self._batch(), Joining(self.due, frozenset(), rules, fresh))

    def _batch(self) -> Batch:
        sheets: list[Sheet] = []
        for leaf, pages in enumerate(self.leaves, 1):
            for side, page in zip(("front", "back") if self.both else ("",), pages, strict=True):
                sheets.append(replace(_sheet(len(sheets) + 1, page), leaf=leaf, side=side))
        ends = [sum(map(len, self.leaves[:after])) for after in sorted(self.stops)]
        stops = tuple(Interruption(after, "jammed") for after in ends)
        declared = (Declaration(len(self.people)),)
        return Batch("b0", "care-renewal", "1", declared, tuple(sheets), interruptions=stops)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a stack's sides: `silent` were given to another person without a word."""

    sides: int
    placed: int
    loose: int
    asked: int
    silent: tuple[str, ...]


FORM = load("care-renewal")
BLANK = Page(0, "blank")


def make(seed: int) -> Stack:
    """Make a stack: papers out of order, sheets fed as one, stops, namesakes, marks that were not read."""
    chance = random.Random(seed)  # noqa: S311 - made-up paper
    people = [_person(chance, number) for number in range(1, chance.randint(3, 9))]
    both = chance.random() < 0.5
    leaves = [leaf for person in people for leaf in _leaves(_papers(chance, person), both=both)]
    due = [_due(each) for each in people if chance.random() < 0.9]
    stack = Stack(people, leaves, due, both)
    stack.due += [_due(_person(chance, 50 + number)) for number in range(4)]
    _disorder(chance, stack)
    _feed(chance, stack)
    return stack


def judge(stack: Stack) -> Verdict:
    """Compare the desk's applications with the truth."""
    batch = stack.joined()
    placed = [n for item in batch.applications for n in item.sheets]
    flaws = [flaw for item in batch.applications for flaw in item.flaws if flaw.check in DOUBTS]
    return Verdict(
        sides=len(stack.pages),
        placed=len(placed),
        loose=len(batch.loose()),
        asked=len(flaws),
        silent=tuple(_silent(stack, batch)),
    )


def _silent(stack: Stack, batch: Batch) -> Iterator[str]:
    """Name what nobody is asked to look at: sides of two people in one application, or the wrong number over it."""
    for item in batch.applications:
        flaws = [flaw for flaw in item.flaws if flaw.check in DOUBTS]
        told = {(flaw.ja.partition("枚目")[0], flaw.field) for flaw in flaws}
        trusted = [
            number
            for number in item.sheets
            if (str(batch.sheet(number).place), batch.sheet(number).kind) not in told
        ]
        owners = {stack.pages[number - 1].owner for number in trusted}
        filed = _filed_under(stack, item)
        if len(owners) > 1:
            yield f"sides {trusted} of {sorted(owners)} are one application"
        elif filed and not told and filed not in owners:
            yield f"sides {trusted} of {sorted(owners)} are filed under {filed}"


def _filed_under(stack: Stack, item: Application) -> int:
    """Say under whose number it will be filed, if that is not in doubt; 0 when that is nobody of the stack."""
    number = "" if "insured_no" in item.doubtful() else item.value("insured_no")
    return next((person.number for person in stack.people if person.insured_no == number), 0)


def _person(chance: random.Random, number: int) -> Person:
    name = f"{chance.choice(FAMILY)}　{chance.choice(GIVEN)}"
    return Person(number, f"00123456{number:02}", name, chance.choice(BIRTHS), f"R8-{number:06}")


def _due(person: Person) -> DueEntry:
    answers = (
        ("insured_no", person.insured_no),
        ("name", person.name),
        ("birth_date", person.birth),
    )
    return DueEntry(person.reference, person.insured_no, answers)


def _papers(chance: random.Random, person: Person) -> list[Page]:
    pages = [_front(chance, person)]
    if chance.random() < 0.85:
        mark = chance.random() < 0.4
        fields = [("reference", person.reference, SURE)] if mark else []
        pages.append(Page(person.number, "form_back", fields=tuple(fields)))
    if chance.random() < 0.9:
        pages.append(Page(person.number, "insurance_card", fields=_card(chance, person)))
    for kind, often in (("medical_insurance", 0.4), ("physician_opinion", 0.25)):
        if chance.random() < often:
            pages.append(Page(person.number, kind, fields=_weak(chance, person)))
    if chance.random() < 0.15:
        chance.shuffle(pages)
    return pages


def _leaves(pages: list[Page], *, both: bool) -> list[list[Page]]:
    """Lay sides on papers: one each, or a form's two sides on one and all else with an empty back."""
    if not both:
        return [[page] for page in pages]
    back = next((page for page in pages if page.kind == "form_back"), BLANK)
    return [
        [page, back if page.kind == "form_front" else BLANK]
        for page in pages
        if page.kind != "form_back"
    ]


def _front(chance: random.Random, person: Person) -> Page:
    if chance.random() < 0.7:
        return Page(person.number, "form_front", code=person.reference)
    fields = _weak(chance, person)
    if chance.random() < 0.7:
        fields += (_number(chance, person),)
    return Page(person.number, "form_front", fields=fields)


def _card(chance: random.Random, person: Person) -> tuple[tuple[str, str, float], ...]:
    fields = _weak(chance, person)
    return (*fields, _number(chance, person)) if chance.random() < 0.95 else fields


def _number(chance: random.Random, person: Person) -> tuple[str, str, float]:
    """A number read with certainty is right; a doubtful one is wrong as often as right."""
    if chance.random() < 0.8:
        return ("insured_no", person.insured_no, SURE)
    wrong = f"00123456{chance.randint(1, 12):02}"
    return ("insured_no", chance.choice((person.insured_no, wrong)), DOUBTFUL)


def _weak(chance: random.Random, person: Person) -> tuple[tuple[str, str, float], ...]:
    """Name and birth as a machine reads them: often right, sometimes a letter off, sometimes not at all."""
    fields = []
    if chance.random() < 0.9:
        name = person.name if chance.random() < 0.7 else person.name[:-1] + chance.choice("子郎江")
        fields.append(("name", name, DOUBTFUL))
    if chance.random() < 0.9:
        birth = person.birth if chance.random() < 0.95 else chance.choice(BIRTHS)
        fields.append(("birth_date", birth, SURE))
    return tuple(fields)


def _disorder(chance: random.Random, stack: Stack) -> None:
    leaves = stack.leaves
    for _ in range(chance.choice((0, 0, 1, 2))):
        leaf = leaves.pop(chance.randrange(len(leaves)))
        leaves.insert(chance.randint(0, len(leaves)), leaf)
    for kind in ("blank", "other"):
        if chance.random() < 0.15:
            leaf = [Page(0, kind), BLANK][: 1 + stack.both]
            leaves.insert(chance.randint(0, len(leaves)), leaf)


def _feed(chance: random.Random, stack: Stack) -> None:
    """Let papers go in as one, unseen, and let the feeder stop; the person may skip a paper then."""
    leaves = stack.leaves
    for _ in range(chance.choice((0, 0, 1, 2))):
        at = chance.randrange(len(leaves))
        under = leaves.pop(at)
        if stack.both and at > 0:
            leaves[at - 1][1] = under[1]  # the upper's front is seen, and the lower's back
    if chance.random() < 0.3 and len(leaves) > 1:
        after = chance.randint(1, len(leaves) - 1)
        stack.stops.add(after)
        if chance.random() < 0.5:
            leaves.pop(after)


def _sheet(number: int, page: Page) -> Sheet:
    reading = Reading(
        page.kind,
        PICTURE,
        PICTURE,
        code=Code("x", reference=page.code) if page.code else None,
        fields=tuple(FieldRead(key, value, value, sure, "ocr") for key, value, sure in page.fields),
    )
    made = Sheet(number, f"{number:064x}", "image/jpeg", 300)
    return replace(made, reading=None).read_as(reading)
