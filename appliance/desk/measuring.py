"""The measures of a visit at its end: times, presses, retakes, corrections, the link. Numbers, never a person. Pure."""

from collections.abc import Iterable, Mapping

from appliance.desk.application import Application
from appliance.desk.batch import Batch
from appliance.desk.snapshot import Snapshot
from appliance.desk.tally import Tally
from appliance.desk.totals import Totals, count

PHASES = ("stop", "open", "declared", "feeding", "reading", "checking", "handed_in")
LINKS = ("good", "poor", "gone", "unknown")


def measures(snapshot: Snapshot, tally: Tally, transfer: Mapping[str, str]) -> dict[str, int]:
    """Return what was counted, by name; `seconds` and `link` are seconds, all others are counts.

    `transfer` is the state of each envelope on the shelf.
    """
    batches = snapshot.batches
    items = [item for batch in batches for item in batch.applications]
    handed = [item for item in items if item.handed]
    totals = [count(batch, transfer) for batch in batches]
    return {
        "presses": tally.presses,
        **_seconds("seconds", PHASES, tally.phases),
        **_seconds("link", LINKS, tally.links),
        "batches": len(batches),
        "completions": sum(bool(batch.request) for batch in batches),
        **_applications(totals),
        **_papers(batches, totals),
        "fields.typed": sum(len(item.typed) for item in items),
        "fields.letters": sum(len(text) for item in items for _, text in item.typed),
        "defects.block": _flaws(handed, "block"),
        "defects.warn": _flaws(handed, "warn"),
        "questions": len(snapshot.questions),
    }


def _seconds(
    group: str, names: Iterable[str], counted: tuple[tuple[str, int], ...]
) -> dict[str, int]:
    known = {**dict.fromkeys(names, 0), **dict(counted)}
    return {f"{group}.{name}": passed // 1000 for name, passed in known.items()}


def _applications(totals: list[Totals]) -> dict[str, int]:
    return {
        "applications.declared": sum(one.declared for one in totals),
        "applications.found": sum(one.found for one in totals),
        "applications.handed": sum(one.handed_in for one in totals),
        "applications.withheld": sum(one.withheld for one in totals),
        "applications.twice": sum(one.twice for one in totals),
        "applications.arrived": sum(one.arrived for one in totals),
    }


def _papers(batches: tuple[Batch, ...], totals: list[Totals]) -> dict[str, int]:
    return {
        "papers.fed": sum(one.papers for one in totals),
        "papers.sides": sum(one.fed for one in totals),
        "papers.retakes": sum(sheet.tries - 1 for batch in batches for sheet in batch.sheets),
        "papers.stops": sum(len(batch.interruptions) for batch in batches),
        "papers.lost": sum(one.lost for one in totals),
        "papers.loose": sum(one.loose for one in totals),
        "papers.aside": sum(one.aside for one in totals),
    }


def _flaws(items: list[Application], severity: str) -> int:
    return sum(flaw.severity == severity for item in items for flaw in item.flaws)
