"""Checks one application against its form file, and fills in what follows from the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from appliance.desk.application import Application, Flaw, with_answers
from procedures.checks import examine
from procedures.deadlines import age_at
from procedures.facts import Facts, Finding
from procedures.procedure import SEVERITIES, Procedure
from sync.record import Answer

RENEWAL = "2"
CATEGORY_1_AGE = 65


@dataclass(frozen=True, slots=True)
class Rules:
    """What applications of one batch are checked by: the form file, the day, this city's number."""

    procedure: Procedure
    today: date
    insurer_no: str

    def derive(self, item: Application, *, expected: bool) -> Application:
        """Return the application with the answers nobody has to give; what was read stays.

        `expected` says that city hall's due list names this person, who is thus insured here.
        """
        made: dict[str, tuple[str, str]] = {
            "application_date": (self.today.isoformat(), "policy"),
            "application_kind": (RENEWAL, "policy"),
        }
        if expected:
            made["insurer_no"] = (self.insurer_no, "derived")
        category = _category(item.value("birth_date"), self.today)
        if category:
            made["insured_class"] = (category, "derived")
        keys = {field.key for field in self.procedure.fields}
        added = tuple(
            Answer(key, value, source)
            for key, (value, source) in made.items()
            if key in keys and not item.value(key)
        )
        return with_answers(item, (*item.answers, *added)) if added else item

    def examine(
        self,
        item: Application,
        *,
        card: Mapping[str, str],
        page_kinds: frozenset[str],
        pending: frozenset[str],
        written: Mapping[str, str] | None = None,
    ) -> tuple[Flaw, ...]:
        """Return every deficiency that can be seen on the bus, in both languages.

        `written` is what the form's own pages say of fields that nobody has settled.
        """
        sure = {} if item.confirmed else {a.key: a.confidence for a in item.answers}
        facts = Facts(
            answers=item.values(),
            filing_date=self.today,
            insurer_no=self.insurer_no,
            card=card,
            page_kinds=page_kinds,
            pending=pending,
            confidence={key: value for key, value in sure.items() if value is not None},
            written=written or {},
        )
        papers = {document.id for document in self.procedure.documents}
        found = examine(self.procedure, facts)
        # Within one severity a missing paper is said first: it explains the empty fields.
        ordered = sorted(found, key=lambda f: (SEVERITIES.index(f.severity), f.field not in papers))
        return tuple(_flaw(one) for one in ordered)


def _flaw(found: Finding) -> Flaw:
    return Flaw(
        found.check,
        found.severity,
        found.field,
        found.sentence_ja,
        found.sentence_en,
        found.remedy_ja,
        found.remedy_en,
        found.mend,
    )


def _category(birth_date: str, today: date) -> str:
    try:
        born = date.fromisoformat(birth_date)
    except ValueError:
        return ""
    return "1" if age_at(born, today) >= CATEGORY_1_AGE else "2"
