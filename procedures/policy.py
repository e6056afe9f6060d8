"""What a city decided where the law leaves it open: one table of settings by which every form is used."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from procedures.deadlines import CLOSED_DAY_RULES
from procedures.definition import FILING_POLICIES, IDENTITY_MODES, NUMBER_POLICIES
from procedures.errors import ProcedureError
from procedures.grammar import LARGEST_FILE, LONGEST_LIST, Table, parse
from procedures.procedure import Document, Procedure
from procedures.words import Words

SHIPPED = Path(__file__).parent / "city" / "policy.toml"
LONGEST_BOX_HOURS = 72
LEFT_TO_THE_FORM = ""
OFFICERS = ("city_arrival", "staff")
CARDS = ("bus", "post")
ROUTES = ("export_folder", "medium")
PROFILES = ("utf8_mj", "cp932_strict")
NOT_BUILT = "no"
_VERSION = re.compile(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(\.\d{1,3})?")
_CARD_BY_POST = Words(
    "原本は、あとから郵送してください。申請日は変わりません。",
    "Please send the original by post afterwards; the date of application stays.",
)


@dataclass(frozen=True, slots=True)
class CityPolicy:
    """One city's decisions; docs/procedures.md says what each word means. An empty one is left to the form."""

    title: Words
    version: str
    filing_date: str
    officer_absent: str
    closed_day_rule: str
    closed_days: frozenset[date]
    individual_no: str
    proxy_identity_mode: str
    card_original: str
    interim_certificate: str
    box_hours: int
    inbound_route: str
    export_profile: str
    recording: str

    def applied(self, form: Procedure) -> Procedure:
        """Return the form as this city uses it."""
        window = form.window and replace(
            form.window,
            closed_day_rule=self.closed_day_rule or form.window.closed_day_rule,
            closed_days=self.closed_days,
        )
        identity = replace(
            form.identity,
            individual_no=self.individual_no or form.identity.individual_no,
            proxy_identity_mode=self.proxy_identity_mode or form.identity.proxy_identity_mode,
        )
        documents = form.documents
        if self.card_original == "post":
            documents = tuple(map(_by_post, documents))
        return replace(form, window=window, identity=identity, documents=documents)

    def officer(self, named: str, staff_id: str) -> str:
        """Return who signs a hand-in: the officer aboard, else as the city decided; nobody is an empty text."""
        return named or (staff_id if self.officer_absent == "staff" else "")

    def fixes_date(self, form: Procedure) -> bool:
        """Tell whether the hand-in on the bus fixes the filing date: the city and the form must both say so."""
        return self.filing_date == form.filing_date.policy == "bus_receipt"


def load_policy(path: Path | None = None) -> CityPolicy:
    """Return the policy of a file, or the shipped one; raises ProcedureError or OSError."""
    chosen = path or SHIPPED
    with chosen.open("rb") as file:
        data = file.read(LARGEST_FILE + 1)
    try:
        return read_policy(data.decode("utf-8"), chosen.name)
    except UnicodeDecodeError as error:
        raise ProcedureError(
            chosen.name, "must be UTF-8", str(error), "save the file as UTF-8"
        ) from error


def read_policy(text: str, place: str) -> CityPolicy:
    """Read a policy's TOML text; `place` names it in errors (ProcedureError)."""
    top = parse(text, place)
    title = top.table("title")
    if title is None:
        rule, remedy = "this table is required", "add title = { ja = ..., en = ... }"
        raise ProcedureError(f"{place}.title", rule, "it is missing", remedy)
    policy = CityPolicy(
        title=title.words(""),
        version=_version(top),
        filing_date=top.one_of("filing_date", FILING_POLICIES),
        officer_absent=top.one_of("officer_absent", OFFICERS),
        closed_day_rule=_perhaps(top, "closed_day_rule", CLOSED_DAY_RULES),
        closed_days=_days(top, "closed_days"),
        individual_no=_perhaps(top, "individual_no", NUMBER_POLICIES),
        proxy_identity_mode=_perhaps(top, "proxy_identity_mode", IDENTITY_MODES),
        card_original=top.one_of("card_original", CARDS),
        interim_certificate=_not_built(top, "interim_certificate"),
        box_hours=top.whole("box_hours", most=LONGEST_BOX_HOURS),
        inbound_route=top.one_of("inbound_route", ROUTES),
        export_profile=top.one_of("export_profile", PROFILES),
        recording=_not_built(top, "recording"),
    )
    title.done()
    top.done()
    return policy


def _perhaps(top: Table, key: str, allowed: Collection[str]) -> str:
    """Return the word that stands there; a key that is left out leaves the question to the form."""
    return top.one_of(key, allowed) if top.has(key) else LEFT_TO_THE_FORM


def _version(top: Table) -> str:
    version = top.text("version")
    if not _VERSION.fullmatch(version):
        place, rule = f"{top.place}.version", "must be the day from which it counts"
        raise ProcedureError(place, rule, f"found {version!r}", 'write "2026-04-01"')
    return version


def _days(top: Table, key: str) -> frozenset[date]:
    written = top.texts(key)
    if len(written) > LONGEST_LIST:
        place, fact = f"{top.place}.{key}", f"found {len(written)}"
        raise ProcedureError(place, f"at most {LONGEST_LIST} days", fact, "leave out past years")
    return frozenset(_day(f"{top.place}.{key}[{n}]", one) for n, one in enumerate(written, 1))


def _day(place: str, written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise ProcedureError(
            place, "must be a day", f"found {written[:40]!r}", 'write "2026-09-21"'
        ) from error


def _not_built(top: Table, key: str) -> str:
    """Take only the answer that this product carries out; another one would promise what nobody does."""
    word = top.text(key)
    if word != NOT_BUILT:
        place, rule = f"{top.place}.{key}", f"must be {NOT_BUILT!r}: the box cannot do it"
        raise ProcedureError(place, rule, f"found {word!r}", f"write {NOT_BUILT!r}")
    return word


def _by_post(document: Document) -> Document:
    """Return an original that the city takes by post: it is no longer missed on the bus."""
    if document.custody != "bag":
        return document
    return replace(
        document, original=False, custody="", missing="info", mend="provider", remedy=_CARD_BY_POST
    )
