"""From where on a stack is fed again after a stop: which paper, whose it is, and which of that person's pages."""

from collections import Counter
from dataclasses import dataclass

from appliance.desk.application import Application
from appliance.desk.batch import Batch
from appliance.desk.sheets import BLANK, Sheet
from procedures.procedure import Document, Procedure


@dataclass(frozen=True, slots=True)
class Whose:
    """The how-manieth paper of the how-manieth person; the name where it is known."""

    person: int
    page: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Refeed:
    """The paper to go on with. `after` is the last side kept, for its picture beside the words.

    `next` is whose paper is expected, `other` the second possibility where the stack itself does not tell;
    both are None until all that was kept is read.
    """

    paper: int
    after: Sheet | None = None
    last: Whose | None = None
    next: Whose | None = None
    other: Whose | None = None


def refeed(batch: Batch, procedure: Procedure) -> Refeed:
    """Say from where to feed again, by what lies in the batch and what a person's papers usually are."""
    paper = batch.papers + 1
    after = _last_written(batch)
    if after is None or not batch.grouped:
        return Refeed(paper, after)
    item = next((item for item in batch.applications if after.number in item.sheets), None)
    if item is None:
        return Refeed(paper, after)
    pages = _papers_of(batch, item)
    last = Whose(item.position, pages.index(after.place) + 1, item.value("name"))
    same = Whose(item.position, len(pages) + 1, item.value("name"))
    others = max((each.position for each in batch.applications), default=0)
    fresh = Whose(others + 1, 1)
    if _owed(batch, item, procedure):
        return Refeed(paper, after, last, same, None)
    return Refeed(paper, after, last, fresh, same)


def _last_written(batch: Batch) -> Sheet | None:
    """Return the last side that shows something: the empty back of a paper tells nobody anything."""
    written = [sheet for sheet in batch.sheets if sheet.kind != BLANK]
    return written[-1] if written else None


def _papers_of(batch: Batch, item: Application) -> list[int]:
    return sorted({batch.sheet(number).place for number in item.sheets})


def _owed(batch: Batch, item: Application, procedure: Procedure) -> bool:
    """Tell whether this person still lacks a paper: one the form asks for, or one that all before brought."""
    has = {batch.sheet(number).kind for number in item.sheets}
    values = item.values()
    asked = [document for document in procedure.documents if document.needed(values)]
    if any(not _counts_as(document) & has for document in asked):
        return True
    before = [each for each in batch.applications if each.position < item.position]
    brought = Counter(
        kind for each in before for kind in {batch.sheet(number).kind for number in each.sheets}
    )
    return any(count == len(before) and kind not in has for kind, count in brought.items())


def _counts_as(document: Document) -> set[str]:
    return {document.id, *document.any_of}
