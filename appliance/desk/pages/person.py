"""Who a person is to the split: the strong facts and the weak ones, as sheets and the due list tell them."""

from dataclasses import dataclass, field

from appliance.desk.pages.sheet import DOUBTFUL_BELOW, Kind, QrCode, ReadSheet
from appliance.desk.pages.writing import folded
from sync.letters import DueEntry


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What the split needs of a sheet; `number` is its place in feeding order. Unknown facts are empty.

    `reference` is the city's reference (整理番号) printed on a side without a code, when it was read with certainty.
    `follows` says that nothing but blank sides came between it and the sheet before: no stop of the feeder, no other.
    `leaf` is the paper whose side it is, where both sides were fed; 0 where not.
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
    leaf: int = 0

    @property
    def certain_no(self) -> str:
        """The insured number, when it was read with certainty."""
        return self.insured_no if self.insured_no_confidence >= DOUBTFUL_BELOW else ""


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


@dataclass(slots=True)
class Person:
    """A group while it is being built; `keys` are strong facts, the rest weak ones."""

    due: DueEntry | None
    keys: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    births: set[str] = field(default_factory=set)
    sheets: list[SheetFacts] = field(default_factory=list)
    by_order: list[int] = field(default_factory=list)
    by_likeness: list[int] = field(default_factory=list)
    by_leaf: list[int] = field(default_factory=list)
    alike: list[int] = field(default_factory=list)

    def take(self, sheet: SheetFacts, keys: set[str]) -> None:
        """Add a sheet and what it says; a doubtful number counts only while no certain one is known."""
        self.sheets.append(sheet)
        self.keys |= keys
        if sheet.certain_no or not any(key.startswith("no:") for key in self.keys):
            self.numbers |= {sheet.insured_no} - {""}
        self.names |= {folded(sheet.name)} - {""}
        self.births |= {sheet.birth_date} - {""}

    def agreeing(self, sheet: SheetFacts) -> int:
        """Count the weak facts that agree; -1 when a certain number speaks against it."""
        own = {key[3:] for key in self.keys if key.startswith("no:")}
        if sheet.certain_no and own and sheet.certain_no not in own:
            return -1
        return len(self.shared(sheet))

    def shared(self, sheet: SheetFacts) -> set[str]:
        """Name the weak facts that agree."""
        told = {
            "number": sheet.insured_no in self.numbers,
            "name": folded(sheet.name) in self.names,
            "birth": sheet.birth_date in self.births,
        }
        return {fact for fact, agrees in told.items() if agrees}

    def contradicted(self, sheet: SheetFacts) -> bool:
        """Tell whether a weak fact speaks against it: another number, another name, another date of birth."""
        told = (
            (sheet.insured_no, self.numbers),
            (folded(sheet.name), self.names),
            (sheet.birth_date, self.births),
        )
        return any(fact and known and fact not in known for fact, known in told)

    def expect(self, entry: DueEntry) -> None:
        """Take from the due list what is known of the person before any sheet."""
        answers = dict(entry.answers)
        self.numbers |= {entry.insured_no} - {""}
        self.names |= {folded(answers.get("name", ""))} - {""}
        self.births |= {answers.get("birth_date", "")} - {""}
